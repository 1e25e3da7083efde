"""A user's own class that is called like one of Keras's is not taken for it, in either kind of file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.keras.files import Json, dense, functional, input_layer, layer, node, sequential
from tests.unit.keras.to_graph.making import converted
from tfjs_build.convert.keras.description import Generation, Layer
from tfjs_build.convert.keras.identity import identify
from tfjs_build.convert.keras.likeness import unlike_keras
from tfjs_build.convert.keras.own_classes import is_layer, is_operation
from tfjs_build.convert.keras.reading import read_model
from tfjs_build.convert.keras.to_graph.registry import LAYERS, OPERATIONS
from tfjs_build.convert.keras.user_code import needs_code
from tfjs_build.errors import RefusedError

_CANNOT = "it needs Python code of your own, which is not in the file"
_BASE = ("name", "trainable", "dtype")


def only_layer(entry: Mapping[str, Any], generation: Generation = 3, version: str = "") -> Layer:
    """Read a model of one layer."""
    graph, _ = read_model(sequential("net", [input_layer("x", 4), dict(entry)]), generation, version)
    return list(graph.layers())[-1]


def bare(class_name: str, **config: Any) -> Json:
    """Return a layer's entry as .h5 files have it: without a module."""
    entry = layer(class_name, "mine", **config)
    return {key: value for key, value in entry.items() if key not in ("module", "registered_name")}


def test_a_module_of_null_is_a_notebook_s() -> None:
    mine = {**layer("ReLU", "re_lu"), "module": None, "registered_name": "ReLU"}
    with pytest.raises(RefusedError) as caught:
        converted(sequential("net", [input_layer("x", 4), mine]))
    assert caught.value.message == (
        f"layer `re_lu` (ReLU): not Keras's ReLU, but a class of your own of that name: {_CANNOT}"
    )
    assert caught.value.hint.startswith("Export the model as a SavedModel")


@pytest.mark.parametrize(
    ("module", "registered", "package"),
    [
        ("keras.layers", None, "keras"),
        ("keras", None, "keras"),
        ("keras.src.models.functional", "Functional", "keras"),
        ("tf_keras.src.engine.functional", "Functional", "keras"),
        ("tensorflow.python.keras.layers", None, "keras"),
        (None, "ReLU", ""),
        (None, "Custom>ReLU", "Custom"),
        ("layers_of_mine", "ReLU", "layers_of_mine"),
        ("keras_cv.layers", "ReLU", "keras_cv"),
        ("keras_tricks", "ReLU", "keras_tricks"),
    ],
)
def test_whose_a_class_is(module: str | None, registered: str | None, package: str) -> None:
    entry: Json = {"class_name": "ReLU", "config": {}, "module": module, "registered_name": registered}
    code = identify(entry, 3, "3.9.0").code
    assert ("keras" if code is None else code.origin.partition(".")[0]) == package


def test_models_of_a_notebook() -> None:
    inner = [input_layer("x", 4), dense("one", 2, [node("x")])]
    for name in ("Functional", "Model", "Sequential"):
        config = {**functional("net", inner, ["x", 0, 0], ["one", 0, 0]), "class_name": name, "module": None}
        with pytest.raises(RefusedError, match=f"a class of its own \\(`{name}`\\)"):
            read_model(config, 3)
    plain = {**functional("net", inner, ["x", 0, 0], ["one", 0, 0]), "class_name": "Model"}
    del plain["module"], plain["registered_name"]
    assert read_model(plain, 2, "2.3.0-tf")[0].name == "net"
    since: list[tuple[Generation, str]] = [(2, "2.4.0"), (3, "3.0.0")]  # from then on Keras's own is called Functional
    for generation, version in since:
        with pytest.raises(RefusedError, match="a class of its own"):
            read_model(plain, generation, version)


@pytest.mark.parametrize(
    ("class_name", "keys", "generation", "version", "reason"),
    [
        (
            "ReLU",
            (),
            2,
            "2.15.0",
            "its options lack `max_value`, `negative_slope`, `threshold`, which Keras's own ReLU always has",
        ),
        ("ReLU", ("max_value",), 2, "2.2.2", ""),
        ("ReLU", ("max_value",), 2, "2.2.4", "its options lack `negative_slope`, `threshold`, which Keras's own ReLU"),
        ("ReLU", (), 2, "2.1.6", "Keras 2.1.6 had no ReLU"),
        ("Flatten", (), 2, "2.0.0", ""),
        ("Flatten", (), 2, "2.2.4-tf", "its options lack `data_format`, which Keras's own Flatten always has"),
        ("Flatten", (), 2, "2.1.6-tf", ""),
        ("Dense", ("units", "rank"), 2, "2.9.0", "its options have `rank`, which Keras's own Dense does not have"),
        ("LayerNormalization", ("eps",), 2, "2.4.0", "its options have `eps`, which Keras's own LayerNormalization"),
        ("Add", ("autocast",), 3, "3.4.0", "its options have `autocast`, which Keras's own Add does not have"),
        ("Add", (), 3, "3.4.0", ""),
        ("Add", (), 2, "", ""),
        ("Mine", ("a",), 2, "2.9.0", ""),
    ],
)
def test_keys(class_name: str, keys: tuple[str, ...], generation: Generation, version: str, reason: str) -> None:
    found = unlike_keras(class_name, (*_BASE, *keys), generation, version)
    assert found == reason or (reason and found.startswith(reason))


def test_a_bare_name_with_other_options() -> None:
    found = only_layer(bare("LayerNormalization", eps=0.1), 2, "2.9.0")
    assert (found.code is not None, found.class_name) == (True, "LayerNormalization")
    assert needs_code(found).message == (
        "layer `mine` (LayerNormalization): its options have `eps`, which Keras's own LayerNormalization does not "
        f"have, so that it is a class of your own of that name: {_CANNOT}"
    )


def test_a_wrapped_one() -> None:
    wrapper = bare("TimeDistributed", layer=bare("Flatten"))
    graph, _ = read_model(sequential("net", [input_layer("x", 4, 4), wrapper]), 2, "2.9.0")
    [*_, found] = graph.layers()
    inner = found.children["layer"]
    assert isinstance(inner, Layer)
    assert inner.code is not None


def test_modules_are_believed_before_keys() -> None:
    assert only_layer(layer("ReLU", "mine"), 2, "2.15.0").code is None


def test_an_activation_of_ones_own() -> None:
    mine = {"module": None, "class_name": "LeakyReLU", "config": {"name": "a"}, "registered_name": "LeakyReLU"}
    with pytest.raises(RefusedError, match=r"the activation `LeakyReLU` is a class of your own"):
        converted(sequential("net", [input_layer("x", 4), layer("Activation", "act", activation=mine)]))


def test_rules_are_of_classes_that_keras_has() -> None:
    """A rule under a name that no Keras has is read by no file: the names are those that Keras's sources have."""
    assert [name for name in LAYERS if not is_layer(name)] == []
    assert [name for name in OPERATIONS if name[0].isupper() and not is_operation(name)] == []


def test_operations_are_told_from_layers_of_the_same_name() -> None:
    entry = {"class_name": "Add", "config": {"name": "sum"}}
    assert identify(entry, 3, "3.9.0").kind == "operation"
    assert identify(entry, 2, "2.15.0").kind == "layer"
    assert identify({"class_name": "Add", "config": {"name": "sum", "trainable": True}}, 3, "3.9.0").kind == "layer"
    assert (
        identify({"class_name": "Matmul", "config": {"name": "m", "trainable": True}}, 3, "3.9.0").kind == "operation"
    )
    terse = {
        "class_name": "SpatialDropout1D",
        "config": {"name": "drop", "rate": 0.1, "seed": None, "dtype": "float32"},
    }
    assert identify(terse, 3, "3.9.0").kind == "layer"
    assert identify({"class_name": "Mine", "config": {"name": "mine"}}, 3, "3.9.0").code is not None


def test_a_class_of_a_later_keras() -> None:
    with pytest.raises(RefusedError) as caught:
        converted(sequential("net", [input_layer("x", 4), layer("Sphericalize", "s")]))
    assert caught.value.message == (
        "layer `s` (Sphericalize): this version of tfjs-build does not know this class of Keras"
    )


def test_the_exported_name_of_a_class() -> None:
    entry = layer("GroupQueryAttention", "attention")
    assert identify(entry, 3, "3.9.0").class_name == "GroupedQueryAttention"
