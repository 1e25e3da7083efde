"""The rules for a model that tie several of its keys together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tfjs_build.manifest.faults import Faults
from tfjs_build.manifest.kinds import WRONG
from tfjs_build.manifest.models import Given
from tfjs_build.manifest.record import Found
from tfjs_build.manifest.source import PYTHON, is_address, kind_of

# Keys that have a meaning for some kinds of source only, with the words for these kinds.
_MEANT_FOR = {
    "signature": ({"tf_saved_model", "tf_hub", "python"}, "a SavedModel has any"),
    "tags": ({"tf_saved_model", "tf_hub"}, "a SavedModel has any"),
    "outputs": ({"tf_frozen_model"}, "a frozen graph needs it"),
}
_NAMES = {
    "keras": "a Keras file",
    "tf_saved_model": "a SavedModel",
    "tf_hub": "a TF Hub module",
    "tf_frozen_model": "a frozen graph",
    "tfjs": "a TensorFlow.js model",
    "python": "a `python:` source",
}


def check_model(given: Given, keys: dict[str, Found], faults: Faults) -> None:
    """Record where keys of a model contradict each other; `keys` are its own and, below them, the defaults.

    A default that means nothing to one model is no fault, since it is there for the others.
    """
    source = keys.get("source")
    if source is None or source.value is WRONG:
        return
    stated = _value(keys, "input_format")
    is_python = source.value.startswith(PYTHON)
    if stated not in (None, "python") and is_python:
        _add(faults, keys["input_format"], f"a `python:` source is not {_NAMES[stated]}", "Leave `input_format` out.")
    elif stated not in (None, "tf_hub") and is_address(source.value):
        _add(faults, keys["input_format"], f"only TF Hub modules are fetched, not {_NAMES[stated]}")
    elif stated == "python" and not is_python:
        _add(faults, source, "with `input_format: python` the source is python: package.module:function")
    if is_python and _value(keys, "allow_code") is not True:
        hint = f"Add `allow_code: true` to `{given.name.text}` if you trust it."
        _add(faults, source, "a `python:` source is code that tfjs-build would run", hint)
    if is_python and _value(keys, "engine") == "native":
        _add(faults, keys["engine"], "a `python:` source runs in TensorFlow, which `engine: native` rules out")
    kind = kind_of(source.value, stated)
    for key, (kinds, reason) in _MEANT_FOR.items():
        if kind is not None and kind not in kinds and key in given.found:
            faults.add(given.found[key].key.span, f"`{key}` means nothing to {_NAMES[kind]}: only {reason}")


def check_imports(imports: Found | None, models: Iterable[dict[str, Found]], faults: Faults) -> None:
    """Record `imports` that no model may use."""
    allowed = [_value(keys, "allow_code") is True for keys in models]
    if imports is not None and imports.value and allowed and not any(allowed):
        hint = "Add `allow_code: true` to the models that need them."
        faults.add(imports.key.span, "`imports` are code, which no model here may run", hint)


def _value(keys: dict[str, Found], key: str) -> Any:
    return keys[key].value if key in keys and keys[key].value is not WRONG else None


def _add(faults: Faults, found: Found, message: str, hint: str = "") -> None:
    faults.add(found.node.span, message, hint)
