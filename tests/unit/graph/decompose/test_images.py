"""Decompositions of convolutions, normalization, pooling and resampling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import POSITIVE, RNG, X, lowered, nodes_of, one
from tests.unit.graph.running import run
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.errors import RefusedError


def test_batch_normalization_in_training_mode() -> None:
    image = RNG.normal(size=(2, 3, 4, 5)).astype(np.float32)
    scale, offset = POSITIVE[0], X[0]
    for layout, axes in (("NHWC", (0, 1, 2)), ("NCHW", (0, 2, 3))):
        x = image[..., :4] if layout == "NHWC" else np.moveaxis(image[..., :4], -1, 1)
        nothing = np.zeros(0, np.float32)
        attrs = {"epsilon": 0.01, "data_format": layout, "is_training": True}
        types = ["float32"] + ["const float32"] * 4
        y, mean, variance = lowered("FusedBatchNormV3", [x, scale, offset, nothing, nothing], types, attrs, 3)
        spread = (1, -1, 1, 1) if layout == "NCHW" else (-1,)
        expected_mean, expected_variance = x.mean(axes), x.var(axes)
        expected = (x - expected_mean.reshape(spread)) / np.sqrt(expected_variance.reshape(spread) + 0.01)
        expected = expected * scale.reshape(spread) + offset.reshape(spread)
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(mean, expected_mean, rtol=1e-4, atol=1e-6)
        count = x.size / 4
        np.testing.assert_allclose(variance, expected_variance * count / (count - 1), rtol=1e-4)


CONV: dict[str, Any] = {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [1, 1, 1, 1]}


@pytest.mark.parametrize(("channels", "op"), [(1, "DepthwiseConv2dNative"), (2, "ConcatV2")])
def test_groups(channels: int, op: str) -> None:
    x = RNG.normal(size=(2, 4, 5, 4)).astype(np.float32)
    kernel = RNG.normal(size=(3, 3, channels, 8)).astype(np.float32)
    result = lowered("Conv2D", [x, kernel], ["float32", "const float32"], dict(CONV))[0]
    groups = 4 // channels
    width = 8 // groups
    parts = []
    for g in range(groups):
        image = x[..., g * channels : (g + 1) * channels]
        parts.append(one("Conv2D", [image, kernel[..., g * width : (g + 1) * width]], **CONV))
    np.testing.assert_allclose(result, np.concatenate(parts, -1), rtol=1e-5, atol=1e-5)


def test_channels_first() -> None:
    x = RNG.normal(size=(2, 3, 5, 6)).astype(np.float32)
    kernel = RNG.normal(size=(3, 3, 3, 4)).astype(np.float32)
    attrs = {"strides": [1, 1, 2, 2], "padding": "SAME", "dilations": [1, 1, 1, 1], "data_format": "NCHW"}
    result = lowered("Conv2D", [x, kernel], ["float32", "const float32"], attrs)[0]
    last = one("Conv2D", [np.moveaxis(x, 1, -1), kernel], **{**CONV, "strides": [1, 2, 2, 1]})
    np.testing.assert_allclose(result, np.moveaxis(last, -1, 1), rtol=1e-5, atol=1e-5)


def test_what_tensorflows_optimizer_fused_is_taken_apart() -> None:
    attrs = {"fused_ops": ["BiasAdd", "Tanh"], "num_args": 1}
    arrays = [X, POSITIVE.T, POSITIVE[0, :3]]
    result = lowered("_FusedMatMul", arrays, ["float32", "const float32", "const float32"], attrs)[0]
    np.testing.assert_allclose(result, np.tanh(X @ POSITIVE.T + POSITIVE[0, :3]), rtol=1e-5)


def test_kernels_of_single_backends_are_spared_what_they_get_wrong() -> None:
    """wasm: bools of one byte, steps other than 1; cpu: a scatter into the tensor itself; webgpu: one-hots."""
    ops = [n.op for n in nodes_of(lambda b, x: b.ReverseV2(x, [0]), (4,), "bool")]
    assert ops == ["Cast", "ReverseV2", "NotEqual"] or ops == ["Cast", "ReverseV2", "ZerosLike", "NotEqual"]
    steps = nodes_of(lambda b, x: b.StridedSlice(x, [0], [0], [2], begin_mask=1, end_mask=1), (4,), "int32")
    assert [n.op for n in steps] == ["GatherV2"]
    scattered = nodes_of(lambda b, x: b.TensorScatterUpdate(x, [[1]], [5.0]), (4,), "float32")
    assert [n.op for n in scattered] == ["Maximum", "TensorScatterUpdate"]
    hot = nodes_of(lambda b, x: b.OneHot(x, 3, 1.0, 0.0), (4,), "int32")
    assert [(n.op, n.outputs[0].dtype) for n in hot] == [
        ("ExpandDims", "int32"),
        ("Equal", "bool"),
        ("Cast", "float32"),
    ]


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "settings"),
    [
        (16, 3, 4, ("VALID", [])),
        (15, 3, 4, ("VALID", [])),
        (18, 3, 4, ("EXPLICIT", [0, 0, 0, 1, 0, 1, 0, 0])),
        (13, 3, 4, ("EXPLICIT", [0, 0, 1, 1, 1, 1, 0, 0])),
        (16, 4, 4, ("SAME", None)),
        (None, 3, 4, ("SAME", None)),
        (None, 1, 2, ("VALID", [])),
    ],
)
def test_a_kernel_below_its_strides_pads_by_numbers(
    size: int | None, kernel: int, stride: int, settings: tuple[str, list[int] | None]
) -> None:
    b = Lowering()
    x = b.input("x", (None, size, size, 2), "float32")
    weights = b.const(np.ones((kernel, kernel, 2, 3), np.float32))
    conv = b.Conv2D(x, weights, strides=[1, stride, stride, 1], padding="SAME").node
    assert (conv.attrs["padding"], conv.attrs.get("explicit_paddings")) == settings


@pytest.mark.parametrize("method", ["lanczos3", "triangle", "keyscubic", "gaussian", "mitchellcubic", "box"])
def test_resampling_keeps_a_flat_image_flat_and_bounds_its_reach(method: str) -> None:
    image = np.full((1, 9, 12, 2), 3, np.float32)
    scale, shift = np.array([5 / 9, 2], np.float32), np.zeros(2, np.float32)
    inputs = [image, [5, 24], scale, shift]
    attrs = {"kernel_type": method, "antialias": True}
    b = Lowering()
    x = b.input("x", (None, 9, 12, 2), "float32")
    constants = [b.const(np.asarray(each)) for each in inputs[1:]]
    y = b.node("ScaleAndTranslate", [x, *constants], attrs, given=[((None, 5, 24, 2), "float32")])[0]
    result = run(Graph([Port("x", x)], [Port("y", y)]), {"x": image})["y"]
    np.testing.assert_allclose(result, np.full((1, 5, 24, 2), 3), rtol=1e-6)


def test_resampling_of_a_free_size_is_refused() -> None:
    b = Lowering()
    x = b.input("x", (1, None, 6, 3), "float32")
    with pytest.raises(RefusedError, match="it is supported only where all sizes are known when converting") as caught:
        b.node("ResizeArea", [x, b.const([2, 2])], {}, given=[((1, 2, 2, 3), "float32")])
    assert "signature" in (caught.value.hint or "")
