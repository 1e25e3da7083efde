"""Models as functions return them, and what is no model."""

import keras
import tensorflow as tf
from layers import Scale, Shift, squash


def made():
    """Two inputs by name, two outputs by layer."""
    keras.utils.set_random_seed(3)
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    both = Scale(name="scaled")(keras.layers.Add(name="sum")([left, right]))
    return keras.Model([left, right], [Shift(name="shifted")(both), keras.layers.Dense(2, squash, name="small")(both)])


class Pair(keras.Model):
    """A model of a class of its own."""

    def __init__(self, **options):
        super().__init__(**options)
        self.dense = keras.layers.Dense(3)

    def call(self, features):
        return {"plain": self.dense(features), "doubled": self.dense(features) * 2.0}


class Module(tf.Module):
    """A module with one function, whose input has a name that TensorFlow changes."""

    def __init__(self):
        super().__init__()
        self.offset = tf.Variable([1.0, 2.0])

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x y")])
    def __call__(self, x):
        return {"sum": x + self.offset, "difference": x - self.offset}


class Several(tf.Module):
    """A module with two functions, of which the manifest has to choose one."""

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def first(self, x):
        return x + 1.0

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def second(self, x):
        return x * 2.0


class Silent(tf.Module):
    """A module that does not say what it takes."""

    @tf.function
    def __call__(self, x):
        return x


def nothing():
    """No model."""


def wrong():
    """Raises what a mistake in a user's code raises."""
    return {}["no such key"]
