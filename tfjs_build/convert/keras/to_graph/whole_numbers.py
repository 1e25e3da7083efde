"""Matrices of whole numbers with a scale for each group of rows, as Keras keeps quantized kernels; products with them.

The numbers stay whole in the graph, as floats, so that they are published as the integers that they are: the scales are
applied to what comes out of the product. TensorFlow.js computes what a graph does with its weights anew at every
prediction, and so there is nothing of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.errors import MisfitError
from tfjs_build.records import record

Array: TypeAlias = NDArray[Any]

# Each group takes two ops of its own; beyond this many they cost more time than the download is worth.
_MOST_GROUPS: Final = 16


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


@record(frozen=True)
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
        """Return a matrix with one divisor for each column. Raises MisfitError where there are not."""
        scales, groups = _inverse(divisors).reshape(1, -1), np.zeros(numbers.shape[0], np.int64)
        _expect_to_fit(numbers, scales, groups)
        return cls(numbers, scales, groups, lowest, highest, name)

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
        """Return a matrix of numbers that count from a zero of their group and column. Raises MisfitError for
        parts that do not go with each other."""
        for each in (zeros, scales):
            _expect_to_fit(numbers, each, groups, divisors)
        zeros, places = zeros.astype(np.int32), groups.astype(np.int64)
        shifted = numbers - np.take(zeros, places, axis=0)
        lowest, highest = (int(shifted.min()), int(shifted.max())) if shifted.size else (0, 0)
        return cls(shifted, np.asarray(scales, np.float32), places, lowest, highest, name, divisors)

    @property
    def divisible(self) -> bool:
        """Whether a product can be one of the whole numbers, group by group: there are not too many groups, the numbers
        fit into what they are published as, and the scales hide none of them."""
        factors = [self.scales] if self.divisors is None else [self.scales, self.divisors, _inverse(self.divisors)]
        return (
            len(np.unique(self.groups)) <= _MOST_GROUPS
            and all(np.isfinite(factor).all() for factor in factors)
            and self.highest - self.lowest <= np.iinfo(np.uint16).max
        )

    def floats(self) -> Array:
        """Return the matrix itself."""
        kernel = self.numbers.astype(np.float32) * np.take(self.scales, self.groups, axis=0)
        return np.asarray(kernel if self.divisors is None else kernel / self.divisors[:, None], np.float32)


def _expect_to_fit(numbers: Array, by_group: Array, groups: Array, divisors: Array | None = None) -> None:
    """Raise MisfitError unless there is a row of `by_group` for each group, and a group and a divisor for each row."""
    fits = (
        numbers.ndim == by_group.ndim == 2
        and by_group.shape[1] in (1, numbers.shape[1])
        and groups.shape == numbers.shape[:1]
        and (not groups.size or (groups.min() >= 0 and groups.max() < by_group.shape[0]))
        and (divisors is None or divisors.shape == groups.shape)
    )
    if not fits:
        shapes = [list(each.shape) for each in (numbers, by_group, groups, divisors) if each is not None]
        raise MisfitError(f"quantized weights, with what they are scaled by, of the shapes {shapes}")


def product(b: Builder, x: Value, matrix: Matrix) -> Value:
    """Return the product of rows with a divisible matrix: for each group one, which is scaled, and their sum.

    They are products of their own since the wasm backend takes very long for stacks of matrices.
    """
    if matrix.divisors is not None:
        x = b.Mul(x, b.const(_inverse(matrix.divisors), name=_beside(matrix, "divisors")))
    order = np.argsort(matrix.groups, kind="stable")
    if (order != np.arange(order.size)).any():
        x = b.GatherV2(x, b.const(order, "int32"), b.const(1, "int32"))
    present, sizes = np.unique(matrix.groups, return_counts=True)
    ends = np.cumsum(sizes)
    sum_: Value | None = None
    for group, part, end, size in zip(present, _parts(b, x, sizes.tolist()), ends, sizes, strict=True):
        numbers = matrix.numbers[order[end - size : end]]
        kernel = b.const(whole(numbers, matrix.lowest, matrix.highest, matrix.name))
        scale = b.const(matrix.scales[group], name=_beside(matrix, "scale"))
        scaled = b.Mul(b.MatMul(part, kernel), scale)
        sum_ = scaled if sum_ is None else sum_ + scaled
    assert sum_ is not None
    return sum_


def _parts(b: Builder, x: Value, sizes: list[int]) -> Sequence[Value]:
    if len(sizes) == 1:
        return [x]
    if len(set(sizes)) == 1:
        return b.multi("Split", b.const(1, "int32"), x, num_split=len(sizes))
    return b.multi("SplitV", x, b.const(sizes, "int32"), b.const(1, "int32"), num_split=len(sizes))


def _inverse(array: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.float32(1) / np.asarray(array, np.float32))


def _beside(matrix: Matrix, what: str) -> str | None:
    return None if matrix.name is None else f"{matrix.name}_{what}"
