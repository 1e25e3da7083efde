"""Keras files: `.keras` archives and HDF5 files, told apart by content where they are opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.sources.kind import Kind

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import Model


class Keras(Kind):
    """Files of Keras 2 and 3."""

    input_format = "keras"
    called = "a Keras file"
    endings = file_names = listed_files = (".keras", ".h5", ".hdf5")
    begins = (b"\x89HDF\r\n\x1a\n", b"PK")
    formats = ("layers", "graph")
    packages = ("tfjs_build.convert.keras",)
    in_zip = True
    falls_back = True

    @contextmanager
    def open(self, path: Path, model: Model) -> Iterator[ModelArtifacts]:
        """Convert a Keras file, as a graph or as layers."""
        from tfjs_build.convert.keras import open_model
        from tfjs_build.convert.keras.choice import convert

        with open_model(path, model.limits.disk) as description:
            yield replace(convert(description, model.format), check=description.check)

    @contextmanager
    def given_to_tensorflow(self, reference: str, model: Model) -> Iterator[tuple[str, int | None]]:
        """Yield a Keras file that Keras itself loads; one that needs code only where that is allowed."""
        from tfjs_build.sources.fallback import foreign_code_of

        yield reference, foreign_code_of(model, Path(reference)).generation


KIND = Keras()
