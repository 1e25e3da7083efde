"""What a source is: its kind, and the files whose content it consists of."""

from __future__ import annotations

import difflib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import SourceError
from tfjs_build.model import kind_by_name
from tfjs_build.other_formats import foreign_file

if TYPE_CHECKING:
    from tfjs_build.model import InputFormat, Model

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_ZIP_MAGIC = b"PK"
_FIRST_OF_GRAPH = b"\n"
"""A GraphDef begins with a node, a SavedModel with its version."""
_HUB_FOLDER_FILE = "tfhub_module.pb"
_SAVED_MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt")


@dataclass(frozen=True)
class Source:
    """A model's source: `kind` is the manifest's `input_format`; `files` maps names relative to the source (the empty
    name for a source that is one file) to files. `reference` is its path, that of the archive for a handle; a `python:`
    reference has no files."""

    kind: InputFormat
    reference: str
    files: dict[str, Path]

    @property
    def path(self) -> Path:
        """The source's file or folder."""
        return Path(self.reference)


def resolve(model: Model) -> Source:
    """Return a model's source; raises SourceError where it is missing, or of no kind that is known. Nothing is
    downloaded: a handle's archive is there (`hub.fetch`), or that is the error."""
    reference = model.source
    if reference.startswith("python:"):
        return Source("python", reference, {})
    if reference.startswith(("https://", "http://")):
        from tfjs_build import hub

        archive = hub.kept(reference)
        return Source("tf_hub", str(archive), {"": archive})
    path = Path(reference)
    try:
        if not path.exists():
            raise _missing(path)
        refuse_special(path)
        kind = model.input_format or detect(path)
        return Source(kind, reference, _files(kind, path))
    except OSError as error:  # also where it goes while we look
        raise SourceError(f"cannot read {error.filename or path}: {error.strerror}") from error


def refuse_special(path: Path, key: str = "") -> None:
    """Raise SourceError for what is neither a file nor a folder: to open a pipe may take for ever.

    `key` is the manifest's key that names it. What is not there passes; raises OSError where that cannot be seen.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, ValueError):  # nor can there be what has no name that a file can have
        return
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return
    what = next((text for is_it, text in _SPECIAL if is_it(mode)), "a special file")
    raise SourceError(
        f"{path} is {what}, not a regular file", hint="Write the content to a file, and name that.", key=key
    )


_SPECIAL = ((stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"))


def detect(path: Path) -> InputFormat:
    """Tell what kind of model a file or folder is, by its name and its first bytes; raises SourceError."""
    if path.is_dir():
        if (path / _HUB_FOLDER_FILE).exists():
            return "tf_hub"
        if any((path / name).exists() for name in _SAVED_MODEL_FILES):
            return "tf_saved_model"
        if (path / "model.json").exists():
            return "tfjs"
        raise SourceError(
            f"not a model: {path} is a folder without saved_model.pb",
            hint=_in_folder(path)
            or "A SavedModel is the folder that holds saved_model.pb; one file is a .keras, .h5 or .pb.",
        )
    name = path.name.lower()
    if name in _SAVED_MODEL_FILES:
        if _first_byte(path) == _FIRST_OF_GRAPH:
            raise SourceError(
                f"{path} is a frozen graph under the name of a SavedModel's file",
                hint="Say `input_format: tf_frozen_model` and its `outputs`, or give the file another name.",
            )
        raise SourceError(
            f"{path} is a part of a SavedModel, which is a folder",
            hint=f"Name the folder: {path.parent}. (For a frozen graph of this name: `input_format: tf_frozen_model`.)",
        )
    named = kind_by_name(name)
    if named is not None:
        return named
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    foreign = foreign_file(path, start)
    if foreign is not None:
        raise foreign
    if start.startswith((_HDF5_MAGIC, _ZIP_MAGIC)):
        return "keras"
    raise SourceError(
        f"not a model: {path}",
        hint="Known by their names: .keras, .h5, .hdf5, .pb, .tar.gz, model.json, and SavedModel folders. "
        "`input_format` names the kind of a source that is called otherwise.",
    )


def _first_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1)


def _in_folder(path: Path) -> str:
    """Return what to do about a folder that is no model, by what is in it; empty where that gives nothing away."""
    names = sorted(entry.name for entry in path.iterdir())
    inner = [name for name in names if any((path / name / file).is_file() for file in _SAVED_MODEL_FILES)]
    if inner:
        which = inner[0] if len(inner) == 1 else "one of " + ", ".join(inner)
        return f"There is a SavedModel in a folder inside: name {which} as well ({path / inner[-1]})."
    graphs = [name for name in names if name.endswith(".pb") and name not in ("keras_metadata.pb", "fingerprint.pb")]
    if "variables" in names:
        called = f" ({graphs[0]} may be it, under another name)" if graphs else ""
        return f"It holds a SavedModel's variables, but not its graph: copy saved_model.pb as well{called}."
    if graphs:
        return f"A frozen graph is a file: name it ({path / graphs[0]}), with its `outputs`."
    if any(name == "checkpoint" or name.endswith(".index") for name in names):
        return "It holds a checkpoint: numbers without a model. Export the model as a SavedModel, and list its folder."
    return ""


def _files(kind: InputFormat, path: Path) -> dict[str, Path]:
    if kind == "tfjs":
        index = path / "model.json" if path.is_dir() else path
        refuse_special(index)
        files = {"": index} | {name: index.parent / name for name in _shards(index)}
        for file in files.values():
            refuse_special(file)
        return files
    if path.is_file():
        return {"": path}
    # What is in the folder besides (fingerprint.pb, keras_metadata.pb, editors' litter) changes no number.
    wanted = [path / name for name in (*_SAVED_MODEL_FILES, _HUB_FOLDER_FILE)]
    wanted += [file for part in ("variables", "assets") for file in (path / part).rglob("*")]
    for file in wanted:
        refuse_special(file)
    return {file.relative_to(path).as_posix(): file for file in sorted(wanted) if file.is_file()}


def _shards(index: Path) -> list[str]:
    try:
        manifest = json.loads(index.read_bytes()).get("weightsManifest", [])
        names = [str(name) for group in manifest for name in group["paths"]]
        if any(b"\0" in os.fsencode(name) for name in names):
            raise ValueError("a file's name has no NUL")
    except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(f"not a TensorFlow.js model: {index}") from error
    return names


def _missing(path: Path) -> SourceError:
    if path.is_symlink():
        return SourceError(f"source not found: {path} is a link to {path.readlink()}, where there is nothing")
    return SourceError(f"source not found: {path}", hint=_nearest(path))


def _nearest(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent}."
    names = [entry.name for entry in path.parent.iterdir()]
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean {close[0]}?" if close else f"The folder {path.parent} holds no file of that name."
