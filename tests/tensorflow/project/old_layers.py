"""A layer of Keras 2."""

import tf_keras


class Twice(tf_keras.layers.Layer):
    """Doubles."""

    def call(self, x):
        return x * 2.0
