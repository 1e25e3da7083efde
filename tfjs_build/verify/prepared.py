"""What is to be verified of a model, and what a child has made of that: files, and how they belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.tensorflow.place import Place
    from tfjs_build.model import Model
    from tfjs_build.sources.resolve import Source

PUBLISHED: Final = "published"
UNQUANTIZED: Final = "unquantized"
PLAIN: Final = "plain"
"""The variants of a model: as it is published; the same without quantization; neither quantized nor optimized."""


@record(frozen=True)
class Loaders:
    """What loaders are rendered with: the manifest's templates, and TensorFlow.js as Node imports it."""

    templates: Path | None
    tfjs: str


@record(frozen=True)
class Request:
    """What a child prepares. `published` is the folder of the model's files, `staging` the one to work in;
    `parity` is whether the source's numbers are wanted, `source` None where it is not there, for the reason `lacking`.
    `tensorflow` is where that is, if anywhere."""

    model: Model
    source: Source | None
    lacking: str
    labels: tuple[str, ...] | None
    published: Path
    staging: Path
    loaders: Loaders
    parity: bool
    tensorflow: Place | None = None


@record(frozen=True)
class Variant:
    """A variant of a model: the folder of its model.json, and the loader's module, in `Prepared.stubs`."""

    name: str
    folder: Path
    stub: str


@record(frozen=True)
class Prepared:
    """A model that is ready to be run. `stubs` has the folders `node` and `page`, in which `loader` is what a stub
    exports. `samples` and `expected` are messages as `wire` has them; `expected` is None where nothing is known, or the
    plain variant is to tell. `reference` says whose numbers they are, `lacking` why there are none. `promised` are the
    outputs as model.json has them (`name`, `shape`, `dtype`); `notes` is what to tell of the samples."""

    model: str
    version: str
    loader: str
    stubs: Path
    variants: Sequence[Variant]
    samples: Path
    expected: Path | None
    reference: str
    lacking: str
    quantized: bool
    promised: Sequence[Mapping[str, Any]]
    notes: Sequence[str]

    def variant(self, name: str) -> Variant | None:
        """Return a variant, None where it is not wanted."""
        return next((each for each in self.variants if each.name == name), None)
