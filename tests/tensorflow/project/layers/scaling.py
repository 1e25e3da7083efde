"""Layers that are registered, and one that is not."""

import keras
from factors import FACTOR


class Scale(keras.layers.Layer):
    """Multiplies by a number, and by a weight of its own."""

    def __init__(self, factor=FACTOR, **options):
        super().__init__(**options)
        self.factor = factor

    def build(self, shape):
        self.by = self.add_weight(name="by", shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.factor * self.by

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable("layers")
class Shift(keras.layers.Layer):
    """Adds a number."""

    def call(self, x):
        return x + 1.5


@keras.saving.register_keras_serializable("layers")
def squash(x):
    """An activation."""
    return x / (1.0 + keras.ops.abs(x))
