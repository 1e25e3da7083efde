"""A probe: one op on small tensors, as a model would have it; and the list that the families below fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SIZES = (2, 3, 2, 3, 2, 3, 2)
"""Sizes of the axes of a probe's tensors; no two neighbours are alike, so that a mistaken axis shows."""

RANKS = range(8)
"""The ranks that are tried: those beyond 6 are in no kernel of the GPU backends."""


@dataclass(frozen=True)
class Fixed:
    """An input that is a constant of the graph: axes, shapes, kernels."""

    array: Array


@dataclass(frozen=True)
class Computed:
    """An input that another op computes: the array plus 1. What an op leaves beyond the edges of a tensor is not what
    is there in one that is fed."""

    array: Array


Input = Array | Fixed | Computed


@dataclass(frozen=True)
class Probe:
    """`op` on `inputs` (arrays are fed, `Fixed` ones are constants, `Computed` ones neither) with `attrs`. `reference`
    gives the outputs, from the same inputs, for an op that TensorFlow does not run itself; `outputs` are the places of
    those that count."""

    op: str
    inputs: tuple[Input, ...]
    attrs: Mapping[str, Any]
    reference: Callable[..., Any] | None = None
    outputs: tuple[int, ...] | None = None


Family = Callable[[], Iterator[Probe]]


def probe(op: str, *inputs: Any, reference: Callable[..., Any] | None = None, **attrs: Any) -> Probe:
    """Return a probe; lists and numbers among the inputs are constants of int32 or float32."""
    return Probe(op, tuple(_input(each) for each in inputs), attrs, reference)


def _input(value: Any) -> Input:
    if isinstance(value, np.ndarray | Fixed | Computed):
        return value
    array = np.asarray(value)
    return Fixed(array.astype({"f": np.float32, "i": np.int32}.get(array.dtype.kind, array.dtype)))


def fixed(array: Array) -> Fixed:
    """Return a tensor as a constant of the graph."""
    return Fixed(array)


class Numbers:
    """Tensors of each dtype, the same in every run."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)

    def __call__(self, shape: Sequence[int], dtype: str = "float32") -> Array:
        """Return a tensor: floats from -2 to 2, integers from -9 to 9, words."""
        size = tuple(shape)
        if dtype == "float32":
            return np.asarray(self._rng.uniform(-2, 2, size), np.float32)
        if dtype == "int32":
            return np.asarray(self._rng.integers(-9, 10, size), np.int32)
        if dtype == "bool":
            return np.asarray(self._rng.random(size) < 0.5)
        if dtype == "complex64":
            return np.asarray(self._rng.uniform(-2, 2, size) + 1j * self._rng.uniform(-2, 2, size), np.complex64)
        return np.array(np.array(["a", "bc", "", "d"], dtype=object)[self._rng.integers(0, 4, size)], dtype=object)

    def between(self, low: float, high: float, *shape: int) -> Array:
        """Return float32 from `low` to `high`."""
        return np.asarray(self._rng.uniform(low, high, shape), np.float32)

    def whole(self, low: int, high: int, *shape: int) -> Array:
        """Return int32 from `low` to `high` - 1."""
        return np.asarray(self._rng.integers(low, high, shape), np.int32)

    def distinct(self, *shape: int) -> Array:
        """Return float32 of which no two are alike."""
        size = int(np.prod(shape))
        return np.asarray(self._rng.permutation(size).reshape(shape) / 7 - size / 14, np.float32)


def shape_of(rank: int) -> tuple[int, ...]:
    """Return the shape of a probe's tensor of this rank."""
    return SIZES[:rank]


def empty_of(rank: int, axis: int = 0) -> tuple[int, ...]:
    """Return the same shape with nothing along one axis."""
    return (*SIZES[:axis], 0, *SIZES[axis + 1 : rank])
