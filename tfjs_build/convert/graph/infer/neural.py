"""Shape rules of matrix products, convolutions, pools, normalizations, images and spectra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.infer.shapes import (
    Rule,
    Spec,
    broadcast,
    product,
    table,
    unknown,
    vector_dims,
    window,
)
from tfjs_build.convert.graph.ir import Dims, Value

Inputs = Sequence[Value]
Attrs = Mapping[str, Any]


def _matmul(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    a, b = inputs[0], inputs[1]
    if a.shape is None or b.shape is None or len(a.shape) < 2 or len(b.shape) < 2:
        return [(None, a.dtype)]
    flip_a = attrs.get("transpose_a", attrs.get("adj_x", False))
    flip_b = attrs.get("transpose_b", attrs.get("adj_y", False))
    rows = a.shape[-1] if flip_a else a.shape[-2]
    columns = b.shape[-2] if flip_b else b.shape[-1]
    terms = (a.shape[-2] if flip_a else a.shape[-1], b.shape[-1] if flip_b else b.shape[-2])
    if None not in terms and terms[0] != terms[1]:
        raise ValueError(f"{terms[0]} columns and {terms[1]} rows do not go with each other")
    batch = broadcast(a.shape[:-2], b.shape[:-2])
    return [(None if batch is None else (*batch, rows, columns), a.dtype)]


def _einsum(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    terms, _, result = attrs["equation"].replace(" ", "").partition("->")
    sizes: dict[str, int | None] = {}
    dots: Dims = ()
    for term, value in zip(terms.split(","), inputs, strict=True):
        if value.shape is None:
            return [(None, value.dtype)]
        head, has_dots, tail = term.partition("...")
        spare = len(value.shape) - len(head) - len(tail)
        if has_dots:
            dots = broadcast(dots, value.shape[len(head) : len(head) + spare])
        letters = [*zip(head, value.shape, strict=False), *zip(reversed(tail), reversed(value.shape), strict=False)]
        for letter, size in letters:
            known = sizes.get(letter)
            if known is None or known == 1:
                sizes[letter] = size
            elif size not in (None, 1, known):
                raise ValueError(f"{known} and {size} entries along {letter} do not go with each other")
    head, has_dots, tail = result.partition("...")
    middle = dots if has_dots else ()
    if not sizes.keys() >= {*head, *tail}:
        raise ValueError("the result has a letter that no operand has")
    shape = None if middle is None else (*(sizes[c] for c in head), *middle, *(sizes[c] for c in tail))
    return [(shape, inputs[0].dtype)]


def spatial(data_format: str, rank: int) -> tuple[int, range]:
    """Return the axis of the channels and the spatial axes of an image-like tensor (NHWC, NCHW, NDHWC, …)."""
    return (1, range(2, rank)) if data_format.startswith("NC") else (rank - 1, range(1, rank - 1))


def explicit_pads(attrs: Attrs, rank: int) -> list[tuple[int, int]]:
    """Return the explicit paddings of each axis, zeros where there are none."""
    pads = list(attrs.get("explicit_paddings") or [])
    return [(pads[2 * i], pads[2 * i + 1]) for i in range(rank)] if len(pads) == 2 * rank else [(0, 0)] * rank


def _windows(value: Value, kernel: Sequence[int | None], channels: int | None, attrs: Attrs) -> list[Spec]:
    """Return the shape after a window of `kernel` (spatial sizes only) has slid over `value`."""
    rank = len(kernel) + 2
    if value.shape is None:
        return [(unknown(rank), value.dtype)]
    at, axes = spatial(attrs.get("data_format", "NHWC"), rank)
    strides = attrs.get("strides") or [1] * rank
    dilations = attrs.get("dilations") or attrs.get("rates") or [1] * rank
    padding = attrs.get("padding", "VALID")
    pads = explicit_pads(attrs, rank)
    shape = list(value.shape)
    for axis, size in zip(axes, kernel, strict=True):
        shape[axis] = window(shape[axis], size, strides[axis], dilations[axis], padding, pads[axis])
    shape[at] = channels
    return [(tuple(shape), value.dtype)]


def _conv(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value, kernel = inputs[0], inputs[1]
    if kernel.shape is None:
        return [(None if value.shape is None else unknown(len(value.shape)), value.dtype)]
    return _windows(value, kernel.shape[:-2], kernel.shape[-1], attrs)


def _depthwise(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value, kernel = inputs[0], inputs[1]
    if kernel.shape is None:
        return [(unknown(4), value.dtype)]
    return _windows(value, kernel.shape[:2], product(kernel.shape[2:]), attrs)


def _dilation(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value, kernel = inputs[0], inputs[1]
    if kernel.shape is None or value.shape is None:
        return [(unknown(4), value.dtype)]
    return _windows(value, kernel.shape[:2], value.shape[-1], attrs)


def _conv_backprop(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    shape = vector_dims(inputs[0])
    value, kernel = inputs[2], inputs[1]
    if shape is not None and len(shape) == 2 and value.shape is not None and kernel.shape is not None:
        shape = (value.shape[0], *shape, kernel.shape[2])  # TensorFlow takes the spatial sizes alone as well
    return [(shape, value.dtype)]


def _pool(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value = inputs[0]
    sizes = attrs["ksize"]
    at, axes = spatial(attrs.get("data_format", "NHWC"), len(sizes))
    channels = None if value.shape is None else value.shape[at]
    return _windows(value, [sizes[axis] for axis in axes], channels, attrs)


def _patches(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    value, sizes = inputs[0], attrs["ksizes"]
    channels = None if value.shape is None else product((value.shape[3], *sizes[1:3]))
    return _windows(value, sizes[1:3], channels, attrs)


def _pool_argmax(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    [(shape, dtype)] = _pool(inputs, attrs)
    return [(shape, dtype), (shape, attrs.get("Targmax", "int64"))]


def _batch_norm(count: int) -> Rule:
    def rule(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
        value, scale = inputs[0], inputs[1]
        return [(value.shape, value.dtype)] + [(scale.shape, scale.dtype)] * (count - 1)

    return rule


def _resize(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, size = inputs
    sizes = vector_dims(size) or (None, None)
    dtype = "float32"
    if value.shape is None:
        return [((None, *sizes, None), dtype)]
    return [((value.shape[0], *sizes, value.shape[-1]), dtype)]


def _resize_nearest(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    [(shape, _)] = _resize(inputs, attrs)
    return [(shape, inputs[0].dtype)]


def _scaled(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    return _resize(inputs[:2], attrs)


def _crop(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    image, boxes, numbers, size = inputs
    sizes = vector_dims(size) or (None, None)
    channels = image.shape[-1] if image.shape else None
    counts = [value.shape[0] for value in (boxes, numbers) if value.shape and value.shape[0] is not None]
    return [((counts[0] if counts else None, *sizes, channels), "float32")]


def _transform(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    image, size = inputs[0], inputs[2]
    sizes = vector_dims(size) or (None, None)
    ends = (None, None) if image.shape is None else (image.shape[0], image.shape[-1])
    return [((ends[0], *sizes, ends[1]), image.dtype)]


def _nms(_inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [((None,), "int32")]


def _nms_padded(inputs: Inputs, attrs: Attrs) -> list[Spec]:
    most = inputs[2].ints
    size = most[0] if most and attrs.get("pad_to_max_output_size") else None
    return [((size,), "int32"), ((), "int32")]


def _nms_scores(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    return [((None,), "int32"), ((None,), inputs[1].dtype), ((), "int32")]


def _rfft(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, length = inputs[0], inputs[1].ints
    half = length[0] // 2 + 1 if length else None
    return [(None if value.shape is None else (*value.shape[:-1], half), "complex64")]


def _irfft(inputs: Inputs, _attrs: Attrs) -> list[Spec]:
    value, length = inputs[0], inputs[1].ints
    return [(None if value.shape is None else (*value.shape[:-1], length[0] if length else None), "float32")]


RULES: dict[str, Rule] = {
    **table(_matmul, "MatMul BatchMatMul BatchMatMulV2 BatchMatMulV3 _FusedMatMul"),
    "Einsum": _einsum,
    **table(_conv, "Conv2D _FusedConv2D Conv3D"),
    **table(_depthwise, "DepthwiseConv2dNative FusedDepthwiseConv2dNative _FusedDepthwiseConv2dNative"),
    "Dilation2D": _dilation,
    **table(_conv_backprop, "Conv2DBackpropInput Conv3DBackpropInputV2"),
    **table(_pool, "AvgPool MaxPool AvgPool3D MaxPool3D"),
    "MaxPoolWithArgmax": _pool_argmax,
    "ExtractImagePatches": _patches,
    **table(_batch_norm(5), "FusedBatchNorm FusedBatchNormV2"),
    **table(_batch_norm(6), "FusedBatchNormV3 _FusedBatchNormEx"),
    **table(_resize, "ResizeArea ResizeBicubic ResizeBilinear"),
    "ScaleAndTranslate": _scaled,
    "ResizeNearestNeighbor": _resize_nearest,
    "CropAndResize": _crop,
    "ImageProjectiveTransformV3": _transform,
    **table(_nms, "NonMaxSuppression NonMaxSuppressionV2 NonMaxSuppressionV3"),
    "NonMaxSuppressionV4": _nms_padded,
    "NonMaxSuppressionV5": _nms_scores,
    "RFFT": _rfft,
    "IRFFT": _irfft,
}
