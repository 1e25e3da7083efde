"""What a Keras file says, in one shape for both generations and containers: a flat graph of layer calls.

Nested Functional and Sequential models are flattened into their parent: the layer `dense` of the nested model `outer`
is `outer/dense`, at every level, and the calls of a model that is used twice share its layers. Only a model inside a
wrapper (TimeDistributed) stays a graph of its own, as a child of the wrapper's layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.keras.config import Config
from tfjs_build.records import record

Generation = Literal[2, 3]


@record(frozen=True)
class Code:
    """Python code that a file only names. `origin` is where its class is registered or defined ("" for a notebook's, or
    where the file does not say), `reason` how it shows that it is not Keras's class of that name, `hint` what to do."""

    origin: str = ""
    reason: str = ""
    hint: str = ""


@dataclass(eq=False)
class Layer:
    """One layer (or, with `operation`, one operation on tensors).

    `name` is unique in the model. `code` is None for a class of Keras's own (`identity.py`). `dtype` is the one it
    computes in, `policy` its dtype policy's name. `children` are the layers and graphs inside a wrapper, by attribute
    ("layer", "forward_layer", "cell", "cells/0").
    """

    name: str
    class_name: str
    config: Config
    code: Code | None = None
    dtype: str = "float32"
    policy: str = "float32"
    trainable: bool = True
    operation: bool = False
    children: Mapping[str, Layer | Graph] = field(default_factory=dict)

    @property
    def quantization(self) -> str:
        """How its weights are quantized ("int8", "int4/128", "float8"), "" where they are not."""
        mode, found, _ = self.policy.partition("_from_")
        return mode if found else ""

    @property
    def label(self) -> str:
        """How messages name it."""
        kind = "operation" if self.operation else "layer"
        return f"{kind} `{self.name}` ({self.class_name})"

    @property
    def function(self) -> str | None:
        """The operation that it stands for: Keras 3's class, or Keras 2's function; None for a real layer."""
        if self.class_name in _CALLS and not self.operation:
            return str(self.config.get("function"))
        return self.class_name if self.operation else None


_CALLS = frozenset(["SlicingOpLambda", "TFOpLambda"])
"""Keras 2's layers that stand for a call of a TensorFlow function."""


@dataclass(eq=False)
class Call:
    """One use of a layer. `args` and `kwargs` hold `Tensor`s and constants in lists and dicts, as Keras had them."""

    layer: Layer
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def tensors(self) -> Iterator[Tensor]:
        """Yield every tensor that the call reads, keyword arguments included."""
        yield from tensors_in([self.args, self.kwargs])


@record(frozen=True)
class Tensor:
    """The output number `index` of a call."""

    call: Call
    index: int = 0


@record(frozen=True)
class Port:
    """One input or output of a graph, under the source's name. For an input, shape (with the batch dimension; None
    where unknown) and dtype are the source's."""

    name: str
    tensor: Tensor
    shape: Shape | None = None
    dtype: str = "float32"


@dataclass(eq=False)
class Graph:
    """Calls in an order in which they can run, between inputs and outputs in the source's order.

    An input is a call of an `InputLayer` without arguments. `handed_masks` are tensors that nested models were called
    on, with the masks that Keras 3 wrote out for them.
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    calls: tuple[Call, ...]
    handed_masks: tuple[tuple[Tensor, Tensor], ...] = ()

    def layers(self) -> Iterator[Layer]:
        """Yield every layer once, in the order of their first calls; children of wrappers are not included."""
        seen: set[int] = set()
        for call in self.calls:
            if id(call.layer) not in seen:
                seen.add(id(call.layer))
                yield call.layer


@dataclass(eq=False)
class KerasModel:
    """A Keras file, open: its graph, who wrote it, and its weights.

    `weights` returns a layer's weights by role ("kernel", "bias", for what a wrapper holds "layer/kernel"); they can be
    read while the file is open. `vocabulary` returns the lines of the vocabulary that a .keras file holds for a layer,
    None where there is none. `check` raises SourceError where the file does not have its checksum; it reads what was
    not read yet.
    """

    path: Path
    graph: Graph
    generation: Generation
    version: str
    weights: Callable[[Layer], Mapping[str, Weight]]
    vocabulary: Callable[[Layer], Sequence[bytes] | None] = lambda _: None
    check: Callable[[], None] = lambda: None

    @property
    def generated_by(self) -> str:
        """What wrote the file."""
        return f"Keras {self.version}" if self.version else f"Keras {self.generation}"


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in nested lists and dicts, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from tensors_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors_in(item)


def map_tensors(value: Any, change: Callable[[Tensor], Any]) -> Any:
    """Return nested lists and dicts with every tensor replaced."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return {key: map_tensors(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [map_tensors(item, change) for item in value]
    return value
