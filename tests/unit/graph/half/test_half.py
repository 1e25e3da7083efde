"""Spellings for half-float textures: the numbers stay, to the bit, where textures hold float32; what half floats do not
hold is not read where they do; most graphs are left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from tests.browser.half_floats import CASES
from tests.unit.graph.running import run
from tfjs_build.convert.backend_notes import told
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.decompose import decompose
from tfjs_build.convert.graph.half import half_floats
from tfjs_build.convert.graph.half.cautions import half_cautions
from tfjs_build.convert.graph.ir import Graph, Node, Port, Value

LARGEST = 65504.0
ROUNDED = ("logarithm", "factor", "divisor")
"""What the names of cases have whose numbers are computed in other steps."""


def spelled(name: str) -> tuple[Graph, Graph]:
    """Return a case's graph before and after the spelling."""
    before = decompose(CASES[name].graph())
    return before, half_floats(before)


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_the_same_where_textures_hold_float32(name: str) -> None:
    before, after = spelled(name)
    feeds = CASES[name].feeds
    with np.errstate(all="ignore"):
        want, got = run(before, feeds)["y"], run(after, feeds)["y"]
    if any(part in name for part in ROUNDED):
        np.testing.assert_allclose(got, want, rtol=3e-7)
    elif "lowest float" in name or name == "mask added, of floats":
        np.testing.assert_allclose(got, want, rtol=1e-6)
    else:
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("name", CASES)
def test_nothing_beyond_half_floats_is_read_where_textures_hold_them(name: str) -> None:
    _, after = spelled(name)
    for node in after.nodes():
        for value in node.inputs:
            if value.constant is None or value.dtype != "float32" or _chosen_for_float32(node, value):
                continue
            numbers = np.abs(value.constant.array())
            assert not (numbers > LARGEST).any(), node


def _chosen_for_float32(node: Node, value: Value) -> bool:
    """Whether a constant is read only where textures hold float32."""
    return node.op == "SelectV2" and node.inputs[1] is value and node.inputs[0].node.name.startswith("half_floats/")


def test_what_textures_hold_is_asked_once() -> None:
    b = Builder()
    x = b.input("x", (4, 8), "float32")
    y = x
    for _ in range(3):
        y = b.Softmax(b.SelectV2(b.Greater(y, 0.0), y, -1e9))
    found = half_floats(Graph([Port("x", x)], [Port("y", y)]))
    ops = [node.op for node in found.nodes()]
    assert (ops.count("Relu"), ops.count("SelectV2"), ops.count("Softmax")) == (1, 4, 3)


def _layer_norm(b: Builder, x: Value) -> Value:
    centred = x - b.Mean(x, [-1], keep_dims=True)
    return centred * b.Rsqrt(b.Mean(b.Square(centred), [-1], keep_dims=True) + 1e-6)


@pytest.mark.parametrize(
    "build",
    [
        _layer_norm,
        lambda b, x: b.Softmax(x * 0.125),
        lambda b, x: b.Maximum(x, 0.0) + 3.0,
        lambda b, x: b.GatherV2(x, b.const([3, 1], "int32"), 0),
        lambda b, x: b.Log(x + 1e-6),
    ],
)
def test_usual_graphs_are_left_alone(build: Callable[..., Value]) -> None:
    b = Builder()
    x = b.input("x", (4, 8), "float32")
    graph = Graph([Port("x", x)], [Port("y", build(b, x))])
    assert half_floats(graph) is graph


def _note(build: Callable[..., Value], **inputs: tuple[tuple[int | None, ...], str]) -> list[str]:
    b = Builder("layer")
    ports = [Port(name, b.input(name, *spec)) for name, spec in inputs.items()]
    found = half_cautions(Graph(ports, [Port("y", build(b, *(port.value for port in ports)))]))
    assert all(caution.backends == ("webgl",) for caution in found)
    return [caution.text for caution in found]


_START = "phones that have half-float textures only round whole numbers beyond 2048: "
_END = ". Use the wasm or webgpu backend there."


def _table(rows: int) -> Any:
    return np.zeros((rows, 2), np.float32)


@pytest.mark.parametrize(
    ("build", "inputs", "text"),
    [
        (
            lambda b, i: b.GatherV2(b.const(_table(3000)), i, 0),
            {"i": ((None, 8), "int32")},
            "GatherV2 (layer/GatherV2) looks up 3000 rows, and may take a neighbouring one",
        ),
        (
            lambda b, i: b.GatherNd(b.const(_table(3000)), i),
            {"i": ((None, 1), "int32")},
            "GatherNd (layer/GatherNd) looks up 3000 rows, and may take a neighbouring one",
        ),
        (
            lambda b, x: b.ArgMax(x, 1),
            {"x": ((None, 3000), "float32")},
            "ArgMax (layer/ArgMax) finds the place among 3000 numbers, and may give a neighbouring one",
        ),
        (
            lambda b, i: b.Equal(b.ExpandDims(i, -1), b.Range(0, 3000, 1)),
            {"i": ((None,), "int32")},
            "Equal (layer/Equal) compares numbers up to 2999, and may take neighbouring ones for the same",
        ),
    ],
)
def test_places_beyond_2048_are_a_note(build: Callable[..., Value], inputs: Mapping[str, Any], text: str) -> None:
    assert _note(build, **inputs) == [_START + text + _END]


@pytest.mark.parametrize(
    ("build", "inputs"),
    [
        (lambda b, i: b.GatherV2(b.const(_table(2048)), i, 0), {"i": ((None, 8), "int32")}),
        (lambda b, i: b.GatherV2(b.const(_table(3000)), b.Minimum(i, 2000), 0), {"i": ((None, 8), "int32")}),
        (lambda b, x: b.GatherV2(b.const(_table(3000)), b.ArgMax(x, 1), 0), {"x": ((None, 900), "float32")}),
        (lambda b, x: b.ArgMax(x, 1), {"x": ((None, 2048), "float32")}),
        (lambda b, i: b.Equal(b.ExpandDims(i, -1), b.Range(0, 2048, 1)), {"i": ((None,), "int32")}),
    ],
)
def test_smaller_places_are_none(build: Callable[..., Value], inputs: Mapping[str, Any]) -> None:
    assert _note(build, **inputs) == []


def test_the_note_is_among_the_model_s() -> None:
    b = Builder("words")
    i = b.input("i", (None, 8), "int32")
    graph = Graph([Port("i", i)], [Port("y", b.GatherV2(b.const(_table(3000)), i, b.const(0, "int32")))])
    text = "GatherV2 (words/GatherV2) looks up 3000 rows, and may take a neighbouring one"
    artifacts = compile_graph(graph, generated_by="test")
    assert told(artifacts, None) == ["On webgl, " + _START + text + _END]
    assert told(artifacts, ["webgpu", "cpu"]) == []
