"""Which code a Keras file needs besides Keras itself: the modules that it names, and classes of which it names none.

What Keras 3 writes has each class's module, which Keras imports when it loads the file: who may not run code must not
have Keras load a file in which this finds any.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tfjs_build.convert.keras.container import open_container
from tfjs_build.convert.keras.description import Generation
from tfjs_build.convert.keras.identity import identify, is_own_module
from tfjs_build.records import record

_LAMBDAS: Final = ("Lambda", "__lambda__")
_OF_LAYERS: Final = ("layers", "layer", "forward_layer", "backward_layer", "cell", "cells")
"""The keys of configurations whose values are layers."""


@record(frozen=True)
class ForeignCode:
    """`modules` are those that define classes or functions of a file, `unknown` the names of those whose module it does
    not tell, `lambdas` whether it holds bytecode, and `globals` the modules that this bytecode finds its names in;
    `generation` is that of the Keras which wrote it."""

    modules: tuple[str, ...]
    unknown: tuple[str, ...]
    lambdas: bool
    globals: tuple[str, ...]
    generation: Generation

    def __bool__(self) -> bool:
        return bool(self.modules or self.unknown or self.lambdas)

    def importable(self, root: Path) -> list[str]:
        """Return what `imports` has to name: modules of the project in `root`, and packages that are installed."""
        found: dict[str, None] = {}
        for module in self.modules:
            package = module.partition(".")[0]
            own = any(
                (root / folder / f"{package}{ending}").exists() for folder in ("", "src") for ending in ("", ".py")
            )
            found[module if own else package] = None
        for name in self.unknown:  # a registered class has the name that its package gave itself, often the same
            package = name.rpartition(">")[0].partition(".")[0]
            if package.isidentifier() and package not in found and importlib.util.find_spec(package) is not None:
                found[package] = None
        return list(found | dict.fromkeys(self.globals))


def foreign_code(path: Path, most_unpacked: int) -> ForeignCode:
    """Return which code a Keras file needs besides Keras; raises SourceError."""
    with open_container(path, most_unpacked) as container:
        search = _Search(container.generation, container.version)
        search.value(container.config, a_layer=True)
        found = (tuple(search.modules), tuple(search.unknown), search.lambdas, tuple(search.globals))
        return ForeignCode(*found, container.generation)


class _Search:
    def __init__(self, generation: Generation, version: str) -> None:
        self.generation, self.version = generation, version
        self.modules: dict[str, None] = {}
        self.unknown: dict[str, None] = {}
        self.globals: dict[str, None] = {}
        self.lambdas = False

    def value(self, value: Any, *, a_layer: bool = False) -> None:
        """Look through a configuration; `a_layer` is whether the value is a layer's, or a list of such."""
        if isinstance(value, list):
            for each in value:
                self.value(each, a_layer=a_layer)
        elif isinstance(value, Mapping):
            if "class_name" in value:
                self._entry(value, a_layer)
            for key, each in value.items():
                self.value(each, a_layer=key in _OF_LAYERS)

    def _entry(self, entry: Mapping[str, Any], a_layer: bool) -> None:
        name = str(entry["class_name"])
        if name in _LAMBDAS or entry.get("function_type") == "lambda":
            self.lambdas = True
            config = entry.get("config")
            module = config.get("module") if isinstance(config, Mapping) else None
            if isinstance(module, str) and module != "__main__" and not is_own_module(module):
                self.globals[module] = None
        elif name.startswith("__"):  # what Keras writes of tensors, tuples and the like
            return
        elif "module" in entry:
            self._said(entry, name)
        elif a_layer and isinstance(entry.get("config"), (Mapping, list)):
            identity = identify(entry, self.generation, self.version)
            if identity.code is not None:
                self.unknown[f"{identity.code.origin}>{identity.written}".lstrip(">")] = None
        elif ">" in name:
            self.unknown[name] = None

    def _said(self, entry: Mapping[str, Any], name: str) -> None:
        """Look at an entry that says where its class is defined; `builtins` is where functions are that are nowhere."""
        module = entry["module"]
        registered = str(entry.get("registered_name") or "")
        what = str(entry.get("config")) if name == "function" else name
        if isinstance(module, str) and module != "builtins":
            if not is_own_module(module):
                self.modules[module] = None
            return
        if ">" in registered or name == "function":
            self.unknown[registered if ">" in registered else what] = None
