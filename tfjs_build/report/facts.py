"""What is known of one published model: plain values, computed in a child, for the page and for `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfjs_build.records import record


@record(frozen=True)
class StoredWeight:
    """One weight as it is published: `stored` is the dtype of its bytes, `step` the distance of two levels of an affine
    coding; `low` and `high` are of the decoded numbers, None where they are not finite, or no numbers. `error` is the
    rounding error as a part of the weight's own size (both in the mean of squares); where the source is not there to
    compare with, it is what the coding may cost at most, and `bound` is true."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    stored: str
    nbytes: int
    low: float | None
    high: float | None
    step: float | None
    error: float | None
    bound: bool


@record(frozen=True)
class Download:
    """What a browser fetches, in bytes: as it is, and as gzip makes it (level 6). `served` counts a shard that has a
    compressed file beside it as that file, `compressed` is whether any has."""

    model_json: int
    model_json_gzip: int
    weights: int
    weights_gzip: int
    served: int
    compressed: bool


@record(frozen=True)
class Point:
    """A coding that was tried: the bytes of all weights in it, the same as gzip makes them, and the largest error of
    `output` as a part of that output's largest number. `now` is whether tfjs.yaml asks for it."""

    coding: str
    nbytes: int
    gzip: int
    error: float
    output: str
    now: bool


@record(frozen=True)
class Launches:
    """What one prediction asks of a device: kernels that are launched, estimated from the graph, once and in each turn
    of its loops."""

    backend: str
    once: int
    turn: int


@record(frozen=True)
class Lack:
    """What one backend cannot do of a model, in words."""

    backend: str
    text: str


@record(frozen=True)
class Facts:
    """All of it. `lacks_known` is whether the source was there to be looked at for `lacks`; `curve_missing` says why
    there is no curve, and is empty where there is one."""

    version: str
    format: str
    generated_by: str
    inputs: Sequence[Mapping[str, object]]
    outputs: Sequence[Mapping[str, object]]
    download: Download
    weights: Sequence[StoredWeight]
    ops: Mapping[str, int]
    launches: Sequence[Launches]
    lacks: Sequence[Lack]
    lacks_known: bool
    curve: Sequence[Point]
    curve_missing: str
    notes: Sequence[str]
