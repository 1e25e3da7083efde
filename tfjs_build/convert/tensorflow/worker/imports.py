"""TensorFlow and Keras, imported without what they import only because it is there."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

_NOT_NEEDED = ("jax", "jaxlib", "pandas", "torch", "scipy", "tensorflow_decision_forests", "matplotlib", "IPython")
"""Each costs seconds, and gives way where it is missing. The user's code finds them afterwards."""


def tensorflow() -> Any:
    """Import TensorFlow, quietly, on the processor: a conversion computes nothing that would need more."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    return _import("tensorflow")


def keras(name: str) -> Any:
    """Import a Keras, `keras` or `tf_keras`, and TensorFlow before it."""
    tensorflow()
    return _import(name)


def use_legacy() -> None:
    """Let `tf.keras`, which nothing has used yet, be Keras 2."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"


def _import(name: str) -> ModuleType:
    with _without(_NOT_NEEDED):
        return importlib.import_module(name)


@contextlib.contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: no such module
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name, ...) is None:
                del sys.modules[name]
