"""The boxes that a detector keeps: tf.image.combined_non_max_suppression as detectors are exported with it."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import Given, literal, normal, uniform
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op = family.op


def _boxes(*shape: int) -> Given:
    """Boxes [y1, x1, y2, x2] that overlap a lot; some reach beyond the image."""
    from dataclasses import replace

    def fill(rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        corner = rng.uniform(-0.1, 0.7, (*size[:-1], 2))
        return np.concatenate([corner, corner + rng.uniform(0.2, 0.5, (*size[:-1], 2))], -1)

    return replace(normal(*shape, 4).fixed(), fill=fill)


def _kept(variant: str, boxes: Given, scores: Given, *, also: tuple[str, ...] = (), **settings: object) -> None:
    op(
        "CombinedNonMaxSuppression",
        lambda tf, boxes, scores: tf.image.combined_non_max_suppression(boxes, scores, **settings),
        variant,
        also=also,
        same=("valid_detections", "output_3"),
        boxes=boxes,
        scores=scores,
    )


_usual = {"max_output_size_per_class": 10, "max_total_size": 20, "iou_threshold": 0.5, "score_threshold": 0.3}
_kept("", _boxes(2, 100, 1), uniform(0, 1, 2, 100, 5).fixed(), **_usual)
_kept("box-of-each-class", _boxes(2, 100, 5), uniform(0, 1, 2, 100, 5).fixed(), **_usual)
_kept("free-batch", _boxes(2, 100, 1).then(3, 100, 1, 4), uniform(0, 1, 2, 100, 5).then(3, 100, 5), **_usual)
_kept("free-batch-each-class", _boxes(2, 40, 3).free(0), uniform(0, 1, 2, 40, 3), **_usual)
_kept("many-images", _boxes(180, 6, 1), uniform(0, 1, 180, 6, 3).fixed(), **_usual)
_kept("free-anchors", _boxes(1, 40, 1).then(1, 30, 1, 4), uniform(0, 1, 1, 40, 3).fixed().then(1, 30, 3), **_usual)
_kept("two-classes", _boxes(1, 50, 1), uniform(0, 1, 1, 50, 2).fixed(), **_usual)
_kept("unclipped", _boxes(1, 50, 1), uniform(0, 1, 1, 50, 3).fixed(), **_usual, clip_boxes=False)
_kept(
    "padded-per-class",
    _boxes(1, 50, 1),
    uniform(0, 1, 1, 50, 3).fixed(),
    **{**_usual, "max_total_size": 99},
    pad_per_class=True,
)
_kept("padded-to-total", _boxes(1, 50, 1), uniform(0, 1, 1, 50, 3).fixed(), **_usual, pad_per_class=True)
_kept("more-than-there-are", _boxes(1, 9, 1), uniform(0, 1, 1, 9, 2).fixed(), **{**_usual, "max_total_size": 99})
_kept("nothing-good", _boxes(1, 9, 1), uniform(0, 0.4, 1, 9, 2).fixed(), **{**_usual, "score_threshold": 0.35})
_kept("logits", _boxes(1, 50, 1), normal(1, 50, 3).fixed(), max_output_size_per_class=4, max_total_size=30)
_kept("no-overlap", _boxes(1, 50, 1), uniform(0, 1, 1, 50, 3).fixed(), **{**_usual, "iou_threshold": 0.0})
_apart = np.array([[[[0, 0, 0.2, 0.2]], [[0.3, 0.3, 0.5, 0.5]], [[0.6, 0.6, 0.8, 0.9]]]])
_kept(
    "ties-of-classes",
    literal(_apart, _apart[:, ::-1]),
    literal([[[0.5, 0.8], [0.6, 0.9], [0.8, 0.5]]], [[[0.9, 0.7], [0.7, 0.9], [0.8, 0.5]]]),
    **_usual,
)

op(
    "CombinedNonMaxSuppression",
    lambda tf, boxes, scores, each: tf.image.combined_non_max_suppression(boxes, scores, each, 20),
    "limit-given",
    same=("valid_detections",),
    boxes=_boxes(1, 50, 1),
    scores=uniform(0, 1, 1, 50, 3).fixed(),
    each=literal(2, 5),
)
op(
    "CombinedNonMaxSuppression",
    lambda tf, boxes, scores, each: tf.image.combined_non_max_suppression(boxes, scores, each, 20),
    "limit-given-and-free-batch",
    boxes=_boxes(1, 50, 1).free(0),
    scores=uniform(0, 1, 1, 50, 3),
    each=literal(2, 5),
    refused=("CombinedNonMaxSuppression", "it is given many images, or any number, and its limits are not known"),
)
op(
    "CombinedNonMaxSuppression",
    lambda tf, boxes, scores, total: tf.image.combined_non_max_suppression(boxes, scores, 5, total),
    "total-given",
    boxes=_boxes(1, 50, 1),
    scores=uniform(0, 1, 1, 50, 3).fixed(),
    total=literal(2, 5),
    refused=("CombinedNonMaxSuppression", "the number of boxes that it gives is not known when converting"),
)
op(
    "CombinedNonMaxSuppression",
    lambda tf, boxes, scores: tf.image.combined_non_max_suppression(boxes, scores, 5, 5),
    "of-free-classes",
    boxes=_boxes(1, 50, 1),
    scores=uniform(0, 1, 1, 50, 3).fixed().free(2),
    refused=("CombinedNonMaxSuppression", "the number of classes is not known when converting"),
)
