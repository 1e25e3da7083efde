"""A tensor of a graph that is being built: real numbers, or the whole ones that stand for them."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value


class Held:
    """A tensor: `value` times `scale` are its real numbers. Where an operator gives a quantized tensor, `value` has its
    whole numbers, less the zero point, as floats: products multiply their weights by the scale, and what only moves
    numbers leaves it as it is, so that seldom anything has to be multiplied in the page."""

    def __init__(self, value: Value, scale: float = 1.0) -> None:
        self.value = value
        self.scale = scale
        self._real: Value | None = None if scale != 1 else value

    def real(self, b: Builder) -> Value:
        """Return the real numbers."""
        if self._real is None:
            self._real = b.Mul(self.value, self.scale)
        return self._real
