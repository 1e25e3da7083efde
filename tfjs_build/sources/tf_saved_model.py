"""SavedModels: folders with a program, `saved_model.pb`, and its variables and assets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import SourceError
from tfjs_build.sources.kind import Kind
from tfjs_build.sources.special import refuse_special

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import InputFormat, Model
    from tfjs_build.sources.complete import Finding

_PROGRAM = "saved_model.pb"
_PROGRAMS = (_PROGRAM, "saved_model.pbtxt")
HUB_FILE = "tfhub_module.pb"
"""Is in folders of TF Hub modules besides."""

_FIRST_OF_GRAPH = b"\n"
"""A GraphDef begins with a node, a SavedModel with its version."""

_TABLE_MAGIC = bytes.fromhex("57fb808b247547db")
"""Ends a checkpoint's index, which is a LevelDB table (tensorflow/core/lib/io/format.h, kTableMagicNumber)."""

_SHARD = r"(.*)\.data-(\d{5})-of-(\d{5})"


class SavedModel(Kind):
    """SavedModels of TensorFlow 1 and 2."""

    input_format: InputFormat = "tf_saved_model"
    called = "a SavedModel"
    part_names = _PROGRAMS
    folder_files: tuple[str, ...] = _PROGRAMS
    folder_names: tuple[str, ...] = ("SavedModel folders",)
    keys = ("signature", "tags")
    folders = ("variables", "assets", "assets.extra")
    packages = ("tfjs_build.convert.saved_model",)
    listed_folders: tuple[str, ...] = (_PROGRAM,)

    def refused_part(self, path: Path) -> SourceError:
        """Return what to say of a program that is named without its folder, or a frozen graph of this name."""
        with path.open("rb") as file:
            start = file.read(1)
        if start == _FIRST_OF_GRAPH:
            return SourceError(
                f"{path} is a frozen graph under the name of a SavedModel's file",
                hint="Say `input_format: tf_frozen_model` and its `outputs`, or give the file another name.",
            )
        return SourceError(
            f"{path} is a part of a SavedModel, which is a folder",
            hint=f"Name the folder: {path.parent}. (For a frozen graph of this name: `input_format: tf_frozen_model`.)",
        )

    def files(self, path: Path) -> dict[str, Path]:
        """Return the program, the variables and the assets. What is in the folder besides (fingerprint.pb,
        keras_metadata.pb, editors' litter) changes no number."""
        if path.is_file():
            return {"": path}
        wanted = [path / name for name in (*_PROGRAMS, HUB_FILE)]
        wanted += [file for part in ("variables", "assets") for file in (path / part).rglob("*")]
        for file in wanted:
            refuse_special(file)
        return {file.relative_to(path).as_posix(): file for file in sorted(wanted) if file.is_file()}

    def complete(self, path: Path) -> Finding:
        """Return whether a folder has every data shard that the names of the others count, written in order."""
        return self._folder_finding(path) if path.is_dir() else super().complete(path)

    def _folder_finding(self, folder: Path) -> Finding:
        program = folder / _PROGRAM
        if not program.exists():  # a text program, say, which is refused for what it is
            return "likely" if self.is_folder(folder) else "incomplete"
        written = program.stat()
        if not written.st_size:
            return "incomplete"
        variables = folder / "variables"
        names = [path.name for path in variables.iterdir()] if variables.is_dir() else []
        indices = [path for name in names if name.endswith(".index") and (path := variables / name).is_file()]
        if any("_temp" in name or name.endswith(".tempstate") for name in names):
            return "incomplete"
        if any(not _is_table(index) for index in indices) or not _has_all_shards(names, indices):
            return "incomplete"
        # TensorFlow writes the variables first, then the program, then its fingerprint: another order is that of a save
        # under way, or of a copy.
        fingerprint = folder / "fingerprint.pb"
        last = fingerprint.stat().st_mtime_ns if fingerprint.exists() else written.st_mtime_ns
        in_order = all(index.stat().st_mtime_ns <= written.st_mtime_ns for index in indices) and indices
        return "likely" if in_order and written.st_mtime_ns <= last else "doubtful"

    def open(self, path: Path, model: Model) -> AbstractContextManager[ModelArtifacts]:
        """Convert the function behind the model's `signature`."""
        from tfjs_build.convert.saved_model import open_saved_model

        return open_saved_model(path, tags=model.tags, signature=model.signature)


def _is_table(index: Path) -> bool:
    with index.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - len(_TABLE_MAGIC)))
        return file.read() == _TABLE_MAGIC


def _has_all_shards(names: list[str], indices: list[Path]) -> bool:
    shards = [match for name in names if (match := re.fullmatch(_SHARD, name))]
    prefixes = {match[1] for match in shards}
    counts = {(match[1], match[3]) for match in shards}
    whole = all(sum((m[1], m[3]) == count for m in shards) == int(count[1]) for count in counts)
    return whole and {index.name.removesuffix(".index") for index in indices} == prefixes


KIND = SavedModel()
