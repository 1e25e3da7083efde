"""Makes, in a child, what a model is verified with: samples, the source's numbers, variants of it, and loaders.

The numbers come from the user's own file, where it has outputs; else from TensorFlow, which runs the source, where it
is there; else from a plain conversion: neither quantized nor optimized, and run on the backend that is easiest to
trust, cpu.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tfjs_build import samples as sampling
from tfjs_build.convert import model_json
from tfjs_build.errors import ModelError, RefusedError
from tfjs_build.job import Job
from tfjs_build.job import run as convert
from tfjs_build.model import Quantize, Verify
from tfjs_build.names import identifiers
from tfjs_build.samples import Group
from tfjs_build.stubs.describe import describe
from tfjs_build.stubs.render import render_runtime, render_stub
from tfjs_build.verify.prepared import PLAIN, PUBLISHED, UNQUANTIZED, Prepared, Request, Variant
from tfjs_build.verify.project import TFJS
from tfjs_build.verify.wire import pack

if TYPE_CHECKING:
    from tfjs_build.convert.model_json import Metadata
    from tfjs_build.job import Progress
    from tfjs_build.staged import Staged

NO_FINGERPRINT: Final = "0" * 64
"""What is sealed into a model.json that is not published."""

_NEVER_IN_TENSORFLOW: Final = ("tfjs", "tflite")


def prepare(request: Request, progress: Progress | None = None) -> Prepared:  # noqa: ARG001 -- it takes no time
    """Prepare a model; raises ModelError where it cannot be: it is not published, or its samples do not fit."""
    model, folder = request.model, request.staging
    document, metadata = _published(request)
    variants = [_variant(request, PUBLISHED, request.published, metadata)]
    notes: list[str] = []
    lacking = request.lacking
    quantized = bool(model.quantize)
    given_samples, given_outputs = _given(request, metadata)
    ranges = sampling.picture_ranges(metadata.raw.get("pixels", {}))
    if given_samples is None and request.source is not None and request.parity:
        ranges = _proposed(request, metadata) | ranges
    samples = given_samples or _random(model.name, metadata, document, model.verify.samples, ranges, notes)
    expected, reference = given_outputs, str(model.verify.inputs.name) if given_outputs and model.verify.inputs else ""
    if request.parity and request.source is not None:
        try:
            if expected is None and _all_numbers(samples):
                expected, reference = _from_tensorflow(request, metadata, samples, notes)
            if quantized:
                variants.append(_converted(request, UNQUANTIZED))
            if expected is None:
                variants.append(_converted(request, PLAIN))
                reference = "its graph before quantization and optimization, on cpu"
        except ModelError as error:
            lacking = f"the source cannot be converted: {error.message}"
            variants = variants[:1]
    elif expected is not None:
        lacking = "what quantizing costs is not told apart: its source is not there" if quantized else ""
    _write_runtime(request)
    (folder / "samples").write_bytes(pack({}, samples))
    if expected is not None:
        (folder / "expected").write_bytes(pack({}, expected))
    return Prepared(
        model=model.name,
        version=metadata.version,
        loader=identifiers(model.name).load,
        stubs=folder / "stubs",
        variants=variants,
        samples=folder / "samples",
        expected=None if expected is None else folder / "expected",
        reference=reference,
        lacking=lacking,
        quantized=quantized,
        promised=metadata.raw["signature"]["outputs"],
        notes=notes,
    )


def _published(request: Request) -> tuple[dict[str, Any], Metadata]:
    path = request.published / "model.json"
    try:
        data = path.read_bytes()
        return json.loads(data), model_json.unsealed(data)
    except FileNotFoundError as error:
        raise ModelError("it is not published", hint="`tfjs-build build` publishes it.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{path} is not what tfjs-build has published", hint="`tfjs-build build` mends it.") from error


def _given(request: Request, metadata: Metadata) -> tuple[list[Group] | None, list[Group] | None]:
    path = request.model.verify.inputs
    if path is None:
        return None, None
    return sampling.given(path, metadata.signature, list(metadata.raw.get("pixels", {})))


def _random(
    name: str,
    metadata: Metadata,
    document: Mapping[str, Any],
    count: int,
    ranges: Mapping[str, sampling.Range],
    notes: list[str],
) -> Sequence[Group]:
    free = sampling.free_sizes(metadata.signature)
    if free:
        notes.append(
            f"free sizes of {', '.join(free)} are tried as 16, as 64 of pictures: "
            "`verify: { inputs: samples.npz }` gives others"
        )
    by_node = sampling.bounds(document)
    bounds = {spec.name: by_node[spec.node] for spec in metadata.signature.inputs if spec.node in by_node}
    return sampling.random_samples(name, metadata.signature, count, ranges=ranges, bounds=bounds)


def _all_numbers(samples: Sequence[Group]) -> bool:
    """Whether no input is a picture, which the loader alone can make numbers of."""
    return not any(array.dtype == np.uint8 for array in samples[0].values())


def _proposed(request: Request, metadata: Metadata) -> dict[str, sampling.Range]:
    """Return the values that inputs seem to have which look like pictures."""
    from tfjs_build.pixels import proposals
    from tfjs_build.sources.opening import open_artifacts

    assert request.source is not None
    try:
        with open_artifacts(request.model, request.source, request.tensorflow) as artifacts:
            found = proposals(artifacts, metadata.signature)
    except ModelError:
        return {}  # which is told where it is converted
    return {each.input: (float(each.range[0]), float(each.range[1])) for each in found}


def _converted(request: Request, name: str) -> Variant:
    """Convert a source once more, without quantization, and for the plain variant without optimization."""
    from tfjs_build.convert.graph.optimizing import unoptimized

    assert request.source is not None
    model = replace(request.model, quantize=Quantize(), max_size=None, verify=Verify(), compress="none")
    job = Job(model, request.source, request.labels, None, request.staging / name, request.tensorflow)
    with unoptimized() if name == PLAIN else nullcontext():
        staged = _staged(job) if name == UNQUANTIZED else _graph(job)
    for shard in staged.shards:
        if not (job.staging / shard.name).exists():
            shard.path.rename(job.staging / shard.name)
    (job.staging / "model.json").write_bytes(model_json.seal(staged.model_json, NO_FINGERPRINT))
    return _variant(request, name, job.staging, staged.metadata)


def _staged(job: Job) -> Staged:
    return convert(job, lambda _step, _fraction: None)


def _graph(job: Job) -> Staged:
    """Convert to a graph, which is another path than that of layers; to what is wanted where there is no graph."""
    try:
        return _staged(replace(job, model=replace(job.model, format="graph")))
    except RefusedError:
        return _staged(job)


def _variant(request: Request, name: str, folder: Path, metadata: Metadata) -> Variant:
    """Render a variant's loader, for Node and for a page."""
    described = describe(request.model.name, metadata.format, metadata.raw, public_url="")
    for kind, tfjs in (("node", request.loaders.tfjs), ("page", TFJS)):
        files = render_stub(described, language="javascript", tfjs=tfjs, templates=request.loaders.templates)
        for file, text in files.items():
            if file.endswith(".js"):
                _write(request.staging / "stubs" / kind / name / file, text)
    return Variant(name, folder, f"{name}/{described.identifiers.file}.js")


def _write_runtime(request: Request) -> None:
    _write(request.staging / "stubs" / "node" / "package.json", '{ "type": "module" }\n')
    for kind, tfjs in (("node", request.loaders.tfjs), ("page", TFJS)):
        for file, text in render_runtime(tfjs=tfjs, templates=request.loaders.templates).items():
            if file.endswith(".js"):
                for variant in (request.staging / "stubs" / kind).glob("*/"):
                    _write(variant / file, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _from_tensorflow(
    request: Request, metadata: Metadata, samples: Sequence[Group], notes: list[str]
) -> tuple[list[Group] | None, str]:
    """Return what TensorFlow gives for the samples, and which it was; nothing where it is not there, or cannot."""
    from tfjs_build.convert.tensorflow.opening import Task
    from tfjs_build.sources.registry import kind

    source, model = request.source, request.model
    assert source is not None
    if request.tensorflow is None or source.kind in _NEVER_IN_TENSORFLOW:
        return None, ""
    signature = metadata.signature
    names = {shown: own for own, shown in model.rename.items()}
    inputs = [names.get(spec.name, spec.name) for spec in signature.inputs]
    outputs = [names.get(spec.name, spec.name) for spec in signature.outputs]
    task = Task(request.staging / "samples.npz", request.staging / "results.npz", inputs, outputs)
    arrays = {
        f"{index}.{place}": _for_numpy(sample[spec.name])
        for index, sample in enumerate(samples)
        for place, spec in enumerate(signature.inputs)
    }
    with task.samples.open("wb") as file:
        np.savez(file, **arrays)
    try:
        who = kind(source.kind).run_in_tensorflow(source.reference, model, request.tensorflow, task)
    except ModelError as error:
        notes.append(f"TensorFlow does not run the source: {error.message}")
        return None, ""
    with np.load(task.results, allow_pickle=False) as results:
        return [
            {spec.name: _of_numpy(results[f"{index}.{place}"]) for place, spec in enumerate(signature.outputs)}
            for index in range(len(samples))
        ], who


def _for_numpy(array: Any) -> Any:
    return array.astype(str) if array.dtype == object else array


def _of_numpy(array: Any) -> Any:
    return array.astype(object) if array.dtype.kind == "U" else array
