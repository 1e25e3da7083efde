"""Codings of a model's weights beside each other: bytes against the error of the outputs, by the means of a build.

Each coding is what a build would make of it (`coding/coded.py`), and all are judged by the same samples. What was found
is kept in a file, coding by coding, for the weights, the graph and the samples that it was found for.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tfjs_build.coding.coded import LARGEST_BYTES, coded, percent
from tfjs_build.coding.inputs import samples_for
from tfjs_build.convert.model_json import dumps
from tfjs_build.convert.quantize import choose, encode
from tfjs_build.errors import ModelError
from tfjs_build.fingerprint import CONVERSION_REVISION
from tfjs_build.fs import read_own, write_own
from tfjs_build.model import Auto, Quantize
from tfjs_build.report.facts import Point
from tfjs_build.report.published import gzipped
from tfjs_build.sizes import size_text

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts, Signature
    from tfjs_build.convert.quantize import Encoded
    from tfjs_build.model import Model
    from tfjs_build.samples import Group

_ERRORS: Final = (0.05, 0.01, 0.001)
_SAMPLES: Final = 4
"""As many as a build takes where it fits something to them."""

NONE: Final = "none"


class NoCurveError(Exception):
    """A model whose outputs cannot be seen here; the text says why."""


def codings(now: Quantize) -> dict[str, Quantize]:
    """Return what is tried, by how it is called; `now` is what tfjs.yaml has, if that is another one."""
    tried: dict[str, Quantize] = {NONE: Quantize()}
    tried |= {dtype: Quantize({dtype: True}) for dtype in ("float16", "uint16", "uint8")}
    tried |= {f"auto, error {percent(error)}": Quantize(auto=Auto(error)) for error in _ERRORS}
    return tried if now in tried.values() else {**tried, "as in tfjs.yaml": now}


def curve(
    model: Model,
    artifacts: ModelArtifacts,
    signature: Signature,
    pixels: Mapping[str, Mapping[str, Any]],
    kept: Path,
    progress: Callable[[float], None],
) -> list[Point]:
    """Return the codings by their bytes, the most first; `kept` is the file for what was found before. Raises
    NoCurveError where there is none to be had."""
    size = sum(weight.size * 4 for weight in artifacts.weights)
    if size > LARGEST_BYTES:
        raise NoCurveError(f"its weights are more than {size_text(LARGEST_BYTES)}")
    try:
        samples = samples_for(model, artifacts, signature, pixels, _SAMPLES)
    except ModelError as error:
        raise NoCurveError(error.message) from error
    digest = _digest(artifacts, signature, samples)
    known = _read(kept, digest)
    found: dict[str, Point] = {}
    wanted = codings(model.quantize)
    for number, (label, quantize) in enumerate(wanted.items()):
        at = number

        def told(done: float, at: int = at) -> None:
            progress((at + done) / len(wanted))

        told(0.0)
        key = repr(quantize)
        point = known.get(key)
        if point is None:
            try:
                point = _tried(label, quantize, artifacts, signature, samples, told)
            except ModelError:  # a size that cannot be kept, say: a build tells of that
                continue
            known[key] = point
            _write(kept, digest, known)
        found[label] = replace(point, coding=label, now=quantize == model.quantize)
    return sorted(found.values(), key=lambda each: (-each.nbytes, each.error))


def _tried(
    label: str,
    quantize: Quantize,
    artifacts: ModelArtifacts,
    signature: Signature,
    samples: Sequence[Group],
    progress: Callable[[float], None],
) -> Point:
    if not quantize:
        weights: Sequence[Encoded] = [encode(weight, None, []) for weight in artifacts.weights]
        return Point(label, *_sizes(weights), 0.0, "", False)
    asked = choose(quantize, artifacts.weights)
    done = coded(artifacts, asked, quantize.auto, signature, lambda _count: samples, [], progress)
    if done.cost.differences is None:
        raise NoCurveError(done.cost.reason)
    worst = done.cost.differences.worst
    return Point(label, *_sizes(done.weights), worst.largest, worst.output, False)


def _sizes(weights: Sequence[Encoded]) -> tuple[int, int]:
    return sum(each.nbytes for each in weights), gzipped(block for each in weights for block in each.blocks())


def _digest(artifacts: ModelArtifacts, signature: Signature, samples: Sequence[Group]) -> str:
    """Return a hash of all that decides what is found."""
    digest = hashlib.sha256(dumps([CONVERSION_REVISION, artifacts.topology, repr(signature)]).encode())
    for sample in samples:
        for name, array in sample.items():
            digest.update(f"{name} {array.shape} {array.dtype}".encode())
            digest.update(repr(array.tolist()).encode() if array.dtype == object else np.ascontiguousarray(array).data)
    for weight in artifacts.weights:
        digest.update(f"{weight.name} {weight.shape} {weight.dtype} {weight.integers}".encode())
        for block in _blocks(weight.blocks()):
            digest.update(block)
    return digest.hexdigest()


def _blocks(blocks: Iterator[Any]) -> Iterator[bytes | memoryview]:
    for block in blocks:
        yield repr(block.tolist()).encode() if block.dtype == object else np.ascontiguousarray(block).tobytes()


def _read(kept: Path, digest: str) -> dict[str, Point]:
    """Return what was found for the same content; nothing for a file that is damaged, or foreign."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        said = json.loads(read_own(kept))
        if said["of"] == digest:
            return {key: _point(values) for key, values in said["points"].items()}
    return {}


def _point(values: Mapping[str, Any]) -> Point:
    return Point(
        str(values["coding"]),
        int(values["nbytes"]),
        int(values["gzip"]),
        float(values["error"]),
        str(values["output"]),
        False,
    )


def _write(kept: Path, digest: str, points: Mapping[str, Point]) -> None:
    """Keep what was found; where that cannot be, it is found again."""
    data = {"of": digest, "points": {key: vars(point) for key, point in points.items()}}
    with contextlib.suppress(OSError):
        write_own(kept, json.dumps(data).encode())
