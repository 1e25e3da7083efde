"""Variables that a SavedModel's restore function leaves out, found by way of the objects that were saved.

TensorFlow 2 loads a SavedModel object by object, and never calls the restore function of its graph. Where that one
fills copies of the variables (as in Keras 3's models that `tf.saved_model.save` wrote), only the objects tell which
tensor of the checkpoint a variable has: a function's captures are objects (SavedConcreteFunction.bound_inputs), and a
checkpoint's keys are the ways from the first object to those that hold values (tensorflow/core/protobuf/
saved_object_graph.proto, tensorflow/python/checkpoint/util.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tfjs_build.convert.saved_model.resources import Variable
from tfjs_build.convert.saved_model.source import Function
from tfjs_build.convert.saved_model.trace import Frame

_VALUE: Final = "/.ATTRIBUTES/VARIABLE_VALUE"
_ESCAPED: Final = re.compile(r"\.(\.|S)")
"""A dot or a slash in an object's name (tensorflow/python/trackable/trackable_utils.py)."""
_CALLS: Final = ("PartitionedCall", "StatefulPartitionedCall")


def restore_objects(frame: Frame, objects: Any) -> None:
    """Give the variables of the main graph that have no value yet what the checkpoint has for their objects.

    `objects` is the SavedObjectGraph; in files of TensorFlow 1 it is empty.
    """
    missing = {
        node.name
        for node in frame.body.nodes.values()
        if node.op == "VarHandleOp" and _without_value(frame, node.name) is not None
    }
    if not missing or not objects.concrete_functions:
        return
    checkpoint = frame.session.checkpoint()
    keys = keys_of_objects(objects, checkpoint.names())
    for name, number in _captures(frame, objects):
        variable = _without_value(frame, name) if name in missing and number in keys else None
        tensor = checkpoint.tensor(keys[number]) if variable is not None else None
        if variable is not None and tensor is not None and tensor.dtype == variable.dtype:
            variable.value = frame.builder.const(tensor.named(variable.name), name=variable.name)


def _without_value(frame: Frame, name: str) -> Variable | None:
    traced = frame.get(name)
    return traced if isinstance(traced, Variable) and traced.value is None else None


def _captures(frame: Frame, objects: Any) -> Iterable[tuple[str, int]]:
    """Return the nodes of the main graph that calls of functions get as captures, each with its object."""
    for node in frame.body.nodes.values():
        function = node.attrs.get("f") if node.op in _CALLS else None
        if isinstance(function, Function) and function.name in objects.concrete_functions:
            bound = list(objects.concrete_functions[function.name].bound_inputs)
            if bound and len(bound) <= len(node.inputs):
                for reference, number in zip(node.inputs[-len(bound) :], bound, strict=True):
                    yield frame.body.resolve(reference)[0], number


def keys_of_objects(objects: Any, keys: Iterable[str]) -> Mapping[int, str]:
    """Return the checkpoint's key of each object that has a value, by walking the ways that the keys are."""
    children = [{child.local_name: child.node_id for child in node.children} for node in objects.nodes]
    found: dict[int, str] = {}
    for key in keys:
        way, value, rest = key.partition(_VALUE)
        if not value or rest:
            continue
        number: int | None = 0
        for step in way.split("/"):
            here = children[number] if number is not None and 0 <= number < len(children) else {}
            number = here.get(_ESCAPED.sub(lambda found: "/" if found[1] == "S" else ".", step))
        if number is not None:
            found.setdefault(number, key)
    return found
