"""Reads the whole numbers of quantized layers: one in a byte, or two of four bits each, packed as Keras packs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.keras.hints import SAVE_AGAIN
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.whole_numbers import Matrix, nibbles, whole

INT8: Final = (-128, 127)
INT4: Final = (-8, 7)


def weight_of(c: Context, role: str) -> Constant:
    """Return a weight of the layer as a constant."""
    found = c.any_weight(role).constant
    assert found is not None
    return found


def int8_numbers(c: Context, role: str, shape: Sequence[int]) -> Value:
    """Return int8 numbers as floats."""
    stored = c.weight(role, *shape).constant
    assert stored is not None
    found = Constant(
        tuple(shape), "float32", lambda: stored.array().astype(np.float32), name=stored.name, integers=INT8
    )
    return c.named(found)


def packed_by_rows(c: Context, shape: Sequence[int], summed: Sequence[int]) -> Value | None:
    """Return a kernel of four bits as Keras 3.11 to 3.13 pack it, along the first axis that is summed over (`summed`);
    None where it is packed otherwise."""
    stored = weight_of(c, "kernel")
    axis = summed[0] if summed else 0
    packed = tuple(-(-size // 2) if place == axis else size for place, size in enumerate(shape))
    if stored.shape != packed or stored.shape == tuple(shape):
        return None
    numbers = nibbles(stored.array(), shape[axis], axis)
    return c.named(whole(numbers, *INT4, stored.name))


def int4_matrix(c: Context, role: str) -> Matrix:
    """Return a kernel of four bits as Keras packs it since 3.14: as a matrix, along its columns ([in, ceil(out / 2)];
    `_int4_build` in keras/src/layers/core/dense.py)."""
    stored, scale = weight_of(c, role), weight_of(c, f"{role}_scale")
    _expect_matrices(c, stored)
    c.require(bool(scale.shape), "expects a scale for each column of its packed weights, got one", SAVE_AGAIN)
    numbers = nibbles(stored.array(), scale.shape[-1], -1)
    if not c.has_weight("g_idx"):
        return Matrix.of_channels(numbers, scale.array(), *INT4, stored.name)
    zero, groups = weight_of(c, f"{role}_zero"), weight_of(c, "g_idx")
    return Matrix.of_groups(numbers, zero.array(), scale.array(), groups.array(), stored.name)


def _expect_matrices(c: Context, *weights: Constant) -> None:
    for weight in weights:
        c.require(len(weight.shape) == 2, f"expects packed weights of rank 2, got rank {len(weight.shape)}", SAVE_AGAIN)


def calibrated_matrix(c: Context, method: str, mode: str) -> Matrix:
    """Return a kernel that was quantized by GPTQ or AWQ: transposed, numbers of four bits packed along the columns
    (`_gptq_build` and `_awq_build` in keras/src/layers/core/dense.py)."""
    stored, scale, zero, groups = (weight_of(c, role) for role in ("kernel", "kernel_scale", "kernel_zero", "g_idx"))
    _expect_matrices(c, stored, scale)
    numbers = stored.array().astype(np.int32)
    if method == "awq" or mode.split("/")[1:2] == ["4"]:
        numbers = nibbles(stored.array(), scale.shape[0], 0, signed=False)
    divisors = weight_of(c, "awq_scales").array() if method == "awq" else None
    return Matrix.of_groups(numbers.T, zero.array().T, scale.array().T, groups.array(), stored.name, divisors=divisors)


def int4_rows(c: Context, count: int, width: int) -> Value:
    """Return embeddings of four bits, packed along their columns."""
    stored = c.weight("embeddings", count, -(-width // 2)).constant
    assert stored is not None
    return c.named(whole(nibbles(stored.array(), width, -1), *INT4, stored.name))


def grouped_rows(c: Context, count: int, width: int) -> Matrix:
    """Return embeddings with a scale and a zero for each group of columns, transposed."""
    stored = c.weight("embeddings", count, -(-width // 2)).constant
    scale, zero, groups = (weight_of(c, role) for role in ("embeddings_scale", "embeddings_zero", "g_idx"))
    assert stored is not None
    numbers = nibbles(stored.array(), width, -1).T
    return Matrix.of_groups(numbers, zero.array().T, scale.array().T, groups.array(), stored.name)


def grouped_reverse(c: Context, width: int) -> Matrix:
    """Return reverse embeddings with a scale and a zero for each group of rows."""
    stored, scale, zero = (weight_of(c, f"reverse_embeddings{end}") for end in ("", "_scale", "_zero"))
    _expect_matrices(c, stored)
    numbers = nibbles(stored.array(), width, 0)
    return Matrix.of_groups(numbers, zero.array(), scale.array(), weight_of(c, "g_idx").array(), stored.name)
