"""Whether graphs are optimized: `verify` compares with one that is not, where it has no numbers of the source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_OPTIMIZED: Final = ContextVar("optimized", default=True)


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
