"""What a configuration says: flattening, names, order of calls, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.keras import files
from tests.unit.keras.files import dense, functional, input_layer, node, sequential, tensor
from tfjs_build.convert.keras.description import Generation, Graph, tensors_in
from tfjs_build.convert.keras.reading import read_model
from tfjs_build.convert.keras.without_no_ops import without_no_ops
from tfjs_build.errors import RefusedError, SourceError, TfjsBuildError


def read(config: files.Json, generation: Generation = 3) -> Graph:
    """Return the graph of a model's configuration."""
    return read_model(config, generation)[0]


def calls(graph: Graph) -> list[str]:
    """Return a graph's calls as `layer(inputs)`, where an output other than the first has its number."""

    def shown(value: Any) -> str:
        return ", ".join(f"{t.call.layer.name}{f'.{t.index}' if t.index else ''}" for t in tensors_in(value))

    return [f"{call.layer.name}({shown([call.args, call.kwargs])})" for call in graph.calls]


def outputs(graph: Graph) -> dict[str, str]:
    """Return what a graph's outputs are, by name."""
    return {port.name: port.tensor.call.layer.name for port in graph.outputs}


def test_nested_models_become_one_graph_with_paths_as_names() -> None:
    innermost = functional(
        "block", [input_layer("x", 4), dense("dense", 4, [node("x")])], ["x", 0, 0], ["dense", 0, 0], [node("dense")]
    )
    middle = functional(
        "block",
        [input_layer("x", 4), dense("dense", 4, [node("x")]), innermost],
        ["x", 0, 0],
        ["block", 1, 0],
        [node("dense")],
    )
    whole = functional(
        "net", [input_layer("x", 4), dense("dense", 4, [node("x")]), middle], ["x", 0, 0], ["block", 1, 0]
    )

    graph = read(whole)

    assert calls(graph) == [
        "x()",
        "dense(x)",
        "block/dense(dense)",
        "block/block/dense(block/dense)",
    ]
    assert outputs(graph) == {"block": "block/block/dense"}


def test_a_model_that_is_called_twice_shares_its_layers() -> None:
    encoder = sequential("encoder", [input_layer("in", 4), dense("dense", 2)], [node("a"), node("b")])
    merged = files.layer("Subtract", "difference", [node([tensor("encoder"), tensor("encoder", 1)])])
    graph = read(
        functional(
            "net",
            [input_layer("a", 4), input_layer("b", 4), encoder, merged],
            [["a", 0, 0], ["b", 0, 0]],
            ["difference", 0, 0],
        )
    )

    assert calls(graph) == [
        "a()",
        "b()",
        "encoder/dense(a)",
        "encoder/dense(b)",
        "difference(encoder/dense, encoder/dense)",
    ]
    first, second = (call for call in graph.calls if call.layer.name == "encoder/dense")
    assert first.layer is second.layer
    assert [t.call for t in graph.calls[-1].tensors()] == [first, second]


def test_keras_2_numbers_the_calls_of_a_nested_model_from_one() -> None:
    encoder = sequential("encoder", [input_layer("in", 4), dense("dense", 2)], [[["a", 0, 0, {}]], [["b", 0, 0, {}]]])
    both = files.layer("Add", "sum", [[["encoder", 2, 0, {}], ["encoder", 1, 0, {}]]])
    graph = read(
        functional(
            "net",
            [input_layer("a", 4), input_layer("b", 4), encoder, both],
            [["a", 0, 0], ["b", 0, 0]],
            [["sum", 0, 0]],
        ),
        generation=2,
    )
    second, first = (t.call for t in graph.calls[-1].tensors())
    assert [t.call.layer.name for call in (first, second) for t in call.tensors()] == ["a", "b"]


def test_keras_2_does_so_only_where_the_model_has_inputs_of_its_own() -> None:
    encoder = sequential("encoder", [dense("dense", 2)], [[["a", 0, 0, {}]]])
    graph = read(functional("net", [input_layer("a", 4), encoder], [["a", 0, 0]], [["encoder", 0, 0]]), generation=2)
    assert calls(graph) == ["a()", "encoder/dense(a)"]


def test_keras_3_numbers_them_from_one_among_the_outputs_only() -> None:
    encoder = functional(
        "encoder", [input_layer("in", 4), dense("dense", 2, [node("in")])], ["in", 0, 0], ["dense", 0, 0], [node("a")]
    )
    head = dense("head", 2, [node("encoder")])
    graph = read(
        functional("net", [input_layer("a", 4), encoder, head], ["a", 0, 0], [["encoder", 1, 0], ["head", 0, 0]])
    )
    assert outputs(graph) == {"encoder": "encoder/dense", "head": "head"}


def test_keras_2_constants_and_tensors_in_keyword_arguments() -> None:
    arguments = ["_CONSTANT_VALUE", -1, 2.0, {"y": ["a", 0, 0], "name": None}]
    minus = files.layer("TFOpLambda", "tf.math.subtract", [arguments], function="math.subtract")
    graph = read(functional("net", [input_layer("a", 4), minus], [["a", 0, 0]], [["tf.math.subtract", 0, 0]]), 2)
    call = graph.calls[-1]
    assert (list(call.args), calls(graph)[-1]) == ([2.0], "tf.math.subtract(a)")


def test_names_and_order_of_dict_structures() -> None:
    layers = [
        input_layer("first", 4),
        input_layer("second", 3),
        dense("one", 2, [node("first")]),
        dense("two", 2, [node("second")]),
    ]
    inputs = {"zeta": ["first", 0, 0], "alpha": ["second", 0, 0]}
    graph = read(functional("net", layers, inputs, {"right": ["two", 0, 0], "left": ["one", 0, 0]}))
    assert [(port.name, port.shape) for port in graph.inputs] == [("zeta", (None, 4)), ("alpha", (None, 3))]
    assert outputs(graph) == {"right": "two", "left": "one"}


def test_names_of_nested_and_repeated_outputs() -> None:
    layers = [input_layer("x", 4), dense("one", 2, [node("x")]), dense("two", 2, [node("x")])]
    one, two = ["one", 0, 0], ["two", 0, 0]
    assert list(outputs(read(functional("net", layers, ["x", 0, 0], [one, [two, one]])))) == ["one", "two", "one_1"]
    nested = {"a": [one, two], "b": {"c": two}}
    assert list(outputs(read(functional("net", layers, ["x", 0, 0], nested)))) == ["a_0", "a_1", "b_c"]


def test_a_nested_model_takes_a_dict_in_any_order() -> None:
    inner = functional(
        "inner",
        [
            input_layer("p", 4),
            input_layer("q", 3),
            files.layer("Concatenate", "join", [node([tensor("p"), tensor("q")])], axis=-1),
        ],
        {"zeta": ["p", 0, 0], "alpha": ["q", 0, 0]},
        ["join", 0, 0],
        [node({"alpha": tensor("b"), "zeta": tensor("a")})],
    )
    graph = read(
        functional(
            "net", [input_layer("a", 4), input_layer("b", 3), inner], [["a", 0, 0], ["b", 0, 0]], ["inner", 1, 0]
        )
    )
    assert calls(graph)[-1] == "inner/join(a, b)"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (lambda entry: entry["config"].update(build_input_shape=[None, 5]), (None, 5)),
        (lambda entry: entry.update(build_config={"input_shape": [None, 6]}), (None, 6)),
        (lambda entry: entry["config"]["layers"][0]["config"].update(batch_input_shape=[2, 7]), (2, 7)),
        (lambda entry: entry["config"]["layers"][0].update(build_config={"input_shape": [None, 8]}), (None, 8)),
        (lambda _: None, None),
    ],
)
def test_a_sequential_model_without_an_input_layer(
    place: Callable[[files.Json], None], expected: tuple[int | None, ...] | None
) -> None:
    config = sequential("net", [dense("one", 2), dense("two", 1)])
    place(config)
    graph = read(config)
    assert calls(graph) == ["one_input()", "one(one_input)", "two(one)"]
    assert [(port.name, port.shape) for port in graph.inputs] == [("one_input", expected)]


def test_the_oldest_sequential_models_are_lists() -> None:
    first = dense("one", 2, batch_input_shape=[None, 3])
    graph = read({"class_name": "Sequential", "config": [first]}, generation=2)
    assert [(port.name, port.shape) for port in graph.inputs] == [("one_input", (None, 3))]


def test_a_sequential_takes_its_input_over_from_the_model_that_comes_first() -> None:
    """Keras before 2.4 writes no shape for it."""
    layers = [input_layer("x", 3, dtype="int32"), dense("one", 2, [node("x")])]
    base = functional("base", layers, ["x", 0, 0], ["one", 0, 0])
    inner = sequential("inner", [dense("one", 2, batch_input_shape=[None, 3], dtype="int32")])
    for first, name in ((base, "base_input"), (inner, "inner_input"), (sequential("inner", [base]), "inner_input")):
        graph = read(sequential("net", [first, dense("two", 2)]), generation=2)
        assert [(port.name, port.shape, port.dtype) for port in graph.inputs] == [(name, (None, 3), "int32")]


@pytest.mark.parametrize(
    ("version", "corners"),
    [("2.2.4", True), ("2.3.1", True), ("2.4.0", None), ("2.19.0", None), ("2.2.4-tf", None), ("2.3.0-tf", None)],
)
def test_keras_alone_interpolated_between_the_corners_of_pixels(version: str, corners: bool | None) -> None:
    layers = [input_layer("x", 4, 4, 1), files.layer("UpSampling2D", "up", size=[2, 2], interpolation="bilinear")]
    graph, _ = read_model(sequential("net", layers), 2, version)
    assert [layer.config.get("corners") for layer in graph.layers()] == [None, corners]


@pytest.mark.parametrize(
    ("dtype", "policy", "computes_in"),
    [
        ("float32", "float32", "float32"),
        ("mixed_float16", "mixed_float16", "float16"),
        (files.policy("mixed_bfloat16"), "mixed_bfloat16", "bfloat16"),
        ({"class_name": "Policy", "config": {"name": "mixed_float16"}}, "mixed_float16", "float16"),
        (None, "float32", "float32"),
    ],
)
def test_dtype_policies(dtype: Any, policy: str, computes_in: str) -> None:
    graph = read(sequential("net", [input_layer("x", 3), dense("one", 2, dtype=dtype)]))
    assert [(layer.policy, layer.dtype) for layer in graph.layers()][1] == (policy, computes_in)


def test_layers_that_nothing_needs_are_left_out_but_inputs_stay() -> None:
    layers = [input_layer("x", 4), input_layer("unused", 4), dense("one", 2, [node("x")]), dense("two", 2, [node("x")])]
    graph = read(functional("net", layers, [["x", 0, 0], ["unused", 0, 0]], ["one", 0, 0]))
    assert calls(graph) == ["x()", "unused()", "one(x)"]
    assert [port.name for port in graph.inputs] == ["x", "unused"]


def test_layers_that_do_nothing_are_taken_out() -> None:
    layers = [
        input_layer("x", 4),
        files.layer("Dropout", "drop", [node("x", training=False)], rate=0.5),
        dense("one", 2, [node("drop")]),
        files.layer("Activation", "straight", [node("one")], activation="linear"),
        files.layer("TimeDistributed", "steps", [node("straight")], layer=files.layer("GaussianNoise", "noise")),
    ]
    graph = without_no_ops(read(functional("net", layers, ["x", 0, 0], [["drop", 0, 0], ["steps", 0, 0]])))
    assert calls(graph) == ["x()", "one(x)"]
    assert outputs(graph) == {"drop": "x", "steps": "one"}


def test_in_keras_2_a_layer_can_be_told_to_train_always() -> None:
    layers = [input_layer("x", 4), files.layer("Dropout", "drop", [[["x", 0, 0, {"training": True}]]], rate=0.5)]
    config = functional("net", layers, [["x", 0, 0]], [["drop", 0, 0]])
    assert calls(without_no_ops(read(config, generation=2))) == ["x()", "drop(x)"]
    assert calls(without_no_ops(read(config, generation=3))) == ["x()"]


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        (
            functional("net", [input_layer("x", 3), dense("one", 2, [node("two")])], ["x", 0, 0], ["one", 0, 0]),
            SourceError,
            "model `net`: it refers to `two`, which is not in it",
        ),
        (
            functional("net", [input_layer("x", 3), dense("a", 2, [node(tensor("x", 1))])], ["x", 0, 0], ["a", 1, 0]),
            SourceError,
            "model `net`: it refers to call 1 of `a`, which does not exist",
        ),
        (
            functional(
                "net",
                [input_layer("x", 3), dense("a", 2, [node("b")]), dense("b", 2, [node("a")])],
                ["x", 0, 0],
                ["a", 0, 0],
            ),
            SourceError,
            "model `net`: layer `a` depends on itself",
        ),
        (
            functional("net", [input_layer("x", 3), dense("x", 2, [node("x")])], ["x", 0, 0], ["x", 0, 0]),
            SourceError,
            "model `net`: two of its layers are named `x`",
        ),
        (
            functional("net", [dense("a", 2, [])], ["a", 0, 0], ["a", 0, 0]),
            SourceError,
            "model `net`: its input `a` is not an InputLayer",
        ),
        (
            functional("net", [input_layer("x", 3)], ["x", 0, 0], "x"),
            SourceError,
            "model `net`: 'x' does not name an input or output",
        ),
        (sequential("net", []), SourceError, "model `sequential`: its configuration lists no layers"),
        (
            {"class_name": "Functional", "config": {"name": "net"}},
            SourceError,
            "model `net`: its configuration lists no layers",
        ),
        (
            sequential("net", [{"class_name": "Dense"}]),
            SourceError,
            "model `net`: a layer of class `Dense` has no configuration",
        ),
        (sequential("net", [{"config": {}}]), SourceError, "model `net`: one of its layers has no class"),
        (
            {"class_name": "Mine", "config": {}, "module": "my.models"},
            RefusedError,
            "the model is of a class of its own (`Mine`): what it computes is in Python code, not in the file",
        ),
    ],
)
def test_faults(config: files.Json, kind: type[TfjsBuildError], message: str) -> None:
    with pytest.raises(kind) as caught:
        read(config)
    assert caught.value.message == message


def test_the_way_out_of_a_class_of_its_own() -> None:
    config = {**functional("net", [input_layer("x", 3)], ["x", 0, 0], ["x", 0, 0]), "class_name": "Mine"}
    with pytest.raises(RefusedError) as caught:
        read(config)
    assert caught.value.hint == (
        "If the class changes only how the model is trained, save keras.Model(model.inputs, model.outputs); "
        "otherwise list what model.export('folder') writes."
    )


def test_ragged_inputs() -> None:
    layers = [input_layer("x", 3)]
    layers[0]["config"]["ragged"] = True
    with pytest.raises(RefusedError, match="input `x` is ragged"):
        read(functional("net", layers, ["x", 0, 0], ["x", 0, 0]))


def test_a_model_as_deep_as_python_allows() -> None:
    layers = [input_layer("layer_0", 2)] + [dense(f"layer_{i}", 2, [node(f"layer_{i - 1}")]) for i in range(1, 3000)]
    assert len(read(functional("net", layers, ["layer_0", 0, 0], ["layer_2999", 0, 0])).calls) == 3000
