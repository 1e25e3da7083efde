"""Rows of different lengths: TensorFlow.js has executors for them, which its table of ops does not list."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_splits = literal([0, 2, 2, 5, 7], [0, 1, 4, 5, 7])
op(
    "RaggedGather",
    lambda tf, values, splits, ids: _flat(
        tf.raw_ops.RaggedGather(
            params_nested_splits=[splits], params_dense_values=values, indices=ids, OUTPUT_RAGGED_RANK=1
        )
    ),
    values=normal(7),
    splits=_splits,
    ids=integers(0, 3, 3),
    refused=("no RaggedGather",),
)
op(
    "RaggedRange",
    lambda tf, starts, limits: tf.raw_ops.RaggedRange(starts=starts, limits=limits, deltas=[1, 2, 1]),
    starts=literal([0, 1, 5], [2, 0, 7]),
    limits=literal([3, 6, 6], [2, 9, 9]),
    refused=("no RaggedRange",),
)
op(
    "RaggedRange",
    lambda tf, starts: tf.raw_ops.RaggedRange(starts=starts, limits=4.0, deltas=0.75),
    "floats",
    starts=literal([0.5, 2.0], [1.0, 3.5]),
    refused=("no RaggedRange",),
)
for variant, shape, types, partition in (
    ("row-splits", [4, 4], ["ROW_SPLITS"], lambda tf, splits: splits),
    ("row-splits-cut-and-filled", [5, 2], ["ROW_SPLITS"], lambda tf, splits: splits),
    (
        "value-rowids",
        [-1, 4],
        ["FIRST_DIM_SIZE", "VALUE_ROWIDS"],
        lambda tf, splits: tf.searchsorted(splits, tf.range(7), "right") - 1,
    ),
):
    op(
        "RaggedTensorToTensor",
        lambda tf, values, splits, types=types, partition=partition, shape=shape: tf.raw_ops.RaggedTensorToTensor(
            shape=shape,
            values=values,
            default_value=-1.0,
            row_partition_tensors=[*([4] if len(types) > 1 else []), partition(tf, splits)],
            row_partition_types=types,
        ),
        variant,
        values=normal(7),
        splits=_splits,
    )
op(
    "RaggedTensorToTensor",
    lambda tf, values, splits: tf.RaggedTensor.from_row_splits(values, splits).to_tensor(),
    "to-tensor",
    values=normal(7),
    splits=_splits.typed("int64"),
)

for variant, count in (("of-nothing", 3), ("of-nothing-in-one", 1)):
    op(
        "RaggedTensorToTensor",
        lambda tf, values, rows, count=count: tf.raw_ops.RaggedTensorToTensor(
            shape=[-1, -1],
            values=values,
            default_value=-1.0,
            row_partition_tensors=[count + 0 * tf.size(rows), rows],
            row_partition_types=["FIRST_DIM_SIZE", "VALUE_ROWIDS"],
        ),
        variant,
        values=normal(0).then(2),
        rows=literal([], [0, count - 1], "int32"),
    )

op(
    "RaggedTensorToTensor",
    lambda tf, values, splits: tf.RaggedTensor.from_row_splits(values, splits).to_tensor(),
    "of-vectors",
    values=normal(7, 2).fixed(),
    splits=_splits,
    refused=("rows of single values",),
)

_WORDS = literal([0, 2, 5, 2, 2, 1, 9], [1, 1, 0, 4, 6, 3, 4])
for variant, weights, binary in (
    ("plain", [], False),
    ("weighted", [0.5, 1, 2, -1, 3, 0.25, 1], False),
    ("binary", [], True),
):
    op(
        "RaggedBincount",
        lambda tf, values, splits, weights=weights, binary=binary: tf.raw_ops.RaggedBincount(
            splits=splits, values=values, size=7, weights=tf.constant(weights, tf.float32), binary_output=binary
        ),
        variant,
        values=_WORDS.typed("int64"),
        splits=_splits.typed("int64"),
    )


def _flat(result):
    return [*result.output_nested_splits, result.output_dense_values]
