"""Layers of a notebook's own that are called like Keras's: Keras refuses to load such a file, and so must we."""

from tests.oracle.graphs.given import normal
from tests.oracle.reported.suite import Theme

case = Theme(__name__).case


def _after_dense(keras, layer):
    inputs = keras.Input((5,), name="x")
    return keras.Model(inputs, layer(keras.layers.Dense(8)(inputs)))


_OWN_RELU = ("`culprit` (ReLU)", "a class of your own of that name")


@case("keras3-file", name="own_relu_file", refused=_OWN_RELU, x=normal(2, 5))
@case("keras3-h5", name="own_relu_h5", refused=_OWN_RELU, x=normal(2, 5))
@case("keras2-h5", name="own_relu_h5_of_keras_2", refused=_OWN_RELU, x=normal(2, 5))
def own_relu(keras):
    """A .keras says `module: null, registered_name: "ReLU"`, where Keras's own says `module: "keras.layers"`; an .h5
    may say the name alone, with other options than those of Keras's own."""
    import tensorflow as tf

    class ReLU(keras.layers.Layer):
        __module__ = "__main__"  # a notebook's

        def call(self, x):
            return tf.clip_by_value(x, 0.0, 0.5)

    return _after_dense(keras, ReLU(name="culprit"))


@case("keras3-file", refused=("`culprit` (Dense)", "a class of your own of that name"), x=normal(2, 5))
def own_dense(keras):
    """A subclass of the layer that it is called like, with its config and weights."""
    import tensorflow as tf

    class Dense(keras.layers.Dense):
        __module__ = "__main__"

        def call(self, x):
            return tf.matmul(x, tf.nn.l2_normalize(self.kernel, 0)) + self.bias

    return _after_dense(keras, Dense(4, name="culprit"))
