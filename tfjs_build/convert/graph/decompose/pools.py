"""Pools in layouts and with paddings that TensorFlow.js does not read."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.patches import largest_of_integers
from tfjs_build.convert.graph.decompose.reductions import NEVER_READ
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.dtypes import INTEGER
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape, size, times

_LOWEST = float(np.finfo(np.float32).min)


def to_last(b: Builder, x: Value, rank: int) -> Value:
    """Return `x` with its channels moved from axis 1 to the end."""
    return b.Transpose(x, [0, *range(2, rank), 1])


def to_first(b: Builder, x: Value, rank: int) -> Value:
    """Return `x` with its channels moved from the end to axis 1."""
    return b.Transpose(x, [0, rank - 1, *range(1, rank - 1)])


def last_order(values: list[int]) -> list[int]:
    """Return per-axis numbers with those of the channels moved from axis 1 to the end."""
    return [values[0], *values[2:], values[1]] if values else values


def _pool(op: str) -> Decomposition:
    def pooled(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
        """1. Channels come last. 2. Explicit paddings are padded, with what never wins. 3. Windows are over space.
        4. wasm pools floats only, which do not hold every integer."""
        x = inputs[0]
        ksize, strides = list(attrs["ksize"]), list(attrs["strides"])
        rank = len(ksize)
        layout = attrs.get("data_format", "NHWC")
        if layout == "NCHW_VECT_C":
            raise refuse(b, op, f"data_format={layout!r} is not supported, only 'NHWC' and 'NCHW' are.")
        first, explicit = layout.startswith("NC"), attrs.get("padding") == "EXPLICIT"
        pads = list(attrs.get("explicit_paddings") or [])
        if first:
            ksize, strides = last_order(ksize), last_order(strides)
            pads = [*pads[:2], *pads[4:], *pads[2:4]]
        if ksize[0] != 1 or ksize[-1] != 1 or strides[0] != 1 or strides[-1] != 1:
            raise refuse(
                b,
                op,
                f"ksize={ksize} with strides={strides} is not supported: it pools over the batch or the channels.",
            )
        whole = op == "MaxPool" and x.dtype in INTEGER
        if not first and not explicit and op != "MaxPool3D" and not whole:
            return None
        settings: dict[str, Any] = {"ksize": ksize, "strides": strides, "padding": attrs["padding"]}
        if first:
            x = to_last(b, x, rank)
        if explicit:
            lowest = _LOWEST if not whole else np.iinfo(np.int32).min if x.dtype in ("int32", "int64") else -(2**15)
            x = b.PadV2(x, [pads[2 * i : 2 * i + 2] for i in range(rank)], lowest)
            settings["padding"] = "VALID"
        if whole:
            result = largest_of_integers(b, x, ksize, strides, same=settings["padding"] == "SAME")
            return to_first(b, result, rank) if first else result
        result = _highest(b, x, settings) if op == "MaxPool3D" else b.node(op, [x], settings)[0]
        return to_first(b, result, rank) if first else result

    return pooled


for _op in ("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"):
    rule(_op)(_pool(_op))


def _highest(b: Builder, x: Value, settings: dict[str, Any]) -> Value:
    """Return the highest numbers of windows over volumes: over their planes first, then along their depth. (wasm begins
    with the smallest number above zero there.)"""
    (depth, *plane), (step, *steps), padding = settings["ksize"][1:-1], settings["strides"][1:-1], settings["padding"]
    images, layers, height, width, channels = (size(b, x, axis) for axis in range(5))
    x = reshape(b, x, [times(b, images, layers), height, width, channels])
    x = b.MaxPool(x, ksize=[1, *plane, 1], strides=[1, *steps, 1], padding=padding)
    height, width = size(b, x, 1), size(b, x, 2)
    if (depth, step) != (1, 1):
        x = reshape(b, x, [images, layers, times(b, height, width), channels])
        x = b.MaxPool(x, ksize=[1, depth, 1, 1], strides=[1, step, 1, 1], padding=padding)
        layers = size(b, x, 1)
    return reshape(b, x, [images, layers, height, width, channels])


def _lowest(b: Builder, x: Value) -> Value:
    """Return what to take off `x` for a maximum in wasm, which begins with the smallest number above zero."""
    axes = list(range(x.rank)) if x.rank is not None else b.Range(0, b.Rank(x), 1)
    return b.Min(x, axes, **{NEVER_READ: True})


@rule("MaxPoolWithArgmax")
def _pool_argmax(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """The highest numbers come from a plain pool: to be found at all, they must be above zero."""
    x = inputs[0]
    if x.dtype in INTEGER:
        highest, places = _pool_argmax(b, [b.Cast(x, DstT="float32")], attrs)  # type: ignore[misc]
        return [b.Cast(highest, DstT=x.dtype), places]
    places = b.multi("MaxPoolWithArgmax", x - (_lowest(b, x) - 1.0), **attrs)[1]
    settings = {key: attrs[key] for key in ("ksize", "strides", "padding")}
    return [b.MaxPool(x, **settings), places]


@rule("Dilation2D")
def _dilation(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, kernel = inputs
    if x.dtype in INTEGER:
        floats = _dilated(b, b.Cast(x, DstT="float32"), b.Cast(kernel, DstT="float32"), attrs)
        return b.Cast(floats, DstT=x.dtype)
    return _dilated(b, x, kernel, attrs)


def _dilated(b: Builder, x: Value, kernel: Value, attrs: Attrs) -> Value:
    shift = _lowest(b, x) + _lowest(b, kernel)
    return b.Dilation2D(x - shift, kernel, **attrs) + shift


@rule("MaxPoolV2")
def _pool_v2(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, ksize, strides = inputs
    if ksize.ints is None or strides.ints is None:
        raise refuse(b, "MaxPoolV2", "ksize or strides are not known when converting.")
    settings = {"ksize": list(ksize.ints), "strides": list(strides.ints), "padding": attrs["padding"]}
    if attrs.get("data_format", "NHWC") != "NHWC":
        raise refuse(b, "MaxPoolV2", f"data_format={attrs['data_format']!r} is not supported, only 'NHWC' is.")
    return b.node("MaxPool", [x], settings)[0]
