"""From a request to a SavedModel, or to numbers: the project's code is imported, the model loaded or made, its call
traced, and saved or run.

The SavedModel has one signature, whose inputs and outputs have the names that the model itself gives them.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from . import calls, imports, running
from .names import KEY, NoModelError

_TENSORFLOW_ITSELF = ("tensorflow", "keras", "tf_keras", "builtins")


def export(request: Mapping[str, Any]) -> dict[str, Any]:
    """Write the SavedModel of a request, or run the model (`running.py`); return its inputs and outputs, in order, and
    who wrote it.

    Keys of the request: `root` and `path` (what the project's modules are found in), `imports` (modules to import
    first), `kind` and `source`, `allow_code`, `keras` (which one, `keras` or `tf_keras`), `signature`, `tags`,
    `outputs`, `into` (the folder to write), and `run`, where it is to be run and not written.
    """
    if request["keras"] == "tf_keras":
        imports.use_legacy()
    keras = imports.keras(request["keras"])
    os.chdir(request["root"])
    os.environ["TMPDIR"] = tempfile.tempdir = str(Path(request["into"]).parent)  # it is deleted, whatever is left there
    sys.path[:0] = [each for each in request["path"] if each not in sys.path]
    modules = [importlib.import_module(name) for name in request["imports"]]
    kind = request["kind"]
    if kind == "python":
        made = _made(request["source"])
        call = calls.of_model(made, request["signature"]) if calls.is_keras(made) else calls.of_module(made, request)
    elif kind == "keras":
        call = calls.of_model(_loaded(keras, request, modules), None)
    elif kind == "tf_frozen_model":
        call = calls.of_frozen_graph(request["source"], request["outputs"])
    else:
        call = calls.of_saved_model(request["source"], request["tags"], request["signature"])
    if "run" in request:
        running.run(call, request["run"])
    else:
        _save(call, request["into"])
    tensorflow = sys.modules["tensorflow"]
    return {
        "inputs": list(call.inputs),
        "outputs": list(call.outputs),
        "written_by": f"Keras {keras.__version__}" if call.keras else f"TensorFlow {tensorflow.__version__}",
    }


def _made(source: str) -> Any:
    """Return what a callable returns, given as package.module:name."""
    module, _, path = source.removeprefix("python:").partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        if not hasattr(found, name):
            raise NoModelError(f"the module {module} has no `{path}`")
        found = getattr(found, name)
    made = found() if callable(found) and not calls.is_model(found) else found
    if not calls.is_model(made):
        raise NoModelError(
            f"{source} returned {_article(type(made).__name__)}, not a Keras model or a tf.Module"
            if callable(found)
            else f"{source} is {_article(type(found).__name__)}, not a function that returns a model"
        )
    return made


def _article(name: str) -> str:
    return "None" if name == "NoneType" else f"an object of the class {name}"


def _loaded(keras: Any, request: Mapping[str, Any], modules: Sequence[ModuleType]) -> Any:
    """Load a Keras file, without the state of its training."""
    options: dict[str, Any] = {"compile": False, "custom_objects": _custom_objects(modules)}
    if request["source"].endswith(".keras") or not keras.__version__.startswith("2."):
        options["safe_mode"] = not request["allow_code"]
    return keras.models.load_model(request["source"], **options)


def _custom_objects(modules: Sequence[ModuleType]) -> dict[str, Any]:
    """Return what files may name that the modules define: classes and functions, and those in a `custom_objects` of
    theirs, or of a module below."""
    found: dict[str, Any] = {}
    for module in modules:
        for name, each in vars(module).items():
            home = getattr(each, "__module__", None) or ""
            own = isinstance(each, type) or (callable(each) and hasattr(each, "__code__"))
            if own and not name.startswith("_") and home.partition(".")[0] not in _TENSORFLOW_ITSELF:
                found[name] = each
    packages = tuple(f"{module.__name__}." for module in modules)
    for name, module in list(sys.modules.items()):  # `deepctr.layers` has them, when `deepctr` is imported
        stated = getattr(module, "custom_objects", None) if f"{name}.".startswith(packages) else None
        if isinstance(stated, Mapping):
            found.update(stated)
    return found


def _save(call: calls.Call, into: str) -> None:
    """Write a SavedModel; what the traced function reads is saved with it."""
    tensorflow: Any = sys.modules["tensorflow"]
    holder = tensorflow.Module()
    holder.read = calls.resources(call.holds)
    try:
        tensorflow.saved_model.save(holder, into, signatures={KEY: call.function})
    except AssertionError:  # it reads what is neither a variable nor a table, "an untracked resource"
        holder.read = call.holds
        tensorflow.saved_model.save(holder, into, signatures={KEY: call.function})
