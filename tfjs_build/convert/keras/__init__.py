"""Keras files (.keras and .h5, Keras 2 and 3): opened here as one description, from which the converters build.

Nothing in a file is executed: classes are looked up in tables, Lambda layers are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.model import Limits

if TYPE_CHECKING:
    from tfjs_build.convert.keras.description import KerasModel

__all__ = ["open_model"]


@contextmanager
def open_model(path: Path, most_unpacked: int = Limits().disk) -> Iterator[KerasModel]:
    """Open a Keras file and read what it says; its weights can be read while the context lasts. Of an archive, at most
    `most_unpacked` bytes are unpacked.

    Raises SourceError for a file that is damaged or no Keras model, RefusedError for a model whose computation is in
    Python code.
    """
    from tfjs_build.convert.keras.container import open_container
    from tfjs_build.convert.keras.description import KerasModel
    from tfjs_build.convert.keras.reading import read_model
    from tfjs_build.convert.keras.to_graph.tables import stored

    with open_container(path, most_unpacked) as container:
        graph, owner = read_model(container.config, container.generation, container.version)
        held = container.bind(owner, stored)
        version, check = container.version, container.check
        yield KerasModel(path, graph, container.generation, version, held, held.vocabulary, check)
