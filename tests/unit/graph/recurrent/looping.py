"""Loops over the steps of sequences as Keras exports them, and what becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import decompose
from tfjs_build.convert.graph.ir import Constant, Graph, Port, Value
from tfjs_build.convert.graph.loops import prune_loops
from tfjs_build.convert.graph.recurrent import written_out
from tfjs_build.convert.graph.simplify import simplify

Step = Callable[[Builder, Value, list[Value]], list[Value]]
"""Makes the new states of the step's input and the states; the first is what the layer gives."""


def weight(b: Builder, name: str, *shape: int, seed: int = 0) -> Value:
    """Return a variable."""
    array = np.random.default_rng([seed, len(name), *map(ord, name)]).standard_normal(shape).astype(np.float32)
    return b.const(Constant.of(array, "float32", name=name), name=name)


def layer(
    b: Builder,
    x: Value,
    step: Step,
    states: Sequence[Value],
    *,
    every: bool = True,
    backwards: bool = False,
    mask: Value | None = None,
    zeroed: bool = False,
    name: str = "layer",
) -> tuple[Value, list[Value]]:
    """Return the outputs [batch, steps, units], or the last one, and the last states, of x [batch, steps, width]. In
    steps where the mask [batch, steps] is false the states stay, and the output is that before, or zeros."""
    assert x.shape is not None
    count = x.shape[1]
    turned = b.Transpose(x, [1, 0, 2])
    masks = None if mask is None else b.Transpose(b.ExpandDims(mask, -1), [1, 0, 2])
    if backwards:
        turned = b.ReverseV2(turned, [0])
        masks = None if masks is None else b.ReverseV2(masks, [0])
    units = states[0].shape[-1]  # type: ignore[index]
    rows = b.TensorListFromTensor(turned, b.const([-1, x.shape[2] or 0], "int32"), element_dtype="float32")
    length = b.const(count, "int32") if count is not None else b.GatherV2(b.Shape(x), 1, 0)
    element = b.const([-1, units or 0], "int32")
    made = b.TensorListReserve(element, length if every else b.const(1), element_dtype="float32")
    carried = [b.const(0), b.const(0), length, made, *states, rows]
    if masks is not None:
        carried.append(b.TensorListFromTensor(masks, b.const([-1, 1], "int32"), element_dtype="bool"))
        carried.append(b.Fill(b.Shape(states[0]), 0.0))

    def inputs(inner: Builder) -> list[Value]:
        return [inner.input(f"{name}/arg_{at}", value.shape, value.dtype) for at, value in enumerate(carried)]

    test = Builder(f"{name}/cond")
    given = inputs(test)
    cond = function(given, [test.LogicalAnd(test.Less(given[0], given[2]), test.Less(given[1], given[2]))])
    inner = Builder(f"{name}/body")
    counter, time, stop, filled, *more = inputs(inner)
    before, read, rest = more[: len(states)], more[len(states)], more[len(states) + 1 :]
    after = step(
        inner,
        inner.TensorListGetItem(read, time, b.const([-1, x.shape[2] or 0], "int32"), element_dtype="float32"),
        before,
    )
    output = after[0]
    if rest:
        now = inner.TensorListGetItem(rest[0], time, b.const([-1, 1], "int32"), element_dtype="bool")
        output = inner.SelectV2(now, output, inner.ZerosLike(output) if zeroed else rest[1])
        after = [inner.SelectV2(now, new, old) for new, old in zip(after, before, strict=True)]
    put = inner.TensorListSetItem(filled, time if every else inner.const(0), output, element_dtype="float32")
    results = [counter + 1, time + 1, stop, put, *after, read, *rest[:1], *([output] if rest else [])]
    body = function([counter, time, stop, filled, *more], results)
    specs = [(value.shape, value.dtype) for value in carried]
    done = b.node("StatelessWhile", carried, {"cond": cond, "body": body}, name=f"{name}/loop", given=specs)
    stacked = b.TensorListStack(
        done[3], element, num_elements=-1 if count is None else count if every else 1, element_dtype="float32"
    )
    result = b.Transpose(stacked, [1, 0, 2]) if every else b.GatherV2(stacked, 0, 0)
    return result, list(done[4 : 4 + len(states)])


def function(inputs: Sequence[Value], outputs: Sequence[Value]) -> Graph:
    """Return a graph with these inputs and outputs."""
    return Graph(
        [Port(value.node.name, value) for value in inputs],
        [Port(f"output_{at}", value) for at, value in enumerate(outputs)],
    )


def zeros(b: Builder, x: Value, units: int) -> Value:
    """Return a state of zeros for each sample."""
    return b.Fill(b.Pack(b.GatherV2(b.Shape(x), 0, 0), units, axis=0), 0.0)


def lstm(width: int, units: int, seed: int = 0) -> Step:
    """Return the step of an LSTM."""

    def step(b: Builder, x: Value, states: list[Value]) -> list[Value]:
        h, c = states
        kernel, recurrent = weight(b, "kernel", width, 4 * units, seed=seed), weight(b, "recurrent", units, 4 * units)
        total = b.BiasAdd(b.MatMul(x, kernel) + b.MatMul(h, recurrent), weight(b, "bias", 4 * units, seed=seed))
        i, f, g, o = b.multi("Split", b.const(1), total, num_split=4)
        c = b.Sigmoid(f) * c + b.Sigmoid(i) * b.Tanh(g)
        return [b.Sigmoid(o) * b.Tanh(c), c]

    return step


def gru(width: int, units: int, seed: int = 0) -> Step:
    """Return the step of a GRU that resets the state after the product."""

    def step(b: Builder, x: Value, states: list[Value]) -> list[Value]:
        [h] = states
        kernel, recurrent = weight(b, "kernel", width, 3 * units, seed=seed), weight(b, "recurrent", units, 3 * units)
        outer = b.BiasAdd(b.MatMul(x, kernel), weight(b, "bias", 3 * units, seed=seed))
        inner = b.BiasAdd(b.MatMul(h, recurrent), weight(b, "inner", 3 * units, seed=seed))
        xz, xr, xh = b.multi("Split", b.const(-1), outer, num_split=3)
        hz, hr, hh = (
            b.StridedSlice(inner, [0, at * units], [0, (at + 1) * units], [1, 1], begin_mask=1, end_mask=1)
            for at in range(3)
        )
        z = b.Sigmoid(xz + hz)
        return [z * h + (1.0 - z) * b.Tanh(xh + b.Sigmoid(xr + hr) * hh)]

    return step


def gru_before(width: int, units: int, seed: int = 0) -> Step:
    """Return the step of a GRU that resets the state before the product."""

    def step(b: Builder, x: Value, states: list[Value]) -> list[Value]:
        [h] = states
        outer = b.MatMul(x, weight(b, "kernel", width, 3 * units, seed=seed))
        xz, xr, xh = b.multi("Split", b.const(1), outer, num_split=3)
        uz, ur, uh = (weight(b, f"recurrent_{each}", units, units, seed=seed) for each in "zrh")
        z, r = b.Sigmoid(xz + b.MatMul(h, uz)), b.Sigmoid(xr + b.MatMul(h, ur))
        return [b.Tanh(xh + b.MatMul(r * h, uh)) * (1.0 - z) + z * h]

    return step


def simple(width: int, units: int, activation: str = "Tanh") -> Step:
    """Return the step of a simple recurrent cell."""

    def step(b: Builder, x: Value, states: list[Value]) -> list[Value]:
        total = b.MatMul(states[0], weight(b, "recurrent", units, units)) + b.MatMul(
            x, weight(b, "kernel", width, units)
        )
        return [b.multi(activation, b.BiasAdd(total, weight(b, "bias", units)))[0]]

    return step


def prepared(graph: Graph) -> Graph:
    """Return a graph as the pass gets it."""
    return simplify(prune_loops(decompose(graph)))


def counted(graph: Graph) -> Counter[str]:
    """Return how many nodes of each op a graph has, but for constants."""
    return Counter(node.op for node in graph.nodes() if node.op not in ("Const", "Placeholder"))


def rewritten(graph: Graph, **feeds: object) -> Graph:
    """Return the graph with its loops written out; it gives the same numbers."""
    after = written_out(prepared(graph))
    expected, found = run(graph, feeds), run(after, feeds)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-5, err_msg=name)
        assert found[name].shape == value.shape
    return after
