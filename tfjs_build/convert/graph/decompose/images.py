"""Images: resizing, colours, and the boxes that detectors keep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import size


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
        raise refuse(b, "AdjustContrastv2", "the rank of the images is not known when converting.")
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
    threshold = b.const(float(attrs.get("iou_threshold", 0.5)))
    boxes, scores, most = inputs
    return b.NonMaxSuppressionV3(boxes, scores, most, threshold, b.const(float("-inf")))


@rule("NonMaxSuppressionV2")
def _nms_2(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    boxes, scores, most, threshold = inputs
    return b.NonMaxSuppressionV3(boxes, scores, most, threshold, b.const(float("-inf")))


@rule("NonMaxSuppressionV3")
def _nms_3(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    boxes, scores, most, overlap, least = inputs
    return b.NonMaxSuppressionV3(boxes, scores, most, _exceeded(b, overlap), least)


@rule("NonMaxSuppressionV4")
def _nms_4(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    boxes, scores, most, overlap, least = inputs
    return b.multi("NonMaxSuppressionV4", boxes, scores, most, _exceeded(b, overlap), least, **attrs)


@rule("NonMaxSuppressionV5")
def _nms_5(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """1. Soft suppression lowers scores and drops no box for its overlap. 2. TensorFlow.js gives no number of boxes as
    third output, and does not pad."""
    boxes, scores, most, overlap, least, sigma = inputs
    if attrs.get("pad_to_max_output_size"):
        raise refuse(b, "NonMaxSuppressionV5", "padding the result (pad_to_max_output_size=True) is not supported.")
    if sigma.constant is None:
        raise refuse(b, "NonMaxSuppressionV5", "soft_nms_sigma is not known when converting.")
    soft = sigma.constant.item() > 0
    overlap = b.const(1.0) if soft else _exceeded(b, overlap)
    indices, kept, _ = b.multi("NonMaxSuppressionV5", boxes, scores, most, overlap, least, sigma)
    return [indices, kept, b.Size(indices)]


def _exceeded(b: Builder, overlap: Value) -> Value:
    """Return the threshold that is reached where `overlap` is exceeded: TensorFlow drops a box beyond the threshold,
    TensorFlow.js at it, which matters for 0."""
    if overlap.constant is None:
        return overlap
    number = np.float32(overlap.constant.item())
    return b.const(float(min(np.nextafter(number, np.float32(2)), np.float32(1))))


@rule("ImageProjectiveTransformV3", "ImageProjectiveTransformV2")
def _transform(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Look up where each entry of the result comes from. (The cpu backend does so for the first image alone, and wasm
    mirrors otherwise.)"""
    x, transforms, shape = inputs[:3]
    fill = inputs[3] if len(inputs) > 3 else b.const(0.0)
    if x.dtype != "float32":
        return b.Cast(_moved(b, b.Cast(x, DstT="float32"), transforms, shape, fill, attrs), DstT=x.dtype)
    return _moved(b, x, transforms, shape, fill, attrs)


def _moved(b: Builder, x: Value, transforms: Value, shape: Value, fill: Value, attrs: Attrs) -> Value:
    height, width = (b.GatherV2(shape, axis, 0) for axis in range(2))
    row = b.Reshape(b.Cast(b.Range(0, height, 1), DstT="float32"), [1, -1, 1])
    column = b.Reshape(b.Cast(b.Range(0, width, 1), DstT="float32"), [1, 1, -1])
    a = [b.Reshape(part, [-1, 1, 1]) for part in b.multi("Split", 1, transforms, num_split=8)]
    scale = a[6] * column + a[7] * row + 1.0
    across = (a[0] * column + a[1] * row + a[2]) / scale
    down = (a[3] * column + a[4] * row + a[5]) / scale
    sizes = [b.Cast(_number(b, x, axis), DstT="float32") for axis in (1, 2)]
    mode = str(attrs.get("fill_mode", "CONSTANT")).upper()
    y, z = (_mapped(b, place, size, mode) for place, size in zip((down, across), sizes, strict=True))
    if str(attrs["interpolation"]).upper() == "NEAREST":
        return _picked(b, x, _nearest_whole(b, y), _nearest_whole(b, z), sizes, fill)
    top, left = b.Floor(y), b.Floor(z)
    lower, right = b.ExpandDims(y - top, -1), b.ExpandDims(z - left, -1)

    def corner(rows: float, columns: float) -> Value:
        return _picked(b, x, top + rows, left + columns, sizes, fill)

    upper_part = corner(0.0, 0.0) * (1.0 - right) + corner(0.0, 1.0) * right
    lower_part = corner(1.0, 0.0) * (1.0 - right) + corner(1.0, 1.0) * right
    return upper_part * (1.0 - lower) + lower_part * lower


def _nearest_whole(b: Builder, place: Value) -> Value:
    """Return the nearest whole number, halves away from zero."""
    return b.Sign(place) * b.Floor(b.Abs(place) + 0.5)


def _number(b: Builder, x: Value, axis: int) -> Value:
    found = size(b, x, axis)
    return b.const(found, "int32") if isinstance(found, int) else found


def _mapped(b: Builder, place: Value, count: Value, mode: str) -> Value:
    """Return a coordinate outside the image as the one inside that stands for it."""
    if mode == "NEAREST":
        return b.Minimum(b.Maximum(place, 0.0), count - 1.0)
    if mode == "WRAP":
        return _wrapped(b, place, count)
    if mode == "REFLECT":
        return _reflected(b, place, count)
    return place


def _wrapped(b: Builder, place: Value, count: Value) -> Value:
    period = count - 1.0
    below = place + count * (b.Floor(-place / period) + 1.0)
    above = place - count * b.Floor(place / period)
    inside = b.SelectV2(b.Less(place, 0.0), below, b.SelectV2(b.Greater(place, period), above, place))
    inside = b.SelectV2(b.LessEqual(count, 1.0), place * 0.0, inside)
    return b.Minimum(b.Maximum(inside, 0.0), period)


def _reflected(b: Builder, place: Value, count: Value) -> Value:
    period = count * 2.0
    below = b.SelectV2(b.Less(place, -period), place + period * b.Floor(-place / period), place)
    below = b.SelectV2(b.Less(below, -count), below + period, -below - 1.0)
    above = place - period * b.Floor(place / period)
    above = b.SelectV2(b.GreaterEqual(above, count), period - above - 1.0, above)
    inside = b.SelectV2(b.Less(place, 0.0), below, b.SelectV2(b.Greater(place, count - 1.0), above, place))
    return b.Minimum(b.Maximum(inside, 0.0), count - 1.0)


def _picked(b: Builder, x: Value, row: Value, column: Value, sizes: Sequence[Value], fill: Value) -> Value:
    """Return the entries of `x` at whole coordinates, `fill` where they are outside."""
    height, width = sizes
    inside = b.LogicalAnd(
        b.LogicalAnd(b.GreaterEqual(row, 0.0), b.Less(row, height)),
        b.LogicalAnd(b.GreaterEqual(column, 0.0), b.Less(column, width)),
    )
    safe_row = b.Minimum(b.Maximum(row, 0.0), height - 1.0)
    safe_column = b.Minimum(b.Maximum(column, 0.0), width - 1.0)
    rows, columns = (b.Cast(each, DstT="int32") for each in (safe_row, safe_column))
    images = b.ZerosLike(rows) + b.Reshape(b.Range(0, _number(b, x, 0), 1), [-1, 1, 1])
    # Not one number for all three, which half-float textures would round.
    entries = b.GatherNd(x, b.Pack(images, rows, columns, axis=3))
    return b.SelectV2(b.ExpandDims(inside, -1), entries, fill)
