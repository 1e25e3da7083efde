"""The manifest as typed values: what the rest of the program knows of tfjs.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from tfjs_build.errors import Location
from tfjs_build.names import TFJS
from tfjs_build.records import record

InputFormat = Literal["keras", "tf_saved_model", "tf_hub", "tf_frozen_model", "tfjs", "tflite", "python"]
"""The kinds of sources, in the order in which messages list them: each is a module of `sources/`."""

ModelFormat = Literal["auto", "layers", "graph"]
QuantizeDtype = Literal["float16", "uint8", "uint16"]
Engine = Literal["auto", "native", "tensorflow"]
Compress = Literal["none", "gzip"]
VerifyMode = Literal["none", "smoke", "parity"]
Language = Literal["typescript", "javascript"]
Backend = Literal["webgpu", "webgl", "wasm", "cpu"]
Channels = Literal["rgb", "bgr", "gray"]
Fit = Literal["stretch", "cover", "contain"]
Resize = Literal["bilinear", "nearest"]

RESERVED_METADATA: Final = ("signature", "structuredOutputKeys", "tfjs-build")
"""Keys of model.json's `userDefinedMetadata` that are TensorFlow.js's, and ours."""


@record(frozen=True)
class Auto:
    """Codings are chosen: the smallest that keep the outputs within `error`, a part of each one's largest number; or,
    where there is a `size` in bytes, those that change the outputs the least within it."""

    error: float = 0.01
    size: int | None = None


@record(frozen=True)
class Quantize:
    """Which weights are stored smaller: per dtype, `True` for all, or fnmatch patterns on published weight names; with
    `auto`, all others as it is chosen."""

    rules: Mapping[QuantizeDtype, Literal[True] | tuple[str, ...]] = field(default_factory=dict)
    auto: Auto | None = None

    def __bool__(self) -> bool:
        """Whether any weight is to be stored smaller."""
        return bool(self.rules) or self.auto is not None


@record(frozen=True)
class Verify:
    """What `verify` does with a model; `inputs` is a file of sample inputs, or None for random ones."""

    mode: VerifyMode = "none"
    samples: int = 2
    tolerance: float = 1e-4
    inputs: Path | None = None


@record(frozen=True)
class Classify:
    """Which output has the scores that the labels name (None: the one with as many entries as there are labels), and
    whether these are logits, of which a softmax makes probabilities."""

    output: str | None = None
    softmax: bool = False


@record(frozen=True)
class Pixels:
    """How pictures become an input. `range` is what black and white become; or `mean` is subtracted from values, and
    the rest divided by `std`: one number, or one for each channel, on the scale of 0 to 1 where none of them is greater
    than 1, of 0 to 255 otherwise. `channels` is None for what the input's shape says."""

    range: tuple[float, float] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    channels: Channels | None = None
    fit: Fit = "stretch"
    resize: Resize = "bilinear"


@record(frozen=True)
class InputOptions:
    """What the manifest says of one input."""

    pixels: Pixels | None = None


@record(frozen=True)
class Minimal:
    """`tfjs: minimal`: the stubs import what the models need of TensorFlow.js, and no more. `kernels` are those that
    the page's own code needs besides."""

    kernels: tuple[str, ...] = ()


@record(frozen=True)
class CachePlace:
    """Where machines share conversions: an address such as `s3://bucket/models`, or an absolute path."""

    place: str
    read_only: bool = False


@record(frozen=True)
class Limits:
    """What one model may take: seconds for its conversion and for its download, bytes for the others (`disk` is what is
    downloaded, or unpacked beside the source). No honest model meets the defaults: four gigabytes on a slow machine
    take minutes."""

    time: float = 30 * 60
    download: float = 60 * 60
    memory: int = 8 << 30
    disk: int = 8 << 30
    output: int = 8 << 30


@record(frozen=True)
class Code:
    """The project's own Python, which a model with `allow_code: true` may run: `imports` are modules to import before
    anything is loaded, `root` is the folder of tfjs.yaml, beside which they are found."""

    root: Path
    imports: tuple[str, ...] = ()

    @cached_property
    def path(self) -> tuple[Path, ...]:
        """The folders in which the project's modules are found: that of tfjs.yaml, and `src` in it."""
        return (self.root, self.root / "src")


@record(frozen=True)
class Model:
    """One entry under `models:`, with `defaults` merged in and paths made absolute.

    `source` is an absolute path, or as written for `python:` references and https handles. `labels` is a file (one
    label a line) or the labels themselves. `inputs` has options by the names that inputs are shown under. `shard_size`
    and `max_size` are in bytes, `warn_error` is the part of an output's largest number that quantization may cost
    without a warning. `location` is where the model's name stands; `locations` has the place of every key that was
    written, for messages at build time, and that of `backends`, which stands at the top. `code` is None where the model
    may run none.
    """

    name: str
    source: str
    location: Location
    input_format: InputFormat | None = None
    format: ModelFormat = "auto"
    signature: str | None = None
    tags: tuple[str, ...] | None = None
    outputs: tuple[str, ...] = ()
    quantize: Quantize = Quantize()
    shard_size: int = 4 * 1024 * 1024
    compress: Compress = "none"
    max_size: int | None = None
    warn_error: float = 0.05
    rename: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, InputOptions] = field(default_factory=dict)
    labels: Path | tuple[str, ...] | None = None
    classify: Classify | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    engine: Engine = "auto"
    verify: Verify = Verify()
    allow_code: bool = False
    code: Code | None = None
    limits: Limits = Limits()
    locations: Mapping[str, Location] = field(default_factory=dict)

    @property
    def samples(self) -> Path | None:
        """The user's inputs, where what is published depends on them: rounding is fitted to them."""
        return self.verify.inputs if self.quantize else None

    @property
    def beside(self) -> tuple[Path, ...]:
        """The files besides its source that what is published depends on."""
        labels = (self.labels,) if isinstance(self.labels, Path) else ()
        return labels if self.samples is None else (*labels, self.samples)


@record(frozen=True)
class Manifest:
    """tfjs.yaml, checked. `path` is the file; `output`, `stubs` and `templates` are absolute. `backends` are those that
    the site runs its models on, None where the manifest does not say. `tfjs` is the module that stubs import
    TensorFlow.js from, or says that they import a generated one; `worker` says whether there are loaders that use a
    worker. `text_sha256` is the hash of all of its text."""

    path: Path
    output: Path
    models: tuple[Model, ...]
    stubs: Path | None = None
    language: Language = "typescript"
    public_url: str = ""
    backends: tuple[Backend, ...] | None = None
    tfjs: str | Minimal = "@tensorflow/tfjs"
    worker: bool = False
    templates: Path | None = None
    imports: tuple[str, ...] = ()
    cache: CachePlace | None = None
    text_sha256: str = field(default="", compare=False)

    @cached_property
    def module(self) -> str:
        """The module that stubs import TensorFlow.js from."""
        return self.tfjs if isinstance(self.tfjs, str) else f"./{TFJS}.js"

    @cached_property
    def minimal(self) -> Minimal | None:
        """What is wanted of a generated module, None where stubs import another one, or there are none."""
        return self.tfjs if isinstance(self.tfjs, Minimal) and self.stubs is not None else None

    @cached_property
    def root(self) -> Path:
        """The folder that the manifest's paths are relative to."""
        return self.path.parent
