"""What a build tells the world: plain values, emitted by the core and shown by reporters only.

`as_json` is the contract of `--json`; its names are relied on from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, fields
from typing import Any, ClassVar, TypeAlias

from tfjs_build.records import record


@record(frozen=True)
class Event:
    """Base of all events; `event` is its name in `--json`."""

    event: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        """Return the event as a JSON object; optional fields that are not set are left out."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        required = {"model"}
        return {"event": self.event} | {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None or name in required
        }


Emit: TypeAlias = Callable[[Event], None]


@record(frozen=True)
class Project(Event):
    """The manifest in force, first of all, and again whenever a watch has read it anew: the folders as absolute paths,
    `public_url`, whether the stubs import a generated module of TensorFlow.js (`minimal`), and its models."""

    event: ClassVar[str] = "project"
    manifest: str
    output: str
    stubs: str | None
    public_url: str
    minimal: bool
    models: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it with all keys: a folder that is not there is null."""
        return {"event": self.event} | {f.name: getattr(self, f.name) for f in fields(self)}


@record(frozen=True)
class Started(Event):
    """A stale model's conversion begins."""

    event: ClassVar[str] = "started"
    model: str


@record(frozen=True)
class Progress(Event):
    """`fraction` (0 to 1) of `step` ("reading", "writing" …) is done."""

    event: ClassVar[str] = "progress"
    model: str
    step: str
    fraction: float


@record(frozen=True)
class Note(Event):
    """Something worth knowing, about a model (which format was chosen and why, …) or about the whole run."""

    event: ClassVar[str] = "note"
    model: str | None
    message: str


@record(frozen=True)
class Fresh(Event):
    """A model's output is what the source and the options demand; nothing was done."""

    event: ClassVar[str] = "fresh"
    model: str
    version: str


@record(frozen=True)
class Written(Event):
    """A model was published: `files` are all its files, relative to the manifest's folder; `bytes` is what a
    browser downloads (model.json and shards); `seconds` is the time from start to publication; `cache` is "local" or
    "shared" where the model was not converted but found there."""

    event: ClassVar[str] = "written"
    model: str
    format: str
    version: str
    files: Sequence[str]
    bytes: int
    seconds: float
    cache: str | None = None


@record(frozen=True)
class Verified(Event):
    """A published model was run on a backend. `ok` is whether it loads, runs and gives what it should, `problems` what
    is wrong. With the mode "parity", `outputs` says how far each is from what `reference` tells, over all `samples`:
    `output`, the largest `absolute` error, the `relative` one (a part of the largest number), `argmax` (in how many
    rows the largest entry is the same one, of how many); `quantization` is the same for what quantizing costs.
    `first_ms` and `next_ms` are what predictions took; `half_floats` is whether the backend computes with them."""

    event: ClassVar[str] = "verified"
    model: str
    backend: str
    device: str
    ok: bool
    mode: str
    version: str
    samples: int
    problems: Sequence[str]
    outputs: Sequence[dict[str, Any]]
    quantization: Sequence[dict[str, Any]] | None = None
    reference: str | None = None
    first_ms: float | None = None
    next_ms: float | None = None
    half_floats: bool = False
    renderer: str | None = None
    tfjs: str | None = None


@record(frozen=True)
class Untried(Event):
    """Something could not be verified here, a model on a backend or (`backend` None) beside its source; `hint` says
    what to do."""

    event: ClassVar[str] = "untried"
    model: str | None
    backend: str | None
    message: str
    hint: str | None = None


@record(frozen=True)
class Serving(Event):
    """`verify --serve` waits at these addresses for devices; `qr` is the last one as a picture, of lines of text."""

    event: ClassVar[str] = "serving"
    addresses: Sequence[str]
    qr: Sequence[str] | None = None


@record(frozen=True)
class Opened(Event):
    """A device has opened the page of `verify --serve`."""

    event: ClassVar[str] = "opened"
    device: str


@record(frozen=True)
class Stale(Event):
    """A model would be built (`--check`, `--dry-run`), for these reasons."""

    event: ClassVar[str] = "stale"
    model: str
    reasons: Sequence[str]


@record(frozen=True)
class Failed(Event):
    """A model, or with `model` None the whole run, failed; `hint` says what to do. `file`, `line` and `column`
    name the place in a text file where there is one."""

    event: ClassVar[str] = "failed"
    model: str | None
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    excerpt: str | None = field(default=None)


@record(frozen=True)
class Removed(Event):
    """Files of a model that is no longer in the manifest were deleted."""

    event: ClassVar[str] = "removed"
    model: str
    files: Sequence[str]


@record(frozen=True)
class Ready(Event):
    """A watch has finished its first build, whatever its outcome."""

    event: ClassVar[str] = "ready"


@record(frozen=True)
class Reloaded(Event):
    """A changed manifest is in force."""

    event: ClassVar[str] = "reloaded"
    file: str


@record(frozen=True)
class Waiting(Event):
    """A watched source is "missing" or "incomplete"; what was published stays, and the watch goes on waiting."""

    event: ClassVar[str] = "waiting"
    model: str
    finding: str
    message: str


@record(frozen=True)
class Stopped(Event):
    """The run is over with this exit code."""

    event: ClassVar[str] = "stopped"
    code: int


@record(frozen=True)
class Explained(Event):
    """Why a model is stale (no reasons: it is fresh), and the named fields that its fingerprint is made of."""

    event: ClassVar[str] = "explained"
    model: str
    reasons: Sequence[str]
    fingerprint: str
    fields: dict[str, str]


@record(frozen=True)
class Inspected(Event):
    """What a model consists of: `reason` says why it has this format, `parts` counts its layers by class, or its nodes
    by op. A weight has a `size` in elements, and the dtype in which it would be `stored`, in so many `bytes`.
    `pictures` are the inputs that look like some, each with `input`, the `range` that its values seem to have, and
    whether that is `sure`: the model itself says so."""

    event: ClassVar[str] = "inspected"
    model: str
    format: str
    reason: str
    generated_by: str
    inputs: Sequence[dict[str, object]]
    outputs: Sequence[dict[str, object]]
    parts: dict[str, int]
    weights: Sequence[dict[str, object]]
    pictures: Sequence[dict[str, object]]
    notes: Sequence[str]


@record(frozen=True)
class Reported(Event):
    """What a report says of a published model, in bytes and parts of 1. `page` is the HTML file; `stale` says why what
    is published is not what the source and tfjs.yaml ask for. `download` is model.json and the weights, as they are and
    as gzip makes them. `kernels` estimates what one prediction asks of a GPU, by backend; `lacks` has what backends
    cannot do, `curve` the codings that were tried, `changes` what is different since an earlier version, None where
    none is known; `versions` are those that reports have seen."""

    event: ClassVar[str] = "report"
    model: str
    page: str
    version: str
    format: str
    stale: Sequence[str]
    inputs: Sequence[dict[str, Any]]
    outputs: Sequence[dict[str, Any]]
    download: dict[str, Any]
    weights: Sequence[dict[str, Any]]
    ops: dict[str, int]
    kernels: Sequence[dict[str, Any]]
    lacks: Sequence[dict[str, Any]]
    code: Sequence[dict[str, Any]]
    curve: Sequence[dict[str, Any]]
    notes: Sequence[str]
    changes: dict[str, Any] | None = None
    versions: Sequence[dict[str, Any]] = ()
