"""Convolutions, pools and normalization of images (batch, rows, columns, channels)."""

from __future__ import annotations

from typing import Final

import numpy as np

from tests.support.numpy_ops.kinds import Array, Arrays, Attrs, Op
from tests.support.numpy_ops.products import fused


def _around(size: int, length: int, stride: int) -> tuple[int, int]:
    """Return what padding SAME puts before and after an axis."""
    whole = max((-(-size // stride) - 1) * stride + length - size, 0)
    return whole // 2, whole - whole // 2


def _conv(arrays: Arrays, attrs: Attrs) -> Array:
    x, kernel = arrays[:2]
    assert attrs.get("data_format", "NHWC") == "NHWC"
    height, width = kernel.shape[:2]
    _, down, across, _ = attrs["strides"]
    _, tall, wide, _ = attrs.get("dilations") or (1, 1, 1, 1)
    if attrs["padding"] == "SAME":
        rows_around = _around(x.shape[1], (height - 1) * tall + 1, down)
        columns_around = _around(x.shape[2], (width - 1) * wide + 1, across)
        x = np.pad(x, [(0, 0), rows_around, columns_around, (0, 0)])
    elif attrs["padding"] == "EXPLICIT":
        x = np.pad(x, np.reshape(attrs["explicit_paddings"], (4, 2)))
    rows = (x.shape[1] - (height - 1) * tall - 1) // down + 1
    columns = (x.shape[2] - (width - 1) * wide - 1) // across + 1
    total = np.zeros((x.shape[0], rows, columns, kernel.shape[-1]), np.float32)
    for i in range(height):
        for j in range(width):
            part = x[:, i * tall :: down, j * wide :: across][:, :rows, :columns]
            total += part @ kernel[i, j]
    return total


def _depthwise(arrays: Arrays, attrs: Attrs) -> Array:
    x, kernel = arrays[:2]
    channels, multiplier = kernel.shape[2:]
    parts = [_conv([x[..., c : c + 1], kernel[:, :, c : c + 1]], attrs) for c in range(channels)]
    return np.concatenate(parts, -1).reshape(*parts[0].shape[:-1], channels * multiplier)


def _max_pool(arrays: Arrays, attrs: Attrs) -> Array:
    x, (_, height, width, _), (_, down, across, _) = arrays[0], attrs["ksize"], attrs["strides"]
    if attrs["padding"] == "SAME":
        around = [(0, 0), _around(x.shape[1], height, down), _around(x.shape[2], width, across), (0, 0)]
        x = np.pad(x, around, constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), (1, 2))
    return np.asarray(windows[:, ::down, ::across].max((-1, -2)))


def _norm(arrays: Arrays, attrs: Attrs) -> Array:
    x, scale, offset, mean, variance = arrays
    assert not attrs["is_training"]
    return np.asarray((x - mean) / np.sqrt(variance + attrs["epsilon"]) * scale + offset, x.dtype)


def transposed(arrays: Arrays, attrs: Attrs) -> Array:
    """Return the gradient of a convolution: each entry of the image spreads the kernel, with channels as [.., out, in],
    where its window was. SAME pads less before than after."""
    shape, kernel, x = arrays
    count, height, width, filters = (int(size) for size in shape)
    (rows, columns), strides = kernel.shape[:2], list(attrs["strides"])[1:3]
    sizes = list(zip(x.shape[1:3], strides, (rows, columns), (height, width), strict=True))
    whole = [max((n - 1) * s + k, t) for n, s, k, t in sizes]
    result = np.zeros((count, whole[0] + rows, whole[1] + columns, filters), x.dtype)
    for i, j in np.ndindex(x.shape[1], x.shape[2]):
        top, left = i * strides[0], j * strides[1]
        result[:, top : top + rows, left : left + columns] += np.einsum("nc,hwfc->nhwf", x[:, i, j], kernel)
    pads = [0, 0]
    if attrs["padding"] == "SAME":
        pads = [max((n - 1) * s + k - t, 0) // 2 for n, s, k, t in sizes]
    return result[:, pads[0] : pads[0] + height, pads[1] : pads[1] + width]


IMAGES: Final[dict[str, Op]] = {
    "Conv2DBackpropInput": transposed,
    "Conv2D": _conv,
    "_FusedConv2D": fused(_conv),
    "DepthwiseConv2dNative": _depthwise,
    "FusedDepthwiseConv2dNative": fused(_depthwise),
    "MaxPool": _max_pool,
    "FusedBatchNormV3": _norm,
}
