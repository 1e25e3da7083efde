"""From a source to artifacts: refused for what this version cannot do yet, or opened by its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tfjs_build.errors import RefusedError
from tfjs_build.sources.registry import kind

if TYPE_CHECKING:
    from pathlib import Path

    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import Model
    from tfjs_build.sources.kind import Kind
    from tfjs_build.sources.resolve import Source

_COMMON = ("model_json", "quantize", "shards", "graph")


@contextmanager
def open_artifacts(model: Model, source: Source) -> Iterator[ModelArtifacts]:
    """Convert a source; its weights can be read while the context lasts.

    Raises SourceError for a source that is damaged, RefusedError for what no converter here covers.
    """
    refuse_unavailable(model, source)
    found = kind(source.kind)
    if found.begins:  # a file of another program may have its name
        _refuse_foreign(source.path)
    with found.open(source.path, model) as artifacts:
        yield artifacts


def import_converters(kinds: Iterable[Kind]) -> None:
    """Import all that sources of these kinds are converted with, for processes that are forked afterwards."""
    import importlib
    import pkgutil

    packages = {name for each in kinds for name in each.packages}
    for name in (*(f"tfjs_build.convert.{name}" for name in _COMMON), *sorted(packages)):
        module = importlib.import_module(name)
        for part in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
            importlib.import_module(part.name)


def refuse_unavailable(model: Model, source: Source) -> None:
    """Refuse what the manifest may say and this version cannot do yet; nothing that is asked for is ignored."""
    if model.engine == "tensorflow":
        raise RefusedError(
            "`engine: tensorflow` is not available in this version: models are converted by tfjs-build's own code",
            hint="Leave `engine` out, or say `engine: native`.",
            key="engine",
        )
    found = kind(source.kind)
    refusal = found.unavailable()
    if refusal is not None:
        raise refusal
    if model.format not in ("auto", *found.formats):
        raise RefusedError(
            "`format: layers` is for Keras files: this source holds a graph, not layers",
            hint="Say `format: graph`, or leave `format` out.",
            key="format",
        )
    if model.verify.mode != "none":
        raise RefusedError(
            f"`verify: {model.verify.mode}` is not available in this version", hint="Leave it out.", key="verify"
        )


def _refuse_foreign(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError:
        return  # which the converter says in its own words
    from tfjs_build.sources.foreign import foreign_file

    foreign = foreign_file(path, start)
    if foreign is not None:
        raise foreign
