"""Spellings that are about types and forms, not ranks: integers that move, counts, complex numbers, forgotten axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.unit.graph.portable.test_portable import FREE, numbers, ranks, spelled
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Array, Graph, Port, Value
from tfjs_build.convert.graph.portable import portable

RNG = np.random.default_rng(5)
SHAPE = (2, 3, 4, 3, 2)


def whole(shape: Sequence[int], dtype: str = "int32") -> Array:
    """Return integers beyond what floats hold, or truths."""
    found = RNG.integers(-(2**31), 2**31, tuple(shape))
    return np.asarray(found % 2 == 0) if dtype == "bool" else found.astype(np.int32)


def ops(graph: Graph) -> list[str]:
    """Return the ops of a graph, but for its inputs and constants."""
    return [node.op for node in graph.nodes() if node.op not in ("Const", "Placeholder")]


def moving(graph: Graph) -> list[str]:
    """Return the ops that move integers or truths of rank 3 and more, or work along an axis of them that is not last."""
    found = []
    for node in graph.nodes():
        if not node.inputs or node.inputs[0].dtype not in ("int32", "bool") or (node.inputs[0].rank or 0) < 3:
            continue
        rank, axes = node.inputs[0].rank or 0, node.inputs[1].ints if len(node.inputs) > 1 else None
        if node.op == "Transpose":
            found.append(node.op)
        if node.op in ("All", "Any", "ArgMax", "Cumsum", "Max", "Sum"):
            assert axes is not None
            if sorted(axis % rank for axis in axes) != list(range(rank - len(axes), rank)):
                found.append(node.op)
    return found


@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("dtype", ["int32", "bool"])
@pytest.mark.parametrize("order", [(0, 2, 1, 3, 4), (4, 3, 2, 1, 0), (3, 4, 0, 1, 2), (0, 1, 2, 3, 4)])
def test_integers_and_truths_in_another_order(order: tuple[int, ...], dtype: str, free: Sequence[int]) -> None:
    x = whole(SHAPE, dtype)
    graph, [y] = spelled(lambda b, x: b.Transpose(x, list(order)), [x], free)
    np.testing.assert_array_equal(y, np.transpose(x, order))
    assert y.dtype == x.dtype
    if dtype == "bool" or not free:
        assert moving(graph) == []


def test_a_matrix_of_integers_and_floats_are_transposed_as_they_are() -> None:
    for array, order in ((whole((3, 4)), (1, 0)), (numbers((2, 3, 4)), (2, 1, 0))):
        graph, [y] = spelled(lambda b, x, order=order: b.Transpose(x, list(order)), [array])
        np.testing.assert_array_equal(y, np.transpose(array, order))
        assert ops(graph) == ["Transpose"]


@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("along", [(0,), (1,), (0, 2), (1, 3), (-1,), (3, 4), (0, 1, 2, 3, 4)])
def test_reductions_of_integers(along: tuple[int, ...], keep: bool, free: Sequence[int]) -> None:
    x, truths = whole(SHAPE), whole(SHAPE, "bool")
    graph, [y] = spelled(lambda b, x: b.Max(x, list(along), keep_dims=keep), [x], free)
    np.testing.assert_array_equal(y, x.max(along, keepdims=keep))
    assert free or moving(graph) == []
    graph, [y] = spelled(lambda b, x: b.All(x, list(along), keep_dims=keep), [truths], free)
    np.testing.assert_array_equal(y, truths.all(along, keepdims=keep))
    assert moving(graph) == []


@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("axis", [0, 1, 3, -1])
def test_sums_on_the_way_and_places_of_integers(axis: int, free: Sequence[int]) -> None:
    x = whole(SHAPE) // 1000
    graph, [y] = spelled(lambda b, x: b.Cumsum(x, axis, exclusive=False, reverse=False), [x], free)
    np.testing.assert_array_equal(y, np.cumsum(x, axis))
    assert free or moving(graph) == []
    graph, [y] = spelled(lambda b, x: b.ArgMax(x, axis, output_type="int32"), [x], free)
    np.testing.assert_array_equal(y, np.argmax(x, axis))
    assert free or moving(graph) == []


def test_a_causal_mask_of_free_size_is_a_matrix() -> None:
    x = np.ones((1, 4, 5), np.int32)
    graph, [y] = spelled(lambda b, x: b.Cumsum(x, 1, exclusive=False, reverse=False), [x], (1, 2))
    np.testing.assert_array_equal(y, np.cumsum(x, 1))
    assert ranks(graph, "Cumsum") == [2]


@pytest.mark.parametrize("dtype", ["int32", "bool"])
def test_what_was_cast_is_made_floats_before_it_moves(dtype: str) -> None:
    x = np.asarray(RNG.integers(0, 2, (2, 3, 4)), dtype)
    steps = {
        "Transpose": lambda b, x: b.Transpose(x, [0, 2, 1]),
        "Sum": lambda b, x: b.Sum(x, [1], keep_dims=False),
        "Cumsum": lambda b, x: b.Cumsum(x, 1, exclusive=False, reverse=False),
    }
    for op, step in steps.items():
        graph, [y] = spelled(lambda b, x, step=step: step(b, b.Reshape(b.Cast(x, DstT="float32"), [2, 3, 4])), [x])
        _, [expected] = spelled(step, [x.astype(np.float32)])
        np.testing.assert_array_equal(y, expected)
        [node] = [node for node in graph.nodes() if node.op == op]
        source = node.inputs[0]
        while source.node.op == "Reshape":
            source = source.node.inputs[0]
        assert source.node.op == "Mul"


def test_a_cast_that_stays_in_its_place_is_left() -> None:
    x = np.asarray(RNG.integers(0, 2, (2, 3, 4)), np.int32)
    graph, _ = spelled(lambda b, x: b.Sum(b.Cast(x, DstT="float32"), [2], keep_dims=False), [x])
    assert ops(graph) == ["Cast", "Sum"]


@pytest.mark.parametrize("free", [(), (0,)])
@pytest.mark.parametrize("op", ["Bincount", "DenseBincount"])
@pytest.mark.parametrize("weighted", [False, True])
def test_counts_of_a_vector(op: str, weighted: bool, free: Sequence[int]) -> None:
    x = np.array([0, 3, 1, 3, 9, 3], np.int32)
    weights = numbers((6,)) if weighted else np.zeros(0, np.float32)

    def build(b: Builder, x: Value, weights: Value) -> Value:
        attrs = {"binary_output": False} if op == "DenseBincount" else {}
        return b.multi(op, x, b.const(5, "int32"), weights, **attrs)[0]

    graph, [y] = spelled(build, [x, weights], free if weighted else ())
    expected = np.bincount(x, weights if weighted else None, minlength=10)[:5]
    np.testing.assert_allclose(y, expected, rtol=1e-6)
    assert y.dtype == np.float32
    assert op not in {node.op for node in graph.nodes()}


@pytest.mark.parametrize("free", [(), (0,), (0, 1)])
@pytest.mark.parametrize("kind", ["", "weighted", "binary"])
def test_counts_of_the_rows_of_a_matrix(kind: str, free: Sequence[int]) -> None:
    x = np.array([[0, 3, 1], [3, 9, 3]], np.int32)
    weights = numbers((2, 3)) if kind == "weighted" else np.zeros(0, np.int32)

    def build(b: Builder, x: Value) -> Value:
        return b.DenseBincount(x, 5, b.const(weights), binary_output=kind == "binary")

    _, [y] = spelled(build, [x], free)
    rows = [
        np.bincount(row, w, minlength=10)[:5]
        for row, w in zip(x, weights if weights.size else (None,) * 2, strict=True)
    ]
    expected = np.minimum(rows, 1) if kind == "binary" else np.array(rows)
    np.testing.assert_allclose(y, expected, rtol=1e-6)
    assert y.dtype == weights.dtype


@pytest.mark.parametrize("free", [(), (0,), (0, 1)])
def test_parts_of_a_spectrum_have_its_shape(free: Sequence[int]) -> None:
    x = numbers((2, 3, 8))
    graph, [y] = spelled(lambda b, x: b.Imag(b.RFFT(x, [8])), [x], free)
    np.testing.assert_allclose(y, np.fft.rfft(x).imag, rtol=1e-4, atol=1e-5)
    [imaginary] = [node for node in graph.nodes() if node.op == "Imag"]
    assert [node.op for node in graph.nodes() if imaginary.outputs[0] in node.inputs[:1]][-1] == "Reshape"


def test_parts_of_what_was_just_made_of_parts_stay() -> None:
    graph, _ = spelled(lambda b, x: b.Real(b.Complex(x, x)), [numbers((2, 3))])
    assert "Reshape" not in {node.op for node in graph.nodes()}


def test_complex_numbers_are_joined_part_by_part() -> None:
    x = numbers((2, 3, 8))

    def build(b: Builder, x: Value) -> Value:
        spectrum = b.FFT(b.Complex(x, x))
        return b.ComplexAbs(b.ConcatV2(spectrum, spectrum, 0))

    graph, [y] = spelled(build, [x])
    whole = np.abs(np.fft.fft(x + 1j * x))
    np.testing.assert_allclose(y, np.concatenate([whole, whole]), rtol=1e-5)
    assert all(value.dtype == "float32" for node in graph.nodes() if node.op == "ConcatV2" for value in node.inputs[:2])


def test_complex_numbers_are_packed_part_by_part() -> None:
    x = numbers((2, 3))

    def build(b: Builder, x: Value) -> Value:
        return b.Imag(b.Pack(b.Complex(x, x), b.Complex(x, 2 * x), axis=1))

    graph, [y] = spelled(build, [x])
    np.testing.assert_array_equal(y, np.stack([x, 2 * x], 1))
    assert {value.dtype for node in graph.nodes() if node.op == "Pack" for value in node.inputs} == {"float32"}


@pytest.mark.parametrize("free", [(), (0,), (0, 1)])
@pytest.mark.parametrize("along", [(0,), (1,), (0, 2)])
def test_a_product_keeps_its_axes_by_itself(along: tuple[int, ...], free: Sequence[int]) -> None:
    x = numbers((2, 3, 4))
    graph, [y] = spelled(lambda b, x: b.Prod(x, list(along), keep_dims=True), [x], free)
    np.testing.assert_allclose(y, np.prod(x, along, keepdims=True), rtol=1e-5)
    assert [node.attrs["keep_dims"] for node in graph.nodes() if node.op == "Prod"] == [False]


def test_a_line_of_one_point_is_its_start() -> None:
    b = Builder()
    start, stop = b.input("start", (), "float32"), b.input("stop", (), "float32")
    ports = [Port("start", start), Port("stop", stop)]
    for count, op in ((1, "Reshape"), (3, "LinSpace")):
        graph = portable(Graph(ports, [Port("y", b.LinSpace(start, stop, count))]))
        assert ops(graph) == [op]


def test_places_in_a_pool_are_integers() -> None:
    b = Builder()
    x = b.input("x", (None, 4, 4, 1), "float32")
    settings = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME", "include_batch_in_index": False}
    _, places = b.multi("MaxPoolWithArgmax", x, **settings)
    graph = portable(Graph([Port("x", x)], [Port("y", places)]))
    assert ops(graph) == ["MaxPoolWithArgmax", "Cast"]


COMPUTED: Sequence[tuple[str, tuple[int, ...], tuple[int, ...], dict[str, object]]] = [
    ("MatMul", (3, 5), (5, 7), {}),
    ("MatMul", (5, 3), (7, 5), {"transpose_a": True, "transpose_b": True}),
    ("BatchMatMulV2", (2, 3, 5), (2, 5, 7), {"adj_x": False, "adj_y": False}),
    ("BatchMatMulV2", (2, 3, 5), (2, 7, 5), {"adj_x": False, "adj_y": True}),
]


def _divided(graph: Graph) -> list[tuple[int, ...] | None]:
    """Return the shapes of what is divided by 1."""
    return [node.inputs[0].static for node in graph.nodes() if node.op == "RealDiv"]


@pytest.mark.parametrize(("op", "first", "second", "attrs"), COMPUTED)
def test_a_product_of_computed_tensors_has_nothing_beyond_an_edge(
    op: str, first: tuple[int, ...], second: tuple[int, ...], attrs: dict[str, object]
) -> None:
    x, y = numbers(first), numbers(second)
    graph, [z] = spelled(lambda b, x, y: b.node(op, [b.Exp(x), b.Exp(y)], attrs)[0], [x, y])
    assert _divided(graph) == [first]  # which has fewer numbers
    axes = (0, 1) if op == "MatMul" else (1, 2)
    a = np.exp(x) if not attrs.get("transpose_a") else np.exp(x).T
    b = np.swapaxes(np.exp(y), *axes) if attrs.get("transpose_b") or attrs.get("adj_y") else np.exp(y)
    np.testing.assert_allclose(z, a @ b, rtol=1e-5)


def test_products_that_have_zeros_there_are_left_alone() -> None:
    x, y, even = numbers((3, 5)), numbers((5, 7)), numbers((3, 4))
    weights = numbers((5, 2))
    for graph, _ in (
        spelled(lambda b, x: b.MatMul(b.Exp(x), b.const(weights)), [x]),
        spelled(lambda b, x, y: b.MatMul(b.Softmax(x), b.Exp(y)), [x, y]),
        spelled(lambda b, x: b.MatMul(b.Exp(x), b.Exp(x), transpose_b=True), [even]),
    ):
        assert _divided(graph) == []


def test_a_product_over_an_axis_that_only_the_page_knows() -> None:
    x, y = numbers((3, 5)), numbers((5, 7))
    graph, _ = spelled(lambda b, x, y: b.MatMul(b.Exp(x), b.Exp(y)), [x, y], free=(0, 1))
    assert [node.op for node in graph.nodes()].count("RealDiv") == 1


def test_a_filter_that_is_computed_is_divided() -> None:
    strides = {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [1, 1, 1, 1], "data_format": "NHWC"}
    for channels, divided in ((3, [(1, 1, 3, 2)]), (4, [])):
        x, kernel = numbers((1, 4, 4, channels)), numbers((1, 1, channels, 2))
        graph, [z] = spelled(lambda b, x, y: b.Conv2D(b.Exp(x), b.Exp(y), **strides), [x, kernel])
        assert _divided(graph) == divided
        np.testing.assert_allclose(z, np.exp(x) @ np.exp(kernel[0, 0]), rtol=1e-5)
