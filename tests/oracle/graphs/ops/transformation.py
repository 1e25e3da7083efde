"""Shapes, types, paddings and blocks."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, literal, normal, uniform, weight
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

for source, given in {
    "float32": uniform(-9, 9, 3, 5),
    "int32": integers(-300, 300, 3, 5),
    "int64": integers(-300, 300, 3, 5).typed("int64"),
    "uint8": integers(0, 255, 3, 5).typed("uint8"),
    "bool": bools(3, 5),
}.items():
    for target in ("float32", "int32", "bool", "int64", "uint8", "int8"):
        if source != target and not (source == "float32" and target in ("uint8", "int8")):
            few = integers(0, 2, 3, 5).typed(source) if target == "bool" else given
            raw("Cast", {"DstT": target}, f"{source}-to-{target}", x=few)
raw("Cast", {"DstT": "uint8"}, "float32-to-uint8", x=uniform(0, 255, 3, 5))
raw("Cast", {"DstT": "int8"}, "float32-to-int8", x=uniform(-127, 127, 3, 5))
raw("Cast", {"DstT": "int32", "Truncate": True}, "truncating", x=uniform(-9, 9, 3, 5))
op("Cast", lambda tf, x: tf.cast(tf.cast(x, "uint8"), "float32") / 255.0, "through-uint8", x=uniform(0, 255, 3, 5))
op("Cast", lambda tf, x: tf.cast(tf.cast(x, "float64") * 0.1, "float32"), "through-float64", x=uniform(0, 255, 3, 5))

raw("ExpandDims", {"axis": 0}, input=normal(2, 3))
raw("ExpandDims", {"axis": -1}, "last", input=normal(2, 3))
raw("ExpandDims", {"axis": 1}, "middle-int32", input=integers(-9, 9, 2, 3))
raw("Squeeze", {"axis": [1]}, input=normal(2, 1, 3))
raw("Squeeze", {"axis": [-1, 1]}, "two-axes", input=normal(2, 1, 3, 1))
raw("Squeeze", variant="all", input=normal(1, 2, 1, 3).fixed())
raw("Reshape", {"shape": [-1, 6]}, tensor=normal(2, 3, 4))
raw("Reshape", {"shape": [4, 3, -1]}, "int32", tensor=integers(-9, 9, 2, 6))
raw("Reshape", variant="shape-given", tensor=normal(2, 6), shape=literal([3, -1], [4, 3]))
raw("Reshape", {"shape": [-1]}, "flat-bool", tensor=bools(2, 5))
op("Reshape", lambda tf, x: tf.reshape(x, [tf.shape(x)[0], 2, 3]), "keeps-the-batch", x=normal(2, 6).then(4, 6))
op(
    "Reshape",
    lambda tf, x: tf.reshape(x, tf.concat([tf.shape(x)[:-1], [2, 3]], 0)),
    "shape-computed",
    x=normal(2, 4, 6).then(3, 5, 6),
)
raw("EnsureShape", {"shape": [None, 3]}, input=normal(2, 3))
raw("EnsureShape", {"shape": [2, 3]}, "unknown-rank", input=normal(2, 3).unranked())

for mode in ("REFLECT", "SYMMETRIC"):
    raw("MirrorPad", {"paddings": [[0, 0], [2, 1]], "mode": mode}, mode.lower(), input=normal(2, 4))
    raw(
        "MirrorPad",
        {"paddings": [[0, 0], [1, 2], [2, 0], [0, 0]], "mode": mode},
        f"{mode.lower()}-image",
        input=normal(2, 4, 5, 3),
    )
    raw("MirrorPad", {"paddings": [[1, 1], [2, 1]], "mode": mode}, f"{mode.lower()}-int32", input=integers(-9, 9, 3, 4))
raw("Pad", {"paddings": [[0, 0], [2, 1]]}, input=normal(2, 4))
raw("Pad", {"paddings": [[0, 0], [1, 2], [0, 3], [0, 0]]}, "image", input=normal(2, 4, 5, 3))
raw("Pad", {"paddings": [[1, 2]]}, "int32", input=integers(-9, 9, 5))
raw("Pad", {"paddings": [[1, 2]]}, "bool", input=bools(5))
raw("Pad", variant="paddings-given", input=normal(2, 4), paddings=literal([[0, 0], [1, 2]], [[1, 0], [0, 3]]))
raw("PadV2", {"paddings": [[0, 0], [2, 1]], "constant_values": -1.5}, input=normal(2, 4))
raw("PadV2", {"paddings": [[1, 0], [2, 1]], "constant_values": 7}, "int32", input=integers(-9, 9, 2, 4))
raw("PadV2", {"paddings": [[0, 0], [2, 1]]}, "value-given", input=normal(2, 4), constant_values=normal())
op(
    "Pad",
    lambda tf, x, w: tf.nn.conv2d(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), w, 2, "VALID"),
    "before-a-convolution",
    x=normal(2, 7, 8, 3),
    w=weight(3, 3, 3, 4),
)

raw("SpaceToBatchND", {"block_shape": [2, 2], "paddings": [[0, 0], [1, 1]]}, input=normal(2, 4, 4, 3))
raw("SpaceToBatchND", {"block_shape": [3], "paddings": [[1, 0]]}, "sequence", input=normal(2, 5, 4))
raw("SpaceToBatchND", {"block_shape": [1, 2], "paddings": [[0, 0], [0, 1]]}, "uneven", input=normal(2, 3, 5, 2))
raw("BatchToSpaceND", {"block_shape": [2, 2], "crops": [[0, 0], [1, 1]]}, input=normal(8, 3, 4, 2))
raw("BatchToSpaceND", {"block_shape": [3], "crops": [[1, 0]]}, "sequence", input=normal(6, 4, 2))
raw("DepthToSpace", {"block_size": 2}, input=normal(2, 3, 4, 8))
raw("DepthToSpace", {"block_size": 3}, "block-3", input=normal(2, 2, 2, 18))
raw(
    "DepthToSpace",
    {"block_size": 2, "data_format": "NCHW"},
    "channels-first",
    input=normal(2, 8, 3, 4),
    reference=lambda tf, input: tf.transpose(tf.nn.depth_to_space(tf.transpose(input, [0, 2, 3, 1]), 2), [0, 3, 1, 2]),
)
raw("BroadcastTo", {"shape": [3, 2, 4]}, input=normal(2, 1).fixed())
raw("BroadcastTo", {"shape": [3, 4]}, "int32", input=integers(-9, 9, 4))
raw("BroadcastTo", {"shape": [3, 4]}, "bool", input=bools(4))
raw("BroadcastTo", variant="shape-given", input=normal(1, 4), shape=literal([3, 4], [5, 4]))
raw("BroadcastArgs", s0=literal([2, 1, 4], [3, 1, 1]), s1=literal([5, 1], [1, 2]))
op(
    "BroadcastArgs",
    lambda tf, x, y: tf.broadcast_dynamic_shape(tf.shape(x), tf.shape(y)),
    "of-shapes",
    x=normal(2, 3).then(4, 3),
    y=normal(1, 3),
)
