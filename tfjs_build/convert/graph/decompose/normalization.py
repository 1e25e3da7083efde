"""Batch normalization in training mode, with channels first, and with the outputs beside the first."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, rule
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import product, size


def _batch_norm(outputs: int) -> Decomposition:
    def normalized(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """1. In training mode the statistics are those of the batch (Keras 2 writes LayerNormalization so). 2. With
        channels first, the numbers of each channel are spread along axis 1. 3. The other outputs are the statistics:
        those of the batch, or moving averages."""
        x, scale, offset, mean, variance, *side = inputs
        rank = x.rank or 4
        first = attrs.get("data_format", "NHWC").startswith("NC")
        epsilon = float(attrs.get("epsilon", 1e-4))
        axes = [0, *(range(2, rank) if first else range(1, rank - 1))]

        def spread(value: Value) -> Value:
            return b.Reshape(value, [-1] + [1] * (rank - 2)) if first else value

        if attrs.get("is_training", True):
            moving = (mean, variance)
            mean = b.Mean(x, axes)
            centred = x - spread(mean)
            variance = b.Mean(b.Square(centred), axes)
            result = centred * spread(b.Rsqrt(variance + epsilon) * scale) + spread(offset)
            variance = _corrected(b, variance, x, axes)
            share = float(attrs.get("exponential_avg_factor", 1.0))
            if share != 1.0:
                mean, variance = (
                    old * (1.0 - share) + new * share for old, new in zip(moving, (mean, variance), strict=True)
                )
        elif first:
            factor = b.Rsqrt(variance + epsilon) * scale
            result = x * spread(factor) + spread(offset - mean * factor)
        else:
            settings = {"epsilon": epsilon, "is_training": False}
            result = b.node("FusedBatchNormV3", [x, scale, offset, mean, variance], settings)[0]
        if side and attrs.get("num_side_inputs"):
            result = result + side[0]
        if attrs.get("activation_mode") == "Relu":
            result = b.Relu(result)
        return [result, mean, variance, mean, variance, variance][:outputs]

    return normalized


def _corrected(b: Builder, variance: Value, x: Value, axes: list[int]) -> Value:
    """Return the variance with Bessel's correction, as TensorFlow gives it out."""
    count = product(b, [size(b, x, axis) for axis in axes])
    if isinstance(count, int):
        return variance * (count / max(1, count - 1))
    number = b.Cast(count, DstT="float32")
    return variance * (number / b.Maximum(number - 1.0, 1.0))


for _op, _outputs in {
    "FusedBatchNorm": 5,
    "FusedBatchNormV2": 5,
    "FusedBatchNormV3": 6,
    "_FusedBatchNormEx": 6,
}.items():
    rule(_op)(_batch_norm(_outputs))


@rule("BatchNormWithGlobalNormalization")
def _old(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, mean, variance, beta, gamma = inputs
    factor = b.Rsqrt(variance + float(attrs["variance_epsilon"]))
    if attrs.get("scale_after_normalization"):
        factor = factor * gamma
    return x * factor + (beta - mean * factor)
