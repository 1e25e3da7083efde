"""What there is in Keras, by enumeration: the denominator of the layer matrix. Needs both Keras generations."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from tests.oracle.registry import GENERATIONS


def catalogue() -> dict[str, dict[str, Any]]:
    """Return, for each generation, the classes of `keras.layers` and `keras.layers.experimental` (public name → the
    class's own name, which differs for aliases), and the names of all functions of `keras.activations`, `keras.ops` and
    `keras.applications`."""
    return {
        generation: _of(importlib.import_module(generation.replace("keras3", "keras"))) for generation in GENERATIONS
    }


def _of(keras: Any) -> dict[str, Any]:
    experimental = getattr(keras.layers, "experimental", None)
    return {
        "layers": {
            **_classes(keras.layers),
            **(_classes(experimental) if experimental else {}),
            **(_classes(experimental.preprocessing) if hasattr(experimental, "preprocessing") else {}),
        },
        "activations": _functions(keras.activations),
        "operations": sorted(_functions_in(keras.ops)) if hasattr(keras, "ops") else [],
        "applications": [name for name in _functions(keras.applications) if name[0].isupper()],
    }


def _classes(module: Any) -> dict[str, str]:
    return {name: value.__name__ for name, value in inspect.getmembers(module, inspect.isclass)}


def _functions(module: Any) -> list[str]:
    return [name for name, value in inspect.getmembers(module, callable) if not name.startswith("_")]


def _functions_in(ops: Any) -> set[str]:
    """Return the functions of `keras.ops`, those of its modules under their short name where they have one."""
    names = set(_functions(ops))
    for module_name, module in inspect.getmembers(ops, inspect.ismodule):
        names |= {
            name if getattr(ops, name, None) is getattr(module, name) else f"{module_name}.{name}"
            for name in _functions(module)
        }
    return names
