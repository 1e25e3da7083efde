"""Masked cells keep their states in steps that do not count, in as few ops as others."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.recurrent.looping import counted, function, gru, gru_before, layer, lstm, rewritten, simple, zeros
from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Value

STEPS, WIDTH, UNITS = 9, 3, 4
X = np.random.default_rng(0).standard_normal((3, STEPS, WIDTH)).astype(np.float32)
MASK = np.array([[1, 1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 1, 0, 1, 1, 1, 1, 1], [0] * STEPS], bool)
CELLS = {"lstm": (lstm, 2), "gru": (gru, 1), "gru_before": (gru_before, 1), "simple": (simple, 1)}
PRODUCTS = {"lstm": 2, "gru": 4, "gru_before": 3, "simple": 2}
"""How many each step has."""


def _layer(b: Builder, x: Value, cell: str, mask: Value, **options: bool) -> tuple[Value, list[Value]]:
    make, count = CELLS[cell]
    assert x.shape is not None
    step = make(x.shape[2] or 0, UNITS)  # type: ignore[operator]
    return layer(b, x, step, [zeros(b, x, UNITS) for _ in range(count)], mask=mask, **options)  # type: ignore[arg-type]


def _inputs(b: Builder, steps: int | None = STEPS) -> tuple[Value, Value]:
    return b.input("x", (None, steps, WIDTH), "float32"), b.input("mask", (None, steps), "bool")


def _products(graph: Graph) -> int:
    found = counted(graph)
    assert not found["MatMul"]
    return found["_FusedConv2D"] + found["Conv2D"]


@pytest.mark.parametrize("zeroed", [False, True])
@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_masked_cells_are_written_out(cell: str, every: bool, zeroed: bool) -> None:
    b = Builder()
    x, mask = _inputs(b)
    y, last = _layer(b, x, cell, mask, every=every, zeroed=zeroed)
    after = rewritten(function([x, mask], [y, *last]), x=X, mask=MASK)
    assert _products(after) == PRODUCTS[cell] * STEPS
    assert (counted(after)["SelectV2"], counted(after)["StatelessWhile"]) == (1, 0)


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_masked_is_kept_to_the_last_digit_or_so(cell: str) -> None:
    b = Builder()
    x, mask = _inputs(b)
    graph = rewritten(function([x, mask], [_layer(b, x, cell, mask)[0]]), x=X, mask=MASK)
    [y] = run(graph, {"x": 100 * X, "mask": MASK}).values()
    np.testing.assert_allclose(y[0, 5:], np.broadcast_to(y[0, 4], y[0, 5:].shape), rtol=1e-6)
    assert not y[2].any()


@pytest.mark.parametrize("number", [np.nan, np.inf, -3e38])
@pytest.mark.parametrize("cell", CELLS)
def test_what_is_masked_may_be_any_number(cell: str, number: float) -> None:
    b = Builder()
    x, mask = _inputs(b)
    odd = np.where(MASK[:, :, None], X, np.float32(number))
    rewritten(function([x, mask], [_layer(b, x, cell, mask)[0]]), x=odd, mask=MASK)


@pytest.mark.parametrize("cell", CELLS)
def test_masked_directions_run_side_by_side(cell: str) -> None:
    b = Builder()
    x, mask = _inputs(b)
    y = [_layer(b, x, cell, mask, zeroed=True)[0], _layer(b, x, cell, mask, zeroed=True, backwards=True)[0]]
    assert _products(rewritten(function([x, mask], y), x=X, mask=MASK)) == PRODUCTS[cell] * STEPS


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple"])
def test_masked_layers_run_one_step_behind_each_other(cell: str) -> None:
    b = Builder()
    x, mask = _inputs(b)
    y, _ = _layer(b, _layer(b, x, cell, mask)[0], cell, mask)
    assert _products(rewritten(function([x, mask], [y]), x=X, mask=MASK)) == PRODUCTS[cell] * (STEPS + 1)


def test_a_layer_that_reads_zeros_in_masked_steps_runs_alone() -> None:
    b = Builder()
    x, mask = _inputs(b)
    y, _ = _layer(b, _layer(b, x, "gru", mask, zeroed=True)[0], "gru", mask)
    assert _products(rewritten(function([x, mask], [y]), x=X, mask=MASK)) == 2 * PRODUCTS["gru"] * STEPS


@pytest.mark.parametrize("cell", CELLS)
def test_masks_of_no_known_length(cell: str) -> None:
    b = Builder()
    x, mask = _inputs(b, None)
    y = [_layer(b, x, cell, mask, zeroed=True)[0], _layer(b, x, cell, mask, every=False, backwards=True)[0]]
    after = rewritten(function([x, mask], y), x=X, mask=MASK)
    loops = [node for node in after.nodes() if node.op == "StatelessWhile"]
    assert all("SelectV2" not in counted(loop.attrs["body"]) for loop in loops)


def test_an_output_before_that_is_not_the_state_stays() -> None:
    """The first output of a masked step is zeros, whatever the state begins with."""
    b = Builder()
    x, mask = _inputs(b)
    h = b.input("h", (None, UNITS), "float32")
    y, _ = layer(b, x, gru(WIDTH, UNITS), [h], mask=mask)
    start = np.random.default_rng(1).standard_normal((3, UNITS)).astype(np.float32)
    assert counted(rewritten(function([x, mask, h], [y]), x=X, mask=MASK, h=start))["SelectV2"] > STEPS
