"""Loops over steps are written out, cells in few ops, and give the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.graph.recurrent.looping import (
    Step,
    counted,
    function,
    gru,
    gru_before,
    layer,
    lstm,
    prepared,
    rewritten,
    simple,
    weight,
    zeros,
)
from tfjs_build.convert.graph import recurrent
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Value
from tfjs_build.convert.graph.optimizing import unoptimized
from tfjs_build.convert.graph.recurrent import written_out

STEPS, WIDTH, UNITS = 9, 3, 4
X = np.random.default_rng(0).standard_normal((2, STEPS, WIDTH)).astype(np.float32)
CELLS = {"lstm": lstm, "gru": gru, "gru_before": gru_before, "simple": simple}


def one(cell: str, **options: Any) -> Graph:
    b = Builder()
    x = b.input("x", (None, STEPS, WIDTH), "float32")
    states = [zeros(b, x, UNITS) for _ in range(2 if cell == "lstm" else 1)]
    y, last = layer(b, x, CELLS[cell](WIDTH, UNITS), states, **options)  # type: ignore[operator]
    return function([x], [y, *last])


@pytest.mark.parametrize("options", [{}, {"every": False}, {"backwards": True}], ids=["every", "last", "backwards"])
@pytest.mark.parametrize("cell", CELLS)
def test_cells_are_written_out(cell: str, options: dict[str, Any]) -> None:
    found = counted(rewritten(one(cell, **options), x=X))
    # For an LSTM: a joint of state and step, a product with its sigmoid, two sums of products, a sigmoid, the output.
    per_step = {
        "lstm": {"_FusedConv2D": 1, "FusedBatchNormV3": 3, "Sigmoid": 1, "Split": 1, "ConcatV2": 1},
        "gru": {"_FusedConv2D": 4, "FusedBatchNormV3": 2, "Tanh": 1, "ConcatV2": 1},
        "gru_before": {"_FusedConv2D": 2, "Conv2D": 1, "Mul": 1, "FusedBatchNormV3": 1, "Tanh": 1, "ConcatV2": 2},
        "simple": {"_FusedConv2D": 1, "Tanh": 1, "ConcatV2": 1},
    }[cell]
    assert {op: found[op] // STEPS for op in found if found[op] >= STEPS} == per_step
    assert not {"StatelessWhile", "MatMul", "TensorListStack", "ReverseV2"} & set(found)


def test_the_file_keeps_the_variables() -> None:
    names = {node.name for node in rewritten(one("lstm"), x=X).nodes() if node.op == "Const"}
    assert {"kernel", "recurrent"} <= names


def test_states_go_in_and_out() -> None:
    b = Builder()
    x = b.input("x", (None, STEPS, WIDTH), "float32")
    h, c = b.input("h", (None, UNITS), "float32"), b.input("c", (None, UNITS), "float32")
    _, last = layer(b, x, lstm(WIDTH, UNITS), [h, c], every=False)
    state = np.random.default_rng(1).standard_normal((2, 2, UNITS)).astype(np.float32)
    rewritten(function([x, h, c], last), x=X, h=state[0], c=state[1])


def test_gates_may_be_products_of_their_own() -> None:
    def step(b: Builder, x: Value, states: list[Value]) -> list[Value]:
        h, c = states
        i, f, g, o = (
            b.BiasAdd(b.MatMul(h, weight(b, f"u_{gate}", UNITS, UNITS)), weight(b, f"b_{gate}", UNITS))
            + b.MatMul(x, weight(b, f"w_{gate}", WIDTH, UNITS))
            for gate in "ifgo"
        )
        c = b.Tanh(g) * b.Sigmoid(i) + c * b.Sigmoid(f)
        return [b.Tanh(c) * b.Sigmoid(o), c]

    b = Builder()
    x = b.input("x", (None, STEPS, WIDTH), "float32")
    y, _ = layer(b, x, step, [zeros(b, x, UNITS), zeros(b, x, UNITS)])
    assert counted(rewritten(function([x], [y]), x=X))["_FusedConv2D"] == STEPS


def _without_tanh(b: Builder, x: Value, states: list[Value]) -> list[Value]:
    h, c = states
    total = b.MatMul(x, weight(b, "kernel", WIDTH, 4 * UNITS)) + b.MatMul(h, weight(b, "recurrent", UNITS, 4 * UNITS))
    i, f, g, o = b.multi("Split", b.const(1), total, num_split=4)
    c = b.Sigmoid(f) * c + b.Sigmoid(i) * b.Relu(g)
    return [b.Sigmoid(o) * b.Relu(c), c]


def _other_state(b: Builder, x: Value, states: list[Value]) -> list[Value]:
    """An LSTM whose output is not its state."""
    h, c = lstm(WIDTH, UNITS)(b, x, states)
    return [h * 2.0, c]


def _residual(b: Builder, x: Value, states: list[Value]) -> list[Value]:
    """A GRU whose update is not that of its state."""
    z = b.Sigmoid(b.MatMul(x, weight(b, "z", WIDTH, UNITS)))
    return [z * states[0] + (2.0 - z) * b.Tanh(b.MatMul(states[0], weight(b, "u", UNITS, UNITS)))]


def _other_gate(b: Builder, x: Value, states: list[Value]) -> list[Value]:
    """A GRU whose gates are not each other's rest."""
    z, k = (b.Sigmoid(b.MatMul(x, weight(b, name, WIDTH, UNITS))) for name in "zk")
    r = b.Sigmoid(b.MatMul(states[0], weight(b, "r", UNITS, UNITS)))
    new = b.Tanh(b.MatMul(x, weight(b, "n", WIDTH, UNITS)) + r * b.MatMul(states[0], weight(b, "u", UNITS, UNITS)))
    return [z * states[0] + (1.0 - k) * new]


def _other_carry(b: Builder, x: Value, states: list[Value]) -> list[Value]:
    """An LSTM that forgets the state, and not the carry."""
    total = b.MatMul(x, weight(b, "kernel", WIDTH, 4 * UNITS)) + b.MatMul(states[0], weight(b, "u", UNITS, 4 * UNITS))
    i, f, g, o = b.multi("Split", b.const(1), total, num_split=4)
    c = b.Sigmoid(f) * states[0] + b.Sigmoid(i) * b.Tanh(g)
    return [b.Sigmoid(o) * b.Tanh(c), c]


def _other_kept(b: Builder, x: Value, states: list[Value]) -> list[Value]:
    """A GRU that keeps something else than its state."""
    z, r = (b.Sigmoid(b.MatMul(x, weight(b, name, WIDTH, UNITS))) for name in "zr")
    inner = b.MatMul(states[0], weight(b, "u", UNITS, UNITS))
    return [z * b.Relu(states[0]) + (1.0 - z) * b.Tanh(b.MatMul(x, weight(b, "n", WIDTH, UNITS)) + r * inner)]


def _other_reset(b: Builder, x: Value, states: list[Value]) -> list[Value]:
    """A GRU that resets something else than its state."""
    z, r = (b.Sigmoid(b.MatMul(x, weight(b, name, WIDTH, UNITS))) for name in "zr")
    inner = b.MatMul(r * b.Relu(states[0]), weight(b, "u", UNITS, UNITS))
    return [z * states[0] + (1.0 - z) * b.Tanh(b.MatMul(x, weight(b, "n", WIDTH, UNITS)) + inner)]


@pytest.mark.parametrize(
    "step",
    [
        _other_kept,
        _other_reset,
        _without_tanh,
        _other_state,
        _residual,
        _other_gate,
        _other_carry,
        simple(WIDTH, UNITS, "Relu"),
    ],
)
def test_other_cells_are_written_out_as_they_are(step: Step) -> None:
    b = Builder()
    x = b.input("x", (None, STEPS, WIDTH), "float32")
    count = 2 if step in (_without_tanh, _other_state, _other_carry) else 1
    y, last = layer(b, x, step, [zeros(b, x, UNITS) for _ in range(count)])
    found = counted(rewritten(function([x], [y, *last]), x=X))
    assert not {"StatelessWhile", "_FusedConv2D", "TensorListStack"} & set(found)
    assert found["MatMul"] >= 2 * STEPS - 2


def test_unoptimized_graphs_compute_as_the_source_does() -> None:
    with unoptimized():
        found = counted(rewritten(one("lstm"), x=X))
    assert "_FusedConv2D" not in found
    assert "StatelessWhile" not in found


def test_what_is_too_long_stays_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurrent, "MOST_NODES", 8 * STEPS)
    for cell in ("lstm", "gru_before"):
        b = Builder()
        x = b.input("x", (None, STEPS, WIDTH), "float32")
        y, _ = layer(b, x, CELLS[cell](WIDTH, UNITS), [zeros(b, x, UNITS)] * (2 if cell == "lstm" else 1))  # type: ignore[operator]
        assert counted(rewritten(function([x], [y]), x=X))["StatelessWhile"] == 1
    assert "StatelessWhile" not in counted(rewritten(one("simple"), x=X))


def _of_any_length(cell: str, **options: Any) -> Graph:
    b = Builder()
    x = b.input("x", (None, None, WIDTH), "float32")
    states = [zeros(b, x, UNITS) for _ in range(2 if cell == "lstm" else 1)]
    return function([x], [layer(b, x, CELLS[cell](WIDTH, UNITS), states, **options)[0]])  # type: ignore[operator]


@pytest.mark.parametrize("steps", [1, 7, 8, 9, 16])
@pytest.mark.parametrize("cell", CELLS)
def test_what_is_of_no_known_length_is_a_loop_of_several_steps(cell: str, steps: int) -> None:
    x = np.random.default_rng(3).standard_normal((2, steps, WIDTH)).astype(np.float32)
    for options in ({}, {"every": False}, {"backwards": True}):
        after = rewritten(_of_any_length(cell, **options), x=x)
        [loop] = [node for node in after.nodes() if node.op == "StatelessWhile"]
        inside = counted(loop.attrs["body"])
        assert inside["ConcatV2"] == (17 if cell == "gru_before" else 9)
        assert not {"MatMul", "GatherV2", "TensorListGetItem"} & set(inside)


def test_kernels_of_a_loop_are_put_together_before_it() -> None:
    [loop] = [node for node in rewritten(_of_any_length("lstm"), x=X).nodes() if node.op == "StatelessWhile"]
    assert "kernel" not in {node.name for node in loop.attrs["body"].nodes()}


def test_a_loop_whose_carry_is_read_stays_as_it_is() -> None:
    b = Builder()
    x = b.input("x", (None, None, WIDTH), "float32")
    _, last = layer(b, x, lstm(WIDTH, UNITS), [zeros(b, x, UNITS), zeros(b, x, UNITS)], every=False)
    [loop] = [node for node in rewritten(function([x], last), x=X).nodes() if node.op == "StatelessWhile"]
    assert counted(loop.attrs["body"])["MatMul"] == 2


def test_a_loop_without_an_end_stays_one() -> None:
    b = Builder()
    x = b.input("x", (2,), "float32")
    inner, test = Builder("body"), Builder("cond")
    same = inner.input("arg", (2,), "float32")
    body = function([same], [same])
    cond = function([test.input("arg", (2,), "float32")], [test.const(np.array(True))])
    done = b.node("StatelessWhile", [x], {"cond": cond, "body": body}, name="loop", given=[((2,), "float32")])
    assert counted(written_out(function([x], [done[0]]))) == {"StatelessWhile": 1}


def test_a_long_sequence_is_cut_in_two_stages() -> None:
    """In wasm each cut copies what it is cut from."""
    x = np.random.default_rng(2).standard_normal((1, 50, WIDTH)).astype(np.float32)
    b = Builder()
    given = b.input("x", (None, 50, WIDTH), "float32")
    y, _ = layer(b, given, simple(WIDTH, UNITS), [zeros(b, given, UNITS)])
    after = rewritten(function([given], [y]), x=x)
    assert counted(after)["SplitV"] == 1
    assert max(len(node.outputs) for node in after.nodes()) <= 16


def test_elements_that_no_turn_writes_are_zeros() -> None:
    b = Builder()
    x = b.input("x", (2, 3), "float32")
    made = b.TensorListReserve(b.const([2, 3], "int32"), b.const(5), element_dtype="float32")
    carried = [b.const(1), made, x]
    inner = Builder("body")
    at, filled, row = (inner.input(f"arg_{n}", value.shape, value.dtype) for n, value in enumerate(carried))
    put = inner.TensorListSetItem(filled, at, row * 2.0, element_dtype="float32")
    body = function([at, filled, row], [at + 2, put, row])
    test = Builder("cond")
    given = [test.input(f"arg_{n}", value.shape, value.dtype) for n, value in enumerate(carried)]
    cond = function(given, [test.Less(given[0], 4)])
    specs = [(value.shape, value.dtype) for value in carried]
    done = b.node("StatelessWhile", carried, {"cond": cond, "body": body}, name="loop", given=specs)
    y = b.TensorListStack(done[1], b.const([2, 3], "int32"), element_dtype="float32", num_elements=5)
    after = written_out(prepared(function([x], [y])))
    assert set(counted(after)) == {"Mul", "Pack"}
    from tests.unit.graph.running import run

    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    [found] = run(after, {"x": rows}).values()
    np.testing.assert_array_equal(found, [rows * 0, rows * 2, rows * 0, rows * 2, rows * 0])
