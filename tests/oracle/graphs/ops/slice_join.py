"""Cutting, joining, picking and scattering."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, distinct, integers, literal, normal, weight, words
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

op("ConcatV2", lambda tf, x, y: tf.concat([x, y], 1), x=normal(2, 3), y=normal(2, 4))
op(
    "ConcatV2",
    lambda tf, x, y, z: tf.concat([x, y, z], -1),
    "three",
    x=normal(2, 3, 2),
    y=normal(2, 3, 1),
    z=normal(2, 3, 4),
)
op("ConcatV2", lambda tf, x, y: tf.concat([x, y], 0), "of-batches", x=normal(2, 3), y=normal(4, 3))
op("ConcatV2", lambda tf, x, y: tf.concat([x, y], 1), "int32", x=integers(-9, 9, 2, 3), y=integers(-9, 9, 2, 4))
op("ConcatV2", lambda tf, x, y: tf.concat([x, y], 1), "bool", x=bools(2, 3), y=bools(2, 4))
op("ConcatV2", lambda tf, x, y: tf.concat([x, y], 0), "string", x=words(["a", "b"], 3), y=words(["c", "d"], 4))
op("ConcatV2", lambda tf, x, w: tf.concat([x, w], 0), "variable", x=normal(2, 3), w=weight(2, 3))
op("Concat", lambda tf, x, y: tf.raw_ops.Concat(concat_dim=1, values=[x, y]), x=normal(2, 3), y=normal(2, 4))

_table = normal(6, 3)
raw("Gather", params=_table, indices=integers(0, 5, 4))
raw("Gather", variant="matrix", params=_table, indices=integers(0, 5, 2, 4))
raw("GatherV2", {"axis": 0}, params=_table, indices=integers(0, 5, 4))
raw("GatherV2", {"axis": 1}, "axis-1", params=_table, indices=integers(0, 2, 4))
raw("GatherV2", {"axis": 1}, "axis-1-of-3", params=normal(2, 5, 3), indices=integers(0, 4, 2, 4))
raw("GatherV2", {"axis": 1, "batch_dims": 1}, "batch", params=normal(3, 5, 2), indices=integers(0, 4, 3, 4))
raw("GatherV2", {"axis": 2, "batch_dims": 1}, "batch-axis-2", params=normal(3, 2, 5), indices=integers(0, 4, 3, 4))
raw("GatherV2", {"axis": 0}, "scalar", params=_table, indices=literal(1, 4))
raw("GatherV2", {"axis": -1}, "int32", params=integers(-9, 9, 3, 6), indices=integers(0, 5, 4))
raw(
    "GatherV2",
    {"axis": 1},
    "string-columns",
    params=words(["a"], 2, 3),
    indices=integers(0, 2, 4),
    refused=("strings",),
)
op(
    "GatherV2",
    lambda tf, x: tf.gather(tf.constant(["cat", "dog", "bird", "cow", "fish"]), tf.argmax(x, 1)),
    "labels",
    x=normal(7, 5),
)
raw("GatherV2", {"axis": 0}, "string", params=words(["a", "b", "c"], 6), indices=integers(0, 5, 4))
raw("GatherV2", {"axis": 0}, "int64-indices", params=weight(6, 3), indices=integers(0, 5, 4).typed("int64"))
raw("GatherNd", params=normal(4, 3), indices=integers(0, 2, 5, 2).fixed())
raw("GatherNd", variant="rows", params=normal(4, 3), indices=integers(0, 3, 5, 1).fixed())
raw("GatherNd", variant="rank-3", params=normal(3, 3, 2), indices=integers(0, 2, 2, 4, 2).fixed())
op("GatherV2", lambda tf, x: tf.gather(x, [0, 2], axis=1, batch_dims=0), "constant-indices", x=normal(2, 4, 3))

raw("Reverse", {"dims": [False, True, False]}, tensor=normal(2, 3, 4))
raw("Reverse", {"dims": [True, False, True]}, "two-axes", tensor=normal(2, 3, 4))
raw("Reverse", variant="dims-given", tensor=normal(2, 3), dims=literal([True, False], [False, True]))
raw("ReverseV2", {"axis": [1]}, tensor=normal(2, 3, 4))
raw("ReverseV2", {"axis": [0, -1]}, "two-axes", tensor=normal(2, 3, 4))
raw("ReverseV2", {"axis": [1]}, "int32", tensor=integers(-9, 9, 2, 5))
raw("ReverseV2", {"axis": [0]}, "bool", tensor=bools(7))
raw("ReverseV2", {"axis": []}, "no-axes", tensor=normal(2, 3))

raw("Slice", {"begin": [0, 1], "size": [-1, 2]}, input=normal(3, 5))
raw("Slice", {"begin": [0, 1, 0], "size": [1, 2, -1]}, "rank-3", input=normal(3, 5, 4))
raw("Slice", {"size": [2, 2]}, "begin-given", input=normal(3, 5).fixed(), begin=literal([0, 1], [1, 3]))
raw("Slice", {"begin": [1]}, "size-given", input=integers(-9, 9, 9), size=literal([3], [6]))

_cube = normal(4, 5, 6)
for variant, cut in {
    "range": lambda x: x[1:3],
    "ranges": lambda x: x[:, 1:4, 2:],
    "steps": lambda x: x[:, ::2, 1::3],
    "backwards": lambda x: x[:, ::-1, 4:0:-2],
    "drops-an-axis": lambda x: x[:, 2],
    "drops-the-last-axis": lambda x: x[..., -1],
    "drops-the-batch": lambda x: x[0],
    "new-axis": lambda x: x[:, None, 1:3],
    "ellipsis": lambda x: x[..., 1:3],
    "ellipsis-and-new-axes": lambda x: x[None, ..., 2, None],
    "from-the-end": lambda x: x[:, -3:-1],
    "beyond-the-end": lambda x: x[:, 2:99, -99:3],
    "all-but-last": lambda x: x[:, :-1],
    "of-batch-steps": lambda x: x[::2],
}.items():
    op("StridedSlice", lambda tf, x, cut=cut: cut(x), variant, x=_cube)
op("StridedSlice", lambda tf, x: x[:, ::2, 1], "int32", x=integers(-9, 9, 4, 5, 6))
op("StridedSlice", lambda tf, x: x[:, 1:3], "bool", x=bools(4, 5))
op("StridedSlice", lambda tf, x: x[1:4], "string", x=words(["a", "b", "c"], 6))
op("StridedSlice", lambda tf, x, n: x[:, : n[0]], "end-given", x=normal(4, 5), n=literal([2], [4]))
op("StridedSlice", lambda tf, x, n: x[n[0] :, 1], "begin-given", x=normal(4, 5), n=literal([2], [1]))
op("StridedSlice", lambda tf, x, n: x[n[0]], "index-given", x=normal(4, 5), n=literal([2], [1]))
op("StridedSlice", lambda tf, x: x[: tf.shape(x)[0] // 2], "half-of-batch", x=normal(4, 5).then(6, 5))
raw(
    "StridedSlice",
    {"begin": [0, 1], "end": [0, 4], "strides": [1, 2], "begin_mask": 1, "end_mask": 1},
    "raw-masks",
    input=normal(3, 5),
)

op("Pack", lambda tf, x, y: tf.stack([x, y]), x=normal(2, 3), y=normal(2, 3))
op("Pack", lambda tf, x, y: tf.stack([x, y], 1), "axis-1", x=normal(2, 3), y=normal(2, 3))
op("Pack", lambda tf, x, y: tf.stack([x, y], -1), "last", x=normal(2, 3), y=normal(2, 3))
op("Pack", lambda tf, x, y: tf.stack([x, y]), "scalars", x=normal(), y=normal())
op("Pack", lambda tf, x, y: tf.stack([x, y], 1), "int32", x=integers(-9, 9, 3), y=integers(-9, 9, 3))
op("Unpack", lambda tf, x: tf.unstack(x, axis=1), x=normal(2, 3))
op("Unpack", lambda tf, x: tf.unstack(x, axis=-1)[1], "one-taken", x=normal(2, 3))
op("Unpack", lambda tf, x: tf.unstack(x), "first-axis", x=normal(3, 4).fixed())

raw("Tile", {"multiples": [1, 3]}, input=normal(2, 3))
raw("Tile", {"multiples": [2, 1, 2]}, "rank-3", input=normal(2, 3, 2))
raw("Tile", {"multiples": [2]}, "int32", input=integers(-9, 9, 4))
raw("Tile", {"multiples": [2]}, "bool", input=bools(5))
raw("Tile", variant="multiples-given", input=normal(2, 3), multiples=literal([1, 2], [3, 1]))

op("Split", lambda tf, x: tf.split(x, 3, 1), x=normal(2, 6))
op("Split", lambda tf, x: tf.split(x, 2, -1)[1], "one-taken", x=normal(2, 3, 4))
op("Split", lambda tf, x: tf.split(x, 2, 0), "of-batch", x=normal(4, 3))
op("Split", lambda tf, x: tf.split(x, 2, 1), "int32", x=integers(-9, 9, 2, 4))
op("SplitV", lambda tf, x: tf.split(x, [1, 3, 2], 1), x=normal(2, 6))
op("SplitV", lambda tf, x: tf.split(x, [2, -1], 1), "rest", x=normal(2, 6))

_places = distinct(0, 7, 4, 1).fixed()
raw("ScatterNd", {"shape": [8]}, indices=_places, updates=normal(4))
raw("ScatterNd", {"shape": [8, 3]}, "rows", indices=_places, updates=normal(4, 3).fixed())
raw("ScatterNd", {"shape": [8]}, "adds", indices=integers(0, 7, 6, 1).fixed(), updates=normal(6))
raw("ScatterNd", {"shape": [8]}, "int32", indices=_places, updates=integers(-9, 9, 4))
raw("ScatterNd", variant="shape-given", indices=_places, updates=normal(4), shape=literal([8], [9]))
raw(
    "SparseToDense",
    {"output_shape": [8], "default_value": -1.0, "validate_indices": False},
    sparse_indices=_places,
    sparse_values=normal(4),
)
raw(
    "SparseToDense",
    {"output_shape": [4, 5], "default_value": 0.5, "validate_indices": False},
    "matrix",
    sparse_indices=literal([[0, 1], [2, 3]], [[1, 0], [3, 4]]),
    sparse_values=normal(2),
)
raw(
    "SparseToDense",
    {"output_shape": [8], "default_value": 0.0, "validate_indices": False, "sparse_values": 1.0},
    "one-value",
    sparse_indices=_places,
)
raw("TensorScatterUpdate", tensor=normal(8), indices=_places, updates=normal(4))
raw("TensorScatterUpdate", variant="rows", tensor=normal(8, 3), indices=_places, updates=normal(4, 3).fixed())
raw("TensorScatterUpdate", variant="int32", tensor=integers(-9, 9, 8), indices=_places, updates=integers(-9, 9, 4))
raw(
    "TensorScatterUpdate",
    variant="cells",
    tensor=normal(8, 3),
    indices=literal([[0, 1], [2, 2]], [[1, 0], [3, 1]]),
    updates=normal(2),
)
