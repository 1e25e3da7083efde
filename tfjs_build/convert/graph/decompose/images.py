"""Images: resizing, colours, and the boxes that detectors keep."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value


@rule("ResizeBilinear")
def _bilinear(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, size = inputs
    return None if x.dtype == "float32" else b.ResizeBilinear(b.Cast(x, DstT="float32"), size, **attrs)


@rule("ResizeNearestNeighbor")
def _nearest(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """wasm gives floats, whatever the type of the image."""
    x, size = inputs
    if x.dtype == "float32":
        return None
    return b.Cast(b.ResizeNearestNeighbor(b.Cast(x, DstT="float32"), size, **attrs), DstT=x.dtype)


@rule("CropAndResize")
def _crop(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, *rest = inputs
    return None if x.dtype == "float32" else b.CropAndResize(b.Cast(x, DstT="float32"), *rest, **attrs)


@rule("AdjustContrastv2")
def _contrast(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, factor = inputs
    if x.rank is None:
        raise refuse(b, "AdjustContrastv2", "the rank of the images is not known.")
    mean = b.Mean(x, [x.rank - 3, x.rank - 2], keep_dims=True)
    return (x - mean) * factor + mean


@rule("RGBToHSV")
def _rgb_to_hsv(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return b.ConcatV2(*_hsv(b, inputs[0]), -1)


@rule("HSVToRGB")
def _hsv_to_rgb(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    hue, saturation, value = b.multi("Split", -1, inputs[0], num_split=3)
    return _rgb(b, hue, saturation, value)


@rule("AdjustSaturation")
def _saturation(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, factor = inputs
    hue, saturation, value = _hsv(b, x)
    return _rgb(b, hue, b.Minimum(b.Maximum(saturation * factor, 0.0), 1.0), value)


@rule("AdjustHue")
def _hue(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x, delta = inputs
    hue, saturation, value = _hsv(b, x)
    return _rgb(b, b.FloorMod(hue + delta, 1.0), saturation, value)


def _hsv(b: Builder, x: Value) -> tuple[Value, Value, Value]:
    red, green, blue = b.multi("Split", -1, x, num_split=3)
    value = b.Maximum(b.Maximum(red, green), blue)
    spread = value - b.Minimum(b.Minimum(red, green), blue)
    saturation = b.DivNoNan(spread, value)
    sixth = b.DivNoNan(b.OnesLike(spread), spread * 6.0)
    from_red = (green - blue) * sixth
    from_green = (blue - red) * sixth + 2.0 / 6.0
    from_blue = (red - green) * sixth + 4.0 / 6.0
    hue = b.SelectV2(b.Equal(red, value), from_red, b.SelectV2(b.Equal(green, value), from_green, from_blue))
    hue = b.SelectV2(b.Greater(spread, 0.0), hue, b.ZerosLike(hue))
    return b.SelectV2(b.Less(hue, 0.0), hue + 1.0, hue), saturation, value


def _rgb(b: Builder, hue: Value, saturation: Value, value: Value) -> Value:
    def channel(offset: float) -> Value:
        """Return one colour: it rises and falls with the hue, a third of the circle apart from the others."""
        distance = b.Abs(b.FloorMod(hue * 6.0 + offset, 6.0) - 3.0)
        part = b.Minimum(b.Maximum(distance - 1.0, 0.0), 1.0)
        return value * (1.0 + saturation * (part - 1.0))

    return b.ConcatV2(channel(0.0), channel(4.0), channel(2.0), -1)


@rule("NonMaxSuppression")
def _nms(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    boxes, scores, most = inputs
    threshold = b.const(float(attrs.get("iou_threshold", 0.5)), "float32")
    return b.NonMaxSuppressionV3(boxes, scores, most, threshold, b.const(float("-inf"), "float32"))


@rule("NonMaxSuppressionV2")
def _nms_2(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    return b.NonMaxSuppressionV3(*inputs, b.const(float("-inf"), "float32"))


@rule("NonMaxSuppressionV5")
def _nms_5(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """TensorFlow.js gives no number of boxes as third output, and does not pad."""
    if attrs.get("pad_to_max_output_size"):
        raise refuse(b, "NonMaxSuppressionV5", "padding to a fixed number of boxes is not covered.")
    indices, scores, _ = b.multi("NonMaxSuppressionV5", *inputs)
    return [indices, scores, b.Size(indices)]
