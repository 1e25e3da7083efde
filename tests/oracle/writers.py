"""The four ways in which a Keras model comes to lie on a disk."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.oracle.registry import KERAS_3, TF_KERAS


@dataclass(frozen=True)
class Writer:
    """A Keras generation and a container; `name` is what cases and folders are called after."""

    name: str
    generation: str
    extension: str

    def write(self, model: Any, folder: Path, case: str) -> Path:
        """Save `model` as `folder/<writer>/<case>.<extension>` and return the path."""
        path = folder / self.name / f"{case}.{self.extension}"
        path.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # HDF5 is "legacy" to both, and still what people have
            model.save(str(path))
        return path


WRITERS = (
    Writer("k3-keras", KERAS_3, "keras"),
    Writer("k3-h5", KERAS_3, "h5"),
    Writer("k2-keras", TF_KERAS, "keras"),
    Writer("k2-h5", TF_KERAS, "h5"),
)
