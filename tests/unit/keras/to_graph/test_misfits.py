"""What does not fit is the file's fault, and told with the layer; what nobody foresaw is a bug of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.keras.files import functional, input_layer, layer
from tests.unit.keras.to_graph.making import converted
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.keras.to_graph import convert
from tfjs_build.convert.keras.to_graph.tables import rule_of
from tfjs_build.errors import MisfitError, SourceError, UnforeseenError


def net(class_name: str, inputs: int = 1, shape: tuple[int | None, ...] = (4,), **config: Any) -> dict[str, Any]:
    """Return a model of one layer."""
    entry = layer(class_name, "here", **config)
    entry["inbound_nodes"] = [[["x", 0, 0, {}]] * inputs]
    return functional("net", [input_layer("x", *shape), entry], [["x", 0, 0]], [["here", 0, 0]])


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (net("Dot", axes=1), "layer `here` (Dot): expects 2 tensors, got 1"),
        (net("Attention", 4, (3, 4)), "layer `here` (Attention): expects 2 to 3 tensors, got 4"),
        (
            net("Discretization", bin_boundaries=[0.5, "high"]),
            "layer `here`: expects a list of numbers as `bin_boundaries`, got [0.5, 'high']",
        ),
        (
            net("IntegerLookup", vocabulary=[1, 1.5]),
            "layer `here` (IntegerLookup): expects a vocabulary of strings or integers, got [1, 1.5]",
        ),
        (
            net("ZeroPadding1D", shape=(4, 2), padding=1e30),
            "layer `here`: expects 2 integers as `padding`, got 1e+30",
        ),
        (net("RepeatVector", n=1 << 40), f"layer `here`: expects an integer above zero as `n`, got {1 << 40}"),
    ],
)
def test_a_configuration_that_is_none_is_told(model: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError) as caught:
        converted(model, generation=2)
    assert caught.value.message == message


@pytest.mark.parametrize(("class_name", "op", "config"), [("Add", "AddV2", {}), ("Dot", "Einsum", {"axes": [2, 1]})])
def test_inputs_that_do_not_go_with_each_other(class_name: str, op: str, config: dict[str, Any]) -> None:
    entry = layer(class_name, "here", **config)
    entry["inbound_nodes"] = [[["x", 0, 0, {}], ["y", 0, 0, {}]]]
    layers = [input_layer("x", 4, 2), input_layer("y", 3, 2), entry]
    with pytest.raises(MisfitError) as caught:
        converted(functional("net", layers, [["x", 0, 0], ["y", 0, 0]], [["here", 0, 0]]), generation=2)
    assert caught.value.message == (
        f"layer `here` ({class_name}): its configuration does not fit its inputs: {op} (here/{op}) cannot be applied to"
        " float32[?, 4, 2], float32[?, 3, 2]."
    )


@pytest.mark.parametrize("error", [AttributeError("typo"), KeyError("typo"), TypeError("typo"), AssertionError("typo")])
def test_a_bug_in_a_rule_is_ours(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_context: Any) -> Any:
        raise error

    monkeypatch.setattr(convert, "rule_of", lambda layer: replace(rule_of(layer), build=broken))
    with pytest.raises(UnforeseenError, match=rf"^layer `here` \(Flatten\): {type(error).__name__}: .*typo"):
        converted(net("Flatten"), generation=2)


def test_a_misspelt_attribute_is_an_error_where_it_is_made() -> None:
    b = Builder()
    x = b.input("x", (2, 3), "float32")
    with pytest.raises(TypeError, match="Mean has no attribute 'keepdims'"):
        b.node("Mean", [x, b.const(np.array([1], np.int32))], {"keepdims": True})
