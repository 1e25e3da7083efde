"""Shape rules of elementwise ops, casts and reductions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.infer.shapes import Rule, Spec, axis_of, broadcast, same, table, unknown
from tfjs_build.convert.graph.ir import Dims, Value


def _binary(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> list[Spec]:
    return [(broadcast(*(value.shape for value in inputs)), inputs[0].dtype)]


def _test(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> list[Spec]:
    return [(broadcast(*(value.shape for value in inputs)), "bool")]


def _select(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> list[Spec]:
    return [(inputs[1].shape if inputs[1].shape is not None else inputs[2].shape, inputs[1].dtype)]


def _select_v2(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> list[Spec]:
    return [(broadcast(*(value.shape for value in inputs)), inputs[1].dtype)]


def _cast(inputs: Sequence[Value], attrs: Mapping[str, Any]) -> list[Spec]:
    return [(inputs[0].shape, attrs["DstT"])]


def _real(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> list[Spec]:
    return [(inputs[0].shape, "float64" if inputs[0].dtype == "complex128" else "float32")]


def _complex(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> list[Spec]:
    dtype = "complex128" if inputs[0].dtype == "float64" else "complex64"
    return [(broadcast(inputs[0].shape, inputs[1].shape), dtype)]


def reduced(value: Value, axes: Value, keep: bool) -> Dims:
    """Return the shape of `value` reduced along `axes`."""
    if value.shape is None:
        return None
    rank = len(value.shape)
    if axes.ints is None:
        if keep:
            return unknown(rank)
        if axes.shape == ():
            return unknown(rank - 1)
        if axes.shape is not None and axes.shape[0] == rank:
            return ()
        return None
    gone = {axis_of(axis, rank) for axis in axes.ints}
    if keep:
        return tuple(1 if axis in gone else size for axis, size in enumerate(value.shape))
    return tuple(size for axis, size in enumerate(value.shape) if axis not in gone)


def _reduce(inputs: Sequence[Value], attrs: Mapping[str, Any]) -> list[Spec]:
    keep = bool(attrs.get("keep_dims", attrs.get("keepdims", False)))
    return [(reduced(inputs[0], inputs[1], keep), inputs[0].dtype)]


def _arg_reduce(inputs: Sequence[Value], attrs: Mapping[str, Any]) -> list[Spec]:
    return [(reduced(inputs[0], inputs[1], False), attrs.get("output_type", "int64"))]


def _total(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> list[Spec]:
    return [((), inputs[0].dtype)]


RULES: dict[str, Rule] = {
    "L2Loss": _total,
    **table(
        same,
        "Abs Acos Acosh AdjustContrastv2 Asin Asinh Atan Atanh BesselI0 BiasAdd BiasAddV1 Ceil CheckNumerics"
        " CheckNumericsV2 ClipByValue Conj Cos Cosh Cumprod Cumsum Digamma Elu EnsureShape Erf Erfc Erfinv Exp Expm1"
        " FFT FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel Floor HSVToRGB IFFT"
        " Identity Inv Invert LRN LeakyRelu Lgamma Log Log1p LogSoftmax MatrixBandPart Ndtri Neg OnesLike"
        " PreventGradient Print PrintV2 RGBToHSV Reciprocal Relu Relu6 Reverse ReverseSequence ReverseV2 Rint Roll"
        " Round Rsqrt Selu Sigmoid Sign Sin Sinh Snapshot Softmax Softplus Softsign Sqrt Square StaticRegexReplace"
        " StopGradient StringLower StringStrip StringUpper Tan Tanh TensorScatterAdd TensorScatterMax"
        " TensorScatterMin TensorScatterSub TensorScatterUpdate ZerosLike",
    ),
    **table(
        _binary,
        "Add AddN AddV2 Atan2 BitwiseAnd BitwiseOr BitwiseXor Div DivNoNan FloorDiv FloorMod"
        " LeftShift Maximum Minimum Mod Mul MulNoNan Pow Prelu RealDiv RightShift SquaredDifference Sub TruncateDiv"
        " TruncateMod Xdivy Xlog1py Xlogy",
    ),
    **table(
        _test,
        "ApproximateEqual Equal Greater GreaterEqual IsFinite IsInf IsNan Less LessEqual LogicalAnd LogicalNot"
        " LogicalOr LogicalXor NotEqual",
    ),
    **table(_reduce, "All Any EuclideanNorm Max Mean Min Prod Sum"),
    **table(_arg_reduce, "ArgMax ArgMin"),
    **table(_real, "Angle ComplexAbs Imag Real"),
    "Complex": _complex,
    "Cast": _cast,
    "Select": _select,
    "SelectV2": _select_v2,
}
