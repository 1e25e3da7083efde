"""Products with kernels and embeddings that Keras keeps quantized: by int8, int4, GPTQ, AWQ or float8.

With int8 (and int4 where it is configured) Keras quantizes the inputs as well, row by row, so its numbers are those of
integers: they are reproduced. Integers are floats here, which hold them exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.graph.sizes import reshape
from tfjs_build.convert.keras.hints import QUANTIZE_LATER, SAVE_AGAIN
from tfjs_build.convert.keras.to_graph import low_rank, quantized_weights
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.whole_numbers import Matrix, nibbles, product, whole
from tfjs_build.errors import RefusedError
from tfjs_build.records import record

Array: TypeAlias = NDArray[Any]
Product: TypeAlias = "Callable[[Value, Value], Value]"

_EPSILON = 1e-7


@record(frozen=True)
class Rows:
    """A product as one of rows with a matrix: `stack` brings the input to rows of `count` numbers, and `unstack` the
    rows of the result to the form of the output."""

    count: int
    stack: Callable[[Value], Value]
    unstack: Callable[[Value], Value]


@record(frozen=True)
class Axes:
    """The axes of a product: `reduced` are those of the input that are summed over; `spread` brings what is kept of the
    input's sizes, with 1 for those, to the form of the output. `summed` are the kernel's. `rows` is None where the
    kernel is not a matrix of rows that are summed over."""

    reduced: Sequence[int]
    spread: Callable[[Value], Value]
    summed: Sequence[int] = (0,)
    rows: Rows | None = None


def multiplied(
    c: Context, x: Value, kernel: Callable[[], Value], shape: Sequence[int], by: Product, axes: Axes
) -> Value:
    """Return the product of the input with the layer's kernel, which has that shape: `kernel` reads a plain one, and
    `by` multiplies."""
    if not c.layer.quantization:
        return by(x, low_rank.tuned(c, "kernel", kernel()))
    y = _multiplied(c, x, kernel, shape, by, axes)
    if not c.has_weight("lora_kernel_a"):
        return y
    low = by(x, c.weight("lora_kernel_a", *shape[:-1], c.config.size("lora_rank")))
    return y + low_rank.widened(c, low, "kernel", shape[-1])


def _multiplied(
    c: Context, x: Value, kernel: Callable[[], Value], shape: Sequence[int], by: Product, axes: Axes
) -> Value:
    mode = c.layer.quantization
    method = mode.partition("/")[0]
    if method == "float8":
        stored = kernel()
        return by(_as_float8(c, x, c.weight("inputs_scale")), _as_float8(c, stored, c.weight("kernel_scale")))
    if method == "int8":
        return _by_integers(
            c, x, quantized_weights.int8_numbers(c, "kernel", shape), c.any_weight("kernel_scale"), by, axes
        )
    if method == "int4":
        old = quantized_weights.packed_by_rows(c, shape, axes.summed)
        if old is not None:
            return _by_integers(c, x, old, c.any_weight("kernel_scale"), by, axes)
        return _by_matrix(
            c, x, quantized_weights.int4_matrix(c, "kernel"), shape, by, axes, quantizer=_quantizer(c, by_default=False)
        )
    if method in ("gptq", "awq"):
        return _by_matrix(c, x, quantized_weights.calibrated_matrix(c, method, mode), shape, by, axes, quantizer=None)
    raise _unread(c, mode)


def _unread(c: Context, mode: str) -> RefusedError:
    return c.refuse(f"weights quantized as {mode!r} are not supported", QUANTIZE_LATER)


def bias(c: Context, value: Value) -> Value:
    """Return a bias as the layer adds it: float8 rounds it to bfloat16."""
    constant = value.constant
    if c.layer.quantization != "float8" or constant is None:
        return value
    return c.named(Constant(constant.shape, "float32", lambda: _as_bfloat16(constant.array()), name=constant.name))


def rows(c: Context, tokens: Value) -> Value:
    """Return rows of the embeddings."""
    count, width = c.config.size("input_dim"), c.config.size("output_dim")
    mode, b = c.layer.quantization, c.b

    def taken(value: Value) -> Value:
        return b.GatherV2(value, tokens, c.ints(0))

    def tuned_rows(y: Value) -> Value:
        if not c.has_weight("lora_embeddings_a"):
            return y
        low = taken(c.weight("lora_embeddings_a", count, c.config.size("lora_rank")))
        return y + low_rank.widened(c, low, "embeddings", width)

    method = mode.partition("/")[0]
    if not mode or method == "float8":
        return taken(low_rank.tuned(c, "embeddings", c.weight("embeddings", count, width)))
    if method not in ("int8", "int4"):
        raise _unread(c, mode)
    if method == "int4" and c.has_weight("g_idx"):
        matrix = quantized_weights.grouped_rows(c, count, width)
        factors = taken(c.constant(matrix.scales.T))
        if matrix.scales.shape[0] > 1:
            factors = b.GatherV2(factors, c.ints(matrix.groups.tolist()), c.ints(c.rank(tokens)))
        return tuned_rows(taken(c.named(whole(matrix.numbers.T, matrix.lowest, matrix.highest, matrix.name))) * factors)
    numbers = (
        quantized_weights.int8_numbers(c, "embeddings", (count, width))
        if method == "int8"
        else quantized_weights.int4_rows(c, count, width)
    )
    return tuned_rows(taken(numbers) / b.ExpandDims(taken(c.weight("embeddings_scale", count)), -1))


def reverse_product(c: Context, x: Value, by: Product) -> Value:
    """Return the product of a ReversibleEmbedding's input with its rows."""
    count, width = c.config.size("input_dim"), c.config.size("output_dim")
    tied = c.config.boolean("tie_weights", True)
    role = "embeddings" if tied else "reverse_embeddings"
    shape = (count, width) if tied else (width, count)
    mode = c.layer.quantization
    method = mode.partition("/")[0]

    def upright(stored: Value) -> Value:
        return c.b.Transpose(stored, [1, 0]) if tied else stored

    if not mode or method == "float8":
        return by(x, upright(c.weight(role, *shape)))
    if method not in ("int8", "int4"):
        raise _unread(c, mode)
    axes = last_axis(c, x, width, count)
    if method == "int4" and c.has_weight("g_idx"):
        matrix = (
            quantized_weights.grouped_rows(c, count, width) if tied else quantized_weights.grouped_reverse(c, width)
        )
        return _by_matrix(c, x, matrix, (width, count), by, axes, quantizer=_quantizer(c))
    if method == "int8":
        kernel = quantized_weights.int8_numbers(c, role, shape)
    elif tied:
        kernel = quantized_weights.int4_rows(c, count, width)
    else:
        stored = quantized_weights.weight_of(c, role)
        kernel = c.named(whole(nibbles(stored.array(), width, 0), *quantized_weights.INT4, stored.name))
    return _by_integers(c, x, upright(kernel), c.weight(f"{role}_scale", count), by, axes)


def last_axis(c: Context, x: Value, size: int, units: int) -> Axes:
    """Return the axes of a product of vectors along the last axis with a matrix."""
    rank = c.rank(x)
    if rank == 2:
        return Axes([1], lambda scale: scale, [0], Rows(size, lambda value: value, lambda value: value))
    sizes = c.sizes(x)[:-1]
    by_rows = Rows(
        size, lambda value: c.b.Reshape(value, [-1, size]), lambda value: reshape(c.b, value, [*sizes, units])
    )
    return Axes([rank - 1], lambda scale: scale, [0], by_rows)


# --- integers ---------------------------------------------------------------------------------------------------------


def _by_integers(c: Context, x: Value, kernel: Value, scale: Value | None, by: Product, axes: Axes) -> Value:
    """Return the product with the input rounded to integers, where the layer's configuration says so."""
    quantizer = _quantizer(c)
    if quantizer is None:
        y = by(x, kernel)
        return y if scale is None else y / scale
    rounded, divisor = _rounded(c, x, axes.reduced, quantizer)
    divisor = axes.spread(divisor)
    return by(rounded, kernel) / (divisor if scale is None else scale * divisor)


def _by_matrix(
    c: Context,
    x: Value,
    matrix: Matrix,
    shape: Sequence[int],
    by: Product,
    axes: Axes,
    *,
    quantizer: Quantizer | None,
) -> Value:
    """Return the product with a kernel of that shape, whose numbers a matrix has in their order.

    Where the kernel is not a matrix of rows that are summed over, or the scales cannot be applied after the product,
    it becomes one of floats.
    """
    count = int(np.prod(shape))
    c.require(
        matrix.numbers.size == count,
        f"expects {count} numbers in its packed weights, got {matrix.numbers.size}",
        SAVE_AGAIN,
    )
    rows_ = axes.rows
    if rows_ is None or rows_.count != matrix.numbers.shape[0] or not matrix.divisible:
        kernel = c.named(Constant(tuple(shape), "float32", lambda: matrix.floats().reshape(shape), name=matrix.name))
        if quantizer is None:
            return by(x, kernel)
        rounded, divisor = _rounded(c, x, axes.reduced, quantizer)
        return by(rounded, kernel) / axes.spread(divisor)
    stacked = rows_.stack(x)
    if quantizer is None:
        return rows_.unstack(product(c.b, stacked, matrix))
    rounded, divisor = _rounded(c, stacked, [1], quantizer)
    return rows_.unstack(product(c.b, rounded, matrix) / divisor)


def _rounded(c: Context, x: Value, reduced: Sequence[int], quantizer: Quantizer) -> tuple[Value, Value]:
    """Return the input as integers, and what they must be divided by."""
    low, high, epsilon = quantizer
    b = c.b
    factor = high / (b.Max(b.Abs(x), list(reduced), keep_dims=True) + epsilon)
    return b.ClipByValue(b.Round(x * factor), low, high), factor


Quantizer: TypeAlias = tuple[float, float, float]
"""Lowest and highest number, and epsilon."""


def _quantizer(c: Context, *, by_default: bool = True) -> Quantizer | None:
    """Return what quantizes the layer's inputs, None where nothing does.

    Without a `quantization_config`, which Keras writes since 3.14, int8 layers always do, and int4 layers did before
    (`_int8_call` and `_int4_call` in keras/src/layers/core/dense.py).
    """
    config = c.config.get("quantization_config")
    if not isinstance(config, Mapping):
        return (-127.0, 127.0, _EPSILON) if by_default else None
    inner = config.get("config")
    given = inner.get("activation_quantizer") if isinstance(inner, Mapping) else None
    if given is None:
        return None
    values = given.get("config") if isinstance(given, Mapping) else None
    if not isinstance(values, Mapping) or given.get("class_name") != "AbsMaxQuantizer":
        kind = given.get("class_name") if isinstance(given, Mapping) else given
        raise c.unsupported("activation_quantizer", kind, ("AbsMaxQuantizer",), QUANTIZE_LATER)
    low, high = values.get("value_range", (-127, 127))
    return float(low), float(high), float(values.get("epsilon", _EPSILON))


# --- float8 and bfloat16 ----------------------------------------------------------------------------------------------

_LARGEST_FLOAT8 = 448.0


def _as_float8(c: Context, x: Value, scale: Value) -> Value:
    """Return numbers rounded to those of float8 (e4m3: three bits after the first, exponents from -6)."""
    b = c.b
    x = b.ClipByValue(x / scale, -_LARGEST_FLOAT8, _LARGEST_FLOAT8)
    exponent = b.Maximum(b.Floor(b.Log(b.Maximum(b.Abs(x), 2.0**-20)) * (1 / np.log(2.0))), -6.0)
    step = b.Exp((exponent - 3.0) * float(np.log(2.0)))
    return b.Round(x / step) * step * scale


def _as_bfloat16(array: Array) -> Array:
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    rounded: NDArray[np.uint32] = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return np.asarray(rounded.view(np.float32))
