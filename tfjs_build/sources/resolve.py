"""A model's source: its kind, and the files whose content it consists of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import SourceError
from tfjs_build.records import record
from tfjs_build.sources.detect import detect
from tfjs_build.sources.registry import by_scheme, kind
from tfjs_build.sources.special import refuse_special

if TYPE_CHECKING:
    from tfjs_build.model import InputFormat, Model
    from tfjs_build.sources.kind import Kind


@record(frozen=True)
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
    prepared: a handle's archive is there (`preparing.prepare`), or that is the error."""
    reference = model.source
    found = by_scheme(reference)
    if found is not None:
        reference = found.located(reference)
        return Source(found.input_format, reference, found.files(Path(reference)) | code_files(model, found))
    path = Path(reference)
    try:
        if not path.exists():
            raise _missing(path)
        refuse_special(path)
        found = kind(model.input_format) if model.input_format else detect(path)
        return Source(found.input_format, reference, found.files(path) | code_files(model, found))
    except OSError as error:  # also where it goes while we look
        raise SourceError(f"cannot read {error.filename or path}: {error.strerror}") from error


def code_files(model: Model, found: Kind) -> dict[str, Path]:
    """Return the project's own files of the code that a model may run, by names that no other file of a source has."""
    if model.code is None:
        return {}
    from tfjs_build.sources.modules import project_files

    names = [*found.modules(model.source), *model.code.imports]
    return {f"python:{name}": path for name, path in project_files(model.code, names).items()}


def _missing(path: Path) -> SourceError:
    if path.is_symlink():
        return SourceError(f"source not found: {path} is a link to {path.readlink()}, where there is nothing")
    return SourceError(f"source not found: {path}", hint=_nearest(path))


def _nearest(path: Path) -> str:
    import difflib  # slow to import, and only needed when something is wrong

    if not path.parent.is_dir():
        return f"There is no folder {path.parent}."
    names = [entry.name for entry in path.parent.iterdir()]
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean {close[0]}?" if close else f"The folder {path.parent} holds no file of that name."
