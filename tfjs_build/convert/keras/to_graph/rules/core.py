"""Rules of Dense, EinsumDense, the embeddings and Masking."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.hints import QUANTIZE_LATER
from tfjs_build.convert.keras.to_graph import quantized
from tfjs_build.convert.keras.to_graph.activations import activate
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.variables import (
    VariableSpec,
    named,
    quantized_embeddings,
    quantized_kernel,
    with_bias,
    with_low_rank,
)

_KERNEL = with_bias("kernel")


@layer("Dense", variables=with_low_rank(_KERNEL), quantized=quantized_kernel(_KERNEL), floats=True, masks="pass")
def dense(c: Context) -> Value:
    """y = activation(x W + b), on the last axis."""
    x = c.x
    units = c.config.size("units")
    inputs = c.fixed(x, -1)
    shape = (inputs, units)
    last = quantized.last_axis(c, x, *shape)
    y = quantized.multiplied(
        c, x, lambda: c.weight("kernel", *shape), shape, lambda value, kernel: matmul(c, value, kernel), last
    )
    if c.config.boolean("use_bias", True):
        y = c.b.BiasAdd(y, quantized.bias(c, c.weight("bias", units)))
    return activate(c, y)


def matmul(c: Context, x: Value, kernel: Value) -> Value:
    """Return the product of stacks of vectors with a matrix."""
    if c.rank(x) == 2:
        return c.b.MatMul(x, kernel)
    c.expect_rank(kernel, 2, "a matrix")
    inputs, units = kernel.static or (0, 0)
    flat = c.b.MatMul(c.b.Reshape(x, [-1, inputs]), kernel)
    return reshape(c.b, flat, [*c.sizes(x)[:-1], units])


def _fourier_variables(_: Config) -> list[VariableSpec]:
    return [VariableSpec("kernel_scale"), VariableSpec("unscaled_kernel", False), VariableSpec("bias", False)]


@layer("RandomFourierFeatures", variables=_fourier_variables, floats=True)
def random_fourier_features(c: Context) -> Value:
    """y = cos(x W / s + b)."""
    units = c.config.size("output_dim")
    kernel = c.weight("unscaled_kernel", c.fixed(c.x, -1), units) / c.weight("kernel_scale", 1)
    return c.b.Cos(c.b.BiasAdd(c.b.MatMul(c.x, kernel), c.weight("bias", units)))


def _einsum_variables(config: Config) -> list[VariableSpec]:
    return [VariableSpec("kernel"), *([VariableSpec("bias")] if config.get("bias_axes") else [])]


@layer(
    "EinsumDense",
    variables=with_low_rank(_einsum_variables),
    quantized=quantized_kernel(_einsum_variables),
    floats=True,
)
def einsum_dense(c: Context) -> Value:
    """y = activation(einsum(equation, x, W) + b); the bias stands along `bias_axes` of the result."""
    x = c.x
    equation = c.config.text("equation").replace(" ", "")
    left, _, output = equation.partition("->")
    taken, _, kernel_letters = left.partition(",")
    shape = _kernel_shape(c, x, taken, kernel_letters, output) if c.layer.quantization else ()
    y = quantized.multiplied(
        c,
        x,
        lambda: c.any_weight("kernel"),
        shape,
        lambda value, kernel: c.b.Einsum(value, kernel, equation=equation),
        _axes(c, x, taken, kernel_letters, output, shape),
    )
    if c.config.get("bias_axes"):
        axes = c.config.text("bias_axes")
        bias = quantized.bias(c, c.any_weight("bias"))
        letters = output.replace("...", "")
        if not set(axes) <= set(letters):
            raise c.config.fault("bias_axes", f"letters of {output!r}")
        # The bias has the sizes of its axes in the result's order, and broadcasts over the rest.
        first = min(letters.index(letter) for letter in axes)
        given = iter(bias.static or ())
        y = y + c.b.Reshape(bias, [next(given, 1) if letter in axes else 1 for letter in letters[first:]])
    return activate(c, y)


def _kernel_shape(c: Context, x: Value, taken: str, letters: str, output: str) -> list[int]:
    """Return the sizes of the kernel's axes, from those of the input and of the output."""
    c.require(
        "..." not in taken, "an equation with an ellipsis is not supported with quantized weights", QUANTIZE_LATER
    )
    given = c.config.get("output_shape")
    target: list[int | None] = [given] if isinstance(given, int) else list(c.config.shape("output_shape") or ())
    c.require(
        0 < len(target) <= len(output) and len(taken) == c.rank(x),
        f"expects rank {len(taken)} and an `output_shape` of {len(output)} sizes at most, got rank {c.rank(x)} and"
        f" {target}",
    )
    sizes = {letter: c.size(x, axis) for axis, letter in enumerate(taken)}
    sizes.update({letter: size for letter, size in zip(output[-len(target) :], target, strict=True) if size})
    lacking = [letter for letter in letters if letter not in sizes]
    c.require(not lacking, f"expects the size of `{''.join(lacking)}` in its input or in `output_shape`")
    found = [(letter, sizes[letter]) for letter in letters]
    return [size if isinstance(size, int) else c.fixed(x, taken.index(letter)) for letter, size in found]


def _axes(c: Context, x: Value, taken: str, letters: str, output: str, shape: Sequence[int]) -> quantized.Axes:
    """Return which axes an equation sums over, and how the others stand in its result."""
    if "..." in taken:
        return quantized.Axes([], lambda scale: scale)
    reduced = [axis for axis, letter in enumerate(taken) if letter not in output]
    kept = [letter for letter in taken if letter in output]

    def spread(scale: Value) -> Value:
        value = c.b.Squeeze(scale, squeeze_dims=reduced)
        value = c.b.Transpose(value, [kept.index(letter) for letter in output if letter in kept])
        for axis, letter in enumerate(output):
            if letter not in kept:
                value = c.b.ExpandDims(value, axis)
        return value

    summed = [axis for axis, letter in enumerate(letters) if letter not in output]
    rows = _rows(c, x, taken, letters, output, shape) if shape else None
    return quantized.Axes(reduced, spread, summed, rows)


def _rows(c: Context, x: Value, taken: str, letters: str, output: str, shape: Sequence[int]) -> quantized.Rows | None:
    """Return how an equation is the product of rows with a matrix: the kernel's first axes are those that are summed
    over, and its others are new."""
    kept = [letter for letter in output if letter in taken]
    summed = "".join(letter for letter in letters if letter not in output)
    new = letters[len(summed) :]
    if not letters.startswith(summed) or set(new) & set(taken) or sorted([*kept, *summed]) != sorted(taken):
        return None
    count, columns = prod(shape[: len(summed)]), shape[len(summed) :]
    sizes = [*(c.size(x, taken.index(letter)) for letter in kept), *columns]

    def stack(value: Value) -> Value:
        return c.b.Reshape(c.b.Transpose(value, [taken.index(letter) for letter in (*kept, *summed)]), [-1, count])

    def unstack(value: Value) -> Value:
        order = [(*kept, *new).index(letter) for letter in output]
        return c.b.Transpose(reshape(c.b, value, sizes), order)

    return quantized.Rows(count, stack, unstack)


_EMBEDDINGS = named("embeddings")


@layer("Embedding", variables=with_low_rank(_EMBEDDINGS), quantized=quantized_embeddings(_EMBEDDINGS))
def embedding(c: Context) -> Value:
    """Rows of a matrix by their numbers. With `mask_zero`, 0 is masked."""
    return _looked_up(c)


def _looked_up(c: Context) -> Value:
    tokens = c.as_int(c.x)
    y = quantized.rows(c, tokens)
    if c.config.boolean("mask_zero", False):
        given = tokens if c.x.dtype == "bool" else c.x  # of fractions the mask is that before they are cast
        c.output_masks = [c.b.NotEqual(given, c.constant(0, given.dtype))]
    return y


def _reversible_variables(config: Config) -> list[VariableSpec]:
    tied = config.boolean("tie_weights", True)
    return [VariableSpec("embeddings"), *([] if tied else [VariableSpec("reverse_embeddings")])]


@layer(
    "ReversibleEmbedding",
    variables=_reversible_variables,
    quantized=quantized_embeddings(_reversible_variables),
    takes="reverse",
)
def reversible_embedding(c: Context) -> Value:
    """An Embedding, or (with `reverse`) products with its rows."""
    if not c.flag(1, "reverse"):
        return _looked_up(c)
    x = c.as_float(c.x)
    y = quantized.reverse_product(c, x, lambda value, kernel: matmul(c, value, kernel))
    limit = c.config.optional_number("logit_soft_cap")
    c.output_masks = [None]
    return y if limit is None else c.b.Tanh(y / limit) * limit


@layer("Masking")
def masking(c: Context) -> Value:
    """Steps all of whose features have one value become zeros, and are masked."""
    x = c.x
    differs = c.b.NotEqual(x, c.constant(c.config.number("mask_value", 0.0), x.dtype))
    kept = c.b.Any(differs, [-1], keep_dims=True)
    c.output_masks = [c.b.Squeeze(kept, squeeze_dims=[c.rank(x) - 1])]
    if c.generation == 2:
        return x * c.b.Cast(kept, DstT=x.dtype)
    return c.b.SelectV2(kept, x, c.b.ZerosLike(x))
