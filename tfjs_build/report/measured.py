"""What a child finds out about one published model: what lies there, beside the source that it was made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tfjs_build.convert.graph.optimizing import optimized_for
from tfjs_build.errors import ModelError
from tfjs_build.kernels import kernels_of, lacking, needs_of
from tfjs_build.pixels import prepared
from tfjs_build.records import record
from tfjs_build.report.curve import NoCurveError, curve
from tfjs_build.report.facts import Facts, Lack, Point, StoredWeight
from tfjs_build.report.launches import launches
from tfjs_build.report.published import Published, parts, read_published
from tfjs_build.report.rounding import stored_weights
from tfjs_build.sources.opening import open_artifacts

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts, TensorSpec
    from tfjs_build.convert.tensorflow.place import Place
    from tfjs_build.model import Model
    from tfjs_build.sources.resolve import Source

BACKENDS: Final = ("webgpu", "webgl", "wasm", "cpu")
_HOW: Final = {"no kernel": "has no kernel for", "throws": "cannot run", "wrong": "gives wrong numbers for"}


@record(frozen=True)
class Request:
    """What is to be found out. `index` is the published model.json, `staging` a folder to work in. `source` is None
    where it is not there, for the reason `lacking`; `fresh` is whether what is published was made of it. `backends` are
    the manifest's, `tensorflow` is where that is, if anywhere; `curve` is whether codings are tried, and `kept` the
    file for what they gave."""

    model: Model
    index: Path
    staging: Path
    source: Source | None
    lacking: str
    fresh: bool
    backends: tuple[str, ...] | None
    tensorflow: Place | None
    curve: bool
    kept: Path


@record(frozen=True)
class _Compared:
    """What the source adds."""

    weights: Sequence[StoredWeight]
    lacks: Sequence[Lack]
    curve: Sequence[Point]
    curve_missing: str


Progress = Callable[[str, float], None]


def measure(request: Request, progress: Progress) -> Facts:
    """Return what there is to know of a model; raises ModelError where it is not published, or not whole."""
    progress("reading", 0.0)
    published = read_published(request.index)
    notes: list[str] = []
    missing = request.lacking
    found = None
    if request.source is not None:
        try:
            found = _compared(request, request.source, published, progress)
        except ModelError as error:
            missing = f"the source cannot be converted: {error.message}"
    if found is None:
        notes.append(f"{missing}: what rounding has changed is a bound, and no codings were tried")
        found = _Compared(stored_weights(published, {}), _lacking(published.document), (), missing)
        missing = missing or "the source is not there"
    signature, document = published.metadata.signature, published.document
    shapes = {name: entry["shape"] for name, entry in published.entries.items()}
    return Facts(
        version=published.metadata.version,
        format=published.metadata.format,
        generated_by=str(document.get("generatedBy", "")),
        inputs=[_spec(spec) for spec in signature.inputs],
        outputs=[_spec(spec) for spec in signature.outputs],
        download=published.download,
        weights=found.weights,
        ops=parts(document),
        launches=launches(document["modelTopology"], shapes) if published.metadata.format == "graph" else (),
        lacks=found.lacks,
        lacks_known=not missing,
        curve=found.curve,
        curve_missing=found.curve_missing,
        notes=notes,
    )


def _compared(request: Request, source: Source, published: Published, progress: Progress) -> _Compared:
    model = request.model
    with optimized_for(request.backends), open_artifacts(model, source, request.tensorflow) as artifacts:
        weights = {weight.name: weight for weight in artifacts.weights} if request.fresh else {}
        stored = stored_weights(published, weights)
        signature = artifacts.signature.renamed(model.rename)
        points: Sequence[Point] = ()
        missing = "" if request.curve else "it was left out (`--no-curve`)"
        if request.curve:
            pixels = prepared(model.inputs, signature)
            try:
                points = curve(
                    model, artifacts, signature, pixels, request.kept, lambda done: progress("trying codings", done)
                )
            except NoCurveError as error:
                missing = str(error)
        return _Compared(stored, _lacks(artifacts), points, missing)


def _lacks(artifacts: ModelArtifacts) -> list[Lack]:
    """Return what was found when the graph was checked, as a build tells it."""
    found = [Lack(each.backend, f"{_HOW[each.how]} {each.op} ({each.places})") for each in artifacts.limits]
    told = [each for each in artifacts.cautions if not each.rare]
    return found + [Lack(backend, each.text) for each in told for backend in each.backends]


def _lacking(document: Mapping[str, Any]) -> list[Lack]:
    """Return the kernels that backends lack, by the ops alone."""
    kernels = kernels_of(needs_of(document))
    return [
        Lack(backend, f"{_HOW['no kernel']} {', '.join(names)}")
        for backend in BACKENDS
        if (names := lacking(backend, kernels))
    ]


def _spec(spec: TensorSpec) -> dict[str, object]:
    return {"name": spec.name, "shape": None if spec.shape is None else list(spec.shape), "dtype": spec.dtype}
