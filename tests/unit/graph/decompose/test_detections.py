"""The boxes that a detector keeps, beside a plain computation of the same."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import RNG
from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.ir import Array, Graph, Port, Value
from tfjs_build.errors import RefusedError

NAMES = ("boxes", "scores", "classes", "number")


def boxes_of(*shape: int) -> Array:
    corner = RNG.uniform(-0.1, 0.7, (*shape, 2))
    return np.concatenate([corner, corner + RNG.uniform(0.2, 0.5, (*shape, 2))], -1).astype(np.float32)


def overlap(one: Array, other: Array) -> float:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    both = float(np.prod(np.maximum(high - low, 0)))
    return both / (float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2])) - both)


def kept(boxes: Array, scores: Array, each: int, total: int, most: float, least: float, clip: bool) -> list[Array]:
    """Return what is kept of one image."""
    found: list[tuple[float, int, Array]] = []
    for number in range(scores.shape[1]):
        own = boxes[:, number if boxes.shape[1] > 1 else 0]
        chosen: list[int] = []
        for place in np.argsort(-scores[:, number], kind="stable"):
            free = all(overlap(own[place], own[other]) <= most for other in chosen)
            if free and scores[place, number] > least and len(chosen) < each:
                chosen.append(int(place))
        found += [(scores[place, number], number, own[place]) for place in chosen]
    found = sorted(found, key=lambda entry: -entry[0])[:total]
    corners = np.zeros((total, 4), np.float32)
    high, kinds = np.zeros(total, np.float32), np.zeros(total, np.float32)
    for row, (score, number, box) in enumerate(found):
        corners[row] = np.clip(box, 0, 1) if clip else box
        high[row], kinds[row] = score, number
    return [corners, high, kinds, np.array(len(found))]


def built(boxes: Value, scores: Value, each: int, total: int, most: float, least: float, **attrs: bool) -> list[Value]:
    b = boxes.node.builder
    assert isinstance(b, Builder)
    limits = [b.const(each), b.const(total), b.const(most), b.const(least)]
    return list(b.node("CombinedNonMaxSuppression", [boxes, scores, *limits], attrs, name="detector/nms"))


@pytest.mark.parametrize("sets", [1, 4])
@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(
    ("each", "total", "most", "least"), [(5, 12, 0.4, 0.3), (3, 40, 0.6, -np.inf), (9, 9, 0.0, 2.0)]
)
def test_what_is_kept(sets: int, clip: bool, padded: bool, each: int, total: int, most: float, least: float) -> None:
    boxes, scores = boxes_of(2, 30, sets), RNG.normal(0.5, 0.3, (2, 30, 4)).astype(np.float32)
    b = Lowering("detector")
    inputs = b.input("boxes", boxes.shape, "float32"), b.input("scores", scores.shape, "float32")
    values = built(*inputs, each, total, most, least, clip_boxes=clip, pad_per_class=padded)
    rows = min(total, each * 4) if padded else total
    assert [value.shape for value in values] == [(2, rows, 4), (2, rows), (2, rows), (2,)]
    graph = Graph(
        [Port("boxes", inputs[0]), Port("scores", inputs[1])],
        [Port(name, value) for name, value in zip(NAMES, values, strict=True)],
    )
    result = run(graph, {"boxes": boxes, "scores": scores})
    for image in range(2):
        expected = kept(boxes[image], scores[image], each, rows, most, least, clip)
        for name, numbers in zip(NAMES, expected, strict=True):
            np.testing.assert_array_equal(result[name][image], numbers)


@pytest.mark.parametrize("images", [None, 200])
def test_many_images_are_a_loop(images: int | None) -> None:
    b = Lowering("detector")
    boxes, scores = b.input("boxes", (images, 30, 1, 4), "float32"), b.input("scores", (images, 30, 4), "float32")
    values = built(boxes, scores, 5, 12, 0.4, 0.3)
    assert [value.shape for value in values] == [(images, 12, 4), (images, 12), (images, 12), (images,)]
    assert {value.node.inputs[0].node.op for value in values} == {"StatelessWhile"}


LIMITS = (
    "it is given many images, or any number, and its limits are not known when converting (max_output_size_per_class, "
    "iou_threshold, score_threshold)"
)


@pytest.mark.parametrize(
    ("classes", "unknown", "images", "words"),
    [
        (None, None, 1, "the number of classes is not known when converting"),
        (3, "total", 1, "the number of boxes that it gives is not known when converting (max_total_size)"),
        (3, "each", None, LIMITS),
        (3, "least", 400, LIMITS),
    ],
)
def test_what_is_refused(classes: int | None, unknown: str | None, images: int | None, words: str) -> None:
    b = Lowering("detector")
    boxes, scores = b.input("b", (images, 9, 1, 4), "float32"), b.input("s", (images, 9, classes), "float32")
    limits = {"each": b.const(5), "total": b.const(9), "most": b.const(0.5), "least": b.const(0.1)}
    if unknown is not None:
        limits[unknown] = b.input(unknown, (), "int32")
    with pytest.raises(RefusedError) as refused:
        b.node("CombinedNonMaxSuppression", [boxes, scores, *limits.values()], {}, name="detector/nms")
    assert str(refused.value).startswith(f"CombinedNonMaxSuppression (detector/nms): {words}.")
