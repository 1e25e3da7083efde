"""Matrices of whole numbers with a scale for each group of rows, as Keras keeps quantized kernels; products with them.

The numbers stay whole in the graph, as floats, so that they are published as the integers that they are: the scales are
applied to what comes out of the product. TensorFlow.js computes what a graph does with its weights anew at every
prediction, and so there is nothing of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Constant, Value

Array: TypeAlias = NDArray[Any]


def whole(array: Array, lowest: int, highest: int, name: str | None) -> Constant:
    """Return numbers that are whole, and between the two."""
    return Constant.of(np.asarray(array, np.float32), "float32", name=name, integers=(lowest, highest))


def nibbles(packed: Array, length: int, axis: int, *, signed: bool = True) -> Array:
    """Return numbers of four bits, of which each byte holds two along an axis: the first in its lower half. Along that
    axis there are `length`, the last byte may hold one."""
    rows = np.moveaxis(packed, axis, -1).astype(np.int32)
    parts = np.stack([rows & 15, (rows >> 4) & 15], axis=-1)
    flat = (((parts ^ 8) - 8) if signed else parts).reshape(*rows.shape[:-1], -1)[..., :length]
    return np.asarray(np.moveaxis(flat, -1, axis))


@dataclass(frozen=True)
class Matrix:
    """A matrix W[r, c] = numbers[r, c] · scales[groups[r], c] / divisors[r].

    `numbers` are whole, between `lowest` and `highest`; `divisors` are None where there are none.
    """

    numbers: Array
    scales: Array
    groups: Array
    lowest: int
    highest: int
    name: str | None
    divisors: Array | None = None

    @classmethod
    def of_channels(cls, numbers: Array, divisors: Array, lowest: int, highest: int, name: str | None) -> Matrix:
        """Return a matrix with one divisor for each column."""
        scales = _inverse(divisors).reshape(1, -1)
        return cls(numbers, scales, np.zeros(numbers.shape[0], np.int64), lowest, highest, name)

    @classmethod
    def of_groups(
        cls,
        numbers: Array,
        zeros: Array,
        scales: Array,
        groups: Array,
        name: str | None,
        divisors: Array | None = None,
    ) -> Matrix:
        """Return a matrix of numbers that count from a zero of their group and column."""
        zeros, places = zeros.astype(np.int32), groups.astype(np.int64)
        shifted = numbers - np.take(zeros, places, axis=0)
        lowest, highest = (int(shifted.min()), int(shifted.max())) if shifted.size else (0, 0)
        return cls(shifted, np.asarray(scales, np.float32), places, lowest, highest, name, divisors)

    @property
    def regular(self) -> bool:
        """Whether a product with the whole numbers alone is possible: every group has as many rows as the others, the
        last one perhaps fewer, and no number would hide another."""
        counts = np.bincount(self.groups, minlength=self.scales.shape[0])
        factors = [self.scales] if self.divisors is None else [self.scales, self.divisors, _inverse(self.divisors)]
        return (
            bool((counts[:-1] == counts[:1]).all() and counts[-1] <= counts[0])
            and all(np.isfinite(factor).all() for factor in factors)
            and self.highest - self.lowest <= np.iinfo(np.uint16).max
        )

    def floats(self) -> Array:
        """Return the matrix itself."""
        kernel = self.numbers.astype(np.float32) * np.take(self.scales, self.groups, axis=0)
        return np.asarray(kernel if self.divisors is None else kernel / self.divisors[:, None], np.float32)


def product(b: Builder, x: Value, matrix: Matrix) -> Value:
    """Return the product of rows with a regular matrix, whose divisors the rows are divided by before."""
    rows, columns = matrix.numbers.shape
    count = matrix.scales.shape[0]
    numbers = matrix.numbers
    if matrix.divisors is not None:
        x = b.Mul(x, b.const(_inverse(matrix.divisors), name=_beside(matrix, "divisors")))
    if count == 1:
        kernel = b.const(whole(numbers, matrix.lowest, matrix.highest, matrix.name))
        return b.Mul(b.MatMul(x, kernel), b.const(matrix.scales[0], name=_beside(matrix, "scale")))
    order = np.argsort(matrix.groups, kind="stable")
    if (order != np.arange(rows)).any():
        x, numbers = b.GatherV2(x, b.const(order, "int32"), b.const(1, "int32")), numbers[order]
    size = int(np.bincount(matrix.groups).max())
    missing = count * size - rows
    if missing:
        x = b.PadV2(x, [[0, 0], [0, missing]], 0.0)
        numbers = np.pad(numbers, [(0, missing), (0, 0)])
    stacked = whole(numbers.reshape(count, size, columns), min(matrix.lowest, 0), max(matrix.highest, 0), matrix.name)
    parts = b.BatchMatMulV2(b.Transpose(b.Reshape(x, [-1, count, size]), [1, 0, 2]), b.const(stacked))
    scales = b.const(matrix.scales[:, None, :], name=_beside(matrix, "scale"))
    return b.Sum(b.Mul(parts, scales), [0])


def _inverse(array: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.float32(1) / np.asarray(array, np.float32))


def _beside(matrix: Matrix, what: str) -> str | None:
    return None if matrix.name is None else f"{matrix.name}_{what}"
