"""SavedModels as TensorFlow 2 writes them, from file to artifacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.saved_model.making import Model, Type, add_node, const
from tfjs_build.convert.artifacts import ModelArtifacts, TensorSpec
from tfjs_build.convert.graph.recurrent import MOST_NODES
from tfjs_build.convert.saved_model import open_saved_model
from tfjs_build.convert.saved_model.source import Function
from tfjs_build.errors import ModelError, RefusedError, SourceError

KERNEL = np.arange(6, dtype=np.float32).reshape(2, 3)


def converted(model: Model, folder: Path, **options: Any) -> ModelArtifacts:
    with open_saved_model(model.save(folder), **options) as artifacts:
        return artifacts


def ops(artifacts: ModelArtifacts) -> list[tuple[str, str]]:
    return [(node["name"], node["op"]) for node in artifacts.topology["node"] if node["op"] != "Const"]


def weights(artifacts: ModelArtifacts) -> dict[str, Any]:
    return {w.name: np.concatenate(list(w.blocks())).reshape(w.shape) for w in artifacts.weights}


def refusal(model: Model, folder: Path, **options: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        converted(model, folder, **options)
    return caught.value


def dense_model(kernel: Any = KERNEL) -> Model:
    """A dense layer in a function, called by the signature's wrapper, its kernel in the checkpoint."""
    model = Model()
    model.placeholder("serving_default_x", (None, 2))
    model.variable("dense/kernel", kernel)
    nodes = model.function(
        "__inference_wrapped",
        {"x": "float32", "dense_matmul_resource": "resource"},
        {"identity": "Identity:output:0"},
        ["dense/MatMul/ReadVariableOp"],
    )
    add_node(nodes, "ReadVariableOp", "dense/MatMul/ReadVariableOp", ["dense_matmul_resource"], dtype=Type("float32"))
    add_node(nodes, "MatMul", "dense/MatMul", ["x", "dense/MatMul/ReadVariableOp:value:0"], T=Type("float32"))
    add_node(nodes, "Tanh", "dense/Tanh", ["dense/MatMul:product:0"], T=Type("float32"))
    add_node(nodes, "Identity", "Identity", ["dense/Tanh:y:0", "^dense/MatMul/ReadVariableOp"], T=Type("float32"))
    model.node(
        "StatefulPartitionedCall",
        "StatefulPartitionedCall",
        ["serving_default_x", "dense/kernel"],
        f=Function("__inference_wrapped"),
        Tin=[Type("float32"), Type("resource")],
        Tout=[Type("float32")],
    )
    model.signature({"x": "serving_default_x:0"}, {"output_0": "StatefulPartitionedCall:0"})
    model.restore()
    return model


def test_a_dense_layer(tmp_path: Path) -> None:
    artifacts = converted(dense_model(), tmp_path)
    assert artifacts.format == "graph"
    assert artifacts.generated_by == "TensorFlow 2.19.0"
    assert ops(artifacts) == [("x", "Placeholder"), ("dense/MatMul", "MatMul"), ("output_0", "Tanh")]
    assert list(weights(artifacts)) == ["dense/kernel"]
    np.testing.assert_array_equal(weights(artifacts)["dense/kernel"], KERNEL)
    assert artifacts.signature.inputs == (TensorSpec("x", "x", (None, 2), "float32"),)
    assert artifacts.signature.outputs == (TensorSpec("output_0", "output_0", (None, 3), "float32"),)
    assert not artifacts.asynchronous
    assert artifacts.initializer is None


def test_weights_are_read_when_they_are_written(tmp_path: Path) -> None:
    folder = dense_model(np.zeros((2, 2000), np.float32)).save(tmp_path)
    with open_saved_model(folder) as artifacts:
        (folder / "variables" / "variables.data-00000-of-00001").write_bytes(b"")
        [weight] = artifacts.weights
        with pytest.raises(SourceError, match="changed while it was read"):
            list(weight.blocks())


def branching(model: Model, *, predicate: str = "Less:z:0") -> None:
    """A signature that multiplies with a captured variable in one branch."""
    model.placeholder("x", (2,))
    model.variable("scale", np.array([3.0, 4.0], np.float32))
    then = model.function("then", {"x": "float32", "v": "resource"}, {"out": "out:output:0"})
    add_node(then, "ReadVariableOp", "read", ["v"], dtype=Type("float32"))
    add_node(then, "Mul", "mul", ["x", "read:value:0"], T=Type("float32"))
    add_node(then, "Identity", "out", ["mul:z:0"], T=Type("float32"))
    other = model.function("other", {"x": "float32", "v": "resource"}, {"out": "out:output:0"})
    add_node(other, "Identity", "out", ["x"], T=Type("float32"))
    model.const("axes", [0])
    model.const("zero", 0.0)
    model.node("Sum", "Sum", ["x", "axes"], T=Type("float32"), keep_dims=False)
    model.node("Less", "Less", ["Sum", "zero"], T=Type("float32"))
    model.node(
        "If",
        "cond",
        [predicate.split(":")[0], "x", "scale"],
        then_branch=Function("then"),
        else_branch=Function("other"),
        Tcond=Type("bool"),
        Tin=[Type("float32"), Type("resource")],
        Tout=[Type("float32")],
    )
    model.signature({"x": "x:0"}, {"y": "cond:0"})
    model.restore()


def test_a_branch_sees_the_variable_that_it_captured(tmp_path: Path) -> None:
    model = Model()
    branching(model)
    artifacts = converted(model, tmp_path)
    assert artifacts.asynchronous
    assert "scale" in weights(artifacts)
    assert [op for _, op in ops(artifacts)] == ["Placeholder", "Sum", "Less", "StatelessIf"]
    then, other = artifacts.topology["library"]["function"]
    assert len(then["signature"]["inputArg"]) == len(other["signature"]["inputArg"]) == 1


def test_a_branch_that_is_always_taken_is_put_in_place(tmp_path: Path) -> None:
    model = Model()
    model.const("always", True)
    branching(model, predicate="always")
    artifacts = converted(model, tmp_path)
    assert [op for _, op in ops(artifacts)] == ["Placeholder", "Mul"]
    assert not artifacts.asynchronous


def looping(model: Model, *, turns: int = 3, exchanged: bool = False) -> None:
    """x = x @ w, some times; the loop carries a counter, x, the handle of w."""
    model.placeholder("x", (None, 2))
    model.variable("w", np.eye(2, dtype=np.float32))
    args = {"i": "int32", "x": "float32", "w": "resource"}
    cond = model.function("cond", args, {"go": "Less:z:0"}, result_types={"go": "bool"})
    const(cond, "most", turns)
    add_node(cond, "Less", "Less", ["i", "most:output:0"], T=Type("int32"))
    types = {"i_out": "int32", "w_out": "resource"}
    handle = "made:resource:0" if exchanged else "w"
    body = model.function(
        "body", args, {"i_out": "add:z:0", "x_out": "mul:product:0", "w_out": handle}, result_types=types
    )
    const(body, "one", 1)
    add_node(body, "AddV2", "add", ["i", "one:output:0"], T=Type("int32"))
    add_node(body, "ReadVariableOp", "read", ["w"], dtype=Type("float32"))
    add_node(body, "MatMul", "mul", ["x", "read:value:0"], T=Type("float32"))
    if exchanged:
        add_node(body, "VarHandleOp", "made", dtype=Type("float32"), shape=(2, 2), shared_name="made")
    model.const("zero", 0)
    kinds = [Type("int32"), Type("float32"), Type("resource")]
    model.node("While", "loop", ["zero", "x", "w"], cond=Function("cond"), body=Function("body"), T=kinds)
    model.signature({"x": "x:0"}, {"y": "loop:1"})
    model.restore()


def test_a_loop_keeps_what_changes(tmp_path: Path) -> None:
    model = Model()
    looping(model, turns=10 * MOST_NODES)
    artifacts = converted(model, tmp_path)
    loop = next(node for node in artifacts.topology["node"] if node["op"] == "StatelessWhile")
    assert loop["input"] == ["zero", "x"]
    assert (artifacts.signature.outputs[0].name, artifacts.signature.outputs[0].shape) == ("y", (None, 2))
    by_name = {node["name"]: node for node in artifacts.topology["node"]}
    assert by_name[artifacts.signature.outputs[0].node]["input"] == [f"{loop['name']}:1"]
    assert artifacts.asynchronous


def test_a_short_loop_is_written_out(tmp_path: Path) -> None:
    model = Model()
    looping(model)
    artifacts = converted(model, tmp_path)
    assert [op for _, op in ops(artifacts)] == ["Placeholder", "MatMul", "MatMul", "MatMul"]
    assert not artifacts.asynchronous


def test_a_loop_that_exchanges_handles_is_refused(tmp_path: Path) -> None:
    model = Model()
    looping(model, exchanged=True)
    assert "loop exchanges the handle of w" in refusal(model, tmp_path).message


def test_outputs_of_an_op_with_several_are_told_apart(tmp_path: Path) -> None:
    """A function names outputs by argument; their places come from the OpDef."""
    model = Model()
    model.placeholder("x", (None, 6))
    nodes = model.function("f", {"x": "float32"}, {"places": "top:indices:0"}, result_types={"places": "int32"})
    const(nodes, "k", 2)
    add_node(nodes, "TopKV2", "top", ["x", "k:output:0"], T=Type("float32"))
    model.node(
        "PartitionedCall", "PartitionedCall", ["x"], f=Function("f"), Tin=[Type("float32")], Tout=[Type("int32")]
    )
    model.signature({"x": "x:0"}, {"places": "PartitionedCall:0"}, dtype="int32")
    artifacts = converted(model, tmp_path)
    node = {node["name"]: node for node in artifacts.topology["node"]}[artifacts.signature.outputs[0].node]
    assert (node["op"], node["input"]) == ("Identity", ["top:1"])
    assert artifacts.signature.outputs[0].dtype == "int32"


def test_the_files_own_op_list_comes_first(tmp_path: Path) -> None:
    """An attribute that the file leaves out is what its own op list says, and outputs are in that list's order."""
    model = Model()
    model.placeholder("x", (None, 6))
    op = model.meta.meta_info_def.stripped_op_list.op.add(name="LeakyRelu")
    op.output_arg.add(name="activations", type_attr="T")
    op.attr.add(name="alpha").default_value.f = 0.75
    model.node("LeakyRelu", "leaky", ["x"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "leaky:0"})
    [_, node] = converted(model, tmp_path).topology["node"]
    assert node["attr"]["alpha"] == {"f": 0.75}


def several(model: Model) -> None:
    model.placeholder("x", (None, 2))
    model.node("Relu", "relu", ["x"], T=Type("float32"))
    model.node("Tanh", "tanh", ["x"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "relu:0"}, name="first")
    model.signature({"x": "x:0"}, {"y": "tanh:0"}, name="second")


def test_signatures_are_chosen_by_name(tmp_path: Path) -> None:
    model = Model()
    several(model)
    assert ops(converted(model, tmp_path, signature="second"))[-1] == ("y", "Tanh")
    assert refusal(model, tmp_path, signature="third").message == (
        "The SavedModel has no signature 'third'. It has: first, second."
    )
    assert refusal(model, tmp_path).message == (
        "The SavedModel has several signatures, and none is named serving_default: first, second."
    )


def test_the_only_signature_needs_no_name(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    model.node("Relu", "relu", ["x"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "relu:0"}, name="anything")
    assert ops(converted(model, tmp_path))[-1] == ("y", "Relu")


def test_meta_graphs_are_chosen_by_tags(tmp_path: Path) -> None:
    model = Model(tags=("train",))
    several(model)
    serving = Model(tags=("serve", "gpu"))
    several(serving)
    model.proto.meta_graphs.append(serving.meta)
    assert "has several graphs, none for serving. Its graphs have the tags: train; gpu, serve." in (
        refusal(model, tmp_path).message
    )
    assert ops(converted(model, tmp_path, tags=("gpu", "serve"), signature="first"))
    assert "no graph with exactly the tags serve" in refusal(model, tmp_path, tags=("serve",)).message


def test_outputs_are_in_the_order_of_the_wrappers_results(tmp_path: Path) -> None:
    model = Model()
    names = ["zeta", "alpha", "output_10", "output_9"]
    model.placeholder("x", (None, 2))
    nodes = model.function("f", {"x": "float32"}, {name: f"op_{i}:y:0" for i, name in enumerate(names)})
    for i in range(4):
        add_node(nodes, "Tanh", f"op_{i}", ["x"], T=Type("float32"))
    model.node("PartitionedCall", "call", ["x"], f=Function("f"), Tin=[Type("float32")], Tout=[Type("float32")] * 4)
    model.signature({"x": "x:0"}, {name: f"call:{i}" for i, name in enumerate(names)})
    signature = converted(model, tmp_path).signature
    assert [spec.name for spec in signature.outputs] == names
    assert [spec.node for spec in signature.outputs] == names


def test_without_a_wrapper_outputs_are_sorted_naturally(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    for i in range(11):
        model.node("Tanh", f"op_{i}", ["x"], T=Type("float32"))
    model.signature({"x": "x:0"}, {f"output_{i}": f"op_{i}:0" for i in range(11)})
    names = [spec.name for spec in converted(model, tmp_path).signature.outputs]
    assert names == [f"output_{i}" for i in range(11)]


def test_inputs_that_nothing_reads_stay(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("b", (None, 2))
    model.placeholder("a", (3,), "int64")
    model.node("Relu", "relu", ["b"], T=Type("float32"))
    model.signature({"b": "b:0", "a": "a:0"}, {"y": "relu:0"})
    artifacts = converted(model, tmp_path)
    assert [(spec.name, spec.dtype) for spec in artifacts.signature.inputs] == [("a", "int32"), ("b", "float32")]
    assert ("a", "Placeholder") in ops(artifacts)


def test_state_between_calls_is_refused_by_the_variables_name(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    model.variable("seed/state", np.float32(1).reshape(()))
    nodes = model.function("f", {"x": "float32", "v": "resource"}, {"y": "mul:z:0"}, ["assign"])
    const(nodes, "one", 1.0)
    add_node(nodes, "AssignAddVariableOp", "assign", ["v", "one:output:0"], dtype=Type("float32"))
    add_node(nodes, "ReadVariableOp", "read", ["v", "^assign"], dtype=Type("float32"))
    add_node(nodes, "Mul", "mul", ["x", "read:value:0"], T=Type("float32"))
    model.node("StatefulPartitionedCall", "call", ["x", "seed/state"], f=Function("f"), Tout=[Type("float32")])
    model.signature({"x": "x:0"}, {"y": "call:0"})
    model.restore()
    message = refusal(model, tmp_path).message
    assert message.startswith("The signature reads seed/state (by call/read) and also writes it (AssignAddVariableOp ")


def test_writing_what_nothing_reads_changes_nothing(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    model.variable("count", np.float32(1).reshape(()))
    inner = model.function("count_up", {"v": "resource"}, {}, ["assign"])
    const(inner, "one", 1.0)
    add_node(inner, "AssignAddVariableOp", "assign", ["v", "one:output:0"], dtype=Type("float32"))
    nodes = model.function("f", {"x": "float32", "v": "resource"}, {"y": "relu:activations:0"}, ["inner"])
    add_node(nodes, "StatefulPartitionedCall", "inner", ["v"], f=Function("count_up"))
    add_node(nodes, "Relu", "relu", ["x"], T=Type("float32"))
    model.node("StatefulPartitionedCall", "call", ["x", "count"], f=Function("f"), Tout=[Type("float32")])
    model.signature({"x": "x:0"}, {"y": "call:0"})
    model.restore()
    assert [op for _, op in ops(converted(model, tmp_path))] == ["Placeholder", "Relu"]


def test_a_variable_without_a_value(tmp_path: Path) -> None:
    model = dense_model()
    del model.tensors["dense/kernel"]
    model.tensors["other"] = KERNEL
    message = refusal(model, tmp_path).message
    assert message.startswith("The variable dense/kernel has no value")


def test_a_placeholder_that_the_signature_leaves_out(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    model.placeholder("hidden", (None, 2))
    model.node("AddV2", "add", ["x", "hidden"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "add:0"})
    assert "depend on the placeholder hidden, which the signature does not name" in refusal(model, tmp_path).message


def test_a_placeholder_with_a_default_takes_it(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    model.const("fixed", 2.0)
    model.node("PlaceholderWithDefault", "learning_phase", ["fixed"], dtype=Type("float32"), shape=())
    model.node("Mul", "mul", ["x", "learning_phase"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "mul:0"})
    artifacts = converted(model, tmp_path)
    assert [op for _, op in ops(artifacts)] == ["Placeholder", "Mul"]


def test_a_function_that_calls_itself(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    nodes = model.function("f", {"x": "float32"}, {"y": "again:output:0"})
    add_node(nodes, "PartitionedCall", "again", ["x"], f=Function("f"), Tout=[Type("float32")])
    model.node("PartitionedCall", "call", ["x"], f=Function("f"), Tout=[Type("float32")])
    model.signature({"x": "x:0"}, {"y": "call:0"})
    assert "The function f calls itself" in refusal(model, tmp_path).message


def test_a_node_that_depends_on_itself(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    model.node("AddV2", "a", ["x", "b"], T=Type("float32"))
    model.node("Relu", "b", ["a"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "b:0"})
    assert "depends on itself" in refusal(model, tmp_path).message


def test_missing_functions_and_nodes(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    model.node("PartitionedCall", "call", ["x"], f=Function("nobody"), Tout=[Type("float32")])
    model.signature({"x": "x:0"}, {"y": "call:0"})
    assert "calls the function nobody, which the file does not have" in refusal(model, tmp_path).message
    model = Model()
    model.placeholder("x", (None, 2))
    model.node("Relu", "relu", ["nowhere"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "relu:0"})
    assert "A tensor of the node nowhere is needed" in refusal(model, tmp_path).message


def test_what_is_no_saved_model(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"has no saved_model\.pb"), open_saved_model(tmp_path):
        pass
    (tmp_path / "saved_model.pb").write_bytes(b"\xff" * 50)
    with pytest.raises(SourceError, match="cannot be read as a SavedModel"), open_saved_model(tmp_path):
        pass
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(SourceError, match="holds no graph"), open_saved_model(tmp_path):
        pass
    (tmp_path / "saved_model.pb").unlink()
    (tmp_path / "saved_model.cpb").write_bytes(b"")
    with pytest.raises(RefusedError, match="in pieces"), open_saved_model(tmp_path):
        pass


def test_the_text_form(tmp_path: Path) -> None:
    from google.protobuf import text_format

    model = dense_model()
    model.save(tmp_path)
    (tmp_path / "saved_model.pb").unlink()
    text = text_format.MessageToString(model.proto).replace(
        "saved_model_schema_version", "unheard_of: 7 saved_model_schema_version", 1
    )
    (tmp_path / "saved_model.pbtxt").write_text(text)
    with open_saved_model(tmp_path) as artifacts:
        assert ops(artifacts)[-1] == ("output_0", "Tanh")
