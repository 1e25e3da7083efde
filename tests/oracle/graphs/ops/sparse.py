"""Sparse tensors, as indices, values and shape."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_indices = literal([[0, 0], [0, 3], [2, 1], [4, 2]], [[0, 1], [1, 0], [1, 2], [3, 3]], "int64")
_rows = literal([0, 0, 1, 2, 2, 2], [0, 1, 1, 1, 2, 2])

raw(
    "SparseFillEmptyRows",
    {"dense_shape": np.array([5, 4], np.int64), "default_value": -1.0},
    take=("output_indices", "output_values", "empty_row_indicator", "reverse_index_map"),
    indices=_indices,
    values=normal(4),
)
raw(
    "SparseFillEmptyRows",
    {"dense_shape": np.array([5, 4], np.int64), "default_value": np.int64(-1)},
    "int64",
    take=("output_indices", "output_values"),
    indices=_indices,
    values=integers(0, 9, 4).typed("int64"),
)
raw(
    "SparseReshape",
    {"input_shape": np.array([5, 4], np.int64), "new_shape": np.array([2, -1], np.int64)},
    take=("output_indices",),
    input_indices=_indices,
)
raw(
    "SparseReshape",
    {"input_shape": np.array([5, 4], np.int64)},
    "shape-given",
    input_indices=_indices,
    new_shape=literal([2, -1], [-1, 5], "int64"),
)
for name in ("SparseSegmentMean", "SparseSegmentSum"):
    raw(name, data=normal(7, 3), indices=integers(0, 6, 6), segment_ids=_rows)
    raw(name, variant="of-a-vector", data=normal(7), indices=integers(0, 6, 6), segment_ids=_rows)
op(
    "SparseSegmentMean",
    lambda tf, ids, values, table: tf.nn.embedding_lookup_sparse(
        table, tf.SparseTensor(ids, values, [5, 4]), None, combiner="mean"
    ),
    "embedding",
    ids=literal(
        [[0, 0], [0, 3], [1, 1], [2, 2], [3, 0], [4, 1]], [[0, 1], [1, 0], [2, 2], [3, 0], [3, 3], [4, 0]], "int64"
    ),
    values=integers(0, 8, 6).typed("int64"),
    table=lambda tf: tf.Variable(np.random.default_rng(5).standard_normal((9, 3)).astype("float32")),
)
