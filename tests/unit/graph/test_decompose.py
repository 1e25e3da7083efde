"""Decompositions give the numbers of the op that they stand for, in ops of TensorFlow.js."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import Lowering, decompose
from tfjs_build.convert.graph.ir import Array, Graph, Node, Port, Value
from tfjs_build.convert.graph.ops import tfjs_op
from tfjs_build.convert.graph.sizes import surely_some
from tfjs_build.errors import RefusedError

RNG = np.random.default_rng(7)
X = RNG.normal(size=(3, 4)).astype(np.float32)
POSITIVE = np.abs(X) + np.float32(0.1)


def lowered(
    op: str, arrays: Sequence[Any], dtypes: Sequence[str], attrs: dict[str, Any], outputs: int = 1
) -> list[Any]:
    """Return what the decomposition of `op` computes, run on inputs of free batch size."""
    b = Lowering()
    inputs = []
    feeds = {}
    for i, (array, dtype) in enumerate(zip(arrays, dtypes, strict=True)):
        array = np.asarray(array)
        if dtype.startswith("const "):
            inputs.append(b.const(array, dtype.removeprefix("const ")))
        else:
            shape = (None, *array.shape[1:]) if array.ndim else ()
            inputs.append(b.input(f"x{i}", shape, dtype))
            feeds[f"x{i}"] = array
    made = b.node(op, inputs, attrs, name="layer/op")
    ports = [Port(value.node.name, value) for value in inputs if value.node.op == "Placeholder"]
    graph = decompose(Graph(ports, [Port(f"y{i}", made[i]) for i in range(outputs)]))
    unknown = [node.op for node in graph.nodes() if tfjs_op(node.op) is None]
    assert unknown == []
    results = run(graph, feeds)
    return [results[f"y{i}"] for i in range(outputs)]


def one(op: str, arrays: Sequence[Any], dtype: str = "float32", **attrs: Any) -> Array:
    return np.asarray(lowered(op, arrays, [dtype] * len(arrays), attrs)[0])


@pytest.mark.parametrize(
    ("op", "arrays", "expected"),
    [
        ("Erfc", [X], np.vectorize(math.erfc)(X)),
        ("Softsign", [X], X / (1 + np.abs(X))),
        ("Inv", [X], 1 / X),
        ("Rint", [X * 3], np.rint(X * 3)),
        ("Xlogy", [np.where(X > 0, X, 0), np.zeros_like(X) + (X > 0)], np.zeros_like(X)),
        ("Xdivy", [np.zeros_like(X), np.zeros_like(X)], np.zeros_like(X)),
        ("MulNoNan", [np.full_like(X, np.inf), np.zeros_like(X)], np.zeros_like(X)),
        ("FloorDiv", [X, POSITIVE], np.floor(X / POSITIVE)),
        ("Mod", [X * 4, POSITIVE], np.fmod(X * 4, POSITIVE)),
    ],
)
def test_maths(op: str, arrays: list[Array], expected: Array) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        np.testing.assert_allclose(one(op, arrays), expected, rtol=1e-5, atol=1e-6)


WHOLE, STEPS = np.arange(-9, 9).reshape(3, 6), np.array([[1, 2, 3, -1, -2, -3]] * 3)


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("TruncateDiv", np.trunc(WHOLE / STEPS)),
        ("Div", np.trunc(WHOLE / STEPS)),
        ("TruncateMod", np.fmod(WHOLE, STEPS)),
        ("FloorDiv", WHOLE // STEPS),
    ],
)
def test_integer_division(op: str, expected: Array) -> None:
    result = one(op, [WHOLE, STEPS], "int32")
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == np.int32


def test_the_mean_of_integers_is_cut_off() -> None:
    values = np.array([[-3, -4], [3, 4]])
    result = lowered("Mean", [values, [1]], ["int32", "const int32"], {})[0]
    np.testing.assert_array_equal(result, [-3, 3])


@pytest.mark.parametrize(("dtype", "expected"), [("uint8", [44, 200]), ("int8", [44, -56])])
def test_types_of_few_bits_wrap_around(dtype: str, expected: list[int]) -> None:
    result = lowered("Cast", [[300, 200]], ["int32"], {"DstT": dtype})[0]
    np.testing.assert_array_equal(result, expected)
    b = Builder()
    x = b.input("x", (1,), dtype)
    graph = decompose(Graph([Port("x", x)], [Port("y", x + x)]))
    np.testing.assert_array_equal(run(graph, {"x": [100]})["y"], [200 if dtype == "uint8" else -56])


def test_a_cast_to_bool_asks_whether_a_number_is_zero() -> None:
    np.testing.assert_array_equal(one("Cast", [[[0.0, 0.5, 256.0, -1.0]]], DstT="bool"), [[False, True, True, True]])


def test_selections() -> None:
    rows = lowered("Select", [[True, False, True], X, -X], ["bool", "float32", "float32"], {})[0]
    np.testing.assert_array_equal(rows, np.where(np.array([True, False, True])[:, None], X, -X))
    np.testing.assert_array_equal(one("Bucketize", [X], boundaries=[-0.5, 0.0, 0.5]), np.digitize(X, [-0.5, 0.0, 0.5]))
    places = [[0, 2, -1, 5]]
    for axis in (-1, 0, 1):
        arguments = [places, 3, 2.0, -1.0]
        types = ["int32", "const int32", "const float32", "const float32"]
        hot = lowered("OneHot", arguments, types, {"axis": axis})[0]
        plain = np.where(np.array(places)[..., None] == np.arange(3), 2.0, -1.0)
        np.testing.assert_array_equal(hot, np.moveaxis(plain, -1, axis))


@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize(("on", "off", "dtype"), [(2.0, -1.0, "float32"), (1, 0, "int32"), (True, False, "bool")])
@pytest.mark.parametrize(("depth", "kind"), [(1, "const int32"), (1, "int32"), (0, "int32"), (3, "int32")])
def test_one_hot_vectors_that_may_be_shorter_than_two(
    depth: int, kind: str, on: Any, off: Any, dtype: str, axis: int
) -> None:
    places = np.array([[0, 1, -1], [2, 0, 0]])
    types = ["int32", kind, f"const {dtype}", f"const {dtype}"]
    hot = lowered("OneHot", [places, depth, on, off], types, {"axis": axis})[0]
    expected = np.moveaxis(np.where(places[..., None] == np.arange(depth), on, off), -1, axis)
    np.testing.assert_array_equal(hot, expected)
    assert hot.dtype == expected.astype(dtype).dtype


def test_segments_and_partitions() -> None:
    ids = [2, 0, 2]
    total = lowered("UnsortedSegmentSum", [X, ids, 4], ["float32", "int32", "const int32"], {})[0]
    np.testing.assert_allclose(total, np.stack([X[1], X[0] * 0, X[0] + X[2], X[0] * 0]), rtol=1e-6)
    mean = lowered("SegmentMean", [X, [0, 0, 2]], ["float32", "int32"], {})[0]
    np.testing.assert_allclose(mean, np.stack([(X[0] + X[1]) / 2, X[0] * 0, X[2]]), rtol=1e-6)
    parts = lowered("DynamicPartition", [X, [1, 0, 1]], ["float32", "int32"], {"num_partitions": 2}, 2)
    np.testing.assert_array_equal(parts[1], X[[0, 2]])
    joined = lowered("DynamicStitch", [[2, 0], [1], X[:2], X[2:]], ["int32"] * 2 + ["float32"] * 2, {"N": 2})[0]
    np.testing.assert_array_equal(joined, X[[1, 2, 0]])


@pytest.mark.parametrize(("axis", "batch"), [(1, 1), (2, 1), (2, 2), (1, 0), (-1, -1)])
def test_gathering_within_batches(axis: int, batch: int) -> None:
    x = RNG.normal(size=(2, 3, 4)).astype(np.float32)
    shapes = {0: (2, 5), 1: (2, 5), 2: (2, 3, 5), -1: (2, 5)}
    indices = RNG.integers(0, 3, shapes[batch])
    result = lowered("GatherV2", [x, indices, axis], ["float32", "int32", "const int32"], {"batch_dims": batch})[0]
    depth = batch % indices.ndim
    expected = np.stack(
        [np.take(x[place], indices[place], axis=axis % 3 - depth) for place in np.ndindex(*x.shape[:depth])]
    ).reshape(*x.shape[:depth], *np.take(x[(0,) * depth], indices[(0,) * depth], axis=axis % 3 - depth).shape)
    np.testing.assert_array_equal(result, expected)


def test_reverse_sequence() -> None:
    result = lowered("ReverseSequence", [X, [1, 3, 4]], ["float32", "int32"], {"seq_dim": 1, "batch_dim": 0})[0]
    expected = [X[0], [*X[1][2::-1], X[1][3]], X[2][::-1]]
    np.testing.assert_array_equal(result, np.array(expected))


@pytest.mark.parametrize("shift", [1, -1, 5])
def test_roll(shift: int) -> None:
    for kinds in (["float32", "const int32", "const int32"], ["float32", "int32", "const int32"]):
        np.testing.assert_array_equal(lowered("Roll", [X, shift, 1], kinds, {})[0], np.roll(X, shift, 1))


def test_bands_and_diagonals() -> None:
    square = RNG.normal(size=(2, 4, 4)).astype(np.float32)
    types = ["float32", "const int32", "const int32"]
    band = lowered("MatrixBandPart", [square, 1, 0], types, {})[0]
    np.testing.assert_array_equal(band, np.tril(square) - np.tril(square, -2))
    np.testing.assert_array_equal(one("MatrixDiagPart", [square]), np.diagonal(square, axis1=1, axis2=2))
    np.testing.assert_array_equal(one("MatrixDiag", [X]), np.stack([np.diag(row) for row in X]))


EQUATIONS = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,kj->ki", [(2, 3), (4, 3)]),
    ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
    ("abcd,aecd->acbe", [(2, 3, 4, 5), (2, 6, 4, 5)]),
    ("abc,cde->abde", [(2, 3, 4), (4, 5, 6)]),
    ("...x,xyz->...yz", [(2, 3, 4), (4, 5, 6)]),
    ("i...,j...->ij...", [(2, 4), (3, 4)]),
    ("ij,ij->i", [(2, 3), (2, 3)]),
    ("ij,kl->ikjl", [(2, 3), (4, 5)]),
    ("ij,kj->", [(2, 3), (4, 3)]),
    ("ijk->kj", [(2, 3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
]


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum(equation: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = [RNG.normal(size=shape).astype(np.float32) for shape in shapes]
    result = one("Einsum", arrays, equation=equation, N=len(arrays))
    np.testing.assert_allclose(result, np.einsum(equation, *arrays), rtol=1e-4, atol=1e-5)


def test_batch_normalization_in_training_mode() -> None:
    image = RNG.normal(size=(2, 3, 4, 5)).astype(np.float32)
    scale, offset = POSITIVE[0], X[0]
    for layout, axes in (("NHWC", (0, 1, 2)), ("NCHW", (0, 2, 3))):
        x = image[..., :4] if layout == "NHWC" else np.moveaxis(image[..., :4], -1, 1)
        nothing = np.zeros(0, np.float32)
        attrs = {"epsilon": 0.01, "data_format": layout, "is_training": True}
        types = ["float32"] + ["const float32"] * 4
        y, mean, variance = lowered("FusedBatchNormV3", [x, scale, offset, nothing, nothing], types, attrs, 3)
        spread = (1, -1, 1, 1) if layout == "NCHW" else (-1,)
        expected_mean, expected_variance = x.mean(axes), x.var(axes)
        expected = (x - expected_mean.reshape(spread)) / np.sqrt(expected_variance.reshape(spread) + 0.01)
        expected = expected * scale.reshape(spread) + offset.reshape(spread)
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(mean, expected_mean, rtol=1e-4, atol=1e-6)
        count = x.size / 4
        np.testing.assert_allclose(variance, expected_variance * count / (count - 1), rtol=1e-4)


CONV: dict[str, Any] = {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [1, 1, 1, 1]}


@pytest.mark.parametrize(("channels", "op"), [(1, "DepthwiseConv2dNative"), (2, "ConcatV2")])
def test_groups(channels: int, op: str) -> None:
    x = RNG.normal(size=(2, 4, 5, 4)).astype(np.float32)
    kernel = RNG.normal(size=(3, 3, channels, 8)).astype(np.float32)
    result = lowered("Conv2D", [x, kernel], ["float32", "const float32"], dict(CONV))[0]
    groups = 4 // channels
    width = 8 // groups
    parts = []
    for g in range(groups):
        image = x[..., g * channels : (g + 1) * channels]
        parts.append(one("Conv2D", [image, kernel[..., g * width : (g + 1) * width]], **CONV))
    np.testing.assert_allclose(result, np.concatenate(parts, -1), rtol=1e-5, atol=1e-5)


def test_channels_first() -> None:
    x = RNG.normal(size=(2, 3, 5, 6)).astype(np.float32)
    kernel = RNG.normal(size=(3, 3, 3, 4)).astype(np.float32)
    attrs = {"strides": [1, 1, 2, 2], "padding": "SAME", "dilations": [1, 1, 1, 1], "data_format": "NCHW"}
    result = lowered("Conv2D", [x, kernel], ["float32", "const float32"], attrs)[0]
    last = one("Conv2D", [np.moveaxis(x, 1, -1), kernel], **{**CONV, "strides": [1, 2, 2, 1]})
    np.testing.assert_allclose(result, np.moveaxis(last, -1, 1), rtol=1e-5, atol=1e-5)


def test_what_tensorflows_optimizer_fused_is_taken_apart() -> None:
    attrs = {"fused_ops": ["BiasAdd", "Tanh"], "num_args": 1}
    arrays = [X, POSITIVE.T, POSITIVE[0, :3]]
    result = lowered("_FusedMatMul", arrays, ["float32", "const float32", "const float32"], attrs)[0]
    np.testing.assert_allclose(result, np.tanh(X @ POSITIVE.T + POSITIVE[0, :3]), rtol=1e-5)


def test_fake_quantization() -> None:
    levels = one("FakeQuantWithMinMaxArgs", [X], min=-1.0, max=2.0, num_bits=4)
    step = 3 / 15
    np.testing.assert_allclose(levels, np.round(np.clip(X, -1, 2) / step) * step, atol=1e-6)


Patterns = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"[^a-z]", "[^a-z]"),
        (r"[A-Z]+", r"[\x41-\x5a]+"),
        (r"\W", r"[^\w]"),
        (r"\s", r"[\t\n\f\r ]"),
        (r"[\s,]", r"[\t\n\f\r ,]"),
        ("é", r"\u00e9"),
        ("😀", r"\ud83d\ude00"),
        (r"\.\-x", r"\.\-x"),
    ],
)
def test_patterns(pattern: str, expected: str) -> None:
    b = Builder()
    x = b.input("x", (None,), "string")
    y = b.node("StaticRegexReplace", [x], {"pattern": pattern, "rewrite": "$", "replace_global": True})[0]
    [node] = [n for n in decompose(Graph([Port("x", x)], [Port("y", y)])).nodes() if n.op == "StaticRegexReplace"]
    assert node.attrs["pattern"] == expected
    assert node.attrs["rewrite"] == "$$"
    assert node.attrs["pattern"] == node.attrs["pattern"].lower()


@pytest.mark.parametrize(
    ("op", "attrs", "text"),
    [
        ("StaticRegexReplace", {"pattern": r"\p{L}", "rewrite": ""}, "no JavaScript counterpart"),
        ("StaticRegexReplace", {"pattern": "a", "rewrite": "A"}, "lower-cases"),
        ("StringLower", {"encoding": "utf-8"}, "beyond ASCII"),
    ],
)
def test_strings_that_are_refused(op: str, attrs: dict[str, Any], text: str) -> None:
    b = Builder()
    x = b.input("x", (None,), "string")
    y = b.node(op, [x], attrs, name="text/op")[0]
    with pytest.raises(RefusedError, match=text) as caught:
        decompose(Graph([Port("x", x)], [Port("y", y)]))
    assert "text/op" in caught.value.message


def test_segments_of_nothing() -> None:
    """Sums and products of nothing are errors on some backends, and whatever stands in memory on others."""
    b = Lowering()
    data, ids = b.input("data", (None, 2), "float32"), b.input("ids", (None,), "int32")
    sums = {"sum": b.UnsortedSegmentSum(data, ids, 3), "sorted": b.SegmentSum(data, ids)}
    ports = [Port("data", data), Port("ids", ids)]
    graph = decompose(Graph(ports, [Port(name, value) for name, value in sums.items()]))
    nothing = run(graph, {"data": np.zeros((0, 2), np.float32), "ids": []})
    assert (nothing["sum"].tolist(), nothing["sorted"].tolist()) == ([[0, 0]] * 3, [])
    some = run(graph, {"data": [[1, 2], [3, 4], [5, 6]], "ids": [0, 0, 1]})
    assert (some["sum"].tolist(), some["sorted"].tolist()) == ([[4, 6], [5, 6], [0, 0]], [[4, 6], [5, 6]])


def test_rows_of_nothing_are_filled() -> None:
    b = Lowering()
    values, rows = b.input("values", (None,), "float32"), b.input("rows", (None,), "int32")
    inputs = [b.const([-1, -1], "int32"), values, b.const(-1.0), b.const(2, "int32"), rows]
    attrs = {"row_partition_types": ["FIRST_DIM_SIZE", "VALUE_ROWIDS"]}
    y = b.node("RaggedTensorToTensor", inputs, attrs)[0]
    graph = decompose(Graph([Port("values", values), Port("rows", rows)], [Port("y", y)]))
    assert run(graph, {"values": [], "rows": []})["y"].shape == (2, 0)
    assert run(graph, {"values": [5.0, 6.0], "rows": [1, 1]})["y"].tolist() == [[-1, -1], [5, 6]]
    empty = [node.op for node in graph.nodes() if node.op == "Sum" and not surely_some(node.inputs[0].node.inputs[0])]
    assert empty == []


@pytest.mark.parametrize(
    ("shape", "ops"),
    [
        ((None,), ["ConcatV2", "LookupTableFindV2", "StridedSlice"]),
        ((0,), ["ConcatV2", "LookupTableFindV2", "StridedSlice"]),
        ((3,), ["LookupTableFindV2"]),
    ],
)
@pytest.mark.parametrize("dtype", ["string", "int64"])
def test_one_key_at_least_is_looked_up(shape: tuple[int | None, ...], ops: list[str], dtype: str) -> None:
    """TensorFlow.js fails where there is none."""

    def look_up(b: Builder, x: Value) -> Value:
        attrs = {"shared_name": "table", "key_dtype": dtype, "value_dtype": "int64"}
        table = b.node("HashTableV2", [], attrs, given=[((), "resource")])[0]
        return b.LookupTableFindV2(table, x, b.const(-1, "int64"))

    nodes = [node for node in nodes_of(look_up, shape, dtype) if node.op != "HashTableV2"]
    assert [node.op for node in nodes] == ops
    assert nodes[-1].outputs[0].rank == 1
    again = decompose(Graph([], [Port("y", nodes[-1].outputs[0])]))
    assert [node.op for node in again.nodes() if node.op in ops] == ops


def nodes_of(build: Callable[[Builder, Value], Value], shape: tuple[int | None, ...] | None, dtype: str) -> list[Node]:
    b = Builder()
    x = b.input("x", shape, dtype)
    return [n for n in decompose(Graph([Port("x", x)], [Port("y", build(b, x))])).nodes() if n.op != "Const"][1:]


def test_kernels_of_single_backends_are_spared_what_they_get_wrong() -> None:
    """wasm: bools of one byte, steps other than 1; cpu: a scatter into the tensor itself."""
    ops = [n.op for n in nodes_of(lambda b, x: b.ReverseV2(x, [0]), (4,), "bool")]
    assert ops == ["Cast", "ReverseV2", "NotEqual"] or ops == ["Cast", "ReverseV2", "ZerosLike", "NotEqual"]
    steps = nodes_of(lambda b, x: b.StridedSlice(x, [0], [0], [2], begin_mask=1, end_mask=1), (4,), "int32")
    assert [n.op for n in steps] == ["GatherV2"]
    scattered = nodes_of(lambda b, x: b.TensorScatterUpdate(x, [[1]], [5.0]), (4,), "float32")
    assert [n.op for n in scattered] == ["Maximum", "TensorScatterUpdate"]
    hot = nodes_of(lambda b, x: b.OneHot(x, 3, 1.0, 0.0), (4,), "int32")
    assert [(n.op, n.outputs[0].dtype) for n in hot] == [("OneHot", "int32"), ("Cast", "float32")]


def test_one_hot_vectors_of_one_entry_are_comparisons() -> None:
    """TensorFlow.js takes no depth below 2."""
    for shape in ((4,), None):
        alone = nodes_of(lambda b, x: b.OneHot(x, 1, 1.0, 0.0), shape, "int64")
        assert [n.op for n in alone] == ["ExpandDims", "Equal", "Cast"]
    counted = nodes_of(lambda b, x: b.OneHot(x, b.Size(x), True, False), (None,), "int32")
    assert "OneHot" not in [n.op for n in counted]


def test_products_of_stacks_with_a_matrix_are_one_product() -> None:
    stacks, matrix = RNG.normal(size=(2, 5, 3, 4)).astype(np.float32), RNG.normal(size=(6, 4)).astype(np.float32)
    np.testing.assert_allclose(
        one("BatchMatMulV2", [stacks, matrix], adj_y=True), stacks @ matrix.T, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    ("first", "second", "repeated"),
    [
        ((2, 3, 2, 4), (2, 3, 4, 2), False),
        ((2, 3, 2, 4), (3, 4, 2), False),
        ((1, 2, 4), (5, 4, 2), False),
        ((1, 3, 2, 4), (2, 3, 4, 2), False),
        ((2, 1, 2, 4), (1, 3, 4, 2), True),
        ((2, 3, 2, 4), (2, 1, 4, 2), True),
    ],
)
def test_stacks_are_repeated_where_their_numbers_would_mix(
    first: tuple[int, ...], second: tuple[int, ...], repeated: bool
) -> None:
    b = Lowering()
    x, y = b.input("x", first, "float32"), b.input("y", second, "float32")
    product = b.BatchMatMulV2(x, y)
    assert ("BroadcastTo" in [node.op for node in Graph([], [Port("z", product)]).nodes()]) == repeated
    a, c = RNG.normal(size=first).astype(np.float32), RNG.normal(size=second).astype(np.float32)
    result = run(Graph([Port("x", x), Port("y", y)], [Port("z", product)]), {"x": a, "y": c})["z"]
    np.testing.assert_allclose(result, a @ c, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "settings"),
    [
        (16, 3, 4, ("VALID", [])),
        (15, 3, 4, ("VALID", [])),
        (18, 3, 4, ("EXPLICIT", [0, 0, 0, 1, 0, 1, 0, 0])),
        (13, 3, 4, ("EXPLICIT", [0, 0, 1, 1, 1, 1, 0, 0])),
        (16, 4, 4, ("SAME", None)),
        (None, 3, 4, ("SAME", None)),
        (None, 1, 2, ("VALID", [])),
    ],
)
def test_a_kernel_below_its_strides_pads_by_numbers(
    size: int | None, kernel: int, stride: int, settings: tuple[str, list[int] | None]
) -> None:
    b = Lowering()
    x = b.input("x", (None, size, size, 2), "float32")
    weights = b.const(np.ones((kernel, kernel, 2, 3), np.float32))
    conv = b.Conv2D(x, weights, strides=[1, stride, stride, 1], padding="SAME").node
    assert (conv.attrs["padding"], conv.attrs.get("explicit_paddings")) == settings


def test_bits_by_arithmetic() -> None:
    numbers, places = np.array([[-99, 0, 7]], np.int32), np.array([[3, 2, 0]], np.int32)
    np.testing.assert_array_equal(one("Invert", [numbers], "int32"), ~numbers)
    np.testing.assert_array_equal(one("LeftShift", [numbers, places], "int32"), numbers << places)
    np.testing.assert_array_equal(one("RightShift", [numbers, places], "int32"), numbers >> places)


def test_the_sign_of_minus_zero() -> None:
    b = Lowering()
    x = b.input("x", (4,), "float32")
    bits = b.node("Bitcast", [x], {"type": "int32"}, given=[((4,), "int32")])[0]
    sign = b.Less(b.BitwiseAnd(bits, b.const(-(2**31), "int32")), 0)
    result = run(Graph([Port("x", x)], [Port("y", sign)]), {"x": [0.0, -0.0, 2.0, -2.0]})["y"]
    assert result.tolist() == [False, True, False, True]


@pytest.mark.parametrize("exponent", [-9, -5, -2, -1])
def test_log1p_keeps_its_digits_near_zero(exponent: int) -> None:
    x = np.float32(10.0**exponent) * np.array([[1, -1, 0.99]], np.float32)
    np.testing.assert_allclose(one("Log1p", [x]), np.log1p(x.astype(np.float64)), rtol=3e-7)


@pytest.mark.parametrize(("shape", "columns"), [([-1, -1], 3), ([-1, 2], 2), ([-1, 5], 5), (-1, 3)])
@pytest.mark.parametrize("by_rows", [False, True])
def test_ragged_rows_are_filled_and_cut(shape: Any, columns: int, by_rows: bool) -> None:
    values = np.arange(1, 6, dtype=np.float32)
    rows = [[1, 2], [], [3, 4, 5]]
    expected = [(row + [-1] * columns)[:columns] for row in rows]
    partitions: list[Any] = [3, [0, 0, 2, 2, 2]] if by_rows else [[0, 2, 2, 5]]
    types = ["FIRST_DIM_SIZE", "VALUE_ROWIDS"] if by_rows else ["ROW_SPLITS"]
    inputs = [shape, values, np.float32(-1), *partitions]
    dtypes = ["const int32", "float32", "const float32", *(["const int32"] * len(partitions))]
    [result] = lowered("RaggedTensorToTensor", inputs, dtypes, {"row_partition_types": types})
    assert result.tolist() == expected


def test_complex_numbers_move_by_their_parts() -> None:
    b = Lowering()
    x, y = b.input("x", (2, 3), "float32"), b.input("y", (2, 3), "float32")
    turned = b.Transpose(b.Exp(b.Complex(x, y)) / b.Complex(b.const(2.0), b.const(1.0)), [1, 0])
    graph = Graph([Port("x", x), Port("y", y)], [Port("real", b.Real(turned)), Port("imaginary", b.Imag(turned))])
    moved = [node for node in graph.nodes() if node.op in ("Transpose", "Exp", "RealDiv")]
    assert moved and all(value.dtype == "float32" for node in moved for value in node.inputs[:1])
    first, second = RNG.normal(size=(2, 2, 3)).astype(np.float32)
    result = run(graph, {"x": first, "y": second})
    expected = (np.exp(first + 1j * second) / (2 + 1j)).T
    np.testing.assert_allclose(result["real"] + 1j * result["imaginary"], expected, rtol=1e-5)


@pytest.mark.parametrize("method", ["lanczos3", "triangle", "keyscubic", "gaussian", "mitchellcubic", "box"])
def test_resampling_keeps_a_flat_image_flat_and_bounds_its_reach(method: str) -> None:
    image = np.full((1, 9, 12, 2), 3, np.float32)
    scale, shift = np.array([5 / 9, 2], np.float32), np.zeros(2, np.float32)
    inputs = [image, [5, 24], scale, shift]
    attrs = {"kernel_type": method, "antialias": True}
    b = Lowering()
    x = b.input("x", (None, 9, 12, 2), "float32")
    constants = [b.const(np.asarray(each)) for each in inputs[1:]]
    y = b.node("ScaleAndTranslate", [x, *constants], attrs, given=[((None, 5, 24, 2), "float32")])[0]
    result = run(Graph([Port("x", x)], [Port("y", y)]), {"x": image})["y"]
    np.testing.assert_allclose(result, np.full((1, 5, 24, 2), 3), rtol=1e-6)


def test_resampling_of_a_free_size_is_refused() -> None:
    b = Lowering()
    x = b.input("x", (1, None, 6, 3), "float32")
    with pytest.raises(RefusedError, match="all sizes are known") as caught:
        b.node("ResizeArea", [x, b.const([2, 2])], {}, given=[((1, 2, 2, 3), "float32")])
    assert "signature" in (caught.value.hint or "")


@pytest.mark.parametrize("equation", ["ii->i", "ii->", "bii,ij->bj", "bibj,j->i"])
def test_einsum_takes_diagonals(equation: str) -> None:
    terms = equation.partition("->")[0].split(",")
    sizes = {"b": 3, "i": 4, "j": 2}
    arrays = [RNG.normal(size=[sizes[letter] for letter in term]).astype(np.float32) for term in terms]
    b = Lowering()
    inputs = [b.input(f"x{i}", array.shape, "float32") for i, array in enumerate(arrays)]
    y = b.node("Einsum", inputs, {"equation": equation})[0]
    graph = Graph([Port(f"x{i}", value) for i, value in enumerate(inputs)], [Port("y", y)])
    result = run(graph, {f"x{i}": array for i, array in enumerate(arrays)})["y"]
    np.testing.assert_allclose(result, np.einsum(equation, *arrays), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("offset", [-3, -1, 0, 2, 4])
def test_diagonals_of_any_matrix(offset: int) -> None:
    x = RNG.normal(size=(2, 4, 5)).astype(np.float32)
    b = Lowering()
    value = b.input("x", x.shape, "float32")
    y = b.MatrixDiagPartV3(value, b.const(offset, "int32"), b.const(0.0))
    result = run(Graph([Port("x", value)], [Port("y", y)]), {"x": x})["y"]
    np.testing.assert_array_equal(result, np.diagonal(x, offset, 1, 2))


@pytest.mark.parametrize(("length", "there"), [(8, 5), (6, 4), (12, 7)])
def test_a_spectrum_is_brought_to_its_length(length: int, there: int) -> None:
    b = Lowering()
    x = b.input("x", (None, 5), "float32")
    spectrum = b.Complex(x, x)
    node = b.IRFFT(spectrum, b.const([length], "int32")).node
    assert node.op == "IRFFT" and node.inputs[0].shape == (None, there)
    with pytest.raises(RefusedError, match="odd"):
        b.IRFFT(spectrum, b.const([length + 1], "int32"))
