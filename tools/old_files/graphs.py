"""SavedModels and frozen graphs of an old TensorFlow: Keras's networks, and graphs as people wrote them by hand."""

import functools
import os
import shutil

import graphs_by_hand
import keras_files
import numpy as np
import tensorflow as tf
from values import SAMPLES, sample

v1 = tf.compat.v1
TWO = tf.__version__.startswith("2")
SAVED = [
    "perceptron",
    "transfer",
    "siamese",
    "nested_of_two_outputs",
    "convolutions_1d",
    "separable",
    "mobile",
    "lstm",
    "gru_reset_after",
    "bidirectional",
    "states_given",
    "words_masked",
    "steps_masked",
    "conv_lstm",
    "advanced_activations",
    "op_joins",
    "op_shapes",
]
"""Networks that are saved as SavedModels, too, in turns of the ways in which a version does: what looks otherwise as a
graph."""
FROZEN = ["perceptron", "residual", "u_net", "locally_connected", "lstm", "words_convolved"]


def cases(keras):
    """Return the writers of all cases by name."""
    found = {}
    ways = _saved_by_keras(keras)
    for index, name in enumerate(SAVED):
        writer = ways[index % len(ways)]
        case = "{}-{}".format(writer.__name__.strip("_"), name).replace("_", "-")
        found[case] = functools.partial(_saved, keras, name, writer)
    for name in FROZEN:
        found["frozen-" + name.replace("_", "-")] = functools.partial(_frozen, keras, name)
    for name, build in ({} if TWO else graphs_by_hand.GRAPHS).items():
        for writer in (_saved_by_builder, _frozen_by_hand):
            found["{}-{}".format("saved" if writer is _saved_by_builder else "frozen", name).replace("_", "-")] = (
                functools.partial(writer, build)
            )
    for name, write in (graphs_by_hand.MODULES if TWO else graphs_by_hand.ESTIMATORS).items():
        found[name.replace("_", "-")] = functools.partial(_written, write)
    return found


def _saved_by_keras(keras):
    """The ways in which this TensorFlow saved Keras models as SavedModels."""
    if TWO:
        return [_saved_model]
    return [_saved_simply, _exported_by_keras] + [_saved_model] * (tf.__version__ >= "1.15")


def _saved_model(keras, model, path):
    keras.models.save_model(model, path, save_format="tf")


def _exported_by_keras(keras, model, path):
    if hasattr(keras.experimental, "export_saved_model"):
        keras.experimental.export_saved_model(model, path)
    else:
        there = tf.contrib.saved_model.save_keras_model(model, path + "-stamped")
        shutil.move(there.decode() if isinstance(there, bytes) else there, path)
        shutil.rmtree(path + "-stamped")


def _saved_simply(keras, model, path):
    inputs, outputs = dict(zip(model.input_names, model.inputs)), dict(zip(model.output_names, model.outputs))
    tf.saved_model.simple_save(keras.backend.get_session(), path, inputs, outputs)


def _saved(keras, name, writer, case, path):
    if not TWO:
        keras.backend.clear_session()
        keras.backend.set_learning_phase(0) if writer is _saved_simply else None
    writer(keras, keras_files.filled(keras, name), path)
    return _numbers_of(path, case)


def _frozen(keras, name, case, path):
    keras.backend.clear_session()
    keras.backend.set_learning_phase(0)
    model = keras_files.filled(keras, name)
    if TWO:
        from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

        function = tf.function(lambda *inputs: model(list(inputs) if len(inputs) > 1 else inputs[0]))
        specs = [tf.TensorSpec(each.shape, each.dtype, name=key) for key, each in zip(model.input_names, model.inputs)]
        frozen = convert_variables_to_constants_v2(function.get_concrete_function(*specs))
        graph = frozen.graph.as_graph_def()
        outputs = [each.op.name for each in frozen.outputs]
    else:
        session = keras.backend.get_session()
        outputs = [each.op.name for each in model.outputs]
        graph = v1.graph_util.convert_variables_to_constants(session, session.graph.as_graph_def(), outputs)
    return _write_frozen(graph, outputs, case, path)


def _saved_by_builder(build, case, path):
    with tf.Graph().as_default(), v1.Session() as session:
        inputs, outputs = build(v1)
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        _fill(session)
        info = v1.saved_model.build_tensor_info
        signature = v1.saved_model.build_signature_def(
            {name: info(each) for name, each in inputs.items()}, {name: info(each) for name, each in outputs.items()}
        )
        builder = v1.saved_model.Builder(path)
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
        builder.save()
    return _numbers_of(path, case)


def _frozen_by_hand(build, case, path):
    with tf.Graph().as_default() as graph, v1.Session() as session:
        _, outputs = build(v1)
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        _fill(session)
        names = [each.op.name for each in outputs.values()]
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), names)
    return _write_frozen(frozen, names, case, path)


def _fill(session):
    for index, each in enumerate(v1.global_variables()):
        if each.dtype.base_dtype == tf.float32:
            rng = np.random.RandomState(index)
            low, spread = (0.5, 1.0) if "variance" in each.name or "gamma" in each.name else (-0.6, 1.2)
            each.load(low + spread * rng.random_sample(each.shape.as_list()), session)


def _written(write, case, path):
    write(path)
    return _numbers_of(path, case)


def _write_frozen(graph, outputs, case, path):
    with open(path + ".pb", "wb") as file:
        file.write(graph.SerializeToString())
    with tf.Graph().as_default(), v1.Session() as session:
        tf.import_graph_def(graph, name="")
        inputs = {
            each.name: session.graph.get_tensor_by_name(each.name + ":0")
            for each in graph.node
            if each.op == "Placeholder" and each.attr["dtype"].type != tf.resource.as_datatype_enum
        }
        fetched = {name: session.graph.get_tensor_by_name(name + ":0") for name in outputs}
        return _run(session, inputs, fetched, case)


def _numbers_of(path, case):
    """Return what a SavedModel's signature is given and gives, in this TensorFlow's own loader."""
    if os.path.isdir(path) and not os.path.exists(os.path.join(path, "saved_model.pb")):
        (there,) = os.listdir(path)
        for name in os.listdir(os.path.join(path, there)):
            shutil.move(os.path.join(path, there, name), path)
        os.rmdir(os.path.join(path, there))
    for folder in ("assets", "debug"):
        if os.path.isdir(os.path.join(path, folder)) and not os.listdir(os.path.join(path, folder)):
            os.rmdir(os.path.join(path, folder))
    with tf.Graph().as_default(), v1.Session() as session:
        meta = v1.saved_model.loader.load(session, ["serve"], path)
        chosen = {name: each for name, each in meta.signature_def.items() if each.inputs}
        signature = chosen.get("serving_default") or chosen[min(chosen)]
        tensor = session.graph.get_tensor_by_name
        inputs = {name: tensor(each.name) for name, each in signature.inputs.items()}
        return _run(session, inputs, {name: tensor(each.name) for name, each in signature.outputs.items()}, case)


def _run(session, inputs, outputs, case):
    given = [
        {
            name: sample(case, index, name, keras_files.shape(each), each.dtype.as_numpy_dtype)
            for name, each in sorted(inputs.items())
        }
        for index in range(SAMPLES)
    ]
    gave = [session.run(outputs, {inputs[name]: values for name, values in each.items()}) for each in given]
    return given, gave
