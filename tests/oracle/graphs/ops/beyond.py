"""Ops that TensorFlow.js has not, and that are spelled in others."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, distinct, held, integers, literal, normal, uniform, weight, words
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_wide = uniform(-4, 4, 3, 7)

raw("Erfc", x=uniform(-2, 2, 3, 7))
raw("Softsign", features=_wide)
raw("Inv", x=uniform(0.3, 4, 3, 7))
raw("Rint", x=_wide)
raw("Rint", variant="halves", x=literal([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], [3.5, 4.5, -3.5, -4.5, 0.4, 0.6]))
raw("L2Loss", t=normal(3, 7))
raw("Xlogy", x=literal([0.0, 1, 2, 0.5], [3.0, 0, 0.1, 1]), y=literal([0.0, 3, 0.5, 2], [1.5, 0, 5, 2]))
raw("Xlog1py", x=literal([0.0, 1, 2, 0.5], [3.0, 0, 0.1, 1]), y=literal([-1.0, 3, 0.5, 2], [1.5, -1, 5, 2]))
raw("Xdivy", x=literal([0.0, 1, 2, 0.5], [3.0, 0, 0.1, 1]), y=literal([0.0, 3, 0.5, 2], [1.5, 0, 5, 2]))
raw("MulNoNan", x=literal([1.0, 2, 3, 4], [5.0, 6, 7, 8]), y=literal([0.0, 1, 0, 2], [3.0, 0, 1, 0]))
raw("ApproximateEqual", {"tolerance": 0.5}, x=normal(3, 7), y=normal(3, 7))
op("Angle", lambda tf, a, b: tf.math.angle(tf.complex(a, b)), a=normal(3, 4), b=normal(3, 4))
op("Conj", lambda tf, a, b: tf.math.imag(tf.math.conj(tf.complex(a, b))) + a, a=normal(3, 4), b=normal(3, 4))

raw("TruncateDiv", x=integers(-40, 40, 3, 5), y=literal([-7, -3, 2, 3, 7], [7, 5, -2, 4, -3]))
raw("TruncateMod", x=integers(-40, 40, 3, 5), y=literal([-7, -3, 2, 3, 7], [7, 5, -2, 4, -3]))
raw(
    "TruncateMod",
    variant="floats",
    x=uniform(-9, 9, 3, 5),
    y=literal([-2.5, -1.5, 0.7, 3.0, 4.0], [1.5, 2.0, -0.7, 2.5, -4.0]),
)
raw("Invert", x=integers(-99, 99, 3, 5))
raw("Invert", variant="uint8", x=integers(0, 255, 3, 5).typed("uint8"))
raw("Erfinv", x=uniform(-1, 1, 3, 5))
raw("BesselI0", x=uniform(-9, 9, 3, 5))
raw("BesselI0", variant="ends", x=literal([-9.0, 0.0, 9.0], [0.5, -0.0, 9.0]))
raw("LeftShift", x=integers(0, 99, 3, 5), y=integers(0, 5, 3, 5))
raw("RightShift", x=integers(-9999, 9999, 3, 5), y=integers(0, 5, 3, 5))
op(
    "DynamicStitch",
    lambda tf, x, y: tf.dynamic_stitch([[0, 2, 5], [1, 3, 4]], [x, y]),
    x=normal(3, 2).fixed(),
    y=normal(3, 2).fixed(),
)
op(
    "ParallelDynamicStitch",
    lambda tf, x, y: tf.raw_ops.ParallelDynamicStitch(indices=[[0, 2, 5], [1, 3, 4]], data=[x, y]),
    x=normal(3, 2).fixed(),
    y=normal(3, 2).fixed(),
)
op(
    "DynamicStitch",
    lambda tf, x, y, p: tf.dynamic_stitch([p[:3], p[3:]], [x, y]),
    "indices-given",
    x=normal(3, 2).fixed(),
    y=normal(3, 2).fixed(),
    p=distinct(0, 5, 6),
)
op(
    "DynamicPartition",
    lambda tf, x, p: tf.dynamic_partition(x, p, 3),
    x=normal(7, 2).fixed(),
    p=literal([0, 1, 2, 0, 0, 1, 2], [1, 1, 0, 2, 0, 2, 2]),
)
op("LogicalAnd", lambda tf, x, y: tf.math.logical_xor(x, y), "in-xor", x=bools(3, 5), y=bools(3, 5))

raw("Bucketize", {"boundaries": [-1.0, 0.0, 0.5, 2.0]}, input=normal(3, 7))
raw("Bucketize", {"boundaries": [-5.0, 0.0, 7.0]}, "int32", input=integers(-9, 9, 3, 7))
raw("Bucketize", {"boundaries": [-1.0, 0.0, 1.0]}, "on-boundaries", input=literal([-1.0, 0, 1, 2], [0.0, 1, -2, -1]))
raw("InTopKV2", {"k": 2}, predictions=normal(6, 5), targets=integers(0, 4, 6))
raw("InvertPermutation", x=distinct(0, 6, 7))

for name in ("TensorScatterAdd", "TensorScatterSub"):
    raw(name, tensor=normal(6, 3), indices=integers(0, 5, 4, 1).fixed(), updates=normal(4, 3).fixed())
raw("UnsortedSegmentSum", {"num_segments": 4}, data=normal(7, 3), segment_ids=integers(0, 3, 7))
raw("UnsortedSegmentSum", {"num_segments": 5}, "int32", data=integers(-9, 9, 7), segment_ids=integers(0, 4, 7))
raw(
    "UnsortedSegmentSum",
    {"num_segments": 4},
    "of-matrix-ids",
    data=normal(3, 4, 2),
    segment_ids=integers(0, 3, 3, 4).fixed(),
)
raw("UnsortedSegmentSum", {"num_segments": 4}, "negative-ids", data=normal(7, 3), segment_ids=integers(-1, 3, 7))
raw(
    "UnsortedSegmentSum",
    {"num_segments": 4},
    "of-nothing",
    data=normal(0, 3).then(5, 3),
    segment_ids=integers(0, 3, 0).then(5),
)
raw("UnsortedSegmentSum", {"num_segments": 1}, "of-one", data=normal(7, 3), segment_ids=integers(-1, 0, 7))
for name in ("SegmentSum", "SegmentMean"):
    raw(
        name,
        variant="of-nothing",
        data=normal(0, 3).then(4, 3),
        segment_ids=literal([], [0, 0, 1, 1], "int32"),
    )
    raw(name, variant="of-one", data=normal(2, 3).free(0), segment_ids=literal([0, 0], [0, 0]).free(0))
    raw(name, data=normal(6, 3), segment_ids=literal([0, 0, 1, 2, 2, 2], [0, 1, 1, 1, 3, 3]))
raw("ReverseSequence", {"seq_dim": 1, "batch_dim": 0}, input=normal(3, 6, 2), seq_lengths=integers(1, 6, 3))
raw(
    "ReverseSequence",
    {"seq_dim": 0, "batch_dim": 1},
    "time-major",
    input=normal(6, 3, 2).fixed(),
    seq_lengths=integers(1, 6, 3).typed("int64"),
)

for name in ("MatrixDiag", "MatrixDiagPart"):
    key = {"MatrixDiag": "diagonal", "MatrixDiagPart": "input"}[name]
    raw(name, **{key: normal(2, 4, 4)})
op("MatrixDiagV3", lambda tf, x: tf.linalg.diag(x), x=normal(2, 4))
op("MatrixDiagV3", lambda tf, x: tf.linalg.diag(x), "int32", x=integers(-9, 9, 2, 4))
raw("MatrixDiagV2", {"k": 0, "num_rows": -1, "num_cols": -1, "padding_value": 0.0}, diagonal=normal(2, 4))
op("MatrixDiagPartV3", lambda tf, x: tf.linalg.diag_part(x), x=normal(2, 4, 4))
raw("MatrixDiagPartV2", {"k": 0, "padding_value": 0.0}, input=normal(2, 4, 4))
op("MatrixSetDiagV3", lambda tf, x, d: tf.linalg.set_diag(x, d), x=normal(2, 4, 4), d=normal(2, 4))
raw("MatrixSetDiagV2", {"k": 0}, input=normal(2, 4, 4), diagonal=normal(2, 4))
raw("MatrixSetDiag", input=normal(2, 4, 4), diagonal=normal(2, 4))
raw("Diag", diagonal=normal(5))
raw("DiagPart", input=normal(5, 5).fixed())
for k in (1, -2):
    op("MatrixDiagPartV3", lambda tf, x, k=k: tf.linalg.diag_part(x, k=k), f"diagonal-{k}", x=normal(2, 4, 5))
op("MatrixDiagPartV3", lambda tf, x: tf.linalg.trace(x), "trace", x=normal(2, 4, 5))
op(
    "MatrixDiagPartV3",
    lambda tf, x: tf.linalg.diag_part(x, k=(0, 1)),
    "two-diagonals",
    x=normal(2, 4, 4),
)

raw("Roll", {"shift": 2, "axis": 1}, input=normal(3, 7))
raw("Roll", {"shift": [1, -2], "axis": [0, 1]}, "of-two-axes", input=normal(3, 7).fixed())
raw("Roll", {"shift": [1], "axis": [0]}, "of-the-batch", input=normal(3, 7))
raw("Roll", {"axis": 1}, "shift-given", input=normal(3, 7), shift=literal(2, -3))
raw("SpaceToDepth", {"block_size": 2}, input=normal(2, 4, 6, 3))
raw("SpaceToDepth", {"block_size": 2}, "free-size", input=normal(2, 4, 6, 3).then(1, 6, 2, 3))
raw("SpaceToBatch", {"block_size": 2, "paddings": [[0, 0], [1, 1]]}, input=normal(2, 4, 4, 3))
raw("BatchToSpace", {"block_size": 2, "crops": [[0, 1], [1, 0]]}, input=normal(8, 4, 4, 3))
raw("ConjugateTranspose", {"perm": [1, 0]}, x=normal(3, 4))

raw("AdjustContrastv2", {"contrast_factor": 1.7}, images=uniform(0, 1, 2, 5, 4, 3))
raw("RGBToHSV", images=uniform(0, 1, 2, 5, 4, 3))
raw("HSVToRGB", images=uniform(0, 1, 2, 5, 4, 3))
raw("AdjustSaturation", {"scale": 1.6}, images=uniform(0, 1, 2, 5, 4, 3))
raw("AdjustHue", {"delta": 0.2}, images=uniform(0, 1, 2, 5, 4, 3))
raw(
    "ExtractImagePatches",
    {"ksizes": [1, 3, 2, 1], "strides": [1, 2, 1, 1], "rates": [1, 1, 1, 1], "padding": "VALID"},
    images=normal(2, 7, 6, 3),
)
raw(
    "ExtractImagePatches",
    {"ksizes": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "rates": [1, 1, 1, 1], "padding": "SAME"},
    "same",
    images=normal(2, 7, 6, 3),
)
raw(
    "ExtractImagePatches",
    {"ksizes": [1, 2, 2, 1], "strides": [1, 1, 1, 1], "rates": [1, 2, 2, 1], "padding": "VALID"},
    "rates",
    images=normal(2, 7, 6, 3),
)

raw("BiasAddV1", value=normal(2, 3, 4), bias=weight(4))
raw("FakeQuantWithMinMaxArgs", {"min": -2.0, "max": 1.5}, inputs=uniform(-3, 3, 3, 7))
raw("FakeQuantWithMinMaxArgs", {"min": 0.5, "max": 1.5, "num_bits": 5}, "above-zero", inputs=uniform(-3, 3, 3, 7))
raw(
    "FakeQuantWithMinMaxVarsPerChannel",
    {"num_bits": 6, "narrow_range": True},
    inputs=uniform(-3, 3, 5, 3),
    min=held(uniform(-2, -0.5, 3)),
    max=held(uniform(0.5, 2, 3)),
)
raw("BatchMatMulV3", {"Tout": "float32"}, x=normal(2, 3, 4), y=normal(2, 4, 5))
raw("BatchMatMulV3", {"Tout": "float32", "adj_y": True}, "adjoint", x=normal(2, 3, 4), y=weight(2, 5, 4))
op("ResourceGather", lambda tf, ids, table: tf.gather(table, ids), ids=integers(0, 8, 2, 5), table=weight(9, 4))
op(
    "ResourceGather",
    lambda tf, ids, table: table.sparse_read(ids[0]),
    "sparse-read",
    ids=integers(0, 8, 2, 5).fixed(),
    table=weight(9, 4),
)
op("ResourceGatherNd", lambda tf, ids, table: table.gather_nd(ids), ids=integers(0, 3, 5, 2), table=weight(4, 4, 3))
op(
    "VariableShape",
    lambda tf, x, w: x + tf.cast(tf.reduce_sum(tf.raw_ops.VariableShape(input=w.handle)), "float32"),
    x=normal(3, 4),
    w=weight(9, 4),
)

raw("RegexReplace", {"pattern": "[aeiou]+", "rewrite": "*"}, input=words(["banana", "queue", "Xylophone"], 4))
raw("StringLower", input=words(["Banana", "QUEUE", "Xylophone"], 4))
raw("StringStrip", input=words(["  banana", "queue \t", " Xylo phone "], 4))
op("StringSplitV2", lambda tf, x: tf.strings.split(x).values, x=words(["a bc  d", " ef", "ghi j", "k"], 4))
op(
    "StringSplitV2",
    lambda tf, x: tf.strings.split(x, ",").values,
    "separator",
    x=words(["a,bc,,d", ",ef", "ghi,j", "k"], 4),
)

raw("TanhGrad", y=uniform(-1, 1, 3, 5), dy=normal(3, 5))
raw("SigmoidGrad", y=uniform(0, 1, 3, 5), dy=normal(3, 5))
raw("ReluGrad", gradients=normal(3, 5), features=normal(3, 5))
