"""One conversion from source to staged files: what runs in a child process, where it can be killed.

Nothing here touches the output directory. The result is a list of finished files in the staging folder, which the
parent publishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import ModelError
from tfjs_build.labels import classified, label_notes, unfit
from tfjs_build.limits import within_output
from tfjs_build.pixels import pixel_notes, prepared
from tfjs_build.records import record
from tfjs_build.staged import Staged, served

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import Signature
    from tfjs_build.convert.tensorflow.place import Place
    from tfjs_build.model import Model
    from tfjs_build.sources.resolve import Source


@record(frozen=True)
class Proof:
    """What a converted model is run with: `folders` are those whose modules import TensorFlow.js, the likeliest
    first."""

    folders: tuple[Path, ...]
    templates: Path | None
    backends: tuple[str, ...] | None


@record(frozen=True)
class Job:
    """What is to be converted, with which labels (the source's own, where the manifest has none), for which backends
    (None: the manifest does not say), and into which empty folder; `tensorflow` is where that is, if anywhere, `proof`
    what it is run with before it is published, None where it is not."""

    model: Model
    source: Source
    labels: tuple[str, ...] | None
    backends: tuple[str, ...] | None
    staging: Path
    tensorflow: Place | None = None
    proof: Proof | None = None


Progress = Callable[[str, float], None]


def run(job: Job, progress: Progress) -> Staged:
    """Convert `job`'s source; raises ModelError and its kinds. `progress` is called with the step and its fraction."""
    from tfjs_build.coding import encoded
    from tfjs_build.convert import backend_notes, compression, model_json, shards
    from tfjs_build.convert.graph.optimizing import optimized_for
    from tfjs_build.sources.opening import open_artifacts

    model = job.model
    progress("reading", 0.0)
    job.staging.mkdir(parents=True, exist_ok=True)
    with optimized_for(job.backends), open_artifacts(model, job.source, job.tensorflow) as artifacts:
        signature = _shown(artifacts.signature, model.rename)
        labels = job.labels
        dropped = []
        if labels is not None and model.labels is None and unfit(signature, labels):
            dropped = [f"the {len(labels)} labels of the source itself are left out: no output has as many classes"]
            labels = None
        classify = classified(model, signature, labels)
        pixels = prepared(model.inputs, signature)
        notes = [
            *artifacts.notes,
            *backend_notes.told(artifacts, job.backends),
            *dropped,
            *label_notes(signature, labels),
            *pixel_notes(artifacts, signature, pixels),
        ]
        weights, cost = encoded(model, artifacts, signature, pixels, notes, lambda done: progress("quantizing", done))
        nbytes = sum(weight.nbytes for weight in weights)
        within_output(nbytes, model.limits.output)
        written = shards.write(weights, model.shard_size, job.staging, lambda done: progress("writing", done))
        artifacts.check()
        compressed = []
        if model.compress == "gzip":
            progress("compressing", 0.0)
            compressed = compression.compress(written)
            nbytes += sum(each.nbytes for each in compressed)
        if cost is not None:
            notes.append(cost(served(written, compressed) if compressed else None))
        if model.compress == "gzip" and not compressed:
            notes.append(compression.NOT_WORTH_IT)
        content, metadata = model_json.model_json(
            artifacts,
            signature=signature,
            weights=weights,
            shards=written,
            labels=labels,
            classify=classify,
            pixels=pixels,
            metadata=model.metadata,
            compressed=compressed,
        )
        within_output(nbytes + len(content), model.limits.output)
        return Staged(metadata, written, content, notes, compressed)


def _shown(signature: Signature, rename: Mapping[str, str]) -> Signature:
    known = [spec.name for spec in (*signature.inputs, *signature.outputs)]
    for name in rename:
        if name not in known:
            import difflib  # slow to import, and only needed when something is wrong

            close = difflib.get_close_matches(name, known, n=1)
            raise ModelError(
                f"rename: the model has no input or output {name!r}",
                hint=f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(map(repr, known))}.",
                key="rename",
            )
    shown = signature.renamed(rename)
    for part, specs in (("inputs", shown.inputs), ("outputs", shown.outputs)):
        names = [spec.name for spec in specs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ModelError(f"rename: two {part} would be called {twice!r}", key="rename")
    return shown
