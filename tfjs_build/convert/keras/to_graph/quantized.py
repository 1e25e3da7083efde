"""Kernels and embeddings that Keras keeps in another form: quantized (int8, int4, float8), or with the low-rank factors
that a layer was tuned with.

With int8 (and int4 where it is configured) Keras quantizes the inputs as well, row by row, so its numbers are those of
integers: they are reproduced. Integers are floats here, which hold them exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.keras.to_graph.context import Context

Array: TypeAlias = NDArray[Any]
Product: TypeAlias = "Callable[[Value, Value], Value]"

_EPSILON = 1e-7


@dataclass(frozen=True)
class Axes:
    """The axes of a product: `reduced` are those of the input that are summed over; `spread` brings what is kept of the
    input's sizes, with 1 for those, to the form of the output."""

    reduced: Sequence[int]
    spread: Callable[[Value], Value]


def multiplied(
    c: Context, x: Value, kernel: Callable[[], Value], shape: Sequence[int], by: Product, axes: Axes
) -> Value:
    """Return the product of the input with the layer's kernel, which has that shape: `kernel` reads a plain one, and
    `by` multiplies."""
    mode = c.layer.quantization
    if not mode:
        return by(x, tuned(c, "kernel", kernel()))
    if mode == "float8":
        stored = kernel()
        return by(_as_float8(c, x, c.weight("inputs_scale")), _as_float8(c, stored, c.weight("kernel_scale")))
    if mode == "int8":
        return _by_integers(c, x, _floats(c, "kernel", shape), c.any_weight("kernel_scale"), by, axes)
    if mode.startswith("int4"):
        if c.has_weight("g_idx"):
            return by(x, _grouped(c, "kernel", shape, rows_first=True))
        scale = c.any_weight("kernel_scale")
        if c.layer.class_name == "Dense":
            return _by_integers(c, x, _unpacked(c, "kernel", shape), scale, by, axes)
        flat = c.b.Reshape(_unpacked(c, "kernel", shape), [-1, (scale.static or (1,))[-1]])
        whole = c.b.Reshape(flat / scale, list(shape))
        return _by_integers(c, x, whole, None, by, axes)
    raise c.refuse(f"its weights are quantized by `{mode}`, which this version of tfjs-build does not read")


def bias(c: Context, value: Value) -> Value:
    """Return a bias as the layer adds it: float8 rounds it to bfloat16."""
    constant = value.constant
    if c.layer.quantization != "float8" or constant is None:
        return value
    return c.named(Constant(constant.shape, "float32", lambda: _as_bfloat16(constant.array()), name=constant.name))


def rows(c: Context, tokens: Value) -> Value:
    """Return rows of the embeddings."""
    count, width = c.config.size("input_dim"), c.config.size("output_dim")
    return c.b.GatherV2(_embeddings(c, count, width), tokens, c.ints(0))


def _embeddings(c: Context, count: int, width: int) -> Value:
    mode = c.layer.quantization
    if not mode or mode == "float8":
        return tuned(c, "embeddings", c.weight("embeddings", count, width))
    if mode == "int8":
        scale = c.b.ExpandDims(c.weight("embeddings_scale", count), -1)
        return _floats(c, "embeddings", (count, width)) / scale
    if mode.startswith("int4"):
        if c.has_weight("g_idx"):
            return _grouped(c, "embeddings", (count, width), rows_first=False)
        return _unpacked(c, "embeddings", (count, width)) / c.b.ExpandDims(c.weight("embeddings_scale", count), -1)
    raise c.refuse(f"its weights are quantized by `{mode}`, which this version of tfjs-build does not read")


def reverse_product(c: Context, x: Value, by: Product) -> Value:
    """Return the product of a ReversibleEmbedding's input with its rows."""
    count, width = c.config.size("input_dim"), c.config.size("output_dim")
    tied = c.config.boolean("tie_weights", True)
    role = "embeddings" if tied else "reverse_embeddings"
    shape = (count, width) if tied else (width, count)
    mode = c.layer.quantization
    if not mode:
        stored = c.weight(role, *shape)
        return by(x, c.b.Transpose(stored, [1, 0]) if tied else stored)
    last = Axes([c.rank(x) - 1], lambda scale: scale)
    if mode == "int8":
        kernel = _floats(c, role, shape)
        kernel = c.b.Transpose(kernel, [1, 0]) if tied else kernel
        return _by_integers(c, x, kernel, c.any_weight(f"{role}_scale"), by, last)
    c.require(tied and mode.startswith("int4"), f"its rows are quantized by `{mode}` and not those of the embeddings")
    quantizer = _quantizer(c)
    kernel = c.b.Transpose(_embeddings(c, count, width), [1, 0])
    return by(x, kernel) if quantizer is None else _by_integers(c, x, kernel, None, by, last)


# --- integers ---------------------------------------------------------------------------------------------------------


def _by_integers(c: Context, x: Value, kernel: Value, scale: Value | None, by: Product, axes: Axes) -> Value:
    """Return the product with the input rounded to integers, where the layer's configuration says so."""
    quantizer = _quantizer(c)
    if quantizer is None:
        y = by(x, kernel)
        return y if scale is None else y / scale
    low, high, epsilon = quantizer
    b = c.b
    factor = high / (b.Max(b.Abs(x), list(axes.reduced), keep_dims=True) + epsilon)
    whole = b.ClipByValue(b.Round(x * factor), low, high)
    divisor = axes.spread(factor)
    return by(whole, kernel) / (divisor if scale is None else scale * divisor)


def _quantizer(c: Context) -> tuple[float, float, float] | None:
    """Return lowest and highest number and epsilon of what quantizes the layer's inputs, None where nothing does.

    Before Keras had `quantization_config`, int8 and int4 layers always did.
    """
    config = c.config.get("quantization_config")
    if not isinstance(config, Mapping):
        return -127.0, 127.0, _EPSILON
    inner = config.get("config")
    given = inner.get("activation_quantizer") if isinstance(inner, Mapping) else None
    if given is None:
        return None
    values = given.get("config") if isinstance(given, Mapping) else None
    if not isinstance(values, Mapping) or given.get("class_name") != "AbsMaxQuantizer":
        raise c.refuse("its inputs are quantized in a way of your own")
    low, high = values.get("value_range", (-127, 127))
    return float(low), float(high), float(values.get("epsilon", _EPSILON))


def _floats(c: Context, role: str, shape: Sequence[int]) -> Value:
    return c.b.Cast(c.weight(role, *shape), DstT="float32")


def _unpacked(c: Context, role: str, shape: Sequence[int]) -> Value:
    """Return integers of four bits, of which each stored byte holds two along the last axis, as floats."""
    stored = c.any_weight(role).constant
    total = int(np.prod(shape))
    columns = shape[-1] if c.layer.class_name != "EinsumDense" else None
    assert stored is not None
    wide = stored.shape[-1] * 2
    columns = columns or total // stored.shape[0]
    c.require(len(stored.shape) == 2 and columns in (wide, wide - 1), "its packed weights have another size")

    def read() -> Array:
        return _nibbles(stored.array(), columns).reshape(shape)

    return c.named(Constant(tuple(shape), "float32", read, name=stored.name))


def _nibbles(packed: Array, columns: int) -> Array:
    packed = packed.astype(np.int32)
    parts = np.stack([packed & 15, (packed >> 4) & 15], axis=-1)
    flat = ((parts ^ 8) - 8).reshape(packed.shape[0], -1)
    return np.asarray(flat[:, :columns], np.float32)


def _grouped(c: Context, role: str, shape: Sequence[int], *, rows_first: bool) -> Value:
    """Return integers of four bits with a scale and a zero for each group: of rows for kernels, of columns for
    embeddings."""
    stored, scale, zero, groups = (
        c.any_weight(name).constant for name in (role, f"{role}_scale", f"{role}_zero", "g_idx")
    )
    assert stored is not None and scale is not None and zero is not None and groups is not None

    def read() -> Array:
        columns = scale.shape[-1] if rows_first else shape[-1]
        numbers = _nibbles(stored.array(), columns)
        places = groups.array().astype(np.int64)
        axis = 0 if rows_first else -1
        factors = np.take(scale.array(), places, axis=axis)
        zeros = np.take(zero.array().astype(np.float32), places, axis=axis)
        return np.asarray((numbers - zeros) * factors, np.float32).reshape(shape)

    return c.named(Constant(tuple(shape), "float32", read, name=stored.name))


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


# --- low-rank factors -------------------------------------------------------------------------------------------------


def tuned(c: Context, role: str, kernel: Value) -> Value:
    """Return a kernel with what the layer was tuned by: a · b · alpha / rank."""
    if not c.has_weight(f"lora_{role}_a"):
        return kernel
    rank = c.config.size("lora_rank")
    alpha = c.config.optional_number("lora_alpha")
    shape = kernel.static or ()
    first = c.weight(f"lora_{role}_a", *shape[:-1], rank)
    second = c.weight(f"lora_{role}_b", rank, shape[-1])
    b = c.b
    change = b.MatMul(b.Reshape(first, [-1, rank]), second)
    return kernel + b.Reshape(change, list(shape)) * ((rank if alpha is None else alpha) / rank)
