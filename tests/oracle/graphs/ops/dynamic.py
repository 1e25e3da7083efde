"""Ops whose result's size depends on numbers: suppression of boxes, searching, sets."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, boxes, distinct, integers, literal, normal, ordered, uniform
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_found = {"boxes": boxes(12), "scores": uniform(0, 1, 12)}
raw("NonMaxSuppression", {"max_output_size": 5, "iou_threshold": 0.4}, **_found)
raw("NonMaxSuppressionV2", {"max_output_size": 5, "iou_threshold": 0.4}, **_found)
raw("NonMaxSuppressionV2", {"max_output_size": 12, "iou_threshold": 0.1}, "strict", **_found)
raw("NonMaxSuppressionV3", {"max_output_size": 5, "iou_threshold": 0.4, "score_threshold": 0.3}, **_found)
raw(
    "NonMaxSuppressionV3",
    {"max_output_size": 5},
    "thresholds-given",
    iou_threshold=uniform(0.2, 0.6),
    score_threshold=uniform(0.1, 0.5),
    **_found,
)
for pad in (False, True):
    raw(
        "NonMaxSuppressionV4",
        {"max_output_size": 9, "iou_threshold": 0.3, "score_threshold": 0.2, "pad_to_max_output_size": pad},
        "padded" if pad else "",
        same=("valid_outputs",),
        **_found,
    )
_soft = {"max_output_size": 9, "iou_threshold": 0.3, "score_threshold": 0.2}
raw("NonMaxSuppressionV5", {**_soft, "soft_nms_sigma": 0.0}, **_found)
raw(
    "NonMaxSuppressionV5",
    {**_soft, "iou_threshold": 1.0, "soft_nms_sigma": 0.5},
    "soft",
    same=("valid_outputs",),
    **_found,
)
raw(
    "NonMaxSuppressionV5",
    {**_soft, "soft_nms_sigma": 0.0, "pad_to_max_output_size": True},
    "padded",
    refused=("NonMaxSuppressionV5", "padding"),
    **_found,
)

raw("Where", condition=bools(3, 5))
raw("Where", variant="vector", condition=bools(9))
raw("Where", variant="of-numbers", condition=literal([0.0, 0.5, -2.0, 0.0], [256.0, 0.0, 0.0, 0.0]))
raw("Where", variant="of-ints", condition=integers(0, 1, 3, 5))
op("Where", lambda tf, x: tf.boolean_mask(x, x > 0), "boolean-mask", x=normal(4, 5))
op("Where", lambda tf, x: tf.gather_nd(x, tf.where(x > 0.3)) * 2.0, "then-gathered", x=normal(4, 5))

raw("ListDiff", x=integers(0, 9, 8), y=integers(0, 9, 3))
raw("ListDiff", variant="floats", x=literal([1.0, 2.5, 3.0, 2.5], [5.0, 1.0, 4.0, 0.5]), y=literal([2.5], [1.0]))

raw("LowerBound", sorted_inputs=ordered(2, 7).fixed(), values=normal(2, 4).fixed())
raw("UpperBound", sorted_inputs=ordered(2, 7).fixed(), values=normal(2, 4).fixed())
raw(
    "LowerBound",
    variant="ties",
    sorted_inputs=literal([[1.0, 2, 2, 3]], [[0.0, 2, 5, 6]]),
    values=literal([[2.0, 0, 4, 1]], [[5.0, 5, 2, 9]]),
)
raw(
    "UpperBound",
    variant="ties",
    sorted_inputs=literal([[1.0, 2, 2, 3]], [[0.0, 2, 5, 6]]),
    values=literal([[2.0, 0, 4, 1]], [[5.0, 5, 2, 9]]),
)
raw(
    "UpperBound",
    variant="int32",
    sorted_inputs=literal([[1, 2, 2, 3]], [[0, 2, 5, 6]]),
    values=literal([[2, 0, 4, 1]], [[5, 5, 2, 9]]),
)
op("LowerBound", lambda tf, x: tf.searchsorted([-1.0, 0.0, 1.0], x), "searchsorted", x=normal(6))

raw("TopKV2", {"k": 3}, input=normal(4, 6))
raw("TopKV2", {"k": 1}, "one", input=normal(4, 6))
raw("TopKV2", {"k": 4}, "vector", input=normal(9))
raw("TopKV2", {"k": 2}, "int32", input=distinct(-40, 40, 4, 6))
raw("TopKV2", {"k": 3}, "ties", input=literal([1.0, 3, 3, 2, 3, 0], [5.0, 5, 1, 5, 1, 5]))
raw("TopKV2", variant="k-given", input=normal(4, 6), k=literal(2, 4))
raw("TopKV2", {"k": 3}, "rank-3", input=normal(2, 3, 6))
raw("Unique", x=integers(0, 4, 9))
raw("Unique", variant="floats", x=literal([2.0, 1.5, 2.0, 0.5], [4.0, 4.0, 4.0, 1.0]))
raw("UniqueV2", {"axis": [0]}, "rows", x=integers(0, 1, 7, 2))
raw("UniqueV2", {"axis": [1]}, "columns", x=integers(0, 1, 2, 7))
raw("UniqueV2", {"axis": [0]}, "vector", x=integers(0, 4, 9))
