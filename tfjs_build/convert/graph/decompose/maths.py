"""Elementwise functions that TensorFlow.js lacks, or computes otherwise."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.integers import narrowed
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.dtypes import COMPLEX, FLOATING, INTEGER
from tfjs_build.convert.graph.ir import Value


@rule("Erfc")
def _erfc(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """1 - erf(x), which is 1 + erf(-x): so tf.nn.gelu of Keras 3 is spelled as Keras's own is."""
    opposite = _opposite(b, inputs[0])
    return 1.0 - b.Erf(inputs[0]) if opposite is None else b.AddV2(1.0, b.Erf(opposite))


def _opposite(b: Builder, x: Value) -> Value | None:
    """Return -x where x is -y, or -y times something, and nothing is to be computed for the sign."""
    if x.node.op == "Neg":
        return x.node.inputs[0]
    if x.node.op == "Mul":
        for negative, factor in (x.node.inputs, x.node.inputs[::-1]):
            if negative.node.op == "Neg":
                return b.Mul(negative.node.inputs[0], factor)
    return None


@rule("Softsign")
def _softsign(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x = inputs[0]
    return x / (1.0 + b.Abs(x))


@rule("Inv")
def _inv(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return b.Reciprocal(inputs[0])


@rule("Rint", "Round")
def _round(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return inputs[0] if inputs[0].dtype in INTEGER else b.Round(inputs[0])


@rule("Ceil", "Floor")
def _whole(_b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return inputs[0] if inputs[0].dtype in INTEGER else None


@rule("Sign")
def _sign(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js calls the sign of NaN 0."""
    x = inputs[0]
    return b.SelectV2(b.Equal(x, x), b.Sign(x), x) if x.dtype in FLOATING else None


def _extreme(op: str) -> Decomposition:
    def known_last(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """wasm overlooks NaN in the second input: a constant stands there."""
        first, second = inputs
        return b.node(op, [second, first], attrs)[0] if first.constant and not second.constant else None

    return known_last


for _op in ("Maximum", "Minimum"):
    rule(_op)(_extreme(_op))


@rule("L2Loss")
def _l2_loss(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x = inputs[0]
    axes = None if x.rank is None else list(range(x.rank))
    return b.Sum(b.Square(x), axes if axes is not None else b.Range(0, b.Rank(x), 1)) * 0.5


def _unless_zero(b: Builder, x: Value, y: Value) -> Value:
    """Return `y`, and 0 wherever `x` is 0, whatever `y` is there."""
    zero = b.Equal(x, b.ZerosLike(x))
    return b.SelectV2(zero, b.ZerosLike(y), y)


@rule("Xlogy")
def _xlogy(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, y = inputs
    return _unless_zero(b, x, x * b.Log(y))


@rule("Xlog1py")
def _xlog1py(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, y = inputs
    return _unless_zero(b, x, x * b.Log1p(y))


@rule("Xdivy")
def _xdivy(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, y = inputs
    return _unless_zero(b, x, x / y)


@rule("MulNoNan")
def _mul_no_nan(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, y = inputs
    return _unless_zero(b, y, x * y)


@rule("Log1p")
def _log1p(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """Near zero wasm loses the digits of x in 1 + x: there its series is right to the last digit."""
    x = inputs[0]
    series = x * (1.0 - x * (0.5 - x * (1 / 3 - x * 0.25)))
    return b.SelectV2(b.Less(b.Abs(x), 0.01), series, b.Log1p(x))


@rule("TanhGrad")
def _tanh_grad(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    y, dy = inputs
    return dy * (1.0 - b.Square(y))


@rule("SigmoidGrad")
def _sigmoid_grad(_b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    y, dy = inputs
    return dy * y * (1.0 - y)


@rule("ReluGrad")
def _relu_grad(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    dy, x = inputs
    return dy * b.Cast(b.Greater(x, b.ZerosLike(x)), DstT=dy.dtype)  # NaN comes through, as in TensorFlow


@rule("LogicalXor")
def _xor(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, y = inputs
    return b.LogicalAnd(b.LogicalOr(x, y), b.LogicalNot(b.LogicalAnd(x, y)))


@rule("ApproximateEqual")
def _approximately(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, y = inputs
    return b.Less(b.Abs(x - y), float(attrs.get("tolerance", 1e-5)))


@rule("ClipByValue")
def _clip(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js takes two numbers for floats; TensorFlow takes tensors, and integers as well. Where the bounds
    cross, the lower one wins."""
    x, low, high = inputs
    if low.shape == () and high.shape == () and x.dtype in FLOATING:
        return None
    return b.Maximum(b.Minimum(x, high), low)


@rule("Abs")
def _abs(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js computes it in floats, which do not hold every integer."""
    x = inputs[0]
    if x.dtype in INTEGER:
        return b.Maximum(x, b.Sub(0, x))
    return b.ComplexAbs(x) if x.dtype in COMPLEX else None


@rule("Angle")
def _angle(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return b.Atan2(b.Imag(inputs[0]), b.Real(inputs[0]))


@rule("Conj")
def _conj(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x = inputs[0]
    return b.Complex(b.Real(x), -b.Imag(x)) if x.dtype in COMPLEX else x


@rule("AddN")
def _add_n(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    return inputs[0] if len(inputs) == 1 else narrowed(b, "AddN", inputs, attrs)


@rule("Pow")
def _power(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    return narrowed(b, "Pow", inputs, attrs)


@rule("BiasAdd", "BiasAddV1")
def _bias(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js adds along the last axis, wherever the channels are."""
    x, bias = inputs
    if not attrs.get("data_format", "NHWC").startswith("NC"):
        return b.BiasAdd(x, bias)
    if x.rank is None:
        raise refuse(b, "BiasAdd", "the rank of its input is not known.")
    return x + b.Reshape(bias, [-1] + [1] * (x.rank - 2))


@rule("FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel", "FakeQuantWithMinMaxArgs")
def _fake_quant(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Round to the levels of a quantized number (TensorFlow.js does nothing here). The bounds are moved so that zero
    is a level."""
    x = inputs[0]
    if len(inputs) == 3:
        low, high = inputs[1], inputs[2]
    else:
        low, high = b.const(float(attrs.get("min", -6.0))), b.const(float(attrs.get("max", 6.0)))
    least = 1.0 if attrs.get("narrow_range") else 0.0
    most = float(2 ** int(attrs.get("num_bits", 8)) - 1)
    step = (high - low) / (most - least)
    zero = b.Round(b.Minimum(b.Maximum(least - low / step, least), most))
    bottom, top = (least - zero) * step, (most - zero) * step
    level = b.Floor((b.Minimum(b.Maximum(x, bottom), top) - bottom) / step + 0.5)
    return level * step + bottom


@rule("ShapeN")
def _shapes(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js gives these shapes as floats."""
    return [b.Shape(x, out_type=attrs.get("out_type", "int32")) for x in inputs]
