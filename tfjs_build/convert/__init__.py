"""From a source to artifacts: which converter takes it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from tfjs_build.errors import RefusedError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.model import Model
    from tfjs_build.sources import Source

_GRAPHS = ("tf_saved_model", "tf_frozen_model", "tf_hub")


@contextmanager
def open_artifacts(model: Model, source: Source) -> Iterator[ModelArtifacts]:
    """Convert a source; its weights can be read while the context lasts.

    Raises SourceError for a source that is damaged, RefusedError for what no converter here covers.
    """
    refuse_unavailable(model, source)
    if source.kind == "keras":
        from tfjs_build.convert.keras import open_model
        from tfjs_build.convert.keras.choice import convert

        with open_model(source.path) as description:
            yield convert(description, model.format)
        return
    if source.kind == "tf_saved_model":
        from tfjs_build.convert.saved_model import open_saved_model

        with open_saved_model(source.path, tags=model.tags, signature=model.signature) as artifacts:
            yield artifacts
        return
    if source.kind == "tf_hub":
        from tfjs_build import hub
        from tfjs_build.convert.saved_model import open_saved_model

        with (
            nullcontext(source.path) if source.path.is_dir() else hub.unpacked(source.path) as folder,
            open_saved_model(folder, tags=model.tags, signature=model.signature) as artifacts,
        ):
            yield artifacts
        return
    if source.kind == "tf_frozen_model":
        from tfjs_build.convert.saved_model import open_frozen_graph

        with open_frozen_graph(source.path, outputs=model.outputs) as artifacts:
            yield artifacts
        return
    raise RefusedError(f"this version of tfjs-build does not convert `{source.kind}` sources; they come later")


def import_converters(kinds: Iterable[str]) -> None:
    """Import all that sources of these kinds are converted with, for processes that are forked afterwards."""
    import importlib
    import pkgutil

    packages = {"keras" if kind == "keras" else "saved_model" for kind in kinds if kind in ("keras", *_GRAPHS)}
    for name in ("model_json", "quantize", "shards", "graph", *sorted(packages)):
        module = importlib.import_module(f"{__name__}.{name}")
        for part in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
            importlib.import_module(part.name)


def refuse_unavailable(model: Model, source: Source) -> None:
    """Refuse what the manifest may say and this version cannot do yet; nothing that is asked for is ignored."""
    if model.engine == "tensorflow":
        raise RefusedError(
            "`engine: tensorflow` is not available in this version: models are converted by tfjs-build's own code",
            hint="Leave `engine` out, or say `engine: native`.",
            key="engine",
        )
    if source.kind == "python":
        raise RefusedError(
            "`python:` sources run in TensorFlow, which this version cannot start",
            hint="Save the model to a .keras file and list that file instead.",
        )
    if source.kind in _GRAPHS and model.format == "layers":
        raise RefusedError(
            "`format: layers` is for Keras files: this source holds a graph, not layers",
            hint="Say `format: graph`, or leave `format` out.",
            key="format",
        )
    if model.verify.mode != "none":
        raise RefusedError(
            f"`verify: {model.verify.mode}` is not available in this version", hint="Leave it out.", key="verify"
        )
    if model.inputs:
        raise RefusedError("`inputs` is not available in this version", hint="Leave it out.", key="inputs")
