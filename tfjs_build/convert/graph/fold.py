"""Ops as NumPy computes them, for what is known when converting.

`FOLD` maps an op to a function of its inputs' arrays and its attributes. `evaluate` runs one; `partly` runs one on
vectors of sizes of which some are free, with NaN for those: NumPy carries it through, so one table serves both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.ir import KNOWN_LIMIT, Array, Known
from tfjs_build.convert.graph.slices import numpy_index, slice_axes

Arrays: TypeAlias = Sequence[Array]
Attrs: TypeAlias = Mapping[str, Any]
Fold: TypeAlias = Callable[[Arrays, Attrs], "Array | tuple[Array, ...]"]


def evaluate(op: str, arrays: Arrays, attrs: Attrs, dtypes: Sequence[str]) -> tuple[Array, ...]:
    """Return the outputs of `op` as arrays of `dtypes`. Raises KeyError for an op that is not in the table."""
    with np.errstate(all="ignore"):
        results = FOLD[op](arrays, attrs)
        if not isinstance(results, tuple):
            results = (results,)
        return tuple(
            np.asarray(result).astype(numpy_dtype(dtype), copy=False)
            for result, dtype in zip(results, dtypes, strict=False)
        )


def partly(op: str, inputs: Sequence[tuple[Known, tuple[int | None, ...]]], attrs: Attrs) -> list[Known] | None:
    """Return what is known of the outputs of `op` on small integer tensors, given as (numbers, shape); else None."""
    if op not in _PARTLY:
        return None
    arrays = [
        np.array([math.nan if number is None else number for number in known], np.float64).reshape(shape)
        for known, shape in inputs
    ]
    try:
        with np.errstate(all="ignore"):
            results = FOLD[op](arrays, attrs)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None  # an index or axis is among the numbers that are not known
    if not isinstance(results, tuple):
        results = (results,)
    if any(np.size(result) > KNOWN_LIMIT for result in results):
        return None
    return [
        tuple(None if math.isnan(number) else int(number) for number in np.asarray(result).reshape(-1).tolist())
        for result in results
    ]


def _ints(array: Array) -> tuple[int, ...]:
    return tuple(int(number) for number in np.asarray(array).reshape(-1).tolist())


def _int(array: Array) -> int:
    return int(np.asarray(array).reshape(-1)[0])


def _unary(function: Callable[[Array], Array]) -> Fold:
    return lambda arrays, _attrs: function(arrays[0])


def _binary(function: Callable[[Array, Array], Array]) -> Fold:
    return lambda arrays, _attrs: function(arrays[0], arrays[1])


def _reduction(function: Callable[..., Array]) -> Fold:
    def fold(arrays: Arrays, attrs: Attrs) -> Array:
        value, axes = arrays
        keep = bool(attrs.get("keep_dims", attrs.get("keepdims", False)))
        return np.asarray(function(value, axis=_ints(axes), keepdims=keep))

    return fold


def _mean(arrays: Arrays, attrs: Attrs) -> Array:
    value = arrays[0]
    if value.dtype.kind in "iu":
        raise ValueError("the mean of integers is not folded")
    if not value.size:
        raise ValueError("the mean of nothing is not folded")  # NumPy says so on stderr, whatever errstate
    return np.asarray(_reduction(np.mean)(arrays, attrs))


def _truncating_div(a: Array, b: Array) -> Array:
    if a.dtype.kind != "i":
        return a / b if a.dtype.kind == "f" else a // b
    return np.asarray(np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b)), a.dtype)


def _cast(arrays: Arrays, attrs: Attrs) -> Array:
    value = arrays[0]
    target = numpy_dtype(attrs["DstT"])
    if value.dtype.kind == "c" and target.kind != "c":
        value = value.real
    if value.dtype.kind == "f" and target.kind in "iu":
        if np.isnan(value).any():
            return value  # a size that is not known, see `partly`
        value = np.trunc(value)
    return np.asarray(value.astype(target))


def _transpose(arrays: Arrays, _attrs: Attrs) -> Array:
    return np.asarray(np.transpose(arrays[0], _ints(arrays[1])))


def _expand_dims(arrays: Arrays, _attrs: Attrs) -> Array:
    return np.expand_dims(arrays[0], _int(arrays[1]))


def _squeeze(arrays: Arrays, attrs: Attrs) -> Array:
    axes = attrs.get("squeeze_dims") or attrs.get("axis")
    return np.squeeze(arrays[0], tuple(axes) if axes else None)


def _strided_slice(arrays: Arrays, attrs: Attrs) -> Array:
    value, begin, end, strides = arrays
    axes = slice_axes(value.ndim, _ints(begin), _ints(end), _ints(strides), attrs)
    return np.asarray(value[numpy_index(axes)])


def _slice(arrays: Arrays, _attrs: Attrs) -> Array:
    value, begin, size = arrays
    cuts = zip(_ints(begin), _ints(size), strict=True)
    return value[tuple(slice(start, None if length == -1 else start + length) for start, length in cuts)]


def _split(arrays: Arrays, attrs: Attrs) -> tuple[Array, ...]:
    return tuple(np.split(arrays[1], int(attrs["num_split"]), axis=_int(arrays[0])))


def _split_v(arrays: Arrays, _attrs: Attrs) -> tuple[Array, ...]:
    value, sizes, axis = arrays[0], list(_ints(arrays[1])), _int(arrays[2])
    if -1 in sizes:
        sizes[sizes.index(-1)] = value.shape[axis] - (sum(sizes) + 1)
    return tuple(np.split(value, np.cumsum(sizes)[:-1], axis=axis))


def _unpack(arrays: Arrays, attrs: Attrs) -> tuple[Array, ...]:
    return tuple(np.moveaxis(arrays[0], int(attrs.get("axis", 0)), 0))


def _gather(arrays: Arrays, attrs: Attrs) -> Array:
    if int(attrs.get("batch_dims", 0)):
        raise ValueError("a batched gather is not folded")
    axis = _int(arrays[2]) if len(arrays) > 2 else 0
    return np.take(arrays[0], np.asarray(arrays[1]).astype(np.int64), axis=axis)


def _gather_nd(arrays: Arrays, _attrs: Attrs) -> Array:
    value, indices = arrays
    return np.asarray(value[tuple(np.moveaxis(indices, -1, 0))])


def _pads(array: Array) -> list[tuple[int, int]]:
    return [(int(before), int(after)) for before, after in array.tolist()]


def _pad(arrays: Arrays, _attrs: Attrs) -> Array:
    fill = arrays[2].item() if len(arrays) > 2 else 0
    return np.pad(arrays[0], _pads(arrays[1]), constant_values=fill)


def _mirror_pad(arrays: Arrays, attrs: Attrs) -> Array:
    mode = "reflect" if attrs["mode"] == "REFLECT" else "symmetric"
    return np.pad(arrays[0], _pads(arrays[1]), mode=mode)  # type: ignore[call-overload,no-any-return]


def _one_hot(arrays: Arrays, attrs: Attrs) -> Array:
    indices, depth, on, off = arrays
    axis = int(attrs.get("axis", -1))
    hot = np.where(np.asarray(indices)[..., None] == np.arange(_int(depth)), on, off)
    return hot if axis == -1 else np.moveaxis(hot, -1, axis)


def _range(arrays: Arrays, _attrs: Attrs) -> Array:
    start, stop, step = (array.item() for array in arrays)
    return np.arange(start, stop, step).astype(arrays[0].dtype)


def _linspace(arrays: Arrays, _attrs: Attrs) -> Array:
    return np.linspace(arrays[0].item(), arrays[1].item(), _int(arrays[2])).astype(arrays[0].dtype)


def _cumulate(function: Callable[..., Array], unit: int) -> Fold:
    def fold(arrays: Arrays, attrs: Attrs) -> Array:
        value, axis = arrays[0], _int(arrays[1])
        if attrs.get("reverse"):
            value = np.flip(value, axis)
        result = function(value, axis=axis, dtype=value.dtype)
        if attrs.get("exclusive"):
            result = np.roll(result, 1, axis)
            first: list[Any] = [slice(None)] * result.ndim
            first[axis] = slice(0, 1)
            result[tuple(first)] = unit
        return np.flip(result, axis) if attrs.get("reverse") else result

    return fold


def _matmul(arrays: Arrays, attrs: Attrs) -> Array:
    a, b = arrays
    if attrs.get("transpose_a", attrs.get("adj_x", False)):
        a = a.swapaxes(-1, -2)
    if attrs.get("transpose_b", attrs.get("adj_y", False)):
        b = b.swapaxes(-1, -2)
    return np.asarray(np.matmul(a, b))


def _band(arrays: Arrays, _attrs: Attrs) -> Array:
    value, lower, upper = arrays[0], _int(arrays[1]), _int(arrays[2])
    offset = np.arange(value.shape[-1]) - np.arange(value.shape[-2])[:, None]
    keep = (offset >= -lower if lower >= 0 else True) & (offset <= upper if upper >= 0 else True)
    return np.where(keep, value, value.dtype.type(0))


def _where(arrays: Arrays, _attrs: Attrs) -> Array:
    return np.argwhere(arrays[0])


def _select(arrays: Arrays, _attrs: Attrs) -> Array:
    condition, a, b = arrays
    if condition.ndim == 1 and a.ndim > 1:  # the old op chooses whole rows
        condition = condition.reshape(condition.shape + (1,) * (a.ndim - 1))
    return np.where(condition, a, b)


def _elementwise(function: Callable[[float], float]) -> Fold:
    return lambda arrays, _attrs: np.vectorize(function, otypes=[arrays[0].dtype])(arrays[0])


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


FOLD: Final[dict[str, Fold]] = {
    "Identity": _unary(lambda x: x),
    "Snapshot": _unary(lambda x: x),
    "StopGradient": _unary(lambda x: x),
    "Abs": _unary(np.abs),
    "Ceil": _unary(np.ceil),
    "Cos": _unary(np.cos),
    "Erf": _elementwise(math.erf),
    "Erfc": _elementwise(math.erfc),
    "Exp": _unary(np.exp),
    "Expm1": _unary(np.expm1),
    "Floor": _unary(np.floor),
    "Inv": _unary(lambda x: 1 / x),
    "IsFinite": _unary(np.isfinite),
    "IsInf": _unary(np.isinf),
    "IsNan": _unary(np.isnan),
    "Log": _unary(np.log),
    "Log1p": _unary(np.log1p),
    "LogicalNot": _unary(np.logical_not),
    "Neg": _unary(np.negative),
    "OnesLike": _unary(np.ones_like),
    "Reciprocal": _unary(lambda x: 1 / x),
    "Relu": _unary(lambda x: np.maximum(x, x.dtype.type(0))),
    "Rint": _unary(np.rint),
    "Round": _unary(np.rint),
    "Rsqrt": _unary(lambda x: 1 / np.sqrt(x)),
    "Sigmoid": _unary(_sigmoid),
    "Sign": _unary(np.sign),
    "Sin": _unary(np.sin),
    "Softplus": _unary(lambda x: np.logaddexp(x, x.dtype.type(0))),
    "Sqrt": _unary(np.sqrt),
    "Square": _unary(np.square),
    "Tanh": _unary(np.tanh),
    "ZerosLike": _unary(np.zeros_like),
    "Add": _binary(np.add),
    "AddV2": _binary(np.add),
    "AddN": lambda arrays, _attrs: np.asarray(sum(arrays[1:], arrays[0])),
    "BiasAdd": lambda arrays, attrs: (
        arrays[0] + arrays[1].reshape((-1, *(1,) * (arrays[0].ndim - 2)))
        if attrs.get("data_format", "NHWC").startswith("NC")
        else arrays[0] + arrays[1]
    ),
    "Div": _binary(_truncating_div),
    "DivNoNan": _binary(lambda a, b: np.where(b == 0, a.dtype.type(0), a / b)),
    "FloorDiv": _binary(np.floor_divide),
    "FloorMod": _binary(np.mod),
    "Maximum": _binary(np.maximum),
    "Minimum": _binary(np.minimum),
    "Mul": _binary(np.multiply),
    "Pow": _binary(np.power),
    "RealDiv": _binary(np.true_divide),
    "SquaredDifference": _binary(lambda a, b: np.square(a - b)),
    "Sub": _binary(np.subtract),
    "TruncateDiv": _binary(_truncating_div),
    "Equal": _binary(np.equal),
    "NotEqual": _binary(np.not_equal),
    "Greater": _binary(np.greater),
    "GreaterEqual": _binary(np.greater_equal),
    "Less": _binary(np.less),
    "LessEqual": _binary(np.less_equal),
    "LogicalAnd": _binary(np.logical_and),
    "LogicalOr": _binary(np.logical_or),
    "BitwiseAnd": _binary(np.bitwise_and),
    "Select": _select,
    "SelectV2": lambda arrays, _attrs: np.where(arrays[0], arrays[1], arrays[2]),
    "ClipByValue": lambda arrays, _attrs: np.minimum(np.maximum(arrays[0], arrays[1]), arrays[2]),
    "Cast": _cast,
    "All": _reduction(np.all),
    "Any": _reduction(np.any),
    "Max": _reduction(np.max),
    "Mean": _mean,
    "Min": _reduction(np.min),
    "Prod": _reduction(np.prod),
    "Sum": _reduction(np.sum),
    "ArgMax": lambda arrays, _attrs: np.argmax(arrays[0], _int(arrays[1])),
    "ArgMin": lambda arrays, _attrs: np.argmin(arrays[0], _int(arrays[1])),
    "Cumsum": _cumulate(np.cumsum, 0),
    "Cumprod": _cumulate(np.cumprod, 1),
    "Reshape": lambda arrays, _attrs: arrays[0].reshape(_ints(arrays[1])),
    "Squeeze": _squeeze,
    "ExpandDims": _expand_dims,
    "Transpose": _transpose,
    "ConcatV2": lambda arrays, _attrs: np.concatenate(arrays[:-1], _int(arrays[-1])),
    "Concat": lambda arrays, _attrs: np.concatenate(arrays[1:], _int(arrays[0])),
    "Pack": lambda arrays, attrs: np.stack(arrays, int(attrs.get("axis", 0))),
    "Unpack": _unpack,
    "Split": _split,
    "SplitV": _split_v,
    "Slice": _slice,
    "StridedSlice": _strided_slice,
    "Gather": _gather,
    "GatherV2": _gather,
    "GatherNd": _gather_nd,
    "Tile": lambda arrays, _attrs: np.tile(arrays[0], _ints(arrays[1])),
    "Pad": _pad,
    "PadV2": _pad,
    "MirrorPad": _mirror_pad,
    "BroadcastTo": lambda arrays, _attrs: np.broadcast_to(arrays[0], _ints(arrays[1])),
    "BroadcastArgs": lambda arrays, _attrs: np.array(np.broadcast_shapes(*(_ints(array) for array in arrays))),
    "Reverse": lambda arrays, _attrs: np.flip(arrays[0], tuple(np.flatnonzero(arrays[1]).tolist())),
    "ReverseV2": lambda arrays, _attrs: np.flip(arrays[0], _ints(arrays[1])),
    "OneHot": _one_hot,
    "Fill": lambda arrays, _attrs: np.full(_ints(arrays[0]), arrays[1].item(), arrays[1].dtype),
    "Range": _range,
    "LinSpace": _linspace,
    "MatrixBandPart": _band,
    "Where": _where,
    "MatMul": _matmul,
    "BatchMatMul": _matmul,
    "BatchMatMulV2": _matmul,
}

# Ops through which NaN stands for "not known" soundly: no comparison, and no number of theirs that picks a place is NaN
# without an error.
_PARTLY_NAMES: Final = (
    "Identity Snapshot StopGradient Neg Add AddV2 AddN FloorDiv FloorMod Maximum Minimum Mul Sub Cast Max Min Prod Sum"
    " Reshape Squeeze ExpandDims ConcatV2 Concat Pack Unpack Split SplitV Slice StridedSlice Gather GatherV2 Tile"
    " ReverseV2"
)
_PARTLY: Final = frozenset(_PARTLY_NAMES.split())
