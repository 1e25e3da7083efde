"""Constant folding gives what TensorFlow's ops are defined to give: each op of the table beside tests/support."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.numpy_ops import Array
from tests.support.numpy_ops import evaluate as defined
from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.fold import FOLD, evaluate

RNG = np.random.default_rng(11)
X = RNG.normal(size=(2, 3, 4)).astype(np.float32) * 3
Y = RNG.normal(size=(3, 4)).astype(np.float32)
EDGES = np.array([0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.7, 7, np.inf, -np.inf, np.nan], np.float32)
POSITIVE = np.array([0, 0.25, 1, 3, 1e-5, 1e5, np.inf], np.float32)
N = np.array([[7, -7, 5], [0, -1, 12]], np.int32)
M = np.array([2, -2, -3], np.int32)
FLAGS = np.array([[True, False, False], [True, True, True]])
BESIDE = np.array([False, True, True])
NOTHING = np.zeros((0, 3), np.float32)
A, B = RNG.normal(size=(2, 3, 4)).astype(np.float32), RNG.normal(size=(2, 4, 5)).astype(np.float32)

Case = tuple[list[Any], dict[str, Any]]


def ints(*numbers: Any) -> Array:
    """Return sizes or axes as an input."""
    return np.array(numbers, np.int32)


def axis(number: int) -> Array:
    """Return an axis as an input."""
    return np.array(number, np.int32)


def each(*inputs: list[Any], **attrs: Any) -> list[Case]:
    """Return a case for each list of inputs."""
    return [(arrays, attrs) for arrays in inputs]


def reductions(x: Array) -> list[Case]:
    """Return a reduction of one axis, of two, of the last, of none and of all, with and without `keep_dims`."""
    axes = [ints(0), ints(-1), ints(), ints(*range(x.ndim)), ints(-1, 0)]
    return [([x, those], {"keep_dims": keep}) for those in axes for keep in (False, True)]


def running() -> list[Case]:
    """Return sums along each axis, in both directions, with and without the element itself."""
    return [
        ([x, axis(at)], {"exclusive": exclusive, "reverse": reverse})
        for x in (X, N)
        for at in (0, 1, -1)
        for exclusive in (False, True)
        for reverse in (False, True)
    ]


def sliced(begin: list[int], end: list[int], strides: list[int], **masks: int) -> Case:
    """Return a slice of X."""
    return [X, ints(*begin), ints(*end), ints(*strides)], masks


FLOATS = each([X], [EDGES], [NOTHING])
TWO = each([X, Y], [X, X[:1, :, :1]], [EDGES[:, None], EDGES], [NOTHING, np.zeros((1, 3), np.float32)])
WHOLE = each([N, M], [N, np.int32(3)])
ABOVE = each([np.abs(N), np.abs(M)])
COMPARED = TWO + WHOLE
MATRICES = each([A[0], B[0]]) + each([A[0].T, B[0]], transpose_a=True) + each([A[0], B[0].T], transpose_b=True)
STACKS = each([A, B], [A[0], B]) + each([A.swapaxes(1, 2), B], adj_x=True) + each([A, B.swapaxes(1, 2)], adj_y=True)
GATHERED = each([X, ints(1, 0, 1), axis(0)], [X, ints([2, 0], [1, 1]), axis(1)], [Y, axis(3), axis(-1)])
SAME = each([X], [N], [FLAGS], [NOTHING])

CASES: dict[str, list[Case]] = {
    "Identity": SAME,
    "Snapshot": SAME,
    "StopGradient": SAME,
    "Abs": FLOATS + each([N]),
    "Ceil": FLOATS,
    "Cos": each([X]),
    "Erf": FLOATS,
    "Erfc": FLOATS,
    "Exp": FLOATS,
    "Expm1": FLOATS,
    "Floor": FLOATS,
    "Inv": FLOATS,
    "IsFinite": FLOATS,
    "IsInf": FLOATS,
    "IsNan": FLOATS,
    "Log": each([POSITIVE], [EDGES]),
    "Log1p": each([POSITIVE], [EDGES]),
    "LogicalNot": each([FLAGS]),
    "Neg": FLOATS + each([N]),
    "OnesLike": SAME,
    "Reciprocal": FLOATS,
    "Relu": FLOATS + each([N]),
    "Rint": FLOATS,
    "Round": FLOATS,
    "Rsqrt": each([POSITIVE], [EDGES]),
    "Sigmoid": FLOATS,
    "Sign": FLOATS + each([N]),
    "Sin": each([X]),
    "Softplus": each([X], [NOTHING]),
    "Sqrt": each([POSITIVE], [EDGES]),
    "Square": FLOATS + each([N]),
    "Tanh": FLOATS,
    "ZerosLike": SAME,
    "Add": COMPARED,
    "AddV2": COMPARED,
    "AddN": each([X, X + 1, X * 2], [N], [N, N]),
    "BiasAdd": each([X, Y[0]]) + each([X, Y[:, 0]], data_format="NCHW"),
    "Div": TWO + WHOLE,
    "DivNoNan": TWO,
    "FloorDiv": TWO[:2] + WHOLE,
    "FloorMod": TWO[:2] + WHOLE,
    "Maximum": COMPARED,
    "Minimum": COMPARED,
    "Mul": COMPARED,
    "Pow": each([np.abs(X), Y], [EDGES, np.float32(2)], [N, np.int32(3)]),
    "RealDiv": TWO,
    "SquaredDifference": COMPARED,
    "Sub": COMPARED,
    "TruncateDiv": WHOLE,
    "Equal": COMPARED,
    "NotEqual": COMPARED,
    "Greater": COMPARED,
    "GreaterEqual": COMPARED,
    "Less": COMPARED,
    "LessEqual": COMPARED,
    "LogicalAnd": each([FLAGS, BESIDE]),
    "LogicalOr": each([FLAGS, BESIDE]),
    "BitwiseAnd": ABOVE + WHOLE,
    "Select": each([BESIDE, Y, -Y], [FLAGS, N, -N], [np.array(True), X, -X]),
    "SelectV2": each([FLAGS, N, np.int32(4)], [BESIDE[:, None], X, Y]),
    "ClipByValue": each([X, np.float32(-1), np.float32(2)], [EDGES, np.float32(-1), np.float32(2)]),
    "Cast": [
        *((([x], {"DstT": dtype})) for x in (X, N, FLAGS) for dtype in ("float32", "int32", "bool", "complex64")),
        ([X.astype(np.complex64)], {"DstT": "float32"}),
        ([np.array([255, 3], np.uint8)], {"DstT": "int32"}),
    ],
    "All": reductions(FLAGS),
    "Any": reductions(FLAGS),
    "Max": reductions(X) + reductions(N) + each([EDGES, ints(0)]),
    "Mean": reductions(X),
    "Min": reductions(X) + reductions(N) + each([EDGES, ints(0)]),
    "Prod": reductions(X) + reductions(N),
    "Sum": reductions(X) + reductions(N),
    "ArgMax": each([X, axis(0)], [X, axis(-1)], [N, axis(1)], [np.array([3, 1, 3, 1], np.int32), axis(0)]),
    "ArgMin": each([X, axis(0)], [X, axis(-1)], [N, axis(1)], [np.array([3, 1, 3, 1], np.int32), axis(0)]),
    "Cumsum": running(),
    "Cumprod": running(),
    "Reshape": each([X, ints(4, 6)], [X, ints(-1)], [X, ints(2, -1, 1)], [NOTHING, ints(3, 0)], [Y[:1, 0], ints()]),
    "Squeeze": each([X[:, :1, :]], [X[:1, :, :1]], squeeze_dims=[])
    + each([X[:1, :1]], squeeze_dims=[1])
    + each([X[..., :1]], squeeze_dims=[-1]),
    "ExpandDims": each([X, axis(0)], [X, axis(2)], [X, axis(-1)], [X, axis(-4)]),
    "Transpose": each([X, ints(1, 2, 0)], [X, ints(2, 0, 1)], [X, ints(0, 2, 1)], [N, ints(1, 0)]),
    "ConcatV2": each([X, -X, X[:1], axis(0)], [X, X[..., :1], axis(-1)], [N, N, axis(1)]),
    "Concat": each([axis(1), X, X[:, :1]]),
    "Pack": each([X, -X], [N, N, N])
    + each([X, -X], axis=1)
    + each([X, -X], axis=-1)
    + each([np.int32(3), np.int32(4)]),
    "Unpack": each([X], axis=0) + each([X], axis=1) + each([X], axis=-1),
    "Split": each([axis(2), X], [axis(-1), X], [axis(0), X], num_split=2),
    "SplitV": each([X, ints(1, 3), axis(2)], [X, ints(1, -1), axis(-1)], [X, ints(0, 2, 2), axis(2)]),
    "Slice": each([X, ints(0, 1, 2), ints(2, 1, -1)], [X, ints(1, 0, 0), ints(-1, -1, 0)]),
    "StridedSlice": [
        sliced([0, 1], [1, 3], [1, 1]),
        sliced([0, -1, 3], [2, -4, 0], [1, -1, -2]),
        sliced([1, 0], [0, 2], [1, 1], shrink_axis_mask=1),
        sliced([-1], [0], [1], shrink_axis_mask=1),
        sliced([5, 1], [5, 2], [1, 1], begin_mask=1, end_mask=1),
        sliced([0, 1], [0, 3], [1, 1], ellipsis_mask=1),
        sliced([0, 0, 2], [0, 0, 3], [1, 1, 1], new_axis_mask=1, ellipsis_mask=2, shrink_axis_mask=4),
        sliced([0, 0], [9, 9], [-1, 2], begin_mask=1, end_mask=1),
        sliced([2], [1], [1]),
    ],
    "Gather": each([X, ints(1, 0, 1)]),
    "GatherV2": GATHERED,
    "GatherNd": each([X, ints([0, 1], [1, 2])], [X, ints([[0, 1, 3]], [[1, 2, 0]])], [X, ints([1])]),
    "Tile": each([X, ints(1, 2, 3)], [N, ints(2, 1)], [X, ints(0, 1, 1)]),
    "Pad": each([X, ints([0, 1], [2, 0], [1, 1])], [N, ints([0, 0], [1, 2])]),
    "PadV2": each([X, ints([0, 1], [2, 0], [1, 1]), np.float32(7)]),
    "MirrorPad": each([X, ints([0, 1], [2, 1], [3, 2])], mode="REFLECT")
    + each([X, ints([2, 1], [3, 0], [0, 4])], mode="SYMMETRIC"),
    "BroadcastTo": each([Y, ints(2, 3, 4)], [Y[:, :1], ints(3, 5)], [FLAGS[:1], ints(2, 3)]),
    "BroadcastArgs": each([ints(2, 1, 4), ints(3, 1)], [ints(), ints(5)]),
    "Reverse": each([X, np.array([True, False, True])]),
    "ReverseV2": each([X, ints(0)], [X, ints(-1, 1)], [N, ints()]),
    "OneHot": [
        ([ints(1, 0, 4, -1), axis(3), np.float32(2), np.float32(-2)], {}),
        ([ints([1, 0], [2, 2]), axis(3), np.int32(1), np.int32(0)], {"axis": 1}),
        ([ints([1, 0], [2, 2]), axis(3), np.bool_(True), np.bool_(False)], {"axis": 0}),
    ],
    "Fill": each([ints(2, 3), np.float32(1.5)], [ints(), np.int32(4)], [ints(2), np.bool_(True)]),
    "Range": each(
        [np.int32(0), np.int32(5), np.int32(2)],
        [np.int32(5), np.int32(0), np.int32(-2)],
        [np.float32(0), np.float32(1), np.float32(0.25)],
        [np.int32(3), np.int32(3), np.int32(1)],
    ),
    "LinSpace": each([np.float32(-1), np.float32(2), axis(7)], [np.float32(4), np.float32(9), axis(1)]),
    "MatrixBandPart": each(
        [X, axis(0), axis(-1)], [X, axis(-1), axis(0)], [X, axis(1), axis(1)], [Y, axis(-1), axis(-1)]
    ),
    "Where": each([FLAGS], [X > 0], [np.zeros((2, 2), bool)]),
    "MatMul": MATRICES,
    "BatchMatMul": STACKS[:1] + STACKS[2:],
    "BatchMatMulV2": STACKS,
}

_TRUTHS = (
    "All Any IsFinite IsInf IsNan LogicalNot LogicalAnd LogicalOr Equal NotEqual Greater GreaterEqual Less LessEqual"
)
_ROUNDED = (
    "Cos Erf Erfc Exp Expm1 Log Log1p Rsqrt Sigmoid Sin Softplus Sqrt Tanh Mean Prod Sum Cumsum Cumprod Pow LinSpace"
    " MatMul BatchMatMul BatchMatMulV2"
)
TRUTHS = _TRUTHS.split()
PLACES = ("ArgMax", "ArgMin", "Where", "BroadcastArgs")
ROUNDED = _ROUNDED.split()
"""Ops whose last bit depends on the steps; the others must give the same numbers."""


def test_every_op_has_cases() -> None:
    assert sorted(CASES) == sorted(FOLD)
    assert all(CASES.values())


@pytest.mark.parametrize("op", CASES)
def test_it_is_as_defined(op: str) -> None:
    for arrays, attrs in CASES[op]:
        arrays = [np.asarray(array) for array in arrays]
        dtype = "bool" if op in TRUTHS else "int32" if op in PLACES else attrs.get("DstT") or str(_values(op, arrays))
        many = 32 if op in ("Unpack", "Split", "SplitV") else 1
        got = evaluate(op, arrays, attrs, [dtype] * many)
        want = defined(op, arrays, attrs, [numpy_dtype(dtype)] * many)
        assert len(got) == len(want)
        for ours, theirs in zip(got, want, strict=True):
            assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), (arrays, attrs)
            tolerance = 2e-6 if op in ROUNDED and ours.dtype.kind == "f" else 0
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance, err_msg=f"{arrays} {attrs}")


def _values(op: str, arrays: list[Array]) -> np.dtype[Any]:
    """Return the dtype of an op's values, which is that of its output."""
    place = {"Select": 1, "SelectV2": 1, "OneHot": 2, "Fill": 1, "Concat": 1, "Split": 1}.get(op, 0)
    return arrays[place].dtype
