"""Ops of TensorFlow in functional models as TensorFlow 2.0 to 2.3 wrote them: layers that hold the op's NodeDef.

tf-keras still has the class, but makes none of itself: each function is traced here, and the layers are made of its
nodes.
"""

from collections.abc import Callable
from typing import Any

from tests.oracle.keras_matrix.suite import TWO, network
from tests.oracle.samples import any_of, integers, normal, uniform

H5 = ("k2-h5",)


def op_layers(keras: Any, function: Callable[..., Any], *tensors: Any) -> Any:
    """Return what a function of TensorFlow makes of Keras tensors, as layers of its ops."""
    import tensorflow as tf
    from tf_keras.src.backend import unique_object_name
    from tf_keras.src.engine.base_layer import TensorFlowOpLayer

    graph = tf.Graph()
    with graph.as_default():
        given = [tf.compat.v1.placeholder(x.dtype, x.shape) for x in tensors]
        result = function(tf, *given)
    made = {x.ref(): tensor for x, tensor in zip(given, tensors, strict=True)}

    def value(tensor: Any) -> Any:
        if tensor.ref() in made:
            return made[tensor.ref()]
        op = tensor.op
        constants, inputs = {}, []
        for index, each in enumerate(op.inputs):
            known = tf.get_static_value(each) if each.op.type == "Const" else None
            if known is None:
                inputs.append(value(each))
            else:
                constants[index] = known
        layer = TensorFlowOpLayer(op.node_def.SerializeToString(), unique_object_name(op.type), constants)
        outputs = layer(inputs if len(inputs) > 1 else inputs[0])
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        made.update({each.ref(): found for each, found in zip(op.outputs, outputs, strict=True)})
        return made[tensor.ref()]

    found = [value(each) for each in (result if isinstance(result, list | tuple) else [result])]
    return found if len(found) > 1 else found[0]


def _op(name: str, shape: tuple, function: Callable[..., Any], **options: Any) -> None:
    sampler = options.pop("sampler", normal())
    dtype = options.pop("dtype", None)

    def build(keras: Any) -> Any:
        x = keras.Input(shape, name="x", dtype=dtype)
        return keras.Model(x, op_layers(keras, function, x))

    build.__name__, build.__module__ = f"op_layer_{name}", __name__
    network(inputs=sampler, generations=TWO, writers=H5, reloaded=False)(build)


_op("arithmetic", (5,), lambda tf, x: (1.0 - x * 2.5) / (tf.abs(x) + 0.5) + x**2.0)
_op("cast_from_ints", (4,), lambda tf, x: tf.cast(x, tf.float32) / 3.0, sampler=integers(0, 9), dtype="int32")
_op("cast_to_ints", (4,), lambda tf, x: tf.cast(x * 3.0, tf.int32) + 1)
_op("cast_to_long", (4,), lambda tf, x: tf.cast(tf.cast(x * 3.0, tf.int64) * 2, tf.float32))
_op("cast_from_bytes", (4,), lambda tf, x: tf.cast(x, tf.float32) / 255.0, sampler=integers(0, 255), dtype="uint8")
_op("reshape", (3, 4), lambda tf, x: tf.reshape(x, [-1, 2, 6]))
_op("transpose", (3, 4), lambda tf, x: tf.transpose(x, [0, 2, 1]))
_op("mean", (3, 4), lambda tf, x: tf.reduce_mean(x, [1, 2], keepdims=True))
_op("extremes", (3, 4), lambda tf, x: [tf.reduce_max(x, 1), tf.reduce_min(x, -1), tf.reduce_sum(x, [1]), tf.norm(x)])
_op("concat", (3, 4), lambda tf, x: tf.concat([x, x * 2.0, -x], -1))
_op("stack", (3,), lambda tf, x: tf.stack([x, x * 2.0], 1))
_op("split", (6,), lambda tf, x: [part * float(n + 1) for n, part in enumerate(tf.split(x, 3, -1))])
_op("unstack", (3, 2), lambda tf, x: tf.unstack(x, axis=1))
_op("slice", (5, 4), lambda tf, x: x[:, 1:4:2, ::-1])
_op("slice_away", (5, 4), lambda tf, x: x[:, 0, tf.newaxis])
_op("expand_and_squeeze", (3,), lambda tf, x: tf.squeeze(tf.expand_dims(tf.expand_dims(x, -1), 1), [1]))
_op("matmul", (3, 4), lambda tf, x: tf.matmul(x, x, transpose_b=True))
_op(
    "matmul_with_constant",
    (4,),
    lambda tf, x: tf.matmul(x, tf.constant([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0], [1.0, 1.0]])),
)
_op("functions", (4,), lambda tf, x: tf.tanh(x) + tf.sigmoid(x) * tf.nn.relu(x) - tf.nn.softplus(x) + tf.exp(x))
_op("softmax", (3, 4), lambda tf, x: tf.nn.softmax(x))
_op("leaky_relu", (4,), lambda tf, x: tf.nn.leaky_relu(x, 0.3))
_op("clip", (4,), lambda tf, x: tf.clip_by_value(x, -0.5, 0.5))
_op("choice", (4,), lambda tf, x: tf.where(tf.logical_and(x > 0.0, x < 1.0), x, tf.zeros_like(x)))
_op("argmax", (3, 4), lambda tf, x: tf.argmax(x, -1))
_op("one_hot", (3,), lambda tf, x: tf.one_hot(x, 5), sampler=integers(0, 5), dtype="int32")
_op("gather", (5, 3), lambda tf, x: tf.gather(x, [2, 0], axis=1))
_op("top_k", (6,), lambda tf, x: tf.math.top_k(x, 3))
_op("resize", (4, 5, 2), lambda tf, x: tf.compat.v1.image.resize_bilinear(x, [8, 10], align_corners=True))
_op("pad", (3, 2), lambda tf, x: tf.pad(x, [[0, 0], [1, 2], [0, 1]], constant_values=2.0))
_op("tile", (3, 2), lambda tf, x: tf.tile(x, [1, 2, 1]))
_op("cumsum", (5,), lambda tf, x: tf.cumsum(x, 1, exclusive=True))
_op("divisions", (4,), lambda tf, x: x // 3 + x % 3, sampler=any_of([-7, -3, 0, 4, 8]), dtype="int32")
_op("logs", (4,), lambda tf, x: tf.math.log(x) + tf.sqrt(x) * tf.math.rsqrt(x), sampler=uniform(0.2, 3.0))
_op("shape_at_run_time", (3, 4), lambda tf, x: tf.reshape(x, tf.stack([tf.shape(x)[0], 12])))
_op("depth_to_space", (2, 2, 4), lambda tf, x: tf.nn.depth_to_space(x, 2))


@network(generations=TWO, writers=H5, reloaded=False)
def op_layers_between_layers(keras):
    """A residual connection, and scaled attention, spelled in ops."""
    layers = keras.layers
    x = keras.Input((4, 6), name="x")
    y = op_layers(keras, lambda tf, a, b: a + 0.3 * b, layers.Dense(6, name="a")(x), x)
    scores = op_layers(keras, lambda tf, a, b: tf.nn.softmax(tf.matmul(a, b, transpose_b=True) / 6.0**0.5), y, x)
    return keras.Model(x, layers.Dense(2, name="y")(op_layers(keras, lambda tf, a, b: tf.matmul(a, b), scores, y)))
