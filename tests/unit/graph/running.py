"""Runs a graph in NumPy, to see that a pass keeps its numbers: the folding table, and what tests need besides.

Where TensorFlow.js gives something else than the op's name promises (reductions over nothing, real spectra as
matrices), so does this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tfjs_build.convert.graph import fold
from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.ir import Array, Graph, Node, Value


def run(graph: Graph, feeds: Mapping[str, Any]) -> dict[str, Array]:
    """Return the outputs of a graph by name."""
    values: dict[Value, Any] = {}
    for port in graph.inputs:
        values[port.value] = np.asarray(feeds[port.name], numpy_dtype(port.value.dtype))
    for node in graph.nodes():
        if node.op == "Const":
            values[node.outputs[0]] = node.attrs["value"].array()
        elif node.op != "Placeholder":
            results = _run_node(node, [values[value] for value in node.inputs])
            values.update(zip(node.outputs, results, strict=False))
    return {port.name: values[port.value] for port in graph.outputs}


def _run_node(node: Node, arrays: Sequence[Any]) -> Sequence[Any]:
    if node.op == "StatelessIf":
        branch = node.attrs["then_branch" if bool(arrays[0]) else "else_branch"]
        return _call(branch, arrays[1:])
    if node.op == "StatelessWhile":
        state = list(arrays)
        while bool(_call(node.attrs["cond"], state)[0]):
            state = _call(node.attrs["body"], state)
        return state
    if node.op in _MORE:
        result = _MORE[node.op](arrays, node.attrs)
        return result if isinstance(result, tuple) else (result,)
    return fold.evaluate(node.op, arrays, node.attrs, [value.dtype for value in node.outputs])


def _call(graph: Graph, arrays: Sequence[Any]) -> list[Any]:
    feeds = {port.name: array for port, array in zip(graph.inputs, arrays, strict=True)}
    results = run(graph, feeds)
    return [results[port.name] for port in graph.outputs]


def _softmax(x: Array) -> Array:
    shifted = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _conv(arrays: Sequence[Any], attrs: Mapping[str, Any]) -> Array:
    x, kernel = arrays[:2]
    assert attrs.get("data_format", "NHWC") == "NHWC"
    height, width = kernel.shape[:2]
    _, down, across, _ = attrs["strides"]
    _, tall, wide, _ = attrs.get("dilations") or (1, 1, 1, 1)
    if attrs["padding"] == "SAME":
        pads = []
        for size, stride, length in ((x.shape[1], down, (height - 1) * tall), (x.shape[2], across, (width - 1) * wide)):
            whole = max((-(-size // stride) - 1) * stride + length + 1 - size, 0)
            pads.append((whole // 2, whole - whole // 2))
        x = np.pad(x, [(0, 0), *pads, (0, 0)])
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


def _depthwise(arrays: Sequence[Any], attrs: Mapping[str, Any]) -> Array:
    x, kernel = arrays[:2]
    channels, multiplier = kernel.shape[2:]
    parts = [_conv([x[..., c : c + 1], kernel[:, :, c : c + 1]], attrs) for c in range(channels)]
    return np.concatenate(parts, -1).reshape(*parts[0].shape[:-1], channels * multiplier)


def _norm(arrays: Sequence[Any], attrs: Mapping[str, Any]) -> tuple[Array, ...]:
    x, scale, offset, mean, variance = arrays
    assert not attrs["is_training"]
    return ((x - mean) / np.sqrt(variance + attrs["epsilon"]) * scale + offset,)


def _fused(product: Callable[[Sequence[Any], Mapping[str, Any]], Array]) -> Callable[..., Array]:
    def run_fused(arrays: Sequence[Any], attrs: Mapping[str, Any]) -> Array:
        result = product(arrays[:2], attrs)
        first, *rest = attrs["fused_ops"]
        if first == "BiasAdd":
            result = result + arrays[2]
        for op in rest:
            result = _activate(op, result, attrs.get("leakyrelu_alpha", 0.2))
        return result

    return run_fused


def _activate(op: str, x: Array, alpha: float) -> Array:
    functions: dict[str, Callable[[], Array]] = {
        "Relu": lambda: np.maximum(x, 0),
        "Relu6": lambda: np.clip(x, 0, 6),
        "Elu": lambda: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        "Sigmoid": lambda: 1 / (1 + np.exp(-x)),
        "LeakyRelu": lambda: np.where(x > 0, x, alpha * x),
    }
    return functions[op]()


def _max_pool(arrays: Sequence[Any], attrs: Mapping[str, Any]) -> Array:
    x, (_, height, width, _), (_, down, across, _) = arrays[0], attrs["ksize"], attrs["strides"]
    if attrs["padding"] == "SAME":
        pads = [
            max((-(-size // stride) - 1) * stride + length - size, 0)
            for size, stride, length in ((x.shape[1], down, height), (x.shape[2], across, width))
        ]
        around = [(0, 0), *((pad // 2, pad - pad // 2) for pad in pads), (0, 0)]
        x = np.pad(x, around, constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), (1, 2))
    return np.asarray(windows[:, ::down, ::across].max((-1, -2)))


def _product(arrays: Sequence[Any], attrs: Mapping[str, Any]) -> Array:
    return np.asarray(fold.FOLD["MatMul"](arrays, attrs))


def _scatter(arrays: Sequence[Any], _attrs: Mapping[str, Any]) -> Array:
    indices, values, shape = arrays
    assert not np.size(indices) or np.min(indices) >= 0, "TensorFlow.js refuses places before the first one"
    result = np.zeros([int(size) for size in shape], values.dtype)
    np.add.at(result, tuple(np.moveaxis(indices, -1, 0)), values)
    return result


def _largest(arrays: Sequence[Any], _attrs: Mapping[str, Any]) -> tuple[Array, Array]:
    x, count = arrays
    places = np.argsort(-x, axis=-1, kind="stable")[..., :count]
    return np.take_along_axis(x, places, -1), places.astype(np.int32)


def _of_memory(op: str) -> Callable[[Sequence[Any], Mapping[str, Any]], Array]:
    """Return a reduction that gives a number out of nowhere over nothing."""

    def reduce(arrays: Sequence[Any], attrs: Mapping[str, Any]) -> Array:
        x, axes = np.asarray(arrays[0]), {int(axis) % max(1, arrays[0].ndim) for axis in np.reshape(arrays[1], -1)}
        if all(x.shape[axis] for axis in axes):
            return np.asarray(fold.FOLD[op](arrays, attrs))
        keep = attrs.get("keep_dims")
        shape = [1 if axis in axes else size for axis, size in enumerate(x.shape) if keep or axis not in axes]
        return np.full(shape, 42, x.dtype) if op not in ("All", "Any") else np.full(shape, op == "Any")

    return reduce


def _real_inverse(arrays: Sequence[Any], _attrs: Mapping[str, Any]) -> Array:
    x = np.asarray(arrays[0])
    rows = np.fft.irfft(x.reshape(-1, x.shape[-1]), axis=-1).astype(np.float32)
    return rows.reshape(*x.shape[:-1], -1) if x.ndim == 3 else rows


def _kept_boxes(arrays: Sequence[Any], _attrs: Mapping[str, Any]) -> Array:
    boxes, scores, most, overlap, least = arrays
    kept: list[int] = []
    for place in np.argsort(-scores, kind="stable"):
        if scores[place] > least and len(kept) < most and all(_shared(boxes[place], boxes[k]) < overlap for k in kept):
            kept.append(int(place))
    return np.array(kept, np.int32)


def _shared(one: Array, other: Array) -> float:
    """Return how much two boxes overlap: what they share over what they cover."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    both = float(np.prod(np.maximum(high - low, 0)))
    return both / (float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2])) - both)


_MORE: dict[str, Callable[[Sequence[Any], Mapping[str, Any]], Any]] = {
    "Complex": lambda arrays, _attrs: arrays[0] + 1j * arrays[1],
    "Real": lambda arrays, _attrs: arrays[0].real,
    "Imag": lambda arrays, _attrs: arrays[0].imag,
    "Identity": lambda arrays, _: arrays[0],
    "Softmax": lambda arrays, _: _softmax(arrays[0]),
    "Shape": lambda arrays, _: np.array(arrays[0].shape, np.int32),
    "Size": lambda arrays, _: np.array(arrays[0].size, np.int32),
    "Conv2D": _conv,
    "_FusedConv2D": _fused(_conv),
    "DepthwiseConv2dNative": _depthwise,
    "FusedDepthwiseConv2dNative": _fused(_depthwise),
    "_FusedMatMul": _fused(_product),
    "FusedBatchNormV3": _norm,
    "ComplexAbs": lambda arrays, _: np.abs(arrays[0]),
    "Relu6": lambda arrays, _: np.clip(arrays[0], 0, 6),
    "Elu": lambda arrays, _: _activate("Elu", arrays[0], 0.0),
    "LeakyRelu": lambda arrays, attrs: _activate("LeakyRelu", arrays[0], attrs["alpha"]),
    "Prelu": lambda arrays, _: np.where(arrays[0] > 0, arrays[0], arrays[0] * arrays[1]),
    "MaxPool": _max_pool,
    **{op: _of_memory(op) for op in ("All", "Any", "Max", "Mean", "Min", "Prod", "Sum")},
    "FFT": lambda arrays, _: np.fft.fft(arrays[0]).astype(np.complex64),
    "IFFT": lambda arrays, _: np.fft.ifft(arrays[0]).astype(np.complex64),
    "RFFT": lambda arrays, _: np.fft.rfft(arrays[0]).astype(np.complex64),
    "IRFFT": _real_inverse,
    "NonMaxSuppressionV3": _kept_boxes,
    "ScatterNd": _scatter,
    "TopKV2": _largest,
}
