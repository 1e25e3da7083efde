"""Probes of reductions, products, convolutions, poolings, normalizations, resizing, detection and spectra."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tools.backends.probe import RANKS, SIZES, Computed, Numbers, Probe, empty_of, fixed, probe, shape_of


def probes() -> Iterator[Probe]:
    """Yield all of them."""
    yield from _reductions()
    yield from _sums_on_the_way()
    yield from _products()
    yield from _convolutions()
    yield from _poolings()
    yield from _normalizations()
    yield from _images()
    yield from _blocks()
    yield from _spectra()


def _reductions() -> Iterator[Probe]:
    numbers = Numbers(21)
    for rank in RANKS[1:]:
        axes = {(0,), (rank - 1,), tuple(range(rank)), (0, rank - 1) if rank > 1 else (0,)}
        for axis in sorted(axes):
            for keep in (False, True):
                for op in ("Sum", "Mean", "Max", "Min", "Prod"):
                    yield probe(op, numbers(shape_of(rank)), axis, keep_dims=keep)
                for op in ("Sum", "Max", "Min"):
                    yield probe(op, numbers.whole(1, 4, *shape_of(rank)), axis, keep_dims=keep)
                few = np.ones(shape_of(rank), np.int32)
                few.flat[:: max(1, few.size // 7)] = 3
                yield probe("Prod", few, axis, keep_dims=keep)
                for op in ("All", "Any"):
                    yield probe(op, numbers(shape_of(rank), "bool"), axis, keep_dims=keep)
        for axis in {0, rank - 1}:
            for op in ("ArgMax", "ArgMin"):
                yield probe(op, numbers.distinct(*shape_of(rank)), axis, output_type="int32")
                yield probe(op, np.argsort(numbers(shape_of(rank)), axis).astype(np.int32), axis, output_type="int32")
    for op in ("Sum", "Mean", "Max", "Min", "Prod"):
        yield probe(op, numbers((5000,)) * 0.5 + 1 if op == "Mean" else numbers((5000,)) * 0.01 + 1, [0])
        yield probe(op, numbers((300, 300)) * 0.001 + 1, [1])
        if op != "Mean":
            yield probe(op, numbers(empty_of(2)), [0])
        yield probe(op, numbers(empty_of(2)), [1])
    for op in ("All", "Any"):
        yield probe(op, numbers(empty_of(2), "bool"), [0])
    yield probe("EuclideanNorm", numbers((3, 4)), [1], keep_dims=False)


def _sums_on_the_way() -> Iterator[Probe]:
    numbers = Numbers(22)
    for rank in RANKS[1:]:
        for axis in {0, rank - 1}:
            for exclusive, reverse in ((False, False), (True, False), (False, True), (True, True)):
                for op in ("Cumsum", "Cumprod"):
                    yield probe(op, numbers(shape_of(rank)), axis, exclusive=exclusive, reverse=reverse)
            for op in ("Cumsum", "Cumprod"):
                yield probe(op, numbers(shape_of(rank), "int32"), axis)
    yield probe("Cumsum", numbers(empty_of(2)), 0)
    yield probe("Cumsum", numbers((3000,)), 0)


def _products() -> Iterator[Probe]:
    numbers = Numbers(23)
    for m, k, n in ((2, 3, 4), (1, 5, 1), (1, 70, 33), (65, 130, 70), (0, 3, 4), (2, 0, 4)):
        for ta, tb in ((False, False), (True, False), (False, True), (True, True)):
            a, b = numbers((k, m) if ta else (m, k)), numbers((n, k) if tb else (k, n))
            yield probe("MatMul", a, b, transpose_a=ta, transpose_b=tb)
            for rank in (3, 4, 5, 6):
                batch = SIZES[: rank - 2]
                if m in (2, 1):
                    x, y = numbers((*batch, *a.shape)), numbers((*batch, *b.shape))
                    yield probe("BatchMatMulV2", x, y, adj_x=ta, adj_y=tb)
                    if rank == 4:
                        yield probe("BatchMatMulV2", x, numbers((*batch[1:], *b.shape)), adj_x=ta, adj_y=tb)
                        yield probe("BatchMatMulV2", x, b, adj_x=ta, adj_y=tb)
    for parts in _ENDINGS:
        for m in (2, 65):
            inputs = [numbers((m, 20)), fixed(numbers((20, 6)))]
            yield _with_ending("_FusedMatMul", inputs, 6, parts, numbers, {}, _matmul)
    yield from _products_of_computed(numbers)
    yield probe("Einsum", numbers((2, 3, 4)), numbers((2, 4, 5)), equation="bij,bjk->bik")
    yield probe("MatrixBandPart", numbers((2, 4, 5)), 1, 2)


def _products_of_computed(numbers: Numbers) -> Iterator[Probe]:
    """Yield products of which no operand is a weight."""

    def computed(*shape: int) -> Computed:
        return Computed(numbers(shape))

    for k in (4, 5, 11):
        yield probe("MatMul", computed(3, k), computed(k, 7), transpose_a=False, transpose_b=False)
        yield probe("MatMul", computed(k, 3), computed(7, k), transpose_a=True, transpose_b=True)
        yield probe("BatchMatMulV2", computed(2, 3, k), computed(2, k, 7), adj_x=False, adj_y=False)
        yield probe("BatchMatMulV2", computed(2, 3, k), computed(2, 7, k), adj_x=False, adj_y=True)
        yield _with_ending(
            "_FusedMatMul", [computed(3, k), computed(k, 6)], 6, ("BiasAdd", "Relu"), numbers, {}, _matmul
        )
        for window in (1, 3):
            strides = {"strides": [1, 1, 1, 1], "padding": "SAME"}
            yield probe("Conv2D", computed(1, 7, 7, k), computed(window, window, k, 6), **strides)
            shape, kernel = np.array([1, 7, 7, 6], np.int32), computed(window, window, 6, k)
            yield probe("Conv2DBackpropInput", fixed(shape), kernel, computed(1, 7, 7, k), **strides)


_ENDINGS = (
    ("BiasAdd",),
    ("noop", "Relu"),
    *(("BiasAdd", activation) for activation in ("Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu")),
)


def _with_ending(
    op: str, inputs: list[Any], channels: int, parts: tuple[str, ...], numbers: Numbers, attrs: Any, base: Any
) -> Probe:
    """Return a probe of a fused op: the product, the bias, the activation."""
    bias = [fixed(numbers((channels,)))] if "BiasAdd" in parts else []
    more = {"fused_ops": list(parts), "num_args": len(bias)}
    if "LeakyRelu" in parts:
        more["leakyrelu_alpha"] = 0.3

    def reference(tf: Any, x: Any, kernel: Any, *rest: Any) -> Any:
        y = base(tf, x, kernel, attrs)
        if rest:
            y = y + rest[0]
        names = {"Relu": tf.nn.relu, "Relu6": tf.nn.relu6, "Elu": tf.nn.elu, "Sigmoid": tf.sigmoid}
        if "LeakyRelu" in parts:
            return tf.nn.leaky_relu(y, 0.3)
        return names[parts[-1]](y) if parts[-1] in names else y

    return probe(op, *inputs, *bias, reference=reference, **attrs, **more)


def _matmul(_tf: Any, x: Any, kernel: Any, _attrs: Any) -> Any:
    return x @ kernel


def _conv2d(tf: Any, x: Any, kernel: Any, attrs: Any) -> Any:
    return tf.nn.conv2d(x, kernel, attrs["strides"], attrs["padding"], dilations=attrs["dilations"])


def _depthwise(tf: Any, x: Any, kernel: Any, attrs: Any) -> Any:
    dilations = attrs["dilations"][1:3]
    return tf.nn.depthwise_conv2d(x, kernel, attrs["strides"], attrs["padding"], dilations=dilations)


def _depthwise_of(attrs: Any) -> Any:
    """TensorFlow has no dilated depthwise convolution as an op: it goes around it."""
    return lambda tf, x, kernel: _depthwise(tf, x, kernel, attrs)


def _convolutions() -> Iterator[Probe]:
    numbers = Numbers(24)
    for size, channels, filters in ((9, 3, 5), (8, 4, 8), (7, 1, 1), (5, 33, 17)):
        for window in ((1, 1), (3, 3), (2, 5), (3, 1)):
            for stride, dilation in ((1, 1), (2, 1), (1, 2), (3, 1)):
                for padding in ("SAME", "VALID"):
                    if dilation * (max(window) - 1) >= size:
                        continue
                    attrs = {
                        "strides": [1, stride, stride, 1],
                        "dilations": [1, dilation, dilation, 1],
                        "padding": padding,
                    }
                    x = numbers((2, size, size + 1, channels))
                    kernel = fixed(numbers((*window, channels, filters)))
                    yield probe("Conv2D", x, kernel, **attrs)
                    deep = fixed(numbers((*window, channels, 2)))
                    yield probe("DepthwiseConv2dNative", x, deep, reference=_depthwise_of(attrs), **attrs)
    attrs = {"strides": [1, 1, 1, 1], "dilations": [1, 1, 1, 1], "padding": "EXPLICIT"}
    pads = [0, 0, 1, 2, 0, 1, 0, 0]
    x = numbers((2, 7, 6, 3))
    yield probe("Conv2D", x, fixed(numbers((3, 3, 3, 4))), **attrs, explicit_paddings=pads)
    yield probe("DepthwiseConv2dNative", x, fixed(numbers((3, 3, 3, 1))), **attrs, explicit_paddings=pads)
    for parts in _ENDINGS:
        for window in ((1, 1), (3, 3)):
            attrs = {"strides": [1, 1, 1, 1], "dilations": [1, 1, 1, 1], "padding": "SAME"}
            kernel = fixed(numbers((*window, 3, 5)))
            yield _with_ending("_FusedConv2D", [x, kernel], 5, parts, numbers, attrs, _conv2d)
            if "LeakyRelu" not in parts:
                deep = fixed(numbers((*window, 3, 2)))
                yield _with_ending("FusedDepthwiseConv2dNative", [x, deep], 6, parts, numbers, attrs, _depthwise)
    for stride, size in ((1, 6), (2, 12), (3, 18)):
        for padding in ("SAME",):
            small = numbers((2, 6, 6, 3))
            kernel = fixed(numbers((3, 3, 4, 3)))
            shape = [2, size, size, 4]
            yield probe("Conv2DBackpropInput", shape, kernel, small, strides=[1, stride, stride, 1], padding=padding)
    for stride in (1, 2):
        for padding in ("SAME", "VALID"):
            volume = numbers((2, 5, 6, 4, 3))
            kernel = fixed(numbers((2, 3, 2, 3, 4)))
            yield probe("Conv3D", volume, kernel, strides=[1, stride, stride, stride, 1], padding=padding)
    yield probe("Conv1D", numbers((2, 9, 3)), fixed(numbers((3, 3, 4))), stride=1, padding="SAME", reference=_conv1d)
    # What is published has no number below zero here, which is what wasm pads with.
    yield probe(
        "Dilation2D", np.abs(x), fixed(numbers((3, 3, 3))), strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="SAME"
    )


def _conv1d(tf: Any, x: Any, kernel: Any) -> Any:
    return tf.nn.conv1d(x, kernel, 1, "SAME")


def _poolings() -> Iterator[Probe]:
    numbers = Numbers(25)
    for window in (2, 3):
        for stride in (1, 2):
            for padding in ("SAME", "VALID"):
                flat = {"ksize": [1, window, window, 1], "strides": [1, stride, stride, 1], "padding": padding}
                deep = {
                    "ksize": [1, window, window, window, 1],
                    "strides": [1, stride, stride, stride, 1],
                    "padding": padding,
                }
                for op in ("MaxPool", "AvgPool"):
                    yield probe(op, numbers((2, 7, 6, 3)), **flat)
                    yield probe(op, numbers((1, 8, 8, 33)), **flat)
                    yield probe(f"{op}3D", numbers((2, 5, 6, 4, 3)), **deep)
                    yield probe(op, numbers((0, 7, 6, 3)), **flat)


def _normalizations() -> Iterator[Probe]:
    numbers = Numbers(26)
    for rank in RANKS[1:]:
        for op in ("Softmax", "LogSoftmax"):
            yield probe(op, numbers(shape_of(rank)))
    yield probe("Softmax", numbers((2, 3000)))
    yield probe("Softmax", numbers((0, 3)))
    x = numbers((2, 4, 5, 6))
    vectors = [fixed(numbers.between(0.5, 1.5, 6)) for _ in range(4)]
    yield Probe("FusedBatchNormV3", (x, *vectors), {"epsilon": 1e-3, "is_training": False}, None, (0,))
    yield probe("LRN", x, depth_radius=2, bias=1.0, alpha=0.5, beta=0.5)


def _images() -> Iterator[Probe]:
    numbers = Numbers(27)
    for size in ((4, 9), (13, 5), (7, 7), (1, 1)):
        for aligned, centers in ((False, False), (True, False), (False, True)):
            for op in ("ResizeBilinear", "ResizeNearestNeighbor"):
                x = numbers((2, 7, 6, 3))
                yield probe(op, x, size, align_corners=aligned, half_pixel_centers=centers)
    transforms = fixed(np.array([[1.1, 0.1, -1, 0, 0.9, 0.5, 0.01, 0]], np.float32))
    for interpolation in ("NEAREST", "BILINEAR"):
        for fill in ("CONSTANT", "REFLECT", "WRAP", "NEAREST"):
            yield probe(
                "ImageProjectiveTransformV3",
                numbers((1, 7, 6, 3)),
                transforms,
                [7, 6],
                0.0,
                interpolation=interpolation,
                fill_mode=fill,
            )
    corner = numbers.between(0, 0.6, 12, 2)
    boxes = np.concatenate([corner, corner + numbers.between(0.2, 0.4, 12, 2)], -1)
    scores = numbers.distinct(12) / 4 + 0.5
    yield probe("NonMaxSuppressionV3", boxes, scores, 5, 0.4, 0.2)
    yield Probe("NonMaxSuppressionV4", _nms(boxes, scores), {"pad_to_max_output_size": True}, None, (0, 1))
    soft = (*_nms(boxes, scores), fixed(np.float32(0.5)[...]))
    yield Probe("NonMaxSuppressionV5", soft, {"pad_to_max_output_size": False}, None, (0, 1))


def _nms(boxes: Any, scores: Any) -> tuple[Any, ...]:
    return (boxes, scores, fixed(np.int32(5)[...]), fixed(np.float32(0.4)[...]), fixed(np.float32(0.2)[...]))


def _blocks() -> Iterator[Probe]:
    numbers = Numbers(28)
    for dtype in ("float32", "int32"):
        yield probe("DepthToSpace", numbers((2, 3, 4, 8), dtype), block_size=2)
        yield probe("SpaceToBatchND", numbers((2, 4, 6, 3), dtype), [2, 2], [[0, 0], [1, 1]])
        yield probe("BatchToSpaceND", numbers((8, 2, 4, 3), dtype), [2, 2], [[0, 0], [1, 1]])


def _spectra() -> Iterator[Probe]:
    numbers = Numbers(29)
    for rank in RANKS[1:6]:
        shape = (*shape_of(rank)[:-1], 8)
        for op in ("FFT", "IFFT"):
            yield probe(op, numbers(shape, "complex64"))
        yield probe("RFFT", numbers(shape), [8])
        half = numbers((*shape[:-1], 5), "complex64")
        half[..., [0, 4]] = half[..., [0, 4]].real
        yield probe("IRFFT", half, [8])
    for op in ("Add", "Mul", "Sub"):
        yield probe(op, numbers((3, 4), "complex64"), numbers((3, 4), "complex64"))
    yield probe("Reshape", numbers((3, 4), "complex64"), [12])
