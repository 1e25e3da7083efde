"""Operators on images: resizing, and boxes in them."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.registry import rule


@rule("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
def resize(c: Call) -> Value:
    """To a height and a width."""
    attrs = {key: bool(c.option(key)) for key in ("align_corners", "half_pixel_centers")}
    bilinear = c.operator.name == "RESIZE_BILINEAR"
    return c.b.node("ResizeBilinear" if bilinear else "ResizeNearestNeighbor", [c.x, c.value(1)], attrs)[0]


@rule("NON_MAX_SUPPRESSION_V4")
def suppress(c: Call) -> Sequence[Value]:
    """The boxes that overlap no better one, filled up to their most, and how many they are."""
    return c.b.multi("NonMaxSuppressionV4", *c.all(), pad_to_max_output_size=True)


@rule("NON_MAX_SUPPRESSION_V5")
def suppress_softly(c: Call) -> Sequence[Value]:
    """As V4, with scores that sink by the overlap; these come second."""
    return c.b.multi("NonMaxSuppressionV5", *c.all(), pad_to_max_output_size=True)
