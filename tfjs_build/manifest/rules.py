"""The rules for a model that tie several of its keys together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tfjs_build.kernels import DEFAULT_BACKENDS, lacking
from tfjs_build.manifest.faults import Faults
from tfjs_build.manifest.kinds import WRONG, text_of
from tfjs_build.manifest.models import Given
from tfjs_build.manifest.record import Found
from tfjs_build.manifest.tree import Mapping, Sequence
from tfjs_build.model import Minimal
from tfjs_build.sources.registry import by_scheme, expected
from tfjs_build.sources.registry import kind as registered

_MEANT_FOR = {
    "signature": "a SavedModel or a TensorFlow Lite model has any",
    "tags": "a SavedModel has any",
    "outputs": "a frozen graph needs it",
}
"""Keys that mean something to some kinds of source only (`Kind.keys`), with the words for these kinds."""


def check_model(given: Given, keys: dict[str, Found], faults: Faults) -> None:
    """Record where keys of a model contradict each other; `keys` are its own and, below them, the defaults.

    A default that is not an option of one model is no fault, since it is there for the others.
    """
    source = keys.get("source")
    if source is None or source.value is WRONG:
        return
    stated = _value(keys, "input_format")
    kind = expected(source.value, stated)
    scheme = by_scheme(source.value)
    if scheme is not None and stated not in (None, scheme.input_format):
        _add(faults, keys["input_format"], *scheme.contradiction(registered(stated)))
    elif scheme is None and kind is not None and not kind.takes_paths:
        _add(faults, source, f"with `input_format: {kind.input_format}` the source is {kind.reference}")
    if scheme is not None and scheme.runs_code:
        if _value(keys, "allow_code") is not True:
            hint = f"Add `allow_code: true` to `{given.name.text}` if you trust it."
            _add(faults, source, f"{scheme.called} is code that tfjs-build would run", hint)
        if _value(keys, "engine") == "native":
            _add(faults, keys["engine"], f"{scheme.called} runs in TensorFlow, which `engine: native` rules out")
    for key, reason in _MEANT_FOR.items():
        if kind is not None and key not in kind.keys and key in given.found:
            faults.add(given.found[key].key.span, f"`{key}` is not an option of {kind.called}: only {reason}")


def check_formats(tfjs: object, models: Iterable[dict[str, Found]], faults: Faults) -> None:
    """Record layers models where stubs import a module without what runs them; a default of several once."""
    if not isinstance(tfjs, Minimal):
        return
    layers = {keys["format"].key.span: keys["format"] for keys in models if _value(keys, "format") == "layers"}
    for found in layers.values():
        hint = "Leave `format` out: a graph does the same, and is what TensorFlow.js runs fastest. Or leave out `tfjs`."
        _add(faults, found, "`tfjs: minimal` has the graph executor only, which runs no layers model", hint)


def check_kernels(tfjs: Found | None, backends: Found | None, faults: Faults) -> None:
    """Record kernels that are to be added and that none of the site's backends has."""
    if tfjs is None or not isinstance(tfjs.value, Minimal) or (backends is not None and backends.value is WRONG):
        return
    wanted = DEFAULT_BACKENDS if backends is None else backends.value
    missing = [name for name in tfjs.value.kernels if all(lacking(backend, [name]) for backend in wanted)]
    if not missing:
        return
    # A Minimal does not know where it was written.
    for _, options in tfjs.node if isinstance(tfjs.node, Mapping) else ():
        for _, names in options if isinstance(options, Mapping) else ():
            for name in names.items if isinstance(names, Sequence) else ():
                if text_of(name) in missing:
                    hint = f"With {', '.join(wanted)} nothing can run it: leave it out, or add a backend that has it."
                    faults.add(name.span, f"none of the site's backends has the kernel `{text_of(name)}`", hint)


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
