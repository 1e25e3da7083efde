"""Layers of a notebook's own that are called like Keras's: Keras refuses to load such a file, and so must we."""

from tests.oracle.graphs.given import normal
from tests.oracle.reported.suite import Theme

case = Theme(__name__).case


def _after_dense(keras, layer):
    inputs = keras.Input((5,), name="x")
    return keras.Model(inputs, layer(keras.layers.Dense(8)(inputs)))


@case("keras3-file", refused=("`culprit` (ReLU)", "a class of your own of that name"), x=normal(2, 5))
def own_relu(keras):
    """Its .keras says `module: null, registered_name: "ReLU"`; Keras's own says `module: "keras.layers"`."""
    import tensorflow as tf

    class ReLU(keras.layers.Layer):
        def call(self, x):
            return tf.clip_by_value(x, 0.0, 0.5)

    return _after_dense(keras, ReLU(name="culprit"))


@case("keras3-file", refused=("`culprit` (Dense)", "a class of your own of that name"), x=normal(2, 5))
def own_dense(keras):
    """A subclass of the layer that it is called like, with its config and weights."""
    import tensorflow as tf

    class Dense(keras.layers.Dense):
        def call(self, x):
            return tf.matmul(x, tf.nn.l2_normalize(self.kernel, 0)) + self.bias

    return _after_dense(keras, Dense(4, name="culprit"))
