"""Which of overlapping boxes are kept."""

from __future__ import annotations

from typing import Final

import numpy as np

from tests.support.numpy_ops.kinds import Array, Arrays, Attrs, Op


def _kept_boxes(arrays: Arrays, _attrs: Attrs) -> Array:
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


DETECTIONS: Final[dict[str, Op]] = {"NonMaxSuppressionV3": _kept_boxes}
