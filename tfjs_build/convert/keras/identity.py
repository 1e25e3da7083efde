"""Whose class it is that an entry of a configuration names: Keras's layer, operation or model, or somebody's code.

A .keras file says where a class comes from: its module, and the package that it is registered in. A .h5 file has
nothing but the class's name, so there the options tell Keras's own ReLU from a notebook's (`likeness.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from tfjs_build.convert.keras.applications import APPLICATIONS, application_module
from tfjs_build.convert.keras.description import Code, Generation
from tfjs_build.convert.keras.hints import SAY_WHOSE
from tfjs_build.convert.keras.likeness import is_own_model, unlike_keras
from tfjs_build.convert.keras.own_classes import is_layer, is_operation, own_name
from tfjs_build.convert.keras.renamed import current_name, was_cudnn
from tfjs_build.records import record

_OWN_MODULES: Final = ("keras", "tf_keras", "tensorflow.keras", "tensorflow.python.keras", "tensorflow_core")
_OPERATIONS: Final = ("keras.src.ops", "keras.ops", "keras.src.quantizers", "keras.quantizers")
_MODELS: Final = ("Functional", "Sequential", "Model", "Network")
_KEYS_OF_LAYERS: Final = frozenset(["trainable", "batch_shape", "batch_input_shape", "layers"])


@record(frozen=True)
class Identity:
    """Whose class it is: `code` tells of what is not Keras's own, or runs a Python function (Lambda).

    `class_name` is the name that the class has today, `written` the one in the file, without its package.
    """

    kind: Literal["layer", "operation", "model"]
    class_name: str
    written: str
    code: Code | None = None


def identify(entry: Mapping[str, Any], generation: Generation, version: str) -> Identity:
    """Return whose class an entry of a configuration names, in a file of that generation and version of Keras."""
    written = class_name_of(entry)
    name = current_name(written)
    if application_module(entry, written):
        return Identity("layer", name, written)
    origin = _origin(entry)
    if origin is not None:
        like = "" if origin or not is_layer(name) else f"not Keras's {name}, but a class of your own of that name"
        return Identity("layer", name, written, Code(origin, like))
    if name in _MODELS:
        own = "module" in entry or not is_own_model(name, generation, version)
        return Identity("model", name, written) if own else Identity("layer", name, written, Code())
    if generation == 3 and _is_operation(entry, written):
        return Identity("operation", name, written)
    return Identity("layer", name, written, _code(entry, name, written, generation, version))


def _code(entry: Mapping[str, Any], name: str, written: str, generation: Generation, version: str) -> Code | None:
    """Return how a layer that may be Keras's shows that it is not; None where it is."""
    said = "module" in entry
    unlike = "" if said else _unlike(entry, name, written, generation, version)
    hint = SAY_WHOSE if name in APPLICATIONS and not said else ""
    if unlike:
        return Code("", f"{unlike}, so that it is a class of your own of that name", hint)
    if name in APPLICATIONS or name == "Lambda" or not (said or is_layer(name)):
        return Code(hint=hint)
    return None


def class_name_of(entry: Mapping[str, Any]) -> str:
    """Return the name of an entry's class as it is written, without the package that it is registered in."""
    return own_name(str(entry.get("class_name")).rpartition(">")[2])


def is_own_module(module: str) -> bool:
    """Whether a module is one of Keras itself, not of a package that is called like it."""
    return any(module == own or module.startswith(f"{own}.") for own in _OWN_MODULES)


def _origin(entry: Mapping[str, Any]) -> str | None:
    """Return where a class is registered or defined, None for one that is said to be Keras's, or of which nothing is
    said."""
    for key in ("registered_name", "class_name"):
        package, found, _ = str(entry.get(key) or "").rpartition(">")
        if found:
            return package
    module = str(entry.get("module") or "")
    return None if "module" not in entry or is_own_module(module) else module


def _is_operation(entry: Mapping[str, Any], name: str) -> bool:
    """Operations stand in Keras 3's configurations beside layers, under class names that layers have too (Add)."""
    module = entry.get("module")
    if isinstance(module, str) and module.startswith("keras"):
        return module.startswith(_OPERATIONS)
    values = entry.get("config")
    like_a_layer = isinstance(values, Mapping) and bool(values.keys() & _KEYS_OF_LAYERS)
    return is_operation(name) and not (is_layer(name) and like_a_layer)


def _unlike(entry: Mapping[str, Any], name: str, written: str, generation: Generation, version: str) -> str:
    """Return how an entry that says nothing of its class's module shows that it is not Keras's of that name."""
    values = entry.get("config")
    # No notebook's class is called like CuDNN's, and these were written by many forks.
    if was_cudnn(written) or not isinstance(values, Mapping):
        return ""
    return unlike_keras(name, values.keys(), generation, version)
