"""What the ops of a published graph compute, in NumPy: a function of the inputs' arrays and the attributes each.

Light ones are those that constants are folded with (`graph/fold.py`); here is what is fused, what slides over images,
and what no constant goes through. An op without a kernel is a KeyError: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from tfjs_build.convert.executor import windows
from tfjs_build.convert.executor.windows import Array, Attrs
from tfjs_build.convert.graph.fold import FOLD

Arrays = Sequence[Array]
Kernel = Callable[[Arrays, Attrs], "Array | tuple[Array, ...]"]

_SELU_SCALE: Final = 1.0507009873554805
_SELU_ALPHA: Final = 1.6732632423543773


def erf(x: Array) -> Array:
    """Return the error function, by Abramowitz and Stegun's 7.1.26, which TensorFlow.js has as well."""
    t = 1.0 / (1.0 + 0.3275911 * np.abs(x))
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return np.asarray(np.sign(x) * (1.0 - series * np.exp(-x * x)), x.dtype)


def sigmoid(x: Array) -> Array:
    """Return the logistic function, without overflow."""
    half = x.dtype.type(0.5)
    return np.asarray(half + half * np.tanh(half * x))


def softmax(x: Array) -> Array:
    """Return the softmax along the last axis."""
    powers = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def _log_softmax(x: Array) -> Array:
    shifted = x - x.max(-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)))


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _leaky(x: Array, alpha: float) -> Array:
    return np.where(x > 0, x, x * x.dtype.type(alpha))


ACTIVATIONS: Final[dict[str, Callable[[Array], Array]]] = {
    "Relu": lambda x: np.maximum(x, 0),
    "Relu6": lambda x: np.clip(x, 0, 6),
    "Elu": _elu,
    "Sigmoid": sigmoid,
}


def _fused(product: Callable[[Arrays, Attrs], Array]) -> Kernel:
    def kernel(arrays: Arrays, attrs: Attrs) -> Array:
        result = product(arrays[:2], attrs)
        extra = list(arrays[2:])
        for name in attrs.get("fused_ops") or ():
            if name == "BiasAdd":
                result = result + extra.pop(0)
            elif name == "Prelu":
                result = np.where(result > 0, result, result * extra.pop(0))
            elif name == "LeakyRelu":
                result = _leaky(result, attrs.get("leakyrelu_alpha", 0.2))
            elif name not in ("noop", "linear"):
                result = ACTIVATIONS[name](result)
        return result

    return kernel


def _matmul(arrays: Arrays, attrs: Attrs) -> Array:
    a, b = arrays
    if attrs.get("transpose_a", attrs.get("adj_x")):
        a = a.swapaxes(-1, -2)
    if attrs.get("transpose_b", attrs.get("adj_y")):
        b = b.swapaxes(-1, -2)
    return np.asarray(np.matmul(a, b))


def _norm(arrays: Arrays, attrs: Attrs) -> Array:
    x, scale, offset, mean, variance = arrays
    factor = scale / np.sqrt(variance + attrs.get("epsilon", 0.001))
    return np.asarray((x - mean) * factor + offset, x.dtype)


def _top(arrays: Arrays, _attrs: Attrs) -> tuple[Array, ...]:
    x, count = arrays[0], int(arrays[1])
    places = np.argsort(-x, axis=-1, kind="stable")[..., :count]
    return np.take_along_axis(x, places, -1), places.astype(np.int32)


def _space_to_batch(arrays: Arrays, _attrs: Attrs) -> Array:
    x, block, pads = arrays[0], arrays[1].reshape(-1).tolist(), arrays[2].tolist()
    count = len(block)
    x = np.pad(x, [(0, 0), *pads, *[(0, 0)] * (x.ndim - 1 - count)])
    batch, rest = x.shape[0], x.shape[1 + count :]
    sizes = [each for size, step in zip(x.shape[1:], block, strict=False) for each in (size // step, step)]
    axes = [*range(2, 2 * count + 1, 2), 0, *range(1, 2 * count, 2), *range(2 * count + 1, 2 * count + 1 + len(rest))]
    turned = x.reshape(batch, *sizes, *rest).transpose(axes)
    return np.asarray(turned.reshape(batch * int(np.prod(block)), *sizes[::2], *rest))


def _batch_to_space(arrays: Arrays, _attrs: Attrs) -> Array:
    x, block, crops = arrays[0], arrays[1].reshape(-1).tolist(), arrays[2].tolist()
    count, steps = len(block), int(np.prod(arrays[1]))
    inner, rest = x.shape[1 : 1 + count], x.shape[1 + count :]
    turned = x.reshape(*block, x.shape[0] // steps, *inner, *rest)
    pairs = [axis for each in range(count) for axis in (count + 1 + each, each)]
    turned = turned.transpose([count, *pairs, *range(2 * count + 1, turned.ndim)])
    whole = [size * step for size, step in zip(inner, block, strict=True)]
    cuts = [slice(before, size - after) for size, (before, after) in zip(whole, crops, strict=True)]
    return windows.inner(turned.reshape(x.shape[0] // steps, *whole, *rest), cuts)


def _depth_to_space(arrays: Arrays, attrs: Attrs) -> Array:
    x, block = arrays[0], int(attrs["block_size"])
    batch, rows, columns, channels = x.shape
    split = x.reshape(batch, rows, columns, block, block, channels // block**2)
    return np.asarray(split.transpose(0, 1, 3, 2, 4, 5).reshape(batch, rows * block, columns * block, -1))


def _scatter(arrays: Arrays, _attrs: Attrs) -> Array:
    indices, updates, shape = arrays
    result = np.zeros(shape.reshape(-1).tolist(), updates.dtype)
    np.add.at(result, tuple(np.moveaxis(indices, -1, 0)), updates)
    return result


def _scatter_update(arrays: Arrays, _attrs: Attrs) -> Array:
    result: Array = np.array(arrays[0])
    result[tuple(np.moveaxis(arrays[1], -1, 0))] = arrays[2]
    return result


def _gather(arrays: Arrays, attrs: Attrs) -> Array:
    axis = int(arrays[2]) if len(arrays) > 2 else int(attrs.get("axis", 0))
    shared = int(attrs.get("batch_dims", 0))
    if not shared:
        return np.take(arrays[0], arrays[1].astype(np.int64), axis=axis, mode="clip")
    if axis < 0:
        axis += arrays[0].ndim
    rows = arrays[0].reshape(-1, *arrays[0].shape[shared:])
    found = [
        np.take(row, each, axis=axis - shared, mode="clip")
        for row, each in zip(rows, arrays[1].reshape(len(rows), *arrays[1].shape[shared:]), strict=True)
    ]
    return np.stack(found).reshape(*arrays[0].shape[:shared], *found[0].shape)


def _normalized_locally(arrays: Arrays, attrs: Attrs) -> Array:
    x, radius = arrays[0], int(attrs.get("depth_radius", 5))
    padded = np.pad(np.square(x), [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    sums = np.lib.stride_tricks.sliding_window_view(padded, 2 * radius + 1, -1).sum(-1)
    base = attrs.get("bias", 1.0) + attrs.get("alpha", 1.0) * sums
    return np.asarray(x / base ** attrs.get("beta", 0.5), x.dtype)


def _spectrum(arrays: Arrays, _attrs: Attrs) -> Array:
    count = int(arrays[1].reshape(-1)[0])
    return np.fft.rfft(arrays[0], count).astype(np.complex64)


def _suppressed(arrays: Arrays, _attrs: Attrs) -> tuple[Array, Array]:
    """Return which boxes are kept, the best first, and their scores: where two overlap, the better one."""
    boxes, scores, most, overlap, least = (np.asarray(array) for array in arrays[:5])
    corners = np.stack([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], 1)
    areas = np.prod(corners[:, 1] - corners[:, 0], axis=-1)
    kept: list[int] = []
    for each in np.argsort(-scores, kind="stable").tolist():
        if len(kept) >= int(most) or not scores[each] > least:
            break
        others = corners[kept]
        sides = np.minimum(others[:, 1], corners[each, 1]) - np.maximum(others[:, 0], corners[each, 0])
        shared = np.prod(np.maximum(sides, 0), axis=-1)
        union = areas[kept] + areas[each] - shared
        if not np.any(shared > overlap * union):
            kept.append(each)
    places = np.array(kept, np.int32)
    return places, scores[places]


def _suppressed_softly(arrays: Arrays, attrs: Attrs) -> tuple[Array, ...]:
    if float(arrays[5]) > 0:
        raise NotImplementedError("soft suppression")
    return _suppressed(arrays, attrs)


def _suppressed_padded(arrays: Arrays, attrs: Attrs) -> tuple[Array, ...]:
    places, _ = _suppressed(arrays, attrs)
    count = np.asarray(len(places), np.int32)
    if attrs.get("pad_to_max_output_size"):
        places = np.pad(places, (0, int(arrays[2]) - len(places)))
    return places, count


def _cropped(arrays: Arrays, attrs: Attrs) -> Array:
    images, boxes, which, size = arrays
    if attrs.get("method", "bilinear") != "bilinear":
        raise NotImplementedError("crops of the nearest pixels")
    rows, columns = (int(each) for each in size.reshape(-1))
    fill = attrs.get("extrapolation_value", 0.0)
    crops = np.full((len(boxes), rows, columns, images.shape[-1]), fill, images.dtype)
    for at, (box, image) in enumerate(zip(boxes, which.astype(int), strict=True)):
        places = []
        for low, high, count, length in zip(box[:2], box[2:], (rows, columns), images.shape[1:3], strict=True):
            step = (high - low) * (length - 1) / (count - 1) if count > 1 else 0.0
            first = low * (length - 1) if count > 1 else (low + high) * (length - 1) / 2
            places.append(first + step * np.arange(count))
        y, x = np.meshgrid(*places, indexing="ij")
        inside = (y >= 0) & (y <= images.shape[1] - 1) & (x >= 0) & (x <= images.shape[2] - 1)
        y, x = np.where(inside, y, 0), np.where(inside, x, 0)
        top, left = np.floor(y).astype(int), np.floor(x).astype(int)
        below, right = np.minimum(top + 1, images.shape[1] - 1), np.minimum(left + 1, images.shape[2] - 1)
        down, across = (y - top)[..., None], (x - left)[..., None]
        picture = images[image]
        upper = picture[top, left] * (1 - across) + picture[top, right] * across
        lower = picture[below, left] * (1 - across) + picture[below, right] * across
        crops[at] = np.where(inside[..., None], upper * (1 - down) + lower * down, fill)
    return crops


def _unary(function: Callable[[Array], Array]) -> Kernel:
    return lambda arrays, _attrs: function(arrays[0])


KERNELS: Final[Mapping[str, Kernel]] = {
    **FOLD,
    "Erf": _unary(erf),
    "Sigmoid": _unary(sigmoid),
    "Relu6": _unary(ACTIVATIONS["Relu6"]),
    "Elu": _unary(_elu),
    "Selu": _unary(lambda x: np.where(x > 0, _SELU_SCALE * x, _SELU_SCALE * _SELU_ALPHA * np.expm1(np.minimum(x, 0)))),
    "LeakyRelu": lambda arrays, attrs: _leaky(arrays[0], attrs.get("alpha", 0.2)),
    "Prelu": lambda arrays, _attrs: np.where(arrays[0] > 0, arrays[0], arrays[0] * arrays[1]),
    "Softmax": _unary(softmax),
    "LogSoftmax": _unary(_log_softmax),
    "Sinh": _unary(np.sinh),
    "Cosh": _unary(np.cosh),
    "Tan": _unary(np.tan),
    "Asin": _unary(np.arcsin),
    "Acos": _unary(np.arccos),
    "Atan": _unary(np.arctan),
    "Asinh": _unary(np.arcsinh),
    "Acosh": _unary(np.arccosh),
    "Atanh": _unary(np.arctanh),
    "Atan2": lambda arrays, _attrs: np.arctan2(*arrays),
    "ComplexAbs": _unary(np.abs),
    "Real": _unary(np.real),
    "Imag": _unary(np.imag),
    "Complex": lambda arrays, _attrs: arrays[0] + 1j * arrays[1],
    "FFT": _unary(np.fft.fft),
    "IFFT": _unary(np.fft.ifft),
    "RFFT": _spectrum,
    "EuclideanNorm": lambda arrays, attrs: np.sqrt(FOLD["Sum"]([np.square(arrays[0]), arrays[1]], attrs)),
    "Shape": _unary(lambda x: np.array(x.shape, np.int32)),
    "Size": _unary(lambda x: np.int32(x.size)),
    "Rank": _unary(lambda x: np.int32(x.ndim)),
    "EnsureShape": _unary(lambda x: x),
    "IdentityN": lambda arrays, _attrs: tuple(arrays),
    "Gather": _gather,
    "GatherV2": _gather,
    "Einsum": lambda arrays, attrs: np.asarray(np.einsum(attrs["equation"], *arrays, optimize=True)),
    "MatMul": _matmul,
    "BatchMatMul": _matmul,
    "BatchMatMulV2": _matmul,
    "_FusedMatMul": _fused(_matmul),
    "Conv2D": lambda arrays, attrs: windows.convolve(arrays[0], arrays[1], attrs),
    "Conv3D": lambda arrays, attrs: windows.convolve(arrays[0], arrays[1], attrs),
    "_FusedConv2D": _fused(lambda arrays, attrs: windows.convolve(arrays[0], arrays[1], attrs)),
    "DepthwiseConv2dNative": lambda arrays, attrs: windows.convolve_depthwise(arrays[0], arrays[1], attrs),
    "DepthwiseConv2d": lambda arrays, attrs: windows.convolve_depthwise(arrays[0], arrays[1], attrs),
    "FusedDepthwiseConv2dNative": _fused(lambda arrays, attrs: windows.convolve_depthwise(arrays[0], arrays[1], attrs)),
    "Conv2DBackpropInput": lambda arrays, attrs: windows.spread(arrays[0], arrays[1], arrays[2], attrs),
    "MaxPool": lambda arrays, attrs: windows.max_pool(arrays[0], attrs),
    "MaxPool3D": lambda arrays, attrs: windows.max_pool(arrays[0], attrs),
    "AvgPool": lambda arrays, attrs: windows.average_pool(arrays[0], attrs),
    "AvgPool3D": lambda arrays, attrs: windows.average_pool(arrays[0], attrs),
    "ResizeBilinear": lambda arrays, attrs: windows.resize(arrays[0], arrays[1], attrs, nearest=False),
    "ResizeNearestNeighbor": lambda arrays, attrs: windows.resize(arrays[0], arrays[1], attrs, nearest=True),
    "FusedBatchNorm": _norm,
    "FusedBatchNormV2": _norm,
    "FusedBatchNormV3": _norm,
    "LRN": _normalized_locally,
    "TopKV2": _top,
    "NonMaxSuppressionV3": lambda arrays, attrs: _suppressed(arrays, attrs)[0],
    "NonMaxSuppressionV4": _suppressed_padded,
    "NonMaxSuppressionV5": _suppressed_softly,
    "CropAndResize": _cropped,
    "SpaceToBatchND": _space_to_batch,
    "BatchToSpaceND": _batch_to_space,
    "DepthToSpace": _depth_to_space,
    "ScatterNd": _scatter,
    "TensorScatterUpdate": _scatter_update,
}


def run(op: str, arrays: Arrays, attrs: Attrs) -> tuple[Array, ...]:
    """Return what an op gives. Raises KeyError for one that has no kernel here, and NotImplementedError, ValueError or
    IndexError for a use of one that it does not cover."""
    with np.errstate(all="ignore"):
        results = KERNELS[op](arrays, attrs)
    return tuple(map(np.asarray, results)) if isinstance(results, tuple) else (np.asarray(results),)
