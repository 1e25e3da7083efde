"""Cells run side by side where none waits for another, or one step behind the cell whose outputs they read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.graph.recurrent.looping import counted, function, gru, gru_before, layer, lstm, rewritten, simple, zeros
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Value
from tfjs_build.convert.graph.recurrent import lanes

STEPS, WIDTH, UNITS = 9, 3, 4
X = np.random.default_rng(0).standard_normal((2, STEPS, WIDTH)).astype(np.float32)
CELLS = {"lstm": (lstm, 2), "gru": (gru, 1), "gru_before": (gru_before, 1), "simple": (simple, 1)}


def _layer(b: Builder, x: Value, cell: str, units: int, *, backwards: bool = False, name: str = "l") -> Value:
    make, states = CELLS[cell]
    assert x.shape is not None
    step = make(x.shape[2] or 0, units)  # type: ignore[operator]
    return layer(b, x, step, [zeros(b, x, units) for _ in range(states)], backwards=backwards, name=name)[0]


def _model(build: Callable[[Builder, Value], list[Value]], steps: int = STEPS) -> Graph:
    b = Builder()
    x = b.input("x", (None, steps, WIDTH), "float32")
    return function([x], build(b, x))


def _products(graph: Graph) -> int:
    """Return how many steps were written out: products with the state and the step."""
    found = counted(graph)
    return found["FusedBatchNormV3"] // 3 if found["Split"] >= STEPS else found["Tanh"]


def _both(cell: str, units: int = UNITS) -> Callable[[Builder, Value], list[Value]]:
    def build(b: Builder, x: Value) -> list[Value]:
        return [_layer(b, x, cell, UNITS, name="f"), _layer(b, x, cell, units, backwards=True, name="b")]

    return build


@pytest.mark.parametrize("units", [UNITS, UNITS + 3])
@pytest.mark.parametrize("cell", CELLS)
def test_two_directions_run_side_by_side(cell: str, units: int) -> None:
    assert _products(rewritten(_model(_both(cell, units)), x=X)) == STEPS


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple"])
def test_layers_run_one_step_behind_each_other(cell: str) -> None:
    def build(b: Builder, x: Value) -> list[Value]:
        first = _layer(b, x, cell, UNITS, name="first")
        second = _layer(b, first, cell, UNITS + 1, name="second")
        return [_layer(b, second, cell, UNITS, name="third"), second]

    assert _products(rewritten(_model(build), x=X)) == STEPS + 2


def test_a_reset_before_the_product_does_not_run_behind() -> None:
    def build(b: Builder, x: Value) -> list[Value]:
        return [_layer(b, _layer(b, x, "gru_before", UNITS, name="first"), "gru_before", UNITS, name="second")]

    assert _products(rewritten(_model(build), x=X)) == 2 * STEPS


def test_layers_of_both_directions_run_after_each_other() -> None:
    def build(b: Builder, x: Value) -> list[Value]:
        for _ in range(2):
            forward, backward = _layer(b, x, "gru", UNITS, name="f"), _layer(b, x, "gru", UNITS, backwards=True)
            x = b.ConcatV2(forward, b.ReverseV2(backward, [1]), 2)
        return [x]

    assert _products(rewritten(_model(build), x=X)) == 2 * STEPS


def test_what_needs_the_other_direction_of_another_layer_runs_alone() -> None:
    """Two pairs, each of which has a cell that waits for one of the other pair."""

    def build(b: Builder, x: Value) -> list[Value]:
        one, other = _layer(b, x, "lstm", UNITS, name="a"), _layer(b, x * 2.0, "gru", UNITS, name="b")
        return [_layer(b, other * 1.5, "lstm", UNITS, name="c"), _layer(b, one * 1.5, "gru", UNITS, name="d")]

    found = counted(rewritten(_model(build), x=X))
    assert (found["Sigmoid"], found["Tanh"]) == (2 * STEPS, 2 * STEPS)


def test_a_layer_that_begins_with_a_state_does_not_run_behind() -> None:
    b = Builder()
    x, h = b.input("x", (None, STEPS, WIDTH), "float32"), b.input("h", (None, UNITS), "float32")
    first = _layer(b, x, "gru", UNITS, name="first")
    second, _ = layer(b, first, gru(UNITS, UNITS), [h], name="second")
    start = np.random.default_rng(1).standard_normal((2, UNITS)).astype(np.float32)
    assert _products(rewritten(function([x, h], [second]), x=X, h=start)) == 2 * STEPS


def test_directions_with_states_of_their_own() -> None:
    b = Builder()
    x, h = b.input("x", (None, STEPS, WIDTH), "float32"), b.input("h", (None, UNITS), "float32")
    forward, _ = layer(b, x, gru(WIDTH, UNITS), [h * 2.0], name="f")
    backward, last = layer(b, x, gru(WIDTH, UNITS), [zeros(b, x, UNITS)], backwards=True, name="b")
    start = np.random.default_rng(1).standard_normal((2, UNITS)).astype(np.float32)
    assert _products(rewritten(function([x, h], [forward, backward, *last]), x=X, h=start)) == STEPS


def test_large_or_short_ones_run_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    short = rewritten(_model(_both("gru"), 4), x=X[:, :4])
    assert counted(short)["Tanh"] == 2 * 4
    monkeypatch.setattr(lanes, "_LARGEST", 100)
    assert _products(rewritten(_model(_both("gru")), x=X)) == 2 * STEPS


def test_cells_of_other_kinds_or_lengths_run_alone() -> None:
    def kinds(b: Builder, x: Value) -> list[Value]:
        return [_layer(b, x, "gru", UNITS, name="f"), _layer(b, x, "simple", UNITS, name="b")]

    def lengths(b: Builder, x: Value) -> list[Value]:
        part = b.Slice(x, [0, 0, 0], [-1, STEPS - 1, -1])
        return [_layer(b, x, "gru", UNITS, name="f"), _layer(b, part, "gru", UNITS, name="b")]

    assert counted(rewritten(_model(kinds), x=X))["Tanh"] == 2 * STEPS
    assert counted(rewritten(_model(lengths), x=X))["Tanh"] == 2 * STEPS - 1


def test_directions_of_no_known_length_run_side_by_side() -> None:
    b = Builder()
    x = b.input("x", (None, None, WIDTH), "float32")
    y = [_layer(b, x, "lstm", UNITS, name="f"), _layer(b, x, "lstm", UNITS + 1, backwards=True, name="b")]
    [loop] = [node for node in rewritten(function([x], y), x=X).nodes() if node.op == "StatelessWhile"]
    assert counted(loop.attrs["body"])["Sigmoid"] == 8


def test_layers_of_no_known_length_run_after_each_other() -> None:
    b = Builder()
    x = b.input("x", (None, None, WIDTH), "float32")
    y = _layer(b, _layer(b, x, "gru", UNITS, name="first"), "gru", UNITS, name="second")
    assert counted(rewritten(function([x], [y]), x=X))["StatelessWhile"] == 2
