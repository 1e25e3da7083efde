"""Rows of one segment taken together, and who is among the best of a row; of infinite numbers, and of none."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal
from tests.oracle.graphs.ops.suite import SUITE, told

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_rows = literal([0, 0, 1, 3, 3, 3], [0, 1, 1, 1, 2, 4])
for kind in ("Sum", "Mean", "SqrtN"):
    name = f"SparseSegment{kind}"
    given = {"indices": integers(0, 6, 6), "segment_ids": _rows}
    if kind == "SqrtN":
        raw(name, data=normal(7, 3), **given)
        raw(name, variant="of-a-vector", data=normal(7), **given)
        raw(name, variant="rank-3", data=normal(7, 2, 3), **given)
    more = f"{name}WithNumSegments"
    raw(more, {"num_segments": 7}, data=normal(7, 3), **given)
    raw(more, variant="number-given", data=normal(7, 3), num_segments=literal(5, 6), **given)
    raw(
        more,
        {"num_segments": 2},
        "of-nothing",
        data=normal(7, 3),
        indices=integers(0, 6, 0).then(3),
        segment_ids=literal(np.zeros(0, np.int32), [0, 0, 1]),
    )
    raw(
        more,
        {"num_segments": 3},
        "int64",
        data=normal(7, 3),
        indices=integers(0, 6, 4).typed("int64"),
        segment_ids=literal(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]), "int64"),
    )
for combiner in ("sqrtn", "sum"):
    op(
        f"SparseSegment{'SqrtN' if combiner == 'sqrtn' else 'Sum'}",
        lambda tf, ids, values, table, combiner=combiner: tf.nn.embedding_lookup_sparse(
            table, tf.SparseTensor(ids, values, [5, 4]), None, combiner=combiner
        ),
        f"embedding-{combiner}",
        ids=literal(
            np.array([[0, 0], [0, 1], [2, 0], [4, 3]], np.int64),
            np.array([[0, 0], [1, 1], [1, 2], [3, 3]], np.int64),
            "int64",
        ),
        values=integers(0, 6, 4).typed("int64"),
        table=normal(7, 3).fixed(),
    )

_endless = np.array([[1, np.inf], [2, -np.inf], [np.nan, 1], [3, 4]], np.float32)
for name in ("SegmentSum", "SegmentMean"):
    op(
        name,
        lambda tf, data, ids, name=name: told(tf, getattr(tf.raw_ops, name)(data=data, segment_ids=ids)),
        "infinite",
        data=literal(_endless, _endless[::-1].copy()),
        ids=literal([0, 0, 1, 2], [0, 1, 1, 2]),
    )
op(
    "UnsortedSegmentSum",
    lambda tf, data, ids: told(tf, tf.math.unsorted_segment_sum(data, ids, 4)),
    "infinite",
    data=literal(_endless, _endless[::-1].copy()),
    ids=literal([0, 3, 1, -1], [2, 3, 1, 0]),
)

for kind in ("Max", "Min", "Prod"):
    name = f"UnsortedSegment{kind}"
    raw(name, {"num_segments": 5}, data=normal(6, 3), segment_ids=_rows)
    raw(name, {"num_segments": 5}, "of-a-vector", data=normal(4), segment_ids=literal([0, 3, 1, -1], [2, 3, 1, 0]))
    raw(
        name,
        {"num_segments": 3},
        "rank-2",
        data=normal(2, 3, 2),
        segment_ids=literal([[0, 2, 0], [2, 2, 1]], [[1, -1, 1], [0, 0, 0]]),
    )
    raw(name, variant="number-given", data=normal(6, 3), segment_ids=_rows, num_segments=literal(5, 6))

_scores = np.array(
    [[np.inf, 2, 3], [-np.inf, 1, 0], [3, 2, 1], [1, np.nan, 5], [4, 5, 6], [1, 1, 1], [7, 1, 2]], np.float32
)
_targets = literal([1, 1, 0, 2, 3, 0, 0], [0, 2, 0, 0, -1, 3, 2])
for k in (1, 2, 3):
    raw("InTopKV2", {"k": k}, f"infinite-{k}", predictions=literal(_scores, _scores[:, ::-1].copy()), targets=_targets)
    raw("InTopK", {"k": k}, f"infinite-{k}", predictions=literal(_scores, _scores[:, ::-1].copy()), targets=_targets)
raw("InTopKV2", {"k": 1}, "of-nothing", predictions=normal(0, 3).then(2, 3), targets=integers(0, 2, 0).then(2))
raw("InTopKV2", {"k": 2}, "free", predictions=normal(4, 5).then(4, 3), targets=integers(0, 2, 4).typed("int64"))
