"""Ops of arrays that have nothing along one of their axes, which the signature says.

Each case has one output for each axis, `empty_0`, `empty_1`, …, and one that its inputs change: `probe`.
"""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, normal, weight
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)

_CUBES = ((0, 3, 4), (2, 0, 4), (2, 3, 0))
_IMAGES = ((0, 4, 4, 2), (2, 4, 4, 0))
_BATCH = ((0, 4, 4, 2),)


def _case(op, build, make=normal, shapes=_CUBES, variant="nothing", also=(), **more):
    """Register `build(tf, x)` around `op` for an x of each shape; what is in `more` it gets, too."""

    def of_each(tf, probe, **arguments):
        others = {name: arguments[name] for name in more}
        outputs = {f"empty_{i}": build(tf, arguments[f"x{i}"], **others) for i in range(len(shapes))}
        return {**outputs, "probe": probe + 1.0}

    same = tuple(f"empty_{i}" for i in range(len(shapes)))
    given = {f"x{i}": make(*shape).fixed().ordinary() for i, shape in enumerate(shapes)}
    family.op(op, of_each, variant, also=also, same=same, probe=normal(3).ordinary(), **given, **more)


def _ints(*shape):
    return integers(0, 2, *shape)


# --- one number at a time -------------------------------------------------------------------------------------------
for _name in ("Abs", "Erf", "Exp", "Floor", "IsNan", "Log", "Neg", "Rsqrt", "Sigmoid", "Sign", "Sqrt", "Tanh", "Round"):
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(x=x))
for _name in ("Relu", "Relu6", "Elu", "LeakyRelu", "Selu", "Softplus", "Softsign"):
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(features=x))
_case("Erfc", lambda tf, x: tf.math.erfc(x))
_case("ClipByValue", lambda tf, x: tf.raw_ops.ClipByValue(t=x, clip_value_min=-0.5, clip_value_max=0.5))
_case("Cast", lambda tf, x: tf.cast(x, "int32"))
_case("Cast", lambda tf, x: tf.cast(x, "float32"), _ints, variant="nothing-of-ints")
_case("LogicalNot", lambda tf, x: tf.logical_not(x), bools)
_case("Shape", lambda tf, x: tf.raw_ops.Shape(input=x))
_case("Size", lambda tf, x: tf.raw_ops.Size(input=x))
_case("ZerosLike", lambda tf, x: tf.raw_ops.ZerosLike(x=x))
_case("OnesLike", lambda tf, x: tf.raw_ops.OnesLike(x=x))

# --- two arrays -----------------------------------------------------------------------------------------------------
for _name in (
    *("AddV2", "Sub", "Mul", "RealDiv", "DivNoNan", "Maximum", "Minimum", "Pow", "SquaredDifference", "FloorMod"),
    *("FloorDiv", "Equal", "NotEqual", "Less", "GreaterEqual", "Atan2", "Xlogy", "Xdivy"),
):
    _arguments = ("y", "x") if _name == "Atan2" else ("x", "y")
    _case(
        _name,
        lambda tf, x, y, name=_name, of=_arguments: getattr(tf.raw_ops, name)(**dict(zip(of, (x, y), strict=True))),
        y=normal(1),
    )
for _name in ("AddV2", "Mul", "FloorDiv", "FloorMod", "Maximum", "Equal"):
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(x=x, y=3), _ints, variant="nothing-of-ints")
_case("LogicalAnd", lambda tf, x: tf.logical_and(x, [True]), bools)
_case("AddN", lambda tf, x: tf.raw_ops.AddN(inputs=[x, x, x]))
_case("BiasAdd", lambda tf, x, b: tf.raw_ops.BiasAdd(value=x, bias=b), shapes=_CUBES[:2], b=weight(4))
_case("SelectV2", lambda tf, x, y: tf.where(x > 0, x, y), y=normal(1))
_case("Select", lambda tf, x: tf.raw_ops.Select(condition=x > 0, x=x, y=x))
_case("BroadcastTo", lambda tf, x: tf.broadcast_to(x[None], [5, *x.shape]))

# --- along an axis --------------------------------------------------------------------------------------------------
for _name in ("Sum", "Mean", "Prod", "Max", "Min"):
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(input=x, axis=1))
    _case(
        _name,
        lambda tf, x, name=_name: getattr(tf.raw_ops, name)(input=x, axis=[0, 2], keep_dims=True),
        variant="nothing-two-axes",
    )
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(input=x, axis=[0, 1, 2]), variant="nothing-all")
    _case(
        _name,
        lambda tf, x, name=_name: getattr(tf.raw_ops, name)(input=x, axis=1),
        _ints,
        _CUBES if _name != "Mean" else (_CUBES[0], _CUBES[2]),  # the machine traps as integers are divided by nothing
        variant="nothing-of-ints",
    )
for _name in ("All", "Any"):
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(input=x, axis=1), bools)
for _name in ("ArgMax", "ArgMin"):
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(input=x, dimension=1), shapes=_CUBES[::2])
for _name in ("Cumsum", "Cumprod"):
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(x=x, axis=1))
    _case(
        _name,
        lambda tf, x, name=_name: getattr(tf.raw_ops, name)(x=x, axis=2, exclusive=True, reverse=True),
        variant="nothing-exclusive",
    )
for _name in ("Softmax", "LogSoftmax"):
    _case(_name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(logits=x))
_case("Max", lambda tf, x: tf.reduce_logsumexp(x, 1), variant="nothing-log-sum-exp", shapes=_CUBES[::2])
_case("TopKV2", lambda tf, x: tf.math.top_k(x, 2).values, shapes=_CUBES[:2])
_case("TopKV2", lambda tf, x: tf.math.top_k(x, 0).values, variant="nothing-of-none")
_case("Bincount", lambda tf, x: tf.raw_ops.Bincount(arr=x, size=4, weights=np.zeros(0, np.float32)), _ints, ((0,),))

# --- other shapes ---------------------------------------------------------------------------------------------------
_case("Reshape", lambda tf, x: tf.reshape(x, [7, 0, 2]))
_case("Reshape", lambda tf, x: tf.reshape(x, [*x.shape[:1], int(np.prod(x.shape[1:]))]), variant="nothing-flattened")
_case("Reshape", lambda tf, x: tf.reshape(x, [-1, 4]), variant="nothing-of-rest", shapes=_CUBES)
_case("Transpose", lambda tf, x: tf.transpose(x, [2, 0, 1]))
_case("ConcatV2", lambda tf, x: tf.concat([x, x], 1))
_case(
    "ConcatV2",
    lambda tf, x, y: tf.concat([x, y[:, :3]], 1),
    shapes=((2, 0, 4),),
    variant="nothing-and-some",
    y=normal(2, 3, 4),
)
_case(
    "ConcatV2",
    lambda tf, x, y: tf.concat([y, x], 0),
    shapes=((0, 3, 4),),
    variant="some-and-nothing",
    y=normal(2, 3, 4),
)
_case("Split", lambda tf, x: tf.split(x, 2, 2)[1])
_case("SplitV", lambda tf, x: tf.concat(tf.split(x, [0, 3], 1), 1), shapes=_CUBES[::2])
_case("Split", lambda tf, x: tf.split(x, 1, 1)[0], variant="nothing-of-one")
_case("Pack", lambda tf, x: tf.stack([x, x], 1))
_case("Unpack", lambda tf, x: tf.unstack(x, axis=1)[2], shapes=_CUBES[::2])
_case("ExpandDims", lambda tf, x: tf.expand_dims(x, 1))
_case("Squeeze", lambda tf, x: tf.squeeze(x, [1]), shapes=((0, 1, 4), (2, 1, 0)))
_case("Tile", lambda tf, x: tf.tile(x, [2, 1, 3]))
_case("Tile", lambda tf, x: tf.tile(x, [2, 0, 3]), variant="none-of-it", shapes=((2, 3, 4),))
_case("PadV2", lambda tf, x: tf.pad(x, [[0, 0], [1, 2], [0, 1]], constant_values=2.5))
_case("Pad", lambda tf, x: tf.pad(x, [[1, 0], [0, 2], [1, 1]]))
_case("Slice", lambda tf, x: tf.slice(x, [0, 0, 0], [-1, -1, -1]))
_case("Slice", lambda tf, x: tf.slice(x, [1, 1, 1], [0, 2, 2]), variant="none-of-it", shapes=((2, 3, 4),))
_case("StridedSlice", lambda tf, x: x[:, ::-1, 1:3])
_case("StridedSlice", lambda tf, x: x[:, 2:1], variant="none-of-it", shapes=((2, 3, 4),))
_case("ReverseV2", lambda tf, x: tf.reverse(x, [1]))
_case("Roll", lambda tf, x: tf.roll(x, 1, 1))
_case("GatherV2", lambda tf, x: tf.gather(x, [2, 0], axis=1), shapes=_CUBES[::2])
_case("GatherV2", lambda tf, x, y: tf.gather(y, x, axis=1), _ints, ((0,), (2, 0)), "by-nothing", y=normal(2, 3))
_case("GatherNd", lambda tf, x, y: tf.gather_nd(y, x), _ints, ((0, 2), (3, 0, 1)), "by-nothing", y=normal(3, 3))
_case("ScatterNd", lambda tf, x, y: tf.scatter_nd(x, y[:0], [4, 2]), _ints, ((0, 1),), "of-nothing", y=normal(3, 2))
_case(
    "TensorScatterUpdate",
    lambda tf, x, y: tf.tensor_scatter_nd_update(y, x, y[:0]),
    *(_ints, ((0, 1),), "of-nothing"),
    y=normal(3, 2),
)
_case("Where", lambda tf, x: tf.where(x), bools)
_case("OneHot", lambda tf, x: tf.one_hot(x, 3), _ints)
_case("OneHot", lambda tf, x: tf.one_hot(x, 0), _ints, ((2, 3),), "of-none")
_case("Fill", lambda tf, x: tf.fill(tf.shape(x), 1.5) + x)
_case("SpaceToBatchND", lambda tf, x: tf.space_to_batch_nd(x, [2, 2], [[0, 0], [0, 0]]), shapes=_IMAGES)
_case("DepthToSpace", lambda tf, x: tf.nn.depth_to_space(x, 2), shapes=((0, 4, 4, 4),))
_case("SpaceToDepth", lambda tf, x: tf.nn.space_to_depth(x, 2), shapes=_BATCH)
_case("Unique", lambda tf, x: tf.unique(x).y, shapes=((0,),))

# --- products -------------------------------------------------------------------------------------------------------
_case("MatMul", lambda tf, x, w: x @ w, shapes=((0, 4),), w=weight(4, 3))
_case("MatMul", lambda tf, x, w: w @ x, shapes=((4, 0),), variant="nothing-on-the-right", w=weight(3, 4))
_case("MatMul", lambda tf, x: x @ tf.transpose(x), shapes=((2, 0),), variant="nothing-within")
_case("BatchMatMulV2", lambda tf, x: tf.matmul(x, x, transpose_b=True))
_case("BatchMatMulV2", lambda tf, x: tf.matmul(x, x, transpose_a=True), variant="nothing-transposed")
_case("Einsum", lambda tf, x: tf.einsum("bij,bkj->bik", x, x))

# --- images ---------------------------------------------------------------------------------------------------------
_case("Conv2D", lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME"), shapes=_BATCH, w=weight(3, 3, 2, 5))
_case(
    "Conv2D",
    lambda tf, x, w: tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, w, 2, "SAME"), w[0, 0, 0])),
    shapes=_BATCH,
    variant="nothing-activated",
    w=weight(3, 3, 2, 5),
)
_case(
    "DepthwiseConv2dNative",
    lambda tf, x, w: tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME"),
    shapes=_BATCH,
    w=weight(3, 3, 2, 1),
)
_case(
    "Conv2DBackpropInput",
    lambda tf, x, w: tf.nn.conv2d_transpose(x, w, [0, 8, 8, 5], 2),
    shapes=_BATCH,
    w=weight(3, 3, 5, 2),
)
_case(
    "Conv3D",
    lambda tf, x, w: tf.nn.conv3d(x, w, [1, 1, 1, 1, 1], "SAME"),
    shapes=((0, 3, 3, 3, 2),),
    w=weight(2, 2, 2, 2, 3),
)
for _name in ("MaxPool", "AvgPool"):
    _case(
        _name,
        lambda tf, x, name=_name: getattr(tf.raw_ops, name)(
            **{"input" if name == "MaxPool" else "value": x}, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"
        ),
        shapes=_BATCH,
    )
_case(
    "FusedBatchNormV3",
    lambda tf, x, scale: (
        tf.raw_ops.FusedBatchNormV3(
            x=x, scale=scale, offset=scale, mean=scale, variance=scale * scale, is_training=False
        ).y
    ),
    shapes=_BATCH,
    scale=weight(2),
)
_case("ResizeBilinear", lambda tf, x: tf.image.resize(x, [6, 8]), shapes=_BATCH)
_case("ResizeNearestNeighbor", lambda tf, x: tf.image.resize(x, [6, 8], "nearest"), shapes=_BATCH)
_case(
    "CropAndResize",
    lambda tf, x, y: tf.image.crop_and_resize(y, x, tf.zeros([0], "int32"), [2, 2]),
    shapes=((0, 4),),
    y=normal(1, 4, 4, 2).fixed(),
)

# --- segments and picks ---------------------------------------------------------------------------------------------
_case(
    "UnsortedSegmentSum",
    lambda tf, x: tf.raw_ops.UnsortedSegmentSum(data=x, segment_ids=tf.zeros([x.shape[0]], "int32"), num_segments=3),
)
for _name in ("SegmentSum", "SegmentMean"):
    _case(
        _name, lambda tf, x, name=_name: getattr(tf.raw_ops, name)(data=x, segment_ids=tf.zeros([x.shape[0]], "int32"))
    )
_case("NonMaxSuppressionV3", lambda tf, x: tf.image.non_max_suppression(x, x[:, 0], 3), shapes=((0, 4),))
_case("Range", lambda tf, x: tf.range(3, 3) + tf.cast(x, "int32"), shapes=((0,),))
_case("Cumsum", lambda tf, x: tf.cumsum(x), _ints, ((0,),), "nothing-of-ints")
