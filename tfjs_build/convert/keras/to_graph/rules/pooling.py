"""Rules of the pooling layers."""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import product, reshape
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.windows import (
    around,
    channels_first,
    enter,
    layout,
    leave,
    padding,
    plane,
    spatial,
    volume_padding,
)


def _names(prefix: str) -> list[str]:
    return [f"{prefix}{kind}Pooling{count}D" for kind in ("Average", "Max") for count in (1, 2, 3)]


def _kind(c: Context) -> tuple[str, int]:
    """Return `Avg` or `Max`, and the number of spatial axes."""
    name = c.layer.class_name
    return "Avg" if "Average" in name else "Max", int(name[-2])


_MASKED: Final = "GlobalAveragePooling1D"
"""The one that leaves out what is masked."""


@layer(*_names(""), floats=True)
def pool(c: Context) -> Value:
    """The mean or maximum of windows."""
    kind, count = _kind(c)
    size = c.config.sizes("pool_size", count)
    strides = size if c.config.get("strides") is None else c.config.sizes("strides", count)
    x = enter(c, c.x, count)
    pads = volume_padding(c, x, size, strides) if count == 3 else padding(c)
    settings = {
        "ksize": around(plane(size)),
        "strides": around(plane(strides)),
        "padding": pads,
        "data_format": layout(count),
    }
    y = c.b.node(f"{kind}Pool3D" if count == 3 else f"{kind}Pool", [x], settings)[0]
    return leave(c, y, count)


@layer(*(name for name in _names("Global") if name != _MASKED), floats=True)
@layer(_MASKED, floats=True, takes="mask")
def global_pool(c: Context) -> Value:
    """The mean or maximum over all of space; the mean of a sequence leaves masked steps out."""
    kind, count = _kind(c)
    x, axes = c.x, list(spatial(c, count))
    c.expect_rank(x, count + 2)
    keep = c.config.boolean("keepdims", False)
    mask = c.mask if c.layer.class_name == _MASKED else None
    c.output_masks = [None]
    if mask is not None:
        weights = c.b.ExpandDims(c.b.Cast(mask, DstT="float32"), 1 if channels_first(c) else 2)
        return c.b.Sum(x * weights, axes, keep_dims=keep) / c.b.Sum(weights, axes, keep_dims=keep)
    return c.b.node("Mean" if kind == "Avg" else "Max", [x, c.constant(axes, "int32")], {"keep_dims": keep})[0]


_MOST_WINDOWS: Final = 1 << 14


@layer(*_names("Adaptive"), floats=True)
def adaptive_pool(c: Context) -> Value:
    """The mean or maximum of as many windows as are asked for, axis by axis."""
    kind, count = _kind(c)
    y = c.x
    sizes = c.config.sizes("output_size", count)
    c.require(max(sizes) <= _MOST_WINDOWS, f"output_size={sizes} is not supported, only up to {_MOST_WINDOWS}")
    for axis, size in zip(spatial(c, count), sizes, strict=True):
        y = adapted(c, y, axis, size, kind)
    return y


def adapted(c: Context, x: Value, axis: int, count: int, kind: str) -> Value:
    """Pool `count` windows along an axis: the i-th from ⌊i n / count⌋ to ⌈(i + 1) n / count⌉.

    Their sizes are two at most. For each there is a pool of step 1, from which the windows are taken.
    """
    b = c.b
    length = c.fixed(x, axis)
    starts = [i * length // count for i in range(count)]
    ends = [-(-(i + 1) * length // count) for i in range(count)]
    widths = sorted({end - start for start, end in zip(starts, ends, strict=True)})
    sizes = c.sizes(x)
    before, after = product(b, sizes[:axis]), product(b, sizes[axis + 1 :])
    flat = reshape(b, x, [before, length, 1, after])
    pools, offsets, offset = [], {}, 0
    for width in widths:
        settings = {"ksize": [1, width, 1, 1], "strides": [1, 1, 1, 1], "padding": "VALID", "data_format": "NHWC"}
        pools.append(b.node(f"{kind}Pool", [flat], settings)[0])
        offsets[width] = offset
        offset += length - width + 1
    joined = c.concat(pools, 1)
    places = [offsets[end - start] + start for start, end in zip(starts, ends, strict=True)]
    taken = b.GatherV2(joined, c.constant(places, "int32"), 1)
    return reshape(b, taken, [*sizes[:axis], count, *sizes[axis + 1 :]])
