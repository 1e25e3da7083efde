"""What is seen of a cell's states where masked steps give zeros."""

from __future__ import annotations

from typing import Protocol

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.records import record


class Results(Protocol):
    """The states of a cell."""

    def last(self, b: Builder) -> Value:
        """Return the last state [batch, units]."""

    def every(self, b: Builder) -> Value:
        """Return the states [batch, steps, units]."""


@record(frozen=True)
class Zeroed:
    """The states of a cell where the mask [steps, batch, 1] is 1, else zeros."""

    states: Results
    mask: Value

    def last(self, b: Builder) -> Value:
        """Return the last state [batch, units]."""
        return self.states.last(b) * b.StridedSlice(self.mask, [-1], [0], [1], shrink_axis_mask=1)

    def every(self, b: Builder) -> Value:
        """Return the states [batch, steps, units]."""
        return self.states.every(b) * b.Transpose(self.mask, [1, 0, 2])
