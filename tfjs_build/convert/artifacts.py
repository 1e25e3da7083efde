"""A converted model in memory, its weights not yet read: the one type between the converters and the publisher."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from tfjs_build.records import record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Shape = tuple[int | None, ...]
Format = Literal["layers", "graph"]

BLOCK_BYTES = 1 << 20
"""Most bytes that one block of a weight should hold: what a conversion needs in memory, whatever the model. What is
larger than a core's cache takes the system three times as long to read and to write."""


@record(frozen=True)
class TensorSpec:
    """One input or output.

    `name` is the source's own name, `node` the name by which TensorFlow.js finds the tensor (a graph node, or the
    InputLayer or layer of a layers model). `shape` includes the batch dimension, None where a size is free, and is
    None itself where the rank is unknown. `dtype` is TensorFlow.js's: float32, int32, bool, string, complex64.
    """

    name: str
    node: str
    shape: Shape | None
    dtype: str


@record(frozen=True)
class Signature:
    """Inputs and outputs in the source's own order."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def renamed(self, names: Mapping[str, str]) -> Signature:
        """Return the signature with the inputs and outputs named by `names` (source's name → shown name)."""

        def apply(specs: tuple[TensorSpec, ...]) -> tuple[TensorSpec, ...]:
            return tuple(replace(spec, name=names.get(spec.name, spec.name)) for spec in specs)

        return Signature(apply(self.inputs), apply(self.outputs))


@record(frozen=True)
class Weight:
    """One weight as TensorFlow.js will know it; reading is put off until it is written.

    `blocks` opens the data anew at every call (quantization reads twice) and yields flat arrays in C order that
    together hold every element, in `dtype` (float32, int32, bool, complex64; strings: object arrays of bytes), each of
    about `BLOCK_BYTES` at most. `integers` says of a float32 weight that all its numbers are whole, and which are the
    lowest and the highest that they can be: it is published as the integers that it is, without loss.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    blocks: Callable[[], Iterator[NDArray[np.generic]]]
    integers: tuple[int, int] | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        size = 1
        for dimension in self.shape:
            size *= dimension
        return size


@record(frozen=True)
class Initializer:
    """A graph model's `modelInitializer`: the graph that fills its hash tables, and its signature."""

    topology: Mapping[str, Any]
    signature: Mapping[str, Any]


@record(frozen=True)
class Limit:
    """What one backend of TensorFlow.js cannot do of a model: it lacks an op's kernel (`no kernel`), `throws`, or gives
    `wrong` numbers. `places` names the nodes."""

    backend: str
    how: str
    op: str
    places: str


@record(frozen=True)
class Caution:
    """What some backends do otherwise with some of the numbers that a page may feed: `text`, behind their names.

    A `rare` one is about what hardly any page feeds and concerns nearly every model: only `inspect` tells it.
    """

    backends: tuple[str, ...]
    text: str
    rare: bool = False


@record(frozen=True)
class ModelArtifacts:
    """A converted model.

    `topology` is `modelTopology` of model.json: Keras JSON as tfjs-layers reads it, or a GraphDef as JSON.
    `weights` are in the model's order, under the names that the topology demands. `generated_by` says what wrote the
    source ("Keras 3.15.1"). `asynchronous` is true for a graph that only `executeAsync` can run. `notes` are sentences
    for the user about what was chosen or left out, `limits` what single backends cannot do of it, `cautions` what they
    do otherwise with some of what they may be fed. `check` is called once the weights have been read: it raises
    SourceError where the source does not have the checksum that it was saved with.
    """

    format: Format
    topology: Mapping[str, Any]
    weights: Sequence[Weight]
    signature: Signature
    generated_by: str
    asynchronous: bool = False
    initializer: Initializer | None = None
    notes: Sequence[str] = ()
    limits: Sequence[Limit] = ()
    cautions: Sequence[Caution] = ()
    check: Callable[[], None] = lambda: None
