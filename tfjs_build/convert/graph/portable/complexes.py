"""Complex numbers whose shape has changed: webgl and webgpu keep the shapes that their two parts had before.

A reshape, and a transform of another rank than 2, make a tensor of the right shape out of parts that still have the old
one, and what takes a part by itself gets that: the parts are brought to the shape of the whole.
"""

from __future__ import annotations

from tfjs_build.convert.graph import sizes
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.dtypes import COMPLEX
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import axes
from tfjs_build.convert.graph.portable.registry import portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs

_KEEPS = ("Complex", "Placeholder", "Const")
"""What gives complex numbers whose parts have the shape of the whole."""


def _part(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        x = inputs[0]
        if x.dtype not in COMPLEX or x.node.op in _KEEPS or x.shape is None:
            return None
        return sizes.reshape(b, b.multi(op, x, **attrs)[0], axes.all_sizes(b, x))


_part("Real")
_part("Imag")


def _joined(op: str, count: int) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        """Join the real parts and the imaginary ones: TensorFlow.js itself does so, but by the parts' own shapes."""
        tensors = inputs[: len(inputs) - count]
        changed = op == "Pack" or any(x.node.op not in _KEEPS for x in tensors)  # Pack itself reshapes each
        if not changed or not any(x.dtype in COMPLEX for x in tensors):
            return None
        rest = inputs[len(tensors) :]
        parts = [b.multi(op, *[part(x) for x in tensors], *rest, **attrs)[0] for part in (b.Real, b.Imag)]
        return b.Complex(*parts)


_joined("ConcatV2", 1)
_joined("Pack", 0)
