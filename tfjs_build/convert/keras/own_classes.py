"""Keras's own layers and operations, by version: the table that tools/keras_classes.py reads from Keras's sources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tfjs_build.convert.keras.description import Generation

TABLE_FILE: Final = Path(__file__).with_name("own_classes.json")

OF_EVERY_LAYER: Final = ""
"""The key of what the configurations of all layers have."""


def layers(generation: Generation) -> Mapping[str, Mapping[str, Any]]:
    """Return the layers of a generation by class: since when they are there, and the keys of their configurations."""
    found: Mapping[str, Mapping[str, Any]] = _table()[str(generation)]
    return found


def is_layer(class_name: str) -> bool:
    """Whether Keras has, or had, a layer of that name."""
    return any(class_name in _table()[generation] for generation in ("2", "3"))


def is_operation(class_name: str) -> bool:
    """Whether Keras 3 has, or had, an operation on tensors of that name; layers have some of the same names (Add)."""
    return class_name in _table()["operations"]


def own_name(exported: str) -> str:
    """Return the name of a class that files call by another: the one under which Keras exports it."""
    found: str = _table()["exported"].get(exported, exported)
    return found


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(TABLE_FILE.read_bytes())
    return table
