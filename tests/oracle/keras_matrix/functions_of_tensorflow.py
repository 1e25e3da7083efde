"""Functions of TensorFlow in functional models of Keras 2, where each becomes a layer (`TFOpLambda`)."""

import importlib
from functools import partial

from tests.oracle.keras_matrix.suite import (
    TWO,
    Fed,
    function,
    network,
    odd_numbers,
    positive,
    real,
    truths,
    unit,
    whole,
)
from tests.oracle.samples import any_of, uniform

fn = partial(function, family="functions_of_tensorflow")

_X, _Y = real(None, 4), real(None, 4)
_ROWS = real(None, 3, 4)
_AWAY = Fed((None, 4), any_of([-2.5, -1.25, 0.4, 1.5, 3.0, 0.75]))

for _name in (
    "abs",
    "exp",
    "negative",
    "square",
    "sign",
    "floor",
    "ceil",
    "round",
    "rint",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "asinh",
    "atan",
    "expm1",
    "erf",
    "erfc",
    "sigmoid",
    "tanh",
    "softplus",
    "log_sigmoid",
    "softsign",
):
    fn(f"math.{_name}" if _name != "round" else "round", _X)
for _name in ("log", "log1p", "sqrt", "rsqrt", "reciprocal"):
    fn(f"math.{_name}", positive(None, 4))
for _name in ("asin", "acos", "atanh", "erfinv"):
    fn(f"math.{_name}", unit(None, 4))
fn("math.acosh", Fed((None, 4), uniform(1.1, 4.0)))
for _name in ("is_nan", "is_inf", "is_finite"):
    fn(f"math.{_name}", odd_numbers(None, 8))
for _name in ("add", "subtract", "multiply", "maximum", "minimum", "squared_difference", "atan2"):
    fn(f"math.{_name}", _X, _Y)
for _name in ("divide", "truediv", "floordiv", "floormod", "divide_no_nan"):
    fn(f"math.{_name}", _X, _AWAY)
fn("math.pow", positive(None, 4), _Y)
fn("math.add_n", [_X, _Y, _X])
for _name in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"):
    fn(f"math.{_name}", whole(0, 3, None, 8), whole(0, 3, None, 8))
for _name in ("logical_and", "logical_or", "logical_xor"):
    fn(f"math.{_name}", truths(None, 8), truths(None, 8))
fn("math.logical_not", truths(None, 8))
fn("clip_by_value", _X, -0.5, 0.7)
fn("convert_to_tensor", _X)
fn("cast", _X, "int32")
fn("cast", truths(None, 8), "float32", variant="of_truths")
fn("identity", _X)
fn("stop_gradient", _X)
fn("ones_like", _X, changeless=("tf.ones_like",))
fn("zeros_like", _X, changeless=("tf.zeros_like",))
fn("where", truths(None, 4), _X, _Y)

for _name in ("sum", "mean", "max", "min", "prod", "std", "variance", "logsumexp", "euclidean_norm"):
    fn(f"math.reduce_{_name}", _ROWS, axis=-1)
    fn(f"math.reduce_{_name}", _ROWS, axis=[1, 2], keepdims=True, variant="kept")
for _name in ("all", "any"):
    fn(f"math.reduce_{_name}", truths(None, 3, 2), axis=2)
for _name in ("argmax", "argmin"):
    fn(f"math.{_name}", _ROWS, axis=1)
fn("math.argmax", _ROWS, axis=-1, output_type="int32", variant="int32")
fn("math.cumsum", _ROWS, axis=1)
fn("math.cumsum", _ROWS, axis=1, exclusive=True, reverse=True, variant="exclusive")
fn("math.cumprod", _ROWS, axis=2)
fn("math.top_k", real(None, 6), k=3)
fn("math.l2_normalize", _ROWS, axis=-1)
fn("norm", _ROWS, axis=-1)
fn("nn.moments", _ROWS, axes=[1])
fn("sort", real(None, 6))
fn("argsort", real(None, 6), direction="DESCENDING")
fn("math.in_top_k", whole(0, 5, 4), real(4, 5), 2)

fn("reshape", _ROWS, (-1, 2, 6))
fn("transpose", _ROWS, [0, 2, 1])
fn("expand_dims", _ROWS, 1)
fn("squeeze", real(None, 1, 4), axis=1)
fn("concat", [_ROWS, real(None, 2, 4)], axis=1)
fn("stack", [_X, _Y], axis=1)
fn("unstack", _ROWS, axis=1)
fn("split", real(None, 6), 3, axis=1)
fn("split", real(None, 6), [1, 3, 2], axis=1, variant="unlike")
fn("tile", _ROWS, [1, 2, 3])
fn("repeat", _ROWS, 3, axis=1)
fn("pad", _ROWS, [[0, 0], [1, 2], [0, 3]])
fn("pad", _ROWS, [[0, 0], [1, 2], [0, 3]], mode="REFLECT", variant="reflect")
fn("reverse", _ROWS, [1])
fn("roll", _ROWS, shift=2, axis=1)
fn("broadcast_to", real(1, 4), [3, 4])
fn("slice", _ROWS, [0, 1, 0], [-1, 2, 3])
fn("strided_slice", _ROWS, [0, 0, 1], [4, 3, 4], [1, 2, 1])
fn("gather", _ROWS, [2, 0, 2], axis=1)
fn("gather", real(5, 3), whole(0, 5, 4), variant="given")
fn("gather", real(None, 5, 3), whole(0, 5, None, 2), batch_dims=1, variant="batched")
fn("gather_nd", real(4, 5), [[0, 1], [3, 2]])
fn("one_hot", whole(0, 5, None, 3), 5)
fn("one_hot", whole(-1, 2, None, 3), 1, variant="of_one")
fn("one_hot", whole(0, 5, None, 3), 5, on_value=2.0, off_value=-1.0, variant="values")
fn("linalg.diag", real(None, 4))
fn("linalg.diag_part", real(None, 4, 4))
fn("linalg.band_part", _ROWS, 0, -1)
fn("linalg.trace", real(None, 4, 4))
fn("linalg.matmul", real(None, 3, 4), real(None, 4, 2))
fn("linalg.matmul", real(None, 4, 3), real(None, 2, 4), transpose_a=True, transpose_b=True, variant="transposed")
fn("linalg.matvec", real(None, 3, 4), real(None, 4))
fn("linalg.normalize", _ROWS, axis=-1)
fn("tensordot", _ROWS, real(4, 5), 1)
fn("einsum", "bij,bjk->bik", real(None, 2, 3), real(None, 3, 4), reloaded=False)
fn("math.unsorted_segment_sum", real(6, 3), whole(0, 3, 6), num_segments=3)
fn("scatter_nd", whole(0, 5, 3, 1), real(3, 4), [5, 4])
fn("tensor_scatter_nd_update", real(5, 4), [[1], [3]], real(2, 4))
fn("math.bincount", whole(0, 6, 9), minlength=6, maxlength=6)

for _name in (
    "relu",
    "relu6",
    "elu",
    "selu",
    "softmax",
    "log_softmax",
    "softplus",
    "softsign",
    "gelu",
    "silu",
    "swish",
):
    fn(f"nn.{_name}", _ROWS)
fn("nn.crelu", _ROWS)
fn("nn.gelu", _ROWS, approximate=True, variant="approximate")
fn("nn.leaky_relu", _ROWS, alpha=0.4)
fn("nn.softmax", _ROWS, axis=1, variant="axis_1")
fn("nn.l2_normalize", _ROWS, axis=-1)
fn("nn.bias_add", _ROWS, real(4))
fn("nn.conv2d", real(None, 7, 8, 3), real(3, 3, 3, 4), strides=2, padding="SAME")
fn("nn.depthwise_conv2d", real(None, 7, 8, 3), real(3, 3, 3, 2), strides=[1, 1, 1, 1], padding="VALID")
fn("nn.max_pool2d", real(None, 7, 8, 3), ksize=2, strides=2, padding="SAME")
fn("nn.avg_pool2d", real(None, 7, 8, 3), ksize=3, strides=2, padding="VALID")
fn("nn.dropout", _X, rate=0.0)
fn("nn.embedding_lookup", real(7, 3), whole(0, 7, None, 2))
fn("nn.local_response_normalization", real(None, 4, 4, 6), depth_radius=2)
fn("nn.batch_normalization", _ROWS, real(4), positive(4), real(4), real(4), 0.01)
fn("nn.depth_to_space", real(None, 3, 4, 8), 2)
fn("nn.space_to_depth", real(None, 4, 6, 2), 2)
fn("nn.sigmoid_cross_entropy_with_logits", labels=_X, logits=_Y)
fn("nn.softmax_cross_entropy_with_logits", labels=Fed((None, 4), uniform(0, 1)), logits=_Y)
fn("image.resize", real(None, 5, 6, 3), [8, 9])
fn("image.resize", real(None, 5, 6, 3), [8, 9], method="nearest", variant="nearest")
fn("image.resize", real(None, 5, 6, 3), [8, 9], method="bicubic", variant="bicubic")
fn("image.flip_left_right", real(None, 5, 6, 3))
fn("image.rgb_to_grayscale", Fed((None, 5, 6, 3), uniform(0, 1)))
fn("image.per_image_standardization", Fed((None, 5, 6, 3), uniform(0, 255)))
fn("image.central_crop", real(4, 6, 8, 3), 0.5)
fn("image.adjust_contrast", real(None, 5, 6, 3), 1.7)
fn("image.adjust_brightness", real(None, 5, 6, 3), 0.3)


@network(generations=TWO, inputs=any_of([0.5, 1.5, -2.0]))
def shape_by_hand(keras):
    """A reshape to sizes that are only known when the model runs."""
    tf = importlib.import_module("tensorflow")
    inputs = keras.Input((None, 4), name="x")
    shape = tf.shape(inputs)
    return keras.Model(inputs, keras.layers.Dense(3)(tf.reshape(inputs, (shape[0], shape[1] * 2, 2))))


@network(generations=TWO)
def attention_by_hand(keras):
    tf = importlib.import_module("tensorflow")
    layers = keras.layers
    inputs = keras.Input((5, 8), name="x")
    q, k, v = (layers.Dense(8, name=name)(inputs) for name in "qkv")
    q, k, v = (tf.transpose(tf.reshape(part, (-1, 5, 2, 4)), (0, 2, 1, 3)) for part in (q, k, v))
    weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / tf.sqrt(4.0))
    x = tf.reshape(tf.transpose(tf.matmul(weights, v), (0, 2, 1, 3)), (-1, 5, 8))
    return keras.Model(inputs, layers.Dense(3)(x))
