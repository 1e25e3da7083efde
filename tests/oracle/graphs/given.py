"""What a graph's function is given: inputs, with their dtypes and what fills them in both samples, and variables.

Each function returns a `Given`, whose methods return changed ones: `normal(2, 5).free(1)`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.oracle.odd import EMPTY, EMPTY_SIZES, emptied, sprinkled

SAMPLES = 2

Dims = tuple[int | None, ...] | None
Fill = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


@dataclass(frozen=True)
class Given:
    """One argument. `shapes` has one shape a sample; `declared` is the shape in the signature, None meaning any rank.

    A `variable` is not an input: it is made once, from the first shape, and saved with the model. In TensorFlow 1, an
    input with a `default` (zeros) is fed all the same. What is `plain` gets no odd values: they would mean nothing
    there, or never end.
    """

    dtype: str
    shapes: tuple[tuple[int, ...], ...]
    fill: Fill
    declared: Dims
    variable: bool = False
    default: bool = False
    plain: bool = False

    def sample(self, seed: str, index: int) -> np.ndarray:
        """Return the values of one sample; they depend on `seed` and `index` alone."""
        rng = np.random.default_rng(zlib.crc32(f"{seed}/{index}".encode()))
        values = self.fill(rng, self.shapes[index])
        return values if self.dtype == "string" else values.astype(self.dtype)

    def odd(self, seed: str, kind: str) -> np.ndarray:
        """Return the values of the first sample with odd ones of a kind among them (see `KINDS`), if any can be."""
        values = np.asarray(self.sample(seed, 0))
        if kind in (EMPTY, EMPTY_SIZES):
            first, *rest = range(values.ndim) if values.ndim else (None,)
            free = [axis for axis in range(values.ndim) if self.declared is None or self.declared[axis] is None]
            return emptied(values, [axis for axis in free if axis in ((first,) if kind == EMPTY else rest)])
        return values if self.plain else sprinkled(values, kind, seed)

    def ordinary(self) -> Given:
        """Keep odd values away."""
        return replace(self, plain=True)

    def free(self, *axes: int) -> Given:
        """Leave the sizes of `axes` open in the signature, besides what is open already."""
        assert self.declared is not None
        return replace(self, declared=tuple(None if i in axes else size for i, size in enumerate(self.declared)))

    def fixed(self) -> Given:
        """Say all sizes in the signature."""
        return replace(self, declared=self.shapes[0])

    def unranked(self) -> Given:
        """Leave even the rank open."""
        return replace(self, declared=None)

    def then(self, *shape: int) -> Given:
        """Give the second sample another shape; what differs is left open."""
        first = self.shapes[0]
        given = replace(self, shapes=(first, shape))
        if len(shape) != len(first):
            return given.unranked()
        return given.free(*(axis for axis, size in enumerate(shape) if size != first[axis]))

    def with_default(self) -> Given:
        """Make it a placeholder with a default."""
        return replace(self, default=True)

    def typed(self, dtype: str) -> Given:
        """Give another dtype."""
        return replace(self, dtype=dtype)


def _given(dtype: str, shape: tuple[int, ...], fill: Fill) -> Given:
    """Batches are of any size, vectors and scalars are not: what signatures are like."""
    declared: Dims = (None, *shape[1:]) if len(shape) > 1 else shape
    return Given(dtype, (shape,) * SAMPLES, fill, declared)


def normal(*shape: int) -> Given:
    """Standard normal float32."""
    return _given("float32", shape, lambda rng, size: rng.standard_normal(size))


def uniform(low: float, high: float, *shape: int) -> Given:
    """Float32 from `low` to `high`."""
    return _given("float32", shape, lambda rng, size: rng.uniform(low, high, size))


def contrasts(*shape: int) -> Given:
    """Standard normal float32, each sample with a spread of its own."""
    return _given("float32", shape, lambda rng, size: rng.uniform(0.3, 2) * rng.standard_normal(size))


def integers(low: int, high: int, *shape: int) -> Given:
    """Int32 from `low` to `high`, both included."""
    return _given("int32", shape, lambda rng, size: rng.integers(low, high + 1, size))


def bools(*shape: int, likely: float = 0.5) -> Given:
    """True, as often as it is `likely`, and false."""
    return _given("bool", shape, lambda rng, size: rng.random(size) < likely)


def ordered(*shape: int) -> Given:
    """Float32 that rise along the last axis."""
    return _given("float32", shape, lambda rng, size: np.sort(rng.standard_normal(size), axis=-1))


def words(choices: Sequence[str], *shape: int) -> Given:
    """Strings out of `choices`."""
    return _given(
        "string", shape, lambda rng, size: np.array(choices, dtype=object)[rng.integers(len(choices), size=size)]
    )


def boxes(count: int) -> Given:
    """`count` boxes [y1, x1, y2, x2] of float32 that overlap a lot."""

    def fill(rng: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        corner = rng.uniform(0, 0.6, (*size[:-1], 2))
        return np.concatenate([corner, corner + rng.uniform(0.2, 0.4, (*size[:-1], 2))], -1)

    return _given("float32", (count, 4), fill)


def distinct(low: int, high: int, *shape: int) -> Given:
    """Int32 from `low` to `high`, each at most once."""
    return _given(
        "int32", shape, lambda rng, size: rng.permutation(np.arange(low, high + 1))[: int(np.prod(size))].reshape(size)
    )


def literal(first: Any, second: Any, dtype: str | None = None) -> Given:
    """These values, for the first and for the second sample."""
    arrays = [np.array(values, dtype=object if dtype == "string" else dtype) for values in (first, second)]
    if dtype is None:
        arrays = [array.astype({"f": "float32", "i": "int32"}.get(array.dtype.kind, array.dtype)) for array in arrays]
    given = Given(dtype or arrays[0].dtype.name, (arrays[0].shape,), lambda rng, size: arrays[0], arrays[0].shape)
    return _Literal(given.dtype, given.shapes, given.fill, given.declared, arrays=tuple(arrays)).then(*arrays[1].shape)


@dataclass(frozen=True)
class _Literal(Given):
    arrays: tuple[np.ndarray, ...] = ()

    def sample(self, _seed: str, index: int) -> np.ndarray:
        values = self.arrays[index]
        return values if self.dtype == "string" else values.astype(self.dtype)


def weight(*shape: int) -> Given:
    """A float32 variable, scaled so that signals neither die nor explode."""
    scale = 1 / np.sqrt(float(np.prod(shape[:-1]))) if len(shape) > 1 else 0.5
    fill: Fill = lambda rng, size: scale * rng.standard_normal(size)  # noqa: E731
    return Given("float32", (shape,) * SAMPLES, fill, shape, variable=True)


def held(given: Given) -> Given:
    """A variable that is filled like `given`."""
    return replace(given, variable=True, declared=given.shapes[0])
