"""What graphs are optimized for: the site's backends, or nothing, where `verify` lacks the source's numbers.

Where webgl, webgpu and wasm want different spellings of the same thing, those backends count that the manifest names,
and all of them where it names none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_OPTIMIZED: Final = ContextVar("optimized", default=True)
_BACKENDS: Final[ContextVar[frozenset[str] | None]] = ContextVar("backends", default=None)


def optimized() -> bool:
    """Whether ops are to be joined, and arithmetic on constants moved into weights."""
    return _OPTIMIZED.get()


@contextmanager
def unoptimized() -> Iterator[None]:
    """Leave out of conversions what changes how numbers are computed, and not which."""
    token = _OPTIMIZED.set(False)
    try:
        yield
    finally:
        _OPTIMIZED.reset(token)


def counts(backend: str) -> bool:
    """Whether models are to be fast on a backend."""
    named = _BACKENDS.get()
    return named is None or backend in named


@contextmanager
def optimized_for(backends: Sequence[str] | None) -> Iterator[None]:
    """Have conversions spell what several backends want differently for these, or, with None, for all."""
    token = _BACKENDS.set(None if backends is None else frozenset(backends))
    try:
        yield
    finally:
        _BACKENDS.reset(token)
