"""Rules of Keras 2's LocallyConnected layers, convolutions with another kernel at each place; Keras 3 has none.

How kernels are stored: tf_keras/src/layers/locally_connected/locally_connected1d.py and locally_connected_utils.py.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.keras.hints import SAVE_AGAIN
from tfjs_build.convert.keras.to_graph.activations import activate
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.windows import patches, plane
from tfjs_build.convert.keras.variables import with_bias


@layer("LocallyConnected1D", "LocallyConnected2D", variables=with_bias("kernel"), floats=True)
def locally_connected(c: Context) -> Value:
    """`implementation` 1 keeps a kernel for each place; 2 and 3 a matrix from all of the input to all of the output, of
    which 3 has written the connected entries only."""
    count = 1 if c.layer.class_name.endswith("1D") else 2
    first = c.config.text("data_format", "channels_last") == "channels_first"
    way = c.config.integer("implementation", 1)
    size, stride = c.config.sizes("kernel_size", count), c.config.sizes("strides", count)
    same = c.config.text("padding", "valid") == "same"
    filters = c.config.size("filters")
    spatial = range(2, count + 2) if first else range(1, count + 1)
    lengths = [c.fixed(c.x, axis) for axis in spatial]
    places = [-(-n // s) if same else (n - k) // s + 1 for n, k, s in zip(lengths, size, stride, strict=True)]
    if way == 1:
        c.require(not same, "padding='same' is not supported with implementation=1")
        y = _by_windows(c, first, places, size, stride)
    else:
        y = _by_matrix(c, first, places, list(_windows(lengths, places, size, stride, same)))
    if c.config.boolean("use_bias", True):
        bias = c.weight("bias", *places, filters)
        y = y + (c.b.Reshape(bias, [filters, *places]) if first else bias)  # Keras, too, does not transpose it
    return activate(c, y)


def _by_windows(c: Context, first: bool, places: Sequence[int], size: Sequence[int], stride: Sequence[int]) -> Value:
    """Cut the windows out, and multiply each with the kernel of its place."""
    b, count, filters = c.b, len(places), c.config.size("filters")
    x = b.Transpose(c.x, [0, *range(2, count + 2), 1]) if first else c.x
    channels = c.fixed(x, -1)
    total, window = math.prod(places), math.prod(size)
    kernel = c.weight("kernel", total, window * channels, filters)
    if first:  # its features are then channel by channel
        split = b.Reshape(kernel, [total, channels, window, filters])
        kernel = b.Reshape(b.Transpose(split, [0, 2, 1, 3]), [total, window * channels, filters])
    image = x if count == 2 else b.ExpandDims(x, 1)
    cut = patches(c, image, plane(tuple(size)), plane(tuple(stride)), (1, 1), "VALID")
    flat = b.Transpose(b.Reshape(cut, [-1, total, window * channels]), [1, 0, 2])
    y = b.Reshape(b.Transpose(b.BatchMatMulV2(flat, kernel), [1, 0, 2]), [-1, *places, filters])
    return b.Transpose(y, [0, count + 1, *range(1, count + 1)]) if first else y


def _by_matrix(c: Context, first: bool, places: Sequence[int], windows: list[list[int]]) -> Value:
    """Multiply the flat input with a matrix that is zero wherever input and output are not connected."""
    b, filters = c.b, c.config.size("filters")
    shape = c.x.static or tuple(c.fixed(c.x, axis) for axis in range(1, c.rank(c.x)))
    inputs = math.prod(shape[-(len(places) + 1) :])
    channels = c.fixed(c.x, 1 if first else -1)
    outputs = math.prod(places) * filters
    area = inputs // channels
    stored = c.any_weight("kernel").constant
    assert stored is not None
    sparse = len(stored.shape) == 1
    count = sum(map(len, windows)) * channels * filters if sparse else inputs * outputs
    c.require(stored.size == count, f"expects {count} numbers in its kernel, got {stored.size}", SAVE_AGAIN)
    total = len(windows)

    def read() -> np.ndarray[Any, Any]:
        array = stored.array()
        connected = np.zeros((outputs, inputs), bool)
        for place, window in enumerate(windows):
            taken = np.array(window, np.int64)
            for channel in range(channels):
                columns = channel * area + taken if first else taken * channels + channel
                for each in range(filters):
                    connected[each * total + place if first else place * filters + each, columns] = True
        result = np.zeros((outputs, inputs), np.float32)
        result[connected] = array.reshape(-1) if array.ndim == 1 else array.reshape(inputs, outputs).T[connected]
        return np.ascontiguousarray(result.T)

    matrix = c.named(Constant((inputs, outputs), "float32", read, name=stored.name))
    y = b.MatMul(b.Reshape(c.x, [-1, inputs]), matrix)
    return b.Reshape(y, [-1, filters, *places] if first else [-1, *places, filters])


def _windows(
    lengths: Sequence[int], places: Sequence[int], size: Sequence[int], stride: Sequence[int], same: bool
) -> Iterator[list[int]]:
    """Yield, for each place of the output, the flat places of the input that it is connected to."""
    for place in itertools.product(*map(range, places)):
        ranges = []
        for at, n, k, s in zip(place, lengths, size, stride, strict=True):
            low = at * s - k // 2 if same else at * s
            high = at * s + (k - k // 2) if same else low + k
            ranges.append(range(max(0, low), min(n, high)))
        yield [int(np.ravel_multi_index(spot, tuple(lengths))) for spot in itertools.product(*ranges)]
