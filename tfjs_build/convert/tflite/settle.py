"""What follows an operator without being one: the activation that is fused with it, and the range of its output.

A quantized tensor holds no number outside its range: what is beyond becomes the nearest that it has. Converters rely on
that; a RELU6 may be there as a range from 0 to 6 alone. Where an operator cannot leave the range, or not by more than a
step of it, nothing is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Final, NamedTuple

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.tflite.tensors import Range
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

_MOVES: Final = frozenset(
    "AVERAGE_POOL_2D BATCH_TO_SPACE_ND BROADCAST_TO CONCATENATION DEPTH_TO_SPACE DEQUANTIZE EXPAND_DIMS GATHER"
    " GATHER_ND MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD PACK PADV2 QUANTIZE REDUCE_MAX REDUCE_MIN RESHAPE"
    " RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR REVERSE_V2 SELECT SELECT_V2 SLICE SPACE_TO_DEPTH SPLIT SPLIT_V SQUEEZE"
    " STRIDED_SLICE TILE TOPK_V2 TRANSPOSE UNPACK".split()
)
"""Operators that give numbers of their inputs, or such in between."""

_PADS: Final = frozenset({"PAD", "SPACE_TO_BATCH_ND"})
"""Those that give zeros besides."""


def span_of(operator: str, inputs: Sequence[Value], spans: Mapping[Value, Span]) -> Span:
    """Return what an operator can give, as far as its name and the spans of its inputs tell."""
    if operator in _SPANS:
        return _SPANS[operator]
    if operator not in _MOVES | _PADS:
        return ANY
    known = [spans.get(value, ANY) for value in inputs if value.dtype == "float32"]
    if operator in _PADS:
        known.append(Span(0, 0))
    return Span(min(each.lowest for each in known), max(each.highest for each in known)) if known else ANY


_TOLERANCE: Final = 1.01
"""How many steps a number may be beyond a range: a probability of 1 is 255/256 to a byte."""


def settled(
    b: Builder, value: Value, activation: int, held: Range | None, span: Span, label: str
) -> tuple[Value, Span]:
    """Return an operator's output behind its activation, within the range that its tensor can hold, and what it then
    can be; `span` is what it can be before. Raises RefusedError for an activation that is not known."""
    if activation == _TANH:
        value, span = b.Tanh(value), Span(-1, 1)
    elif activation == _SIGN:
        value, span = b.Sign(value), Span(-1, 1)
    elif activation not in _CLAMPS:
        raise RefusedError(f"{label} is fused with an activation that is not known, number {activation}")
    low, high = _CLAMPS.get(activation, ANY)
    slack = 0.0
    if held is not None:
        slack = held.step * _TOLERANCE
        low = held.lowest if low == -inf or held.lowest > low + slack else low
        high = held.highest if high == inf or held.highest < high - slack else high
        if low == 0 and abs(high - 6) < held.step / 2:
            high = 6.0
    low = low if low > span.lowest + slack else -inf
    high = high if high < span.highest - slack else inf
    return _clamped(b, value, low, high), Span(max(span.lowest, low), min(span.highest, high))


def _clamped(b: Builder, value: Value, low: float, high: float) -> Value:
    if low == -inf:
        return value if high == inf else b.Minimum(value, high)
    if high == inf:
        return b.Relu(value) if low == 0 else b.Maximum(value, low)
    return b.Relu6(value) if (low, high) == (0, 6) else b.ClipByValue(value, low, high)
