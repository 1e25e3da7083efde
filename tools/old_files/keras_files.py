"""Networks as .h5 files: built, filled with numbers, saved and run by an old Keras."""

import functools

import networks_of_ops  # noqa: F401 -- registers its networks
import numpy as np
import tensorflow as tf
from networks import NETWORKS, ON_GPU, TRAINED
from values import SAMPLES, sample, weight

EAGER = tf.__version__.startswith("2")


def cases(keras):
    """Return the writers of all networks by name."""
    return {name.replace("_", "-"): functools.partial(_write, keras, name) for name in NETWORKS}


def _write(keras, name, case, path):
    model = filled(keras, name)
    path += ".h5"
    if name in TRAINED:
        model.compile("adam" if "conv" in name else "rmsprop", "mse")
        (inputs,) = samples(model, case)[0].values()
        model.train_on_batch(inputs, np.zeros_like(model.predict(inputs)))
        fill(keras, model, name)
    model.save(path)
    inputs, names = samples(model, case), _unique(model.output_names)
    if name in ON_GPU:
        model = NETWORKS[name](keras, twin=True)
        model.load_weights(path)
    return inputs, [dict(zip(names, run(model, values))) for values in inputs]


def filled(keras, name):
    """Return a network, built in a graph of its own, with its numbers."""
    keras.backend.clear_session()
    model = NETWORKS[name](keras)
    if not model.built:
        model.build(None)
    fill(keras, model, name)
    return model


def fill(keras, model, name):
    """Give a model's weights seeded numbers, but for those that a layer has adapted."""
    values = []
    for index, each in enumerate(model.weights):
        if not any(word in each.name for word in ("normalization/mean", "normalization/variance", "count")):
            values.append((each, weight(name, index, each.name, tuple(int(size) for size in each.shape))))
    keras.backend.batch_set_value(values)


def samples(model, case):
    """Return what a model is given, by the names of its inputs."""
    return [
        {
            name: sample(
                case, index, name, shape(tensor), "int32" if tensor.dtype in ("int32", tf.int32) else "float32"
            )
            for name, tensor in zip(model.input_names, model.inputs)
        }
        for index in range(SAMPLES)
    ]


def shape(tensor):
    """Return a tensor's shape, with None for sizes that are free."""
    return tuple(None if size is None else int(size) for size in tf.TensorShape(tensor.shape).as_list())


def run(model, values):
    """Return what a model gives."""
    if any(getattr(layer, "stateful", False) for layer in model.layers):
        model.reset_states()
    arrays = list(values.values())
    given = arrays if len(arrays) > 1 else arrays[0]
    # Without a function, which TensorFlow 2 would trace for each model.
    outputs = model(given, training=False) if EAGER else model.predict(given, batch_size=len(arrays[0]))
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def _unique(names):
    unique = []
    for name in names:
        count, proposal = 0, name
        while proposal in unique:
            count += 1
            proposal = f"{name}_{count}"
        unique.append(proposal)
    return unique
