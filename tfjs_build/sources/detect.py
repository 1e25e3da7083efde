"""Which kind a file or folder is, by its name and its first bytes; and whether what is there is all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.errors import SourceError
from tfjs_build.sources.registry import KINDS, by_name, expected, kind, of_part

if TYPE_CHECKING:
    from pathlib import Path

    from tfjs_build.sources.complete import Finding
    from tfjs_build.sources.kind import Kind


def detect(path: Path) -> Kind:
    """Tell what kind of model a file or folder is; raises SourceError for what is none."""
    if path.is_dir():
        found = _of_folder(path)
        if found is None:
            raise SourceError(
                f"not a model: {path} is a folder without saved_model.pb",
                hint=_in_folder(path)
                or "A SavedModel is the folder that holds saved_model.pb; one file is a .keras, .h5 or .pb.",
            )
        return found
    whole = of_part(path.name)
    if whole is not None:
        raise whole.refused_part(path)
    named = by_name(path.name)
    if named is not None:
        return named
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    from tfjs_build.sources.foreign import foreign_file

    foreign = foreign_file(path, start)
    if foreign is not None:
        raise foreign
    for each in KINDS:
        if each.begins and start.startswith(each.begins, each.begins_at):
            return each
    raise SourceError(
        f"not a model: {path}",
        hint=f"Known by their names: {_known()}. `input_format` names the kind of a source that is called otherwise.",
    )


def probe(path: Path, stated: str | None = None) -> Finding:
    """Return what can be seen of a source, a file or a folder, that is perhaps being written.

    `stated` is its `input_format`, None where it is to be told by what is there.
    """
    try:
        found = _of_folder(path) if path.is_dir() else None
        found = found or expected(str(path), stated)
        if found is not None:
            return found.complete(path)
        if path.is_dir():
            return "incomplete"
        from tfjs_build.sources.complete import file_finding

        return file_finding(path)
    except FileNotFoundError:
        return "missing"
    except OSError:  # what is wrong with it, the build tells
        return "doubtful"


def _of_folder(path: Path) -> Kind | None:
    return next((each for each in KINDS if each.is_folder(path)), None)


def _known() -> str:
    """Return a list of what tells a source, files before folders."""
    files = [name for each in KINDS for name in each.file_names]
    folders = [name for each in KINDS for name in each.folder_names]
    return f"{', '.join([*files, ''])}and {' and '.join(folders)}"


def _in_folder(path: Path) -> str:
    """Return what to do about a folder that is no model, by what is in it; empty where that gives nothing away."""
    names = sorted(entry.name for entry in path.iterdir())
    inner = [name for name in names if (path / name).is_dir() and kind("tf_saved_model").is_folder(path / name)]
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
