"""What follows an operator without being one: the activation that is fused with it, and the numbers of its output.

A quantized tensor holds whole numbers of a range: what is in between is rounded, and what is beyond becomes the nearest
that it has. Converters rely on that; a RELU6 may be there as a range from 0 to 6 alone. The rounding is TensorFlow
Lite's own as well: without it a network of some layers is several steps off.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final, NamedTuple

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.tflite.held import Held
from tfjs_build.convert.tflite.tensors import Grid
from tfjs_build.errors import RefusedError


class Span(NamedTuple):
    """The lowest and the highest number that a tensor can hold."""

    lowest: float
    highest: float


ANY: Final = Span(-inf, inf)

_NONE, _TANH, _SIGN = 0, 4, 5
_CLAMPS: Final = {0: ANY, 1: Span(0, inf), 2: Span(-1, 1), 3: Span(0, 6)}
"""ActivationFunctionType in the schema: NONE, RELU, RELU_N1_TO_1, RELU6."""

_SPANS: Final = {
    "ABS": Span(0, inf),
    "LOGISTIC": Span(0, 1),
    "RELU": Span(0, inf),
    "RELU6": Span(0, 6),
    "RELU_0_TO_1": Span(0, 1),
    "RELU_N1_TO_1": Span(-1, 1),
    "SOFTMAX": Span(0, 1),
    "TANH": Span(-1, 1),
    "L2_NORMALIZATION": Span(-1, 1),
}
"""What operators give, whatever they are given."""

_EXACT_NAMES: Final = (
    "BATCH_TO_SPACE_ND BROADCAST_TO CONCATENATION DEPTH_TO_SPACE EXPAND_DIMS GATHER GATHER_ND MAXIMUM MAX_POOL_2D"
    " MINIMUM MIRROR_PAD PACK PAD QUANTIZE REDUCE_MAX REDUCE_MIN RESHAPE RESIZE_NEAREST_NEIGHBOR REVERSE_SEQUENCE"
    " REVERSE_V2 SELECT SELECT_V2 SLICE SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V SQUEEZE STRIDED_SLICE TILE"
    " TOPK_V2 TRANSPOSE UNPACK"
)
_EXACT: Final = frozenset(_EXACT_NAMES.split())
"""Operators that give numbers of their inputs, and zeros, as they are."""

_BETWEEN: Final = frozenset({"AVERAGE_POOL_2D", "MEAN", "RESIZE_BILINEAR"})
"""Those that give numbers between those of their input."""

_LINEAR: Final = _EXACT | _BETWEEN | {"ABS", "LEAKY_RELU", "NEG", "RELU", "SUM"}
"""Those that give twice as much of twice as much."""

_TOLERANCE: Final = 1.01
"""How many steps a number may be beyond a range: a probability of 1 is 255/256 to a byte."""


def span_of(operator: str, spans: Sequence[Span]) -> Span:
    """Return what an operator can give, as far as its name and the spans of its inputs tell."""
    if operator in _SPANS:
        return _SPANS[operator]
    if not spans or operator not in _EXACT | _BETWEEN:
        return ANY
    return Span(min(0.0, *(each.lowest for each in spans)), max(0.0, *(each.highest for each in spans)))


def common_scale(operator: str, inputs: Sequence[Held]) -> float:
    """Return the scale that an operator may leave aside, since all of its inputs have it and its output then has it as
    well: 1 where there is none."""
    scales = {each.scale for each in inputs if each.value.dtype == "float32"}
    return scales.pop() if operator in _LINEAR and len(scales) == 1 else 1.0


def is_same(operator: str, grids: Sequence[Grid | None], output: Grid | None) -> bool:
    """Whether an operator gives numbers that its output has as they are."""
    return operator in _EXACT and output is not None and bool(grids) and all(grid == output for grid in grids)


def settled(b: Builder, made: Held, activation: int, grid: Grid | None, span: Span, label: str) -> tuple[Held, Span]:
    """Return an operator's output behind its activation, with numbers of its `grid` where it has one, and what they
    can be; `span` says that of what was `made`. Raises RefusedError for an activation that is not known."""
    if activation == _TANH:
        made, span = Held(b.Tanh(made.real(b))), Span(-1, 1)
    elif activation == _SIGN:
        made, span = Held(b.Sign(made.real(b))), Span(-1, 1)
    elif activation not in _CLAMPS:
        raise RefusedError(f"{label} is fused with an activation that is not known, number {activation}")
    low, high = _CLAMPS.get(activation, ANY)
    if grid is None:
        low, high = low if low > span.lowest else -inf, high if high < span.highest else inf
        return Held(_clamped(b, made.real(b), low, high)), _within(span, low, high)
    scale = grid.scale
    low, high = max(grid.lowest, _rounded(low / scale)), min(grid.highest, _rounded(high / scale))
    low = low if low > span.lowest / scale + _TOLERANCE else -inf
    high = high if high < span.highest / scale - _TOLERANCE else inf
    whole = b.Round(made.value if made.scale == scale else b.Mul(made.value, made.scale / scale))
    return Held(_clamped(b, whole, low, high), scale), _within(span, low * scale, high * scale)


def _rounded(number: float) -> float:
    return number if abs(number) == inf else float(round(number))


def _within(span: Span, low: float, high: float) -> Span:
    return Span(max(span.lowest, low), min(span.highest, high))


def _clamped(b: Builder, value: Value, low: float, high: float) -> Value:
    if low == -inf:
        return value if high == inf else b.Minimum(value, high)
    if high == inf:
        return b.Relu(value) if low == 0 else b.Maximum(value, low)
    return b.Relu6(value) if (low, high) == (0, 6) else b.ClipByValue(value, low, high)
