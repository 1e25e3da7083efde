"""From a source to artifacts: refused where the manifest asks for what it cannot give, or opened by its kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tfjs_build.errors import NoTensorFlowError, RefusedError
from tfjs_build.sources.registry import kind

if TYPE_CHECKING:
    from pathlib import Path

    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.convert.tensorflow.place import Place
    from tfjs_build.model import Model
    from tfjs_build.sources.kind import Kind
    from tfjs_build.sources.resolve import Source

_COMMON = ("model_json", "quantize", "shards", "graph")


@contextmanager
def open_artifacts(model: Model, source: Source, place: Place | None = None) -> Iterator[ModelArtifacts]:
    """Convert a source; its weights can be read while the context lasts. `place` is where TensorFlow is, if anywhere.

    Raises SourceError for a source that is damaged, RefusedError for what no converter covers, and for the user's code
    whatever is wrong with it, as a ModelError.
    """
    refuse_unavailable(model, source)
    found = kind(source.kind)
    if found.begins:  # a file of another program may have its name
        _refuse_foreign(source.path)
    with ExitStack() as stack:
        yield _opened(stack, model, source, found, place)


def _opened(stack: ExitStack, model: Model, source: Source, found: Kind, place: Place | None) -> ModelArtifacts:
    if found.runs_code or model.engine == "tensorflow":  # in which nobody else is asked first
        try:
            return stack.enter_context(found.open_in_tensorflow(source.reference, model, _there(place)))
        except NoTensorFlowError as error:
            error.key = "source" if found.runs_code else "engine"
            raise
    try:
        return stack.enter_context(found.open(source.path, model))
    except RefusedError as refusal:
        if not found.falls_back or model.engine == "native":
            raise
        from tfjs_build.sources.fallback import fall_back

        return fall_back(stack, refusal, model, source.path, place)


def _there(place: Place | None) -> Place:
    if place is None:
        raise NoTensorFlowError(
            "this runs in TensorFlow, which tfjs-build cannot start here",
            hint="On Windows, run it in WSL. On a Dask cluster, build this model without `--dask`.",
        )
    return place


def runs_in_tensorflow(model: Model, source: Source) -> bool:
    """Whether a source is opened by TensorFlow, or is bound to be where our own reader refuses it."""
    found = kind(source.kind)
    allowed = found.falls_back and model.allow_code and model.engine != "native"
    return found.runs_code or model.engine == "tensorflow" or allowed


def may_run_in_tensorflow(model: Model, source: Source) -> bool:
    """Whether TensorFlow, where it is, opens what our own reader refuses."""
    return kind(source.kind).falls_back and model.engine == "auto" and model.format != "layers"


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
    """Refuse what the manifest asks for and cannot be had of this source; nothing that is asked for is ignored."""
    found = kind(source.kind)
    if model.engine == "tensorflow" and not found.in_tensorflow:
        raise RefusedError(
            f"{found.called} is nothing that TensorFlow opens",
            hint="Leave `engine` out: tfjs-build's own reader opens it.",
            key="engine",
        )
    if model.engine == "tensorflow" and model.format == "layers":
        raise RefusedError(
            "`engine: tensorflow` gives a graph, not layers", hint="Leave `engine` or `format` out.", key="format"
        )
    if model.format not in ("auto", *found.formats):
        raise RefusedError(
            "`format: layers` is for Keras files: this source holds a graph, not layers",
            hint="Say `format: graph`, or leave `format` out.",
            key="format",
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
