"""Writes models that need code, and what they give, as tensor files: `python write.py FOLDER`, in TensorFlow's Python.

The project's modules are found in `project`, beside this.
"""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "project"), str(HERE.parent.parent)]

import keras
import numpy as np
import tensorflow as tf
import tf_keras
from layers import Scale, Shift, squash
from nets import Module, Pair, Several, made
from old_layers import Twice

from tests.oracle.tensors import write_groups

RANDOM = np.random.default_rng(11)


def numbers(*shape):
    """Return numbers for an input."""
    return RANDOM.normal(size=shape).astype(np.float32)


def named(names, outputs):
    """Return outputs by names."""
    return dict(zip(names.split(), outputs, strict=True))


def save(folder, name, model, inputs, call, suffix=".keras"):
    """Write a model, unless it is made by code, and its numbers."""
    if suffix:
        model.save(folder / f"{name}{suffix}")
    outputs = {key: np.asarray(value) for key, value in call(inputs).items()}
    write_groups(folder / f"{name}.inputs", [inputs, inputs])
    write_groups(folder / f"{name}.outputs", [outputs, outputs])


def single(kind, *layers):
    """Return a chain of layers on four numbers, and how it is called by names."""
    keras.utils.set_random_seed(7)
    inputs = kind.Input((4,), name="features")
    outputs = inputs
    for layer in layers:
        outputs = layer(outputs)
    model = kind.Model(inputs, outputs)
    return model, lambda given: {layers[-1].name: model(given["features"])}


def main(folder):
    """Write all of them."""
    features = {"features": numbers(3, 4)}
    chain = [keras.layers.Dense(5, name="dense"), Scale(0.5, name="scaled")]
    model, call = single(keras, *chain)
    save(folder, "custom", model, features, call)
    save(folder, "custom_h5", model, features, call, ".h5")
    chain = [keras.layers.Dense(5, squash, name="dense"), Shift(name="shifted")]
    model, call = single(keras, *chain)
    save(folder, "registered", model, features, call)
    model, call = single(tf_keras, tf_keras.layers.Dense(3, name="dense"), Twice(name="twice"))
    save(folder, "old", model, features, call, ".h5")
    model, call = single(keras, keras.layers.Lambda(lambda x: x * x + 1.0, name="squares"))
    save(folder, "lambda", model, features, call)
    model, call = single(keras, keras.layers.Dense(4, "relu", name="hidden"), keras.layers.Dense(2, name="out"))
    save(folder, "plain", model, features, call)
    save(folder, "plain_h5", model, features, call, ".h5")
    pair = Pair()
    pair(features["features"])
    save(folder, "subclassed", pair, features, lambda given: pair(given["features"]))
    both, inputs = made(), {"left": numbers(2, 4), "right": numbers(2, 4)}
    save(folder, "made", both, inputs, lambda given: named("shifted small", both(list(given.values()))), "")
    module = Module()
    save(folder, "module", module, {"x y": numbers(3, 2)}, lambda given: module(given["x y"]), "")
    second = Several().second
    save(folder, "second", None, {"x": numbers(3, 2)}, lambda given: {"output_0": second(given["x"])}, "")
    call = tf.function(module.__call__.python_function, input_signature=[tf.TensorSpec([None, 2], name="x")])
    tf.saved_model.save(module, str(folder / "saved"), signatures={"serving_default": call})
    save(folder, "saved", None, {"x": numbers(3, 2)}, lambda given: module(given["x"]), "")
    frozen(folder)


def frozen(folder):
    """Write a frozen graph, and what it gives."""
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [None, 3], "x")
        tf.add(tf.matmul(x, tf.constant(np.eye(3, dtype=np.float32) * 2)), 1.0, "y")
        given = numbers(2, 3)
        outputs = {"y": session.run("y:0", {"x:0": given})}
        (folder / "frozen.pb").write_bytes(graph.as_graph_def().SerializeToString())
    write_groups(folder / "frozen.inputs", [{"x": given}, {"x": given}])
    write_groups(folder / "frozen.outputs", [outputs, outputs])


main(Path(sys.argv[1]))
