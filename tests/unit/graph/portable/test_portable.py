"""Portable spellings give the numbers of the op that they stand for, and leave nothing that a GPU backend gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Array, Graph, Port, Value
from tfjs_build.convert.graph.portable import portable

RNG = np.random.default_rng(3)
SHAPES = [(2, 3, 4, 3, 2), (2, 3, 2, 3, 2, 3), (2, 2, 3, 2, 3, 2, 2)]
FREE = [(), (0,), (0, 2), (0, 1, 2, 3, 4)]
"""Axes of which the size is not known when converting."""

Build = Callable[..., Value]


def spelled(build: Build, arrays: Sequence[Array], free: Sequence[int] = ()) -> tuple[Graph, list[Array]]:
    """Return the portable spelling of what `build` makes of inputs, and what it computes of `arrays`."""
    b = Builder()
    inputs = [
        b.input(
            f"x{i}", tuple(None if axis in free else size for axis, size in enumerate(array.shape)), array.dtype.name
        )
        for i, array in enumerate(arrays)
    ]
    graph = Graph([Port(f"x{i}", value) for i, value in enumerate(inputs)], [Port("y", build(b, *inputs))])
    found = portable(graph)
    results = run(found, {f"x{i}": array for i, array in enumerate(arrays)})
    return found, [results["y"]]


def ranks(graph: Graph, *ops: str) -> list[int]:
    """Return the ranks of what nodes of these ops work on."""
    return [max(value.rank or 0 for value in node.inputs) for node in graph.nodes() if node.op in ops]


def numbers(shape: Sequence[int]) -> Array:
    return np.asarray(RNG.normal(size=shape), np.float32)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("which", ["last", "some", "all"])
def test_padding(shape: tuple[int, ...], free: Sequence[int], which: str) -> None:
    padded = {"last": [len(shape) - 1], "some": [0, 2, 4], "all": range(len(shape))}[which]
    pads = [[1, axis % 3] if axis in padded else [0, 0] for axis in range(len(shape))]
    x = numbers(shape)
    graph, [y] = spelled(lambda b, x: b.PadV2(x, pads, 0.5), [x], free)
    np.testing.assert_array_equal(y, np.pad(x, pads, constant_values=np.float32(0.5)))
    assert max(ranks(graph, "PadV2")) <= 4


@pytest.mark.parametrize("mode", ["REFLECT", "SYMMETRIC"])
def test_padding_by_mirrors(mode: str) -> None:
    x = numbers((2, 3, 4, 3, 2))
    pads = [[0, 0], [1, 2], [0, 1], [1, 0], [1, 1]]
    graph, [y] = spelled(lambda b, x: b.MirrorPad(x, pads, mode=mode), [x])
    np.testing.assert_array_equal(y, np.pad(x, pads, mode=mode.lower()))  # type: ignore[call-overload]
    assert max(ranks(graph, "MirrorPad")) <= 4


@pytest.mark.parametrize("free", FREE)
def test_slices_with_steps(free: Sequence[int]) -> None:
    x = numbers((3, 4, 5, 4, 3))
    attrs = {
        "begin_mask": 0b10001,
        "end_mask": 0b10011,
        "shrink_axis_mask": 0b100,
        "new_axis_mask": 0,
        "ellipsis_mask": 0,
    }
    graph, [y] = spelled(
        lambda b, x: b.StridedSlice(x, [0, 3, 1, 1, 0], [0, 0, 2, 3, 0], [2, -1, 1, 1, -2], **attrs), [x], free
    )
    np.testing.assert_array_equal(y, x[::2, 3::-1, 1, 1:3, ::-2])
    steps = [node for node in graph.nodes() if node.op == "StridedSlice" and set(node.inputs[3].ints or ()) != {1}]
    assert steps
    assert all(node.inputs[0].rank == 3 or node.inputs[0].rank == 2 for node in steps)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("free", FREE)
def test_reversing(shape: tuple[int, ...], free: Sequence[int]) -> None:
    x = numbers(shape)
    graph, [y] = spelled(lambda b, x: b.ReverseV2(x, [1, -1]), [x], free)
    np.testing.assert_array_equal(y, np.flip(x, (1, -1)))
    assert max(ranks(graph, "ReverseV2")) <= 3


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("axis", [0, 2, -1])
def test_sums_on_the_way(shape: tuple[int, ...], axis: int) -> None:
    x = numbers(shape)
    graph, [y] = spelled(lambda b, x: b.Cumsum(x, axis, exclusive=False, reverse=False), [x], (0,))
    np.testing.assert_allclose(y, np.cumsum(x, axis), rtol=1e-5)
    assert max(ranks(graph, "Cumsum")) <= 3


@pytest.mark.parametrize("op", ["Cumsum", "Cumprod"])
@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("shape", [(5,), (2, 3, 4), (2, 3, 4, 3, 2)])
def test_cumulating_backwards(op: str, exclusive: bool, shape: tuple[int, ...]) -> None:
    x = numbers(shape)
    graph, [y] = spelled(lambda b, x: b.multi(op, x, 0, exclusive=exclusive, reverse=True)[0], [x], (0,))
    expected = (np.cumsum if op == "Cumsum" else np.cumprod)(x[::-1], 0)
    if exclusive:
        first = np.full_like(x[:1], op == "Cumprod")
        expected = np.concatenate([first, expected[:-1]])
    np.testing.assert_allclose(y, expected[::-1], rtol=1e-6)
    assert [node.attrs["reverse"] for node in graph.nodes() if node.op == op] == [False]


@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("shape", "axis"), [((5,), 0), ((2, 3), 0), ((2, 3, 4), 0), ((2, 3, 4, 3), 1), ((2, 3, 4, 3, 2), 2)]
)
def test_cumulating_integers(shape: tuple[int, ...], axis: int, reverse: bool, free: Sequence[int]) -> None:
    x = RNG.integers(-9, 9, shape).astype(np.int32)
    graph, [y] = spelled(lambda b, x: b.Cumsum(x, axis, exclusive=False, reverse=reverse), [x], free)
    turned = np.flip(x, axis) if reverse else x
    np.testing.assert_array_equal(y, np.flip(np.cumsum(turned, axis), axis) if reverse else np.cumsum(x, axis))
    assert max(ranks(graph, "Cumsum")) <= 4


@pytest.mark.parametrize("along", [[0], [-1], [0, 2], [0, 1, 2]])
def test_products_that_keep_their_axes(along: list[int]) -> None:
    x = numbers((2, 3, 4))
    graph, [y] = spelled(lambda b, x: b.Prod(x, along, keep_dims=True), [x], (0,))
    np.testing.assert_allclose(y, x.prod(tuple(along), keepdims=True), rtol=1e-6)
    assert [node.attrs["keep_dims"] for node in graph.nodes() if node.op == "Prod"] == [False]


@pytest.mark.parametrize("free", [(), (0,)])
def test_picked_by_many_coordinates(free: Sequence[int]) -> None:
    x = numbers((2, 3, 2, 2, 3, 2))
    places = np.array([[[1, 0, 1, 1, 2], [0, 2, 1, 0, 1]]], np.int32)
    graph, [y] = spelled(lambda b, x: b.GatherNd(x, b.const(places)), [x], free)
    np.testing.assert_array_equal(y, x[tuple(np.moveaxis(places, -1, 0))])
    assert "GatherNd" not in {node.op for node in graph.nodes()}


def test_places_of_many_coordinates() -> None:
    places = np.array([[1, 0, 1, 1, 2], [0, 2, 1, 0, 1], [1, 0, 1, 1, 2]], np.int32)
    updates = numbers((3, 2))

    def build(b: Builder, places: Value, updates: Value) -> Value:
        return b.ScatterNd(places, updates, [2, 3, 2, 2, 3, 2])

    graph, [y] = spelled(build, [places, updates], (0,))
    expected = np.zeros((2, 3, 2, 2, 3, 2), np.float32)
    np.add.at(expected, tuple(places.T), updates)
    np.testing.assert_array_equal(y, expected)
    assert [node.inputs[0].shape for node in graph.nodes() if node.op == "ScatterNd"] == [(None, 1)]


@pytest.mark.parametrize(
    "order",
    [(0, 1, 3, 2, 4, 5, 6), (0, 1, 3, 2, 4, 6, 5), (6, 5, 4, 3, 2, 1, 0), (0, 2, 4, 6, 1, 3, 5), (1, 0, 3, 2, 5, 4, 6)],
)
@pytest.mark.parametrize("free", FREE)
def test_transposing_at_rank_7(order: tuple[int, ...], free: Sequence[int]) -> None:
    x = numbers((2, 3, 2, 1, 3, 2, 2))
    graph, [y] = spelled(lambda b, x: b.Transpose(x, list(order)), [x], free)
    np.testing.assert_array_equal(y, np.transpose(x, order))
    assert max(ranks(graph, "Transpose")) <= 6


@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("small", [(3,), (4, 3), (4, 1, 3), (1,)])
def test_smaller_operands_get_the_rank_of_the_larger(small: tuple[int, ...], free: Sequence[int]) -> None:
    x, v = numbers((2, 3, 4, 4, 3)), numbers(small)
    graph, [y] = spelled(lambda b, x: b.Sub(b.const(v), x), [x], free)
    np.testing.assert_array_equal(y, v - x)
    assert all({value.rank for value in node.inputs} == {5} for node in graph.nodes() if node.op == "Sub")


@pytest.mark.parametrize("small", [(), (2,), (3, 1, 2), (2, 2, 3, 2, 3, 2, 2)])
def test_arithmetic_at_rank_7_is_done_at_low_rank(small: tuple[int, ...]) -> None:
    x, v = numbers((2, 2, 3, 2, 3, 2, 2)), numbers(small)
    graph, [y] = spelled(lambda b, x: b.Mul(x, b.const(v)), [x], (0,))
    np.testing.assert_array_equal(y, x * v)
    assert max(ranks(graph, "Mul")) <= 6


@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 3, 4, 4, 3), (2, 3, 4, 4, 3), (2, 3, 4, 4, 3)),
        ((2, 3, 4, 4, 3), (2, 3, 4, 4, 3), ()),
        ((2, 3, 1, 1, 1), (2, 3, 4, 4, 3), (3,)),
        ((2, 3, 4, 4, 3), (1, 1, 4, 4, 3), (2, 3, 4, 4, 3)),
        ((2, 1, 4, 1, 3), (1, 3, 1, 4, 1), (2, 3, 4, 4, 3)),
    ],
)
def test_choices(shapes: Sequence[tuple[int, ...]], free: Sequence[int]) -> None:
    condition, *both = [numbers(shape) for shape in shapes]
    sized = [axis for axis in free if all(len(shape) < 5 or shape[axis] != 1 for shape in shapes)]

    def build(b: Builder, *values: Value) -> Value:
        return b.SelectV2(b.Greater(values[0], 0.0), *values[1:])

    graph, [y] = spelled(build, [condition, *both], sized)
    np.testing.assert_array_equal(y, np.where(condition > 0, *both))
    assert max(ranks(graph, "SelectV2")) <= 4


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_whole_quotients(dtype: str) -> None:
    x, v = (10 * numbers((2, 3, 4))).astype(dtype), np.array([0.4, 3, 7]).astype(dtype) + (dtype == "int32")
    graph, [y] = spelled(lambda b, x: b.FloorDiv(x, b.const(v[:, None])), [x], (0,))
    np.testing.assert_array_equal(y, x // v[:, None])
    assert [node.op for node in graph.nodes() if "Div" in node.op] == ["RealDiv" if dtype == "float32" else "FloorDiv"]


def test_quotients_or_zero() -> None:
    x, v = numbers((2, 3, 4, 4, 3)), np.round(numbers((4, 4, 3)))
    graph, [y] = spelled(lambda b, x: b.DivNoNan(x, b.const(v)), [x], (0,))
    np.testing.assert_array_equal(y, np.divide(x, v, out=np.zeros_like(x), where=np.broadcast_to(v, x.shape) != 0))
    assert max(ranks(graph, "DivNoNan")) <= 4


@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("along", [(-1,), (0, 1, 4), (2,), (0, 1, 2, 3, 4, 5, 6)])
@pytest.mark.parametrize("keep", [False, True])
def test_reductions_at_rank_7(along: Sequence[int], keep: bool, free: Sequence[int]) -> None:
    x = numbers((2, 2, 3, 2, 3, 2, 2))
    graph, [y] = spelled(lambda b, x: b.Max(x, list(along), keep_dims=keep), [x], free)
    np.testing.assert_array_equal(y, x.max(tuple(along), keepdims=keep))
    assert max(ranks(graph, "Max")) <= 6


@pytest.mark.parametrize("free", FREE)
def test_functions_at_rank_7(free: Sequence[int]) -> None:
    x = numbers((2, 2, 3, 2, 3, 2, 2))
    graph, [y] = spelled(lambda b, x: b.ClipByValue(b.Neg(x), -0.5, 0.5), [x], free)
    np.testing.assert_array_equal(y, np.clip(-x, np.float32(-0.5), np.float32(0.5)))
    assert ranks(graph, "Neg", "ClipByValue") == [1, 1]


def test_slopes() -> None:
    x, slope = numbers((2, 3, 4, 4, 3)), np.abs(numbers((4, 4, 3)))
    graph, [y] = spelled(lambda b, x: b.Prelu(x, b.const(slope)), [x], (0,))
    np.testing.assert_array_equal(y, np.where(x > 0, x, x * slope))
    assert max(ranks(graph, "Prelu")) <= 4


def test_each_box_gets_its_image() -> None:
    b = Builder()
    images, boxes = b.input("images", (2, 8, 9, 3), "float32"), b.input("boxes", (3, 4), "float32")
    which = b.input("which", (None,), "int32")
    attrs: dict[str, Any] = {"method": "bilinear", "extrapolation_value": 0.0}
    for index in (which, b.const([1, 0, 1], "int32")):
        crops = b.CropAndResize(images, boxes, index, [4, 5], **attrs)
        ports = [Port(value.node.name, value) for value in (images, boxes, which)]
        graph = portable(Graph(ports, [Port("y", crops)]))
        [node] = [node for node in graph.nodes() if node.op == "CropAndResize"]
        assert node.inputs[0].node.op == "GatherV2"
        assert node.inputs[2].ints in ((0, 1, 2), None)
    same = b.CropAndResize(images, boxes, [0, 1, 2], [4, 5], **attrs)
    graph = portable(Graph(ports, [Port("y", same)]))
    assert "GatherV2" not in {node.op for node in graph.nodes()}


@pytest.mark.parametrize("op", ["ArgMax", "ArgMin"])
def test_the_place_in_a_vector(op: str) -> None:
    x = numbers((7,))
    graph, [y] = spelled(lambda b, x: b.multi(op, x, 0, output_type="int32")[0], [x], (0,))
    assert y == (np.argmax if op == "ArgMax" else np.argmin)(x)
    assert y.shape == ()
    assert ranks(graph, op) == [2]


def test_what_is_right_everywhere_stays() -> None:
    b = Builder()
    x = b.input("x", (None, 4, 4, 3), "float32")
    y = b.PadV2(b.Add(x, b.const(numbers((3,)))), [[0, 0], [1, 1], [1, 1], [0, 0]], 0.0)
    y = b.Transpose(b.SelectV2(b.Greater(y, 0.0), y, b.const(0.0)), [0, 3, 1, 2])
    graph = Graph([Port("x", x)], [Port("y", y)])
    assert str(portable(graph)) == str(graph)


def _masked(op: str, number: float) -> Graph:
    b = Builder()
    x = b.input("x", (None, 5), "float32")
    y = b.multi(op, b.SelectV2(b.Greater(x, 0.0), x, number), [1])[0]
    return portable(Graph([Port("x", x)], [Port("y", y)]))


@pytest.mark.parametrize(("op", "number"), [("Max", -np.inf), ("Max", -3e38), ("Min", np.inf), ("Min", 1e30)])
def test_a_mask_that_webgl_starts_beyond_is_put_back(op: str, number: float) -> None:
    graph = _masked(op, number)
    ops = [node.op for node in graph.nodes() if node.op != "Const"]
    assert ops[-4:] == [op, "LessEqual" if op == "Max" else "GreaterEqual", "LogicalNot", "SelectV2"]
    found = run(graph, {"x": np.array([[1, -2, 3, -4, 5], [-1, -2, -3, -4, -5]], np.float32)})["y"]
    assert found.tolist() == [5.0 if op == "Max" else 1.0, np.float32(number)]


@pytest.mark.parametrize(("op", "number"), [("Max", -1e9), ("Max", np.inf), ("Min", -np.inf), ("Min", 0.0)])
def test_other_numbers_need_no_putting_back(op: str, number: float) -> None:
    assert [node.op for node in _masked(op, number).nodes()][-1] == op


def test_beyond_the_ranks_of_webgpu_a_mask_is_put_back_and_axes_are_merged() -> None:
    b = Builder()
    x = b.input("x", SHAPES[2], "float32")
    y = b.multi("Max", b.SelectV2(b.Greater(x, 9.0), x, -np.inf), [1, 2])[0]
    graph = portable(Graph([Port("x", x)], [Port("y", y)]))
    assert max(ranks(graph, "Max")) == 3
    assert (run(graph, {"x": np.zeros(SHAPES[2], np.float32)})["y"] == -np.inf).all()
