"""The ways in which a graph comes to lie on a disk, and how each is run again from there.

`WRITERS[name](case, path)` writes a case's source and returns where it is, with a function that runs it: from named
arrays to named arrays, through TensorFlow's own loader. What the loader gives is what a conversion must give.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tests.oracle.graphs.cases import GraphCase
from tests.oracle.graphs.given import Given
from tests.oracle.odd import KINDS, LIMITS, same
from tests.oracle.variables import CALIBRATION_BATCH, calibrate, randomize

Arrays = Mapping[str, np.ndarray]
Run = Callable[[Arrays], dict[str, np.ndarray]]
Written = tuple[Path, Run]

HEAVY = ("applications",)
"""Families that take too long for odd samples; their layers have them in others."""
COUNTING = ("arithmetic", "basic_math", "logical", "reduction")
"""Families whose integers are numbers to reckon with, not sizes and places."""


def inputs(case: GraphCase, index: int) -> dict[str, np.ndarray]:
    """Return the arrays that are fed as sample `index`."""
    return {name: given.sample(f"{case.name}/{name}", index) for name, given in case.inputs.items()}


def odd_inputs(case: GraphCase) -> dict[str, dict[str, np.ndarray]]:
    """Return the odd samples of a case by name: of each kind that changes any of its inputs."""
    if case.family in HEAVY:
        return {}
    first, samples = inputs(case, 0), {}
    for kind in KINDS:
        if kind == LIMITS and case.family not in COUNTING:
            continue
        sample = {name: given.odd(f"{case.name}/{name}", kind) for name, given in case.inputs.items()}
        if any(not same(np.asarray(values), np.asarray(first[name])) for name, values in sample.items()):
            samples[kind] = sample
    return samples


def named(case: GraphCase, result: Any) -> dict[str, Any]:
    """Return the outputs of a case's function by name, those that are kept."""
    if hasattr(result, "_asdict"):
        outputs = result._asdict()
    elif isinstance(result, dict):
        outputs = result
    elif isinstance(result, (list, tuple)):
        outputs = {f"output_{index}": value for index, value in enumerate(result)}
    else:
        outputs = {"output": result}
    return {name: outputs[name] for name in case.take or outputs}


def specs(case: GraphCase) -> list[Any]:
    """Return the declarations of a case's inputs."""
    return [tf.TensorSpec(given.declared, given.dtype, name=name) for name, given in case.inputs.items()]


# --- TensorFlow 2 ---------------------------------------------------------------------------------------------------


def write_function(case: GraphCase, path: Path) -> Written:
    """A `tf.Module` with one function, the signature `serving_default`; `build` is its body."""
    module = _module(case)
    tf.saved_model.save(module, str(path), signatures=module.serve)
    return path, _reference(case, module) if case.reference else run_saved_model(path)


def _module(case: GraphCase) -> Any:
    module = tf.Module()
    module.kept = {}
    for name, given in case.given.items():
        if not isinstance(given, Given):
            module.kept[name] = given(tf)
        elif given.variable:
            module.kept[name] = tf.Variable(given.sample(f"{case.name}/{name}", 0), name=name)

    def serve(*tensors: Any) -> Any:
        fed = dict(zip(case.inputs, tensors, strict=True))
        return named(case, case.build(tf, **fed, **module.kept))

    module.serve = tf.function(serve, input_signature=specs(case), autograph=False)
    return module


def _reference(case: GraphCase, module: Any) -> Run:
    def run(sample: Arrays) -> dict[str, np.ndarray]:
        assert case.reference is not None
        result = case.reference(tf, **_tensors(sample), **module.kept)
        return {name: value.numpy() for name, value in named(case, result).items()}

    return run


def write_module(case: GraphCase, path: Path) -> Written:
    """Whatever `build(tf)` returns, with its signatures: an object, and a function or a dict of functions."""
    module, signatures = case.build(tf)
    tf.saved_model.save(module, str(path), signatures=signatures)
    return path, run_saved_model(path, case.options.get("signature", "serving_default"))


def write_sharded(case: GraphCase, path: Path) -> Written:
    """The same with a data file for every few weights."""
    module, signatures = case.build(tf)
    policy = tf.train.experimental.MaxShardSizePolicy(max_shard_size=1000)
    options = tf.saved_model.SaveOptions(experimental_sharding_callback=policy)
    tf.saved_model.save(module, str(path), signatures=signatures, options=options)
    return path, run_saved_model(path)


def run_saved_model(path: Path, signature: str = "serving_default") -> Run:
    """Return what runs a signature of a SavedModel of TensorFlow 2."""
    load = functools.cache(lambda: tf.saved_model.load(str(path)))

    def run(sample: Arrays) -> dict[str, np.ndarray]:
        return {name: value.numpy() for name, value in load().signatures[signature](**_tensors(sample)).items()}

    return run


def _tensors(sample: Arrays) -> dict[str, Any]:
    return {name: tf.constant(value) for name, value in sample.items()}


# --- Keras ----------------------------------------------------------------------------------------------------------


def _keras(generation: str, save: Callable[[Any, str], None]) -> Callable[[GraphCase, Path], Written]:
    def write(case: GraphCase, path: Path) -> Written:
        keras = importlib.import_module(generation)
        keras.backend.clear_session()
        keras.utils.set_random_seed(zlib.crc32(case.name.encode()))
        model = case.build(keras)
        fed = inputs(case, 0)
        first, *rest = fed.values()
        model(first if not rest else fed if isinstance(model.input, dict) else [first, *rest])
        randomize(model, case.name)
        if any(type(layer).__name__ == "BatchNormalization" for layer in model._flatten_layers()):
            given = next(iter(case.inputs.values()))
            batch = given.fill(np.random.default_rng(7), (CALIBRATION_BATCH, *given.shapes[0][1:]))
            calibrate(keras, model, batch.astype(given.dtype), case.name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            save(model, str(path))
        return path, run_saved_model(path)

    return write


def _save_as_object(model: Any, path: str) -> None:
    """Save a Keras model as any other object, with a signature of one's own."""
    names = [tensor.name for tensor in model.inputs]
    declared = [
        tf.TensorSpec(tensor.shape, tensor.dtype, name) for name, tensor in zip(names, model.inputs, strict=True)
    ]
    tf.saved_model.save(model, path, tf.function(lambda *x: model(list(x), training=False), input_signature=declared))


# --- TensorFlow 1 ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _tensorflow_1() -> Iterator[Any]:
    """Give a graph in which control flow, variables and tensor arrays are those of TensorFlow 1."""
    tf.compat.v1.disable_control_flow_v2()
    try:
        with tf.Graph().as_default() as graph:
            yield graph
    finally:
        tf.compat.v1.enable_control_flow_v2()


def write_tf1(case: GraphCase, path: Path) -> Written:
    """A session's graph and variables, with a signature, as `simple_save` writes them."""
    return _write_tf1(case, path, main_op=True)


def write_tf1_collection(case: GraphCase, path: Path) -> Written:
    """The same without a main op: what fills the tables stands in a collection, which TensorFlow's loader runs (that of
    TensorFlow 2, also for such files)."""
    _write_tf1(case, path, main_op=False)
    return path, run_saved_model(path)


def write_tf1_shapeless(case: GraphCase, path: Path) -> Written:
    """The same as TensorFlow 1.0 wrote signatures: without shapes."""
    from tensorflow.core.protobuf import saved_model_pb2

    _write_tf1(case, path, main_op=True)
    file = path / "saved_model.pb"
    saved_model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    for info in saved_model.meta_graphs[0].signature_def["serving_default"].inputs.values():
        info.ClearField("tensor_shape")
    file.write_bytes(saved_model.SerializeToString())
    return path, _run_tf1(path, case.options.get("tags", ["serve"]))


def _write_tf1(case: GraphCase, path: Path, *, main_op: bool) -> Written:
    with _tensorflow_1() as graph, tf.compat.v1.Session(graph=graph) as session:
        fed, outputs = _build_tf1(case, session)
        tags = case.options.get("tags", ["serve"])
        builder = tf.compat.v1.saved_model.Builder(str(path))
        signature = tf.compat.v1.saved_model.predict_signature_def(fed, outputs)
        builder.add_meta_graph_and_variables(
            session,
            tags,
            {"serving_default": signature},
            assets_collection=tf.compat.v1.get_collection(tf.compat.v1.GraphKeys.ASSET_FILEPATHS),
            main_op=tf.compat.v1.tables_initializer() if main_op else None,
        )
        builder.save()
    return path, _run_tf1(path, tags)


def _build_tf1(case: GraphCase, session: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    v1 = tf.compat.v1
    fed = {name: _placeholder(name, given) for name, given in case.inputs.items()}
    kept = {
        name: v1.get_variable(name, initializer=given.sample(f"{case.name}/{name}", 0), use_resource=False)
        for name, given in case.given.items()
        if isinstance(given, Given) and given.variable
    }
    outputs = named(case, case.build(tf, **fed, **kept))
    session.run([v1.global_variables_initializer(), v1.tables_initializer()])
    return fed, outputs


def _placeholder(name: str, given: Given) -> Any:
    if given.default:
        nothing = np.zeros(given.shapes[0], given.dtype)
        return tf.compat.v1.placeholder_with_default(nothing, given.declared, name)
    return tf.compat.v1.placeholder(given.dtype, given.declared, name)


def _run_tf1(path: Path, tags: list[str]) -> Run:
    graph = tf.Graph()
    session = tf.compat.v1.Session(graph=graph)
    with graph.as_default():
        meta_graph = tf.compat.v1.saved_model.load(session, tags, str(path))
    signature = meta_graph.signature_def["serving_default"]

    def run(sample: Arrays) -> dict[str, np.ndarray]:
        fetched = {name: info.name for name, info in signature.outputs.items()}
        return dict(session.run(fetched, {signature.inputs[name].name: value for name, value in sample.items()}))

    return run


# --- frozen graphs --------------------------------------------------------------------------------------------------


def write_frozen(case: GraphCase, path: Path) -> Written:
    """One file, the variables of a function as constants."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    function = convert_variables_to_constants_v2(_module(case).serve.get_concrete_function())
    return _write_frozen(function.graph.as_graph_def(), [t.op.name for t in function.outputs], path)


def write_frozen_tf1(case: GraphCase, path: Path) -> Written:
    """One file, the variables of a session as constants."""
    with _tensorflow_1() as graph, tf.compat.v1.Session(graph=graph) as session:
        _, outputs = _build_tf1(case, session)
        names = [output.op.name for output in outputs.values()]
        definition = tf.compat.v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), names)
    return _write_frozen(definition, names, path)


def write_optimized(case: GraphCase, path: Path) -> Written:
    """A frozen graph that went through TensorFlow's optimizer, which fuses."""
    from tensorflow.core.protobuf import config_pb2, meta_graph_pb2
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
    from tensorflow.python.grappler import tf_optimizer

    function = convert_variables_to_constants_v2(_module(case).serve.get_concrete_function())
    config = config_pb2.ConfigProto()
    rewriting = config.graph_options.rewrite_options
    rewriting.optimizers.extend(["constfold", "arithmetic", "remap", "pruning"])
    rewriting.meta_optimizer_iterations = 2
    outputs = [tensor.op.name for tensor in function.outputs]
    definition = function.graph.as_graph_def()
    for node in definition.node:
        node.device = "/device:CPU:0"  # without a device nothing is fused
    meta_graph = tf.compat.v1.train.export_meta_graph(graph_def=definition, graph=function.graph)
    fetches = meta_graph_pb2.CollectionDef()
    fetches.node_list.value.extend(outputs)
    meta_graph.collection_def["train_op"].CopyFrom(fetches)
    definition = tf_optimizer.OptimizeGraph(config, meta_graph)
    for node in definition.node:
        node.device = ""
    return _write_frozen(definition, outputs, path)


def _write_frozen(definition: Any, outputs: list[str], path: Path) -> Written:
    path = path.with_suffix(".pb")
    path.write_bytes(definition.SerializeToString())
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(definition, name="")
    session = tf.compat.v1.Session(graph=graph)

    def run(sample: Arrays) -> dict[str, np.ndarray]:
        fetched = {name: f"{name}:0" for name in outputs}
        return dict(session.run(fetched, {f"{name}:0": value for name, value in sample.items()}))

    return path, run


WRITERS: dict[str, Callable[[GraphCase, Path], Written]] = {
    "function": write_function,
    "module": write_module,
    "sharded": write_sharded,
    "tf1": write_tf1,
    "tf1-collection": write_tf1_collection,
    "tf1-shapeless": write_tf1_shapeless,
    "keras3": _keras("keras", lambda model, path: model.export(path, verbose=False)),
    "keras3-saved": _keras("keras", _save_as_object),
    "keras2": _keras("tf_keras", lambda model, path: model.save(path, save_format="tf")),
    "keras2-export": _keras("tf_keras", lambda model, path: model.export(path)),
    "frozen": write_frozen,
    "frozen-tf1": write_frozen_tf1,
    "frozen-optimized": write_optimized,
}
