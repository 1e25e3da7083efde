"""The global dtype policy of either Keras generation, for as long as a network is built under it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def policy(keras: Any, name: str) -> Iterator[None]:
    """Build layers under the dtype policy `name`: "mixed_float16", "float64", …"""
    module = keras.mixed_precision
    get, put = (
        (keras.config.dtype_policy, keras.config.set_dtype_policy)
        if hasattr(keras, "config") and hasattr(keras.config, "dtype_policy")
        else (module.global_policy, module.set_global_policy)
    )
    before = get()
    put(name)
    try:
        yield
    finally:
        put(before)
