"""One call of a model as a function of flat, named tensors: what a signature of a SavedModel is.

Keras 3 and Keras 2 (tf_keras, and TensorFlow's own before 2.16) are told apart by what their objects have, since either
may be there without the other.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .names import INPUT, OUTPUT, NoModelError, unique

_SAY_WHAT = "@tf.function(input_signature=[tf.TensorSpec(…)])"


class Call(NamedTuple):
    """`function` takes and returns tensors by name; `holds` is what it reads its variables from; `inputs` and `outputs`
    are the names in the model's order; `keras` is whether a Keras model is called."""

    function: Callable[..., Any]
    holds: Any
    inputs: Sequence[str]
    outputs: Sequence[str]
    keras: bool = False


def is_keras(made: Any) -> bool:
    """Whether something is a Keras model, of whichever Keras."""
    homes = [base.__module__.split(".")[:3] for base in type(made).__mro__ if base.__name__ == "Model"]
    return any("keras" in home or "tf_keras" in home for home in homes)


def is_model(made: Any) -> bool:
    """Whether something is a Keras model or a tf.Module, or what tf.saved_model.load returns."""
    return is_keras(made) or isinstance(made, _tensorflow().Module) or hasattr(made, "signatures")


def resources(made: Any) -> Any:
    """Return what a model reads: of a Keras 2 model its variables and tables only, as with the model itself each of its
    layers would be traced and saved, three times over. Others are as quick as a whole."""
    if not hasattr(made, "_flatten_layers"):
        return made
    # TensorFlow exports the class of tables and assets under no name.
    table = importlib.import_module("tensorflow.python.trackable.resource").CapturableResource
    layers = list(made._flatten_layers())
    tables = [each for layer in layers for each in vars(layer).values() if isinstance(each, table)]
    return [*made.variables, *tables]


def of_model(model: Any, signature: str | None) -> Call:
    """Return the call of a Keras model in inference."""
    if signature not in (None, "serving_default"):
        raise NoModelError(f"a Keras model has no signature {signature!r}: leave `signature` out")
    taken = _inputs(model)
    options = {"training": False} if "training" in inspect.signature(model.call).parameters else {}

    def call(*tensors: Any) -> dict[str, Any]:
        given, keywords = taken.pack(tensors)
        return _outputs(model, model(*given, **keywords, **options))

    return _traced(call, taken.specs, model, taken.names, keras=True)


def of_module(made: Any, request: Mapping[str, Any]) -> Call:
    """Return a call of a tf.Module: of the function that the manifest's `signature` names, of `__call__`, or of the
    only one that says what it takes."""
    wanted = request["signature"]
    signatures = getattr(made, "signatures", None) or {}
    if wanted in signatures or (wanted is None and "serving_default" in signatures):
        return _of_signature(signatures[wanted or "serving_default"], made)
    name = wanted or _only_function(made)
    function: Any = getattr(made, name, None)
    if not hasattr(function, "get_concrete_function"):
        raise NoModelError(
            f"the module has no tf.function `{name}`"
            if wanted
            else f"the module has no tf.function to call: decorate one with {_SAY_WHAT}"
        )
    concrete = _concrete(function, name)
    tf = _tensorflow()
    arguments, keywords = concrete.structured_input_signature
    flat = [each for each in tf.nest.flatten((arguments, keywords)) if isinstance(each, tf.TensorSpec)]
    names = unique(str(each.name or f"input_{index}") for index, each in enumerate(flat))

    def call(*tensors: Any) -> dict[str, Any]:
        given, options = tf.nest.pack_sequence_as((arguments, keywords), list(tensors))
        return _named_outputs(function(*given, **options))

    return _traced(call, flat, made, names)


def of_saved_model(path: str, tags: Sequence[str] | None, signature: str | None) -> Call:
    """Return the call of a signature of a SavedModel, as TensorFlow has loaded it."""
    loaded = _tensorflow().saved_model.load(path, tags=tags)
    there = [name for name in loaded.signatures if name != "__saved_model_init_op"]
    preferred = [signature] if signature else ["serving_default", "default", *(there if len(there) == 1 else ())]
    chosen = next((name for name in preferred if name in there), None)
    if chosen is None:
        what = f"no signature {signature!r}" if signature else "several signatures, and none is named serving_default"
        raise NoModelError(f"the SavedModel has {what}; it has: {', '.join(sorted(there)) or 'none'}")
    return _of_signature(loaded.signatures[chosen], loaded)


def of_frozen_graph(path: str, outputs: Sequence[str]) -> Call:
    """Return the call of a frozen graph, from its placeholders to the nodes named in `outputs`."""
    tf = _tensorflow()
    graph = tf.compat.v1.GraphDef()
    graph.ParseFromString(Path(path).read_bytes())
    wrapped = tf.compat.v1.wrap_function(lambda: tf.compat.v1.import_graph_def(graph, name=""), [])
    ends = [wrapped.graph.as_graph_element(_tensor(name)) for name in outputs]
    starts = [
        operation.outputs[0]
        for operation in wrapped.graph.get_operations()
        if operation.type.startswith("Placeholder")
        and operation.type != "PlaceholderWithDefault"
        and _leads(operation, ends)
    ]
    pruned = wrapped.prune(starts, ends)
    names = unique(each.op.name for each in starts)
    written = unique(name.partition(":")[0] for name in outputs)

    def call(*tensors: Any) -> dict[str, Any]:
        return dict(zip(written, pruned(*tensors), strict=True))

    return _traced(call, starts, tf.Module(), names)


def _tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"


def _leads(operation: Any, ends: Sequence[Any]) -> bool:
    """Whether any of `ends` is computed from an operation."""
    seen: set[str] = set()
    waiting = [each.op for each in ends]
    while waiting:
        each = waiting.pop()
        if each.name in seen:
            continue
        seen.add(each.name)
        waiting += [tensor.op for tensor in each.inputs]
    return operation.name in seen


def _of_signature(signature: Any, holds: Any) -> Call:
    _, keywords = signature.structured_input_signature
    names = list(keywords)

    def call(*tensors: Any) -> dict[str, Any]:
        return dict(signature(**dict(zip(names, tensors, strict=True))))

    return _traced(call, list(keywords.values()), holds, names)


def _traced(
    call: Callable[..., dict[str, Any]], specs: Sequence[Any], holds: Any, inputs: Sequence[str], keras: bool = False
) -> Call:
    """Return a call as a function that is traced already, which tells the outputs' names. TensorFlow changes names that
    it does not like, so that tensors are numbered in the signature."""
    tf = _tensorflow()
    outputs: list[str] = []

    def numbered(*tensors: Any) -> dict[str, Any]:
        found = call(*tensors)
        outputs[:] = found
        return {f"{OUTPUT}{index}": each for index, each in enumerate(found.values())}

    signature = [tf.TensorSpec(each.shape, each.dtype, f"{INPUT}{index}") for index, each in enumerate(specs)]
    function = tf.function(numbered, input_signature=signature, autograph=False)
    function.get_concrete_function()
    return Call(function, holds, list(inputs), outputs, keras)


def _concrete(function: Any, name: str) -> Any:
    try:
        return function.get_concrete_function()
    except (TypeError, ValueError) as error:
        raise NoModelError(f"`{name}` does not say what it takes: decorate it with {_SAY_WHAT}") from error


def _only_function(made: Any) -> str:
    """Return the name of the function that is meant where none is named."""
    if hasattr(getattr(type(made), "__call__", None), "get_concrete_function"):  # noqa: B004 -- a tf.function is meant
        return "__call__"
    names = [name for name in dir(type(made)) if hasattr(getattr(type(made), name, None), "get_concrete_function")]
    if len(names) > 1:
        raise NoModelError(f"the module has several functions: say which one as `signature`: {', '.join(names)}")
    return names[0] if names else "__call__"


class _Taken(NamedTuple):
    """What a model is called with: its inputs' names, shapes and dtypes, and how tensors in this order are packed into
    arguments and keyword arguments."""

    names: Sequence[str]
    specs: Sequence[Any]
    pack: Callable[[Sequence[Any]], tuple[Sequence[Any], Mapping[str, Any]]]


def _inputs(model: Any) -> _Taken:
    """Return what a model is called with, from wherever its Keras keeps that."""
    for attribute in ("_inputs_struct", "_nested_inputs", "inputs"):  # of Keras 3, of Keras 2, of Sequential models
        structure = _or_none(lambda attribute=attribute: getattr(model, attribute))  # type: ignore[misc]
        if structure is not None and not (isinstance(structure, (list, tuple, Mapping)) and not structure):
            single = attribute == "inputs" and len(structure) == 1
            return _taken(structure[0] if single else structure, _layer_of)
    first = next((name for name in inspect.signature(model.call).parameters if name != "self"), "inputs")
    saved = _or_none(lambda: model.save_spec())  # Keras 2, of a class of its own
    if saved is not None:
        return _taken(saved[0][0], lambda _: first)
    shapes = getattr(model, "_build_shapes_dict", None)  # Keras 3, of a class of its own
    if not shapes:
        raise NoModelError(
            "the model does not say what it is called with: call it once before it is saved, or list a SavedModel of it"
        )
    dtype = _or_none(lambda: model.input_dtype) or "float32"
    given = {name.removesuffix("_shape"): _of_shapes(shape, dtype) for name, shape in shapes.items()}
    if len(given) == 1:
        return _taken(next(iter(given.values())), lambda _: first)
    names = list(given)
    return _Taken(names, list(given.values()), lambda tensors: ((), dict(zip(names, tensors, strict=True))))


def _taken(structure: Any, name_of: Callable[[Any], str]) -> _Taken:
    """Return how a model is called with one structure of tensors; those of a dict are called by their keys."""
    tf = _tensorflow()
    if isinstance(structure, Mapping) and not any(tf.nest.is_nested(each) for each in structure.values()):
        names = [str(name) for name in structure]
        keys = list(structure)
        return _Taken(names, _specs(structure.values()), lambda tensors: ([dict(zip(keys, tensors, strict=True))], {}))
    flat = tf.nest.flatten(structure)
    names = unique(name_of(each) for each in flat)
    return _Taken(names, _specs(flat), lambda tensors: ([tf.nest.pack_sequence_as(structure, list(tensors))], {}))


def _of_shapes(shape: Any, dtype: str) -> Any:
    tf = _tensorflow()
    if isinstance(shape, Mapping):
        return {name: _of_shapes(each, dtype) for name, each in shape.items()}
    if shape and isinstance(shape[0], (list, tuple)):
        return [_of_shapes(each, dtype) for each in shape]
    return tf.TensorSpec((None, *shape[1:]), dtype)


def _layer_of(tensor: Any) -> str:
    return str(tensor._keras_history[0].name)


def _outputs(model: Any, results: Any) -> dict[str, Any]:
    """Return a model's results by name: the keys of a dict, else the names of the layers that they come from."""
    if isinstance(results, Mapping):
        return {str(name): results[name] for name in results}
    tf = _tensorflow()
    flat = tf.nest.flatten(results)
    written = _or_none(lambda: [_layer_of(each) for each in model.outputs])
    if written is None or len(written) != len(flat):
        return _named_outputs(results)
    return dict(zip(unique(written), flat, strict=True))


def _named_outputs(results: Any) -> dict[str, Any]:
    """Return results by name: the keys of a dict, else `output_0`, `output_1`, as TensorFlow itself names them."""
    tf = _tensorflow()
    if isinstance(results, Mapping):
        found: dict[str, Any] = {}
        for name, each in results.items():
            flat = tf.nest.flatten(each)
            found.update({str(name) if len(flat) == 1 else f"{name}_{at}": part for at, part in enumerate(flat)})
        return found
    return {f"output_{index}": each for index, each in enumerate(tf.nest.flatten(results))}


def _specs(tensors: Iterable[Any]) -> list[Any]:
    """Return their shapes, with a free batch dimension, and dtypes."""
    tf = _tensorflow()
    shapes = [(each, tuple(each.shape)) for each in tensors]
    return [tf.TensorSpec((None, *shape[1:]) if shape else shape, tf.as_dtype(each.dtype)) for each, shape in shapes]


def _or_none(read: Callable[[], Any]) -> Any:
    """Return what an attribute holds; None where the model is not far enough to have it."""
    try:
        return read()
    except (AttributeError, ValueError, RuntimeError, NotImplementedError):
        return None


def _tensorflow() -> Any:
    return sys.modules["tensorflow"]
