"""The boxes that a detector keeps of each image: those of each class that do not overlap, the best of all classes."""

from __future__ import annotations

from typing import Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, reshape, size
from tfjs_build.records import record

_OP: Final = "CombinedNonMaxSuppression"
_HINT: Final = "Give it constants for these in the exported function."
_WRITTEN_OUT: Final = 512
"""Most suppressions, one for each class of each image, that are written out one after the other."""

_DTYPES: Final = ("float32", "float32", "float32", "int32")


@record(frozen=True)
class _Settings:
    """`each` is the largest number of boxes of a class, `total` the number of rows in the result."""

    each: Value
    total: int
    overlap: Value
    least: Value
    clip: bool
    classes: int
    sets: int

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of what is kept of one image: boxes, scores, classes and how many there are."""
        return (self.total, 4), (self.total,), (self.total,), ()


@rule("CombinedNonMaxSuppression")
def _combined(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """One image after the other: written out where they are few, else in a loop."""
    boxes, scores, each, total, overlap, least = inputs
    if boxes.shape is None or scores.shape is None or scores.shape[2] is None or boxes.shape[2] is None:
        raise refuse(
            b, _OP, "the number of classes is not known when converting.", "Give its inputs that size in the signature."
        )
    if total.ints is None or (attrs.get("pad_per_class") and each.ints is None):
        raise refuse(b, _OP, "the number of boxes that it gives is not known when converting (max_total_size).", _HINT)
    classes, rows = scores.shape[2], total.ints[0]
    if attrs.get("pad_per_class") and each.ints is not None:
        rows = min(rows, each.ints[0] * classes)
    settings = _Settings(each, rows, overlap, least, bool(attrs.get("clip_boxes", True)), classes, boxes.shape[2])
    images = boxes.shape[0] if boxes.shape[0] is not None else scores.shape[0]
    if images is None or (images > 1 and images * classes > _WRITTEN_OUT):
        if any(value.constant is None for value in (each, overlap, least)):
            raise refuse(
                b,
                _OP,
                "it is given many images, or any number, and its limits are not known when converting "
                "(max_output_size_per_class, iou_threshold, score_threshold).",
                _HINT,
            )
        return _loop(b, boxes, scores, settings, images)
    if images == 0:
        return [b.const(np.zeros((0, *shape)), dtype) for shape, dtype in zip(settings.shapes, _DTYPES, strict=True)]
    all_boxes, all_scores = (b.multi("Unpack", value, num=images, axis=0) for value in (boxes, scores))
    found = [_of_image(b, *own, settings) for own in zip(all_boxes, all_scores, strict=True)]
    return [b.Pack(*parts, axis=0) for parts in zip(*found, strict=True)]


def _of_image(b: Builder, boxes: Value, scores: Value, settings: _Settings) -> tuple[Value, ...]:
    """Return what is kept of one image, given boxes [anchor, set, 4] and scores [anchor, class].

    A box and its class are one number, anchor · classes + class, until the best are chosen.
    """
    sets = b.multi("Unpack", boxes, num=settings.sets, axis=1)
    kept = []
    for number, own in enumerate(b.multi("Unpack", scores, num=settings.classes, axis=1)):
        chosen = b.NonMaxSuppressionV3(
            sets[number if settings.sets > 1 else 0], own, settings.each, settings.overlap, settings.least
        )
        kept.append(chosen * settings.classes + number)
    found = b.ConcatV2(*kept, 0) if len(kept) > 1 else kept[0]
    count = b.Size(found)
    # Rows that stay empty have the lowest score, so that the best of as many as there are rows can always be had.
    reserve = [settings.total]
    flat = b.Reshape(scores, [-1])
    best = b.ConcatV2(b.GatherV2(flat, found, 0), b.Fill(reserve, float("-inf")), 0)
    high, places = b.multi("TopKV2", best, settings.total, sorted=True)
    there = b.Less(places, count)
    chosen = b.GatherV2(b.ConcatV2(found, b.Fill(reserve, 0), 0), places, 0)
    anchor, kind = b.FloorDiv(chosen, settings.classes), b.FloorMod(chosen, settings.classes)
    if settings.sets > 1:
        anchor = chosen
    corners = b.GatherV2(reshape(b, boxes, [-1, 4]), anchor, 0)
    if settings.clip:
        corners = b.Maximum(b.Minimum(corners, 1.0), 0.0)
    return (
        b.SelectV2(b.ExpandDims(there, 1), corners, b.ZerosLike(corners)),
        b.SelectV2(there, high, b.ZerosLike(high)),
        b.SelectV2(there, b.Cast(kind, DstT="float32"), b.ZerosLike(high)),
        b.Minimum(count, settings.total),
    )


def _loop(b: Builder, boxes: Value, scores: Value, settings: _Settings, images: int | None) -> list[Value]:
    """Return what is kept of each image, of which there are many, or any number."""
    count: Size = size(b, boxes, 0)
    number = b.const(count, "int32") if isinstance(count, int) else count
    elements = [b.const(list(shape), "int32") for shape in settings.shapes]
    lists = [
        b.TensorListReserve(element, number, element_dtype=dtype)
        for element, dtype in zip(elements, _DTYPES, strict=True)
    ]
    variables = [b.const(0, "int32"), number, boxes, scores, *lists]

    def arguments() -> list[Value]:
        return [b.input(f"{b.scope}/image_{i}", value.shape, value.dtype) for i, value in enumerate(variables)]

    cond, body = arguments(), arguments()
    place, last, all_boxes, all_scores, *filled = body
    own = _of_image(b, b.GatherV2(all_boxes, place, 0), b.GatherV2(all_scores, place, 0), settings)
    written = [
        b.TensorListSetItem(each, place, item, element_dtype=dtype)
        for each, item, dtype in zip(filled, own, _DTYPES, strict=True)
    ]
    graphs = {
        "cond": b.graph(cond, [b.Less(cond[0], cond[1])]),
        "body": b.graph(body, [place + 1, last, all_boxes, all_scores, *written]),
    }
    after = b.node("StatelessWhile", variables, graphs, given=[(value.shape, value.dtype) for value in variables])
    return [
        b.TensorListStack(each, element, element_dtype=dtype, num_elements=-1 if images is None else images)
        for each, element, dtype in zip(after[4:], elements, _DTYPES, strict=True)
    ]
