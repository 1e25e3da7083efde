"""A builder that knows numbers of two faces: one where textures hold float32, another where they hold half floats.

Which of them it is shows in a number too small for a half float, once it has gone through a kernel: it is still above
zero, or it is not. The kernel must be one that webgl runs on the GPU whatever the size, as it does with Relu. All that
costs two ops for a graph, and one for each number, on scalars; on every other backend the number is the first, exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Array, Graph, Node, Value

LARGEST: Final = 65504.0
"""The largest half float."""

_TINY: Final = 2.0**-30

HALF_SCOPE: Final = "half_floats"
"""The name of the nodes that find out what textures hold."""


class HalfBuilder(Builder):
    """Builds numbers of two faces, each once, and knows who reads the values of the graph that is rewritten."""

    def __init__(self, scope: str = "") -> None:
        super().__init__(scope)
        self._full: Value | None = None
        self._scalars: dict[tuple[float, float], Value] = {}
        self._tensors: dict[tuple[tuple[int, ...], bytes, bytes], Value] = {}
        self._readers: Mapping[Value, Sequence[Node]] | None = None

    def full(self) -> Value:
        """Return whether textures hold float32, as a scalar."""
        if self._full is None:
            outer, self.scope = self.scope, HALF_SCOPE
            tiny = self.node("Relu", [self.const(_TINY)], {"_keep": True})[0]
            self._full = self.Greater(tiny, 0.0)
            self.scope = outer
        return self._full

    def either(self, full: float, half: float) -> Value:
        """Return a scalar: `full` where textures hold float32, `half` where they hold half floats."""
        key = (full, half)
        if key not in self._scalars:
            flag = self.full()
            outer, self.scope = self.scope, HALF_SCOPE
            self._scalars[key] = self.SelectV2(flag, self.const(full), self.const(half))
            self.scope = outer
        return self._scalars[key]

    def either_tensor(self, full: Array, half: Array) -> Value:
        """Return a tensor as `either` returns a scalar."""
        key = (full.shape, full.tobytes(), half.tobytes())
        if key not in self._tensors:
            flag = self.full()
            outer, self.scope = self.scope, HALF_SCOPE
            self._tensors[key] = self.SelectV2(flag, self.const(full), self.const(half))
            self.scope = outer
        return self._tensors[key]

    def readers(self, graph: Graph, value: Value) -> Sequence[Node]:
        """Return the nodes of the old graph that read a value."""
        if self._readers is None:
            found: dict[Value, list[Node]] = defaultdict(list)
            for node in graph.nodes():
                for each in dict.fromkeys(node.inputs):
                    found[each].append(node)
            self._readers = found
        return self._readers.get(value, ())
