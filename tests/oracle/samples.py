"""Inputs for networks: each function returns a sampler, which fills a shape with seeded values of one kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Shape = tuple[int, ...]
Sampler = Callable[[np.random.Generator, tuple], np.ndarray]

FREE_SIZE = 9
"""What a dimension of unknown size is given, where a sampler is not told otherwise."""


def normal(*, sizes: Shape | None = None) -> Sampler:
    """Standard normal float32; `sizes` (without the batch) replace the input's own where those are unknown."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        return rng.standard_normal(_filled(shape, sizes)).astype(np.float32)

    return sample


def pixels(*, sizes: Shape | None = None) -> Sampler:
    """Float32 from 0 to 255, as an image has."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        return rng.uniform(0, 255, _filled(shape, sizes)).astype(np.float32)

    return sample


def uniform(low: float, high: float, *, sizes: Shape | None = None) -> Sampler:
    """Float32 from `low` to `high`."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        return rng.uniform(low, high, _filled(shape, sizes)).astype(np.float32)

    return sample


def integers(low: int, high: int, *, sizes: Shape | None = None) -> Sampler:
    """Int32 from `low` to `high` - 1."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        return rng.integers(low, high, _filled(shape, sizes)).astype(np.int32)

    return sample


def any_of(values: Sequence[Any], *, sizes: Shape | None = None) -> Sampler:
    """Drawn from `values`: strings, truths, or numbers with NaN and infinities among them."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        return rng.choice(np.array(values), _filled(shape, sizes))

    return sample


def like_identity() -> Sampler:
    """Square float32 matrices that are far from singular: noise on a diagonal of threes."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        return (rng.standard_normal(shape) + 3.0 * np.eye(shape[-1])).astype(np.float32)

    return sample


def positive_definite() -> Sampler:
    """Symmetric float32 matrices with positive eigenvalues."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        factor = rng.standard_normal(shape)
        return (factor @ factor.swapaxes(-1, -2) + np.eye(shape[-1])).astype(np.float32)

    return sample


def contrasts() -> Sampler:
    """Standard normal float32, each image of another contrast, which a network without norms tells apart."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        contrast = rng.uniform(0.2, 3.0, (shape[0], *(1 for _ in shape[1:])))
        return (contrast * rng.standard_normal(shape)).astype(np.float32)

    return sample


def tokens(vocabulary: int, *, sizes: Shape | None = None) -> Sampler:
    """Int32 from 0 to `vocabulary` - 1."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        return rng.integers(0, vocabulary, _filled(shape, sizes)).astype(np.int32)

    return sample


def padded_tokens(vocabulary: int, *, sizes: Shape | None = None) -> Sampler:
    """Int32 from 1 to `vocabulary` - 1, with zeros after a length that differs by row."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        values = rng.integers(1, vocabulary, _filled(shape, sizes)).astype(np.int32)
        return np.where(_kept(rng, values.shape), values, np.int32(0))

    return sample


def padded_steps(*, fill: float = 0.0, sizes: Shape | None = None) -> Sampler:
    """Standard normal (batch, steps, …) float32, with steps full of `fill` after a length that differs by row."""

    def sample(rng: np.random.Generator, shape: tuple) -> np.ndarray:
        values = rng.standard_normal(_filled(shape, sizes)).astype(np.float32)
        kept = _kept(rng, values.shape[:2]).reshape(values.shape[:2] + (1,) * (values.ndim - 2))
        return np.where(kept, values, np.float32(fill))

    return sample


def _kept(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    batch, steps = shape
    lengths = rng.permutation(np.linspace(max(1, steps // 2), steps - 1, batch).round().astype(int))
    return np.arange(steps) < lengths[:, None]


def _filled(shape: tuple, sizes: Shape | None) -> Shape:
    known = (shape[0], *sizes) if sizes else shape
    return tuple(FREE_SIZE if size is None else size for size in known)
