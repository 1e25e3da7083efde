"""`tfjs-build inspect`: what a model consists of, and the weight names that `quantize` patterns match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjs_build.commands import load_manifest
from tfjs_build.errors import Location, ManifestError, ModelError, UsageError
from tfjs_build.events import Inspected
from tfjs_build.model import Model
from tfjs_build.pixels import inputs_line

if TYPE_CHECKING:
    import argparse

    from tfjs_build.convert.artifacts import ModelArtifacts, TensorSpec
    from tfjs_build.convert.tensorflow.place import Place
    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Report the inputs, outputs, layers or ops, and weights of a model of the manifest or of a source file."""
    model = _find(arguments)
    from tfjs_build import children
    from tfjs_build.convert.tensorflow.service import Service
    from tfjs_build.session import failed

    try:
        with Service(_root(model)) as service:
            report.event(children.call(model.limits, inspected, model, service.place(), tensorflow=service))
    except ModelError as error:
        event = failed(model, error)
        # A model of the manifest has its place there; a file that is no text has none.
        report.event(event if model.locations else replace(event, line=None, column=None))
        return 1
    return 0


def _root(model: Model) -> Path:
    """Return the folder of the project that a model is in, or of a file."""
    return model.location.file.parent.absolute()


def inspected(model: Model, place: Place | None = None) -> Inspected:
    """Return what the model consists of; for a child. `place` is where TensorFlow is, if anywhere. Raises ModelError
    and its kinds."""
    from tfjs_build.sources import opening
    from tfjs_build.sources.resolve import resolve

    with opening.open_artifacts(model, resolve(model), place) as artifacts:
        return _described(model, artifacts)


def _find(arguments: argparse.Namespace) -> Model:
    path = Path(arguments.target)
    try:
        manifest = load_manifest(arguments)
    except ManifestError:
        # Without a manifest (or a sound one) a path can still be looked at.
        if arguments.manifest is not None or not path.exists():
            raise
    else:
        for model in manifest.models:
            if model.name == arguments.target:
                return model
    if not path.exists():
        raise UsageError(f"there is neither a model nor a file named {arguments.target!r}")
    return Model(name=path.name, source=str(path.resolve()), location=Location(path, 1, 1))


def _described(model: Model, artifacts: ModelArtifacts) -> Inspected:
    from tfjs_build.convert.backend_notes import told
    from tfjs_build.pixels import proposals

    pictures = [each._asdict() for each in proposals(artifacts, artifacts.signature.renamed(model.rename))]
    undeclared = [each for each in pictures if each["input"] not in model.inputs]
    notes = [*artifacts.notes, *told(artifacts, None, rare=True), *map(_picture_note, undeclared)]
    weights = _weights(model, artifacts, notes)
    return Inspected(
        model=model.name,
        format=artifacts.format,
        reason="auto: TensorFlow.js has ops for all of it" if model.format == "auto" else "as the manifest says",
        generated_by=artifacts.generated_by,
        inputs=[_spec(spec) for spec in artifacts.signature.inputs],
        outputs=[_spec(spec) for spec in artifacts.signature.outputs],
        parts=_parts(artifacts),
        weights=weights,
        pictures=pictures,
        notes=notes,
    )


def _picture_note(picture: Mapping[str, Any]) -> str:
    low, high = picture["range"]
    known = f" of values from {low} to {high}"
    values, hint = (
        (known, "") if picture["sure"] else ("", f", with the range of its training in place of [{low}, {high}],")
    )
    line = f"`{inputs_line([picture])}`{hint}"
    return f"the input {picture['input']!r} looks like a picture{values}: {line} lets pages give it images and videos"


def _weights(model: Model, artifacts: ModelArtifacts, notes: list[str]) -> list[dict[str, object]]:
    """Return what there is to say of each weight; adds to `notes` what does not work out of `quantize`, whose patterns
    are written after what is listed here, and what it costs."""
    from tfjs_build.coding import encoded
    from tfjs_build.convert.quantize import encode
    from tfjs_build.pixels import prepared

    signature = artifacts.signature.renamed(model.rename)
    try:
        coded, cost = encoded(model, artifacts, signature, prepared(model.inputs, signature), notes, lambda _done: None)
        notes += [] if cost is None else [cost(None)]
    except ModelError as error:
        notes.append(error.message)
        coded = [encode(weight, None, notes) for weight in artifacts.weights]
    return [
        {
            "name": weight.name,
            "shape": list(weight.shape),
            "dtype": weight.dtype,
            "size": weight.size,
            "stored": each.entry.get("quantization", each.entry)["dtype"],
            "bytes": each.nbytes,
        }
        for weight, each in zip(artifacts.weights, coded, strict=True)
    ]


def _spec(spec: TensorSpec) -> dict[str, object]:
    shape = None if spec.shape is None else list(spec.shape)
    return {"name": spec.name, "shape": shape, "dtype": spec.dtype}


def _parts(artifacts: ModelArtifacts) -> dict[str, int]:
    """Count the layers by class, or the nodes by op."""
    if artifacts.format == "layers":
        names = [layer["class_name"] for layer in artifacts.topology["model_config"]["config"]["layers"]]
    else:
        names = [node["op"] for node in artifacts.topology["node"]]
    return {name: names.count(name) for name in sorted(set(names))}
