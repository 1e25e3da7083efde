"""The suite that the families below register their networks in, and short ways to make one around a layer or function.

Most cases are one layer (`layer`), one function of `keras.ops` (`operation`) or one of TensorFlow (`function`), so that
what fails has a name.
"""

from __future__ import annotations

import importlib
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.registry import KERAS_3, TF_KERAS, Suite
from tests.oracle.samples import Sampler, any_of, integers, normal, uniform

SUITE = Suite()
network = SUITE.network

OPERATIONS: dict[str, list[str]] = {}
"""The networks that each function of `keras.ops` is in."""

THREE = (KERAS_3,)
TWO = (TF_KERAS,)


@dataclass(frozen=True)
class Fed:
    """One input of a function: its shape (with the batch, None where that is any), dtype and values."""

    shape: tuple
    sampler: Sampler
    dtype: str | None = None


def real(*shape: int | None) -> Fed:
    """Standard normal float32."""
    return Fed(shape, normal())


def positive(*shape: int | None) -> Fed:
    """Float32 from 0.2 to 3."""
    return Fed(shape, uniform(0.2, 3.0))


def unit(*shape: int | None) -> Fed:
    """Float32 from -0.95 to 0.95."""
    return Fed(shape, uniform(-0.95, 0.95))


def whole(low: int, high: int, *shape: int | None, dtype: str = "int32") -> Fed:
    """Integers from `low` to `high` - 1."""
    return Fed(shape, integers(low, high), dtype)


def truths(*shape: int | None) -> Fed:
    """Booleans."""
    return Fed(shape, any_of([False, True]), "bool")


def odd_numbers(*shape: int | None) -> Fed:
    """Numbers with NaN, infinities and zeros among them."""
    return Fed(shape, any_of([float("nan"), float("inf"), float("-inf"), 0.0, -1.5, 2.0]))


def layer(
    name: str,
    shape: tuple,
    make: Callable[[Any], Any],
    *,
    dtype: str | None = None,
    **options: Any,
) -> None:
    """Register a model of one layer: `make(keras.layers)` applied to an input of `shape` (without the batch)."""

    def build(keras: Any) -> Any:
        inputs = keras.Input(shape, name="x", dtype=dtype)
        return keras.Model(inputs, make(keras.layers)(inputs))

    _register(build, name, make.__module__, options)


def layers(
    name: str,
    shapes: Mapping[str, tuple],
    call: Callable[..., Any],
    *,
    dtypes: Mapping[str, str] | None = None,
    **options: Any,
) -> None:
    """Register a model of several inputs: `call(keras.layers, *inputs)` returns its outputs."""

    def build(keras: Any) -> Any:
        inputs = [keras.Input(shape, name=key, dtype=(dtypes or {}).get(key)) for key, shape in shapes.items()]
        return keras.Model(inputs, call(keras.layers, *inputs))

    _register(build, name, call.__module__, options)


def operation(path: str, *arguments: Any, variant: str = "", family: str = "", **options: Any) -> None:
    """Register a model of one function of `keras.ops`, given `arguments`; each `Fed` in these, or in a list or tuple
    of them, is an input. `options` are Keras's, but for those of `Suite.network`.
    """
    name = f"ops_{path.replace('.', '_')}" + (f"_{variant}" if variant else "")
    OPERATIONS.setdefault(path, []).append(name)
    _function(name, family, THREE, lambda keras: _found(keras.ops, path), arguments, options)


def function(path: str, *arguments: Any, variant: str = "", family: str = "", **options: Any) -> None:
    """Register a Keras 2 model of one function of TensorFlow, as `operation` does."""
    name = f"tf_{path.replace('.', '_')}" + (f"_{variant}" if variant else "")
    _function(name, family, TWO, lambda keras: _found(importlib.import_module("tensorflow"), path), arguments, options)


def operator(name: str, *arguments: Fed, call: Callable[..., Any], **options: Any) -> None:
    """Register a model, of both generations, of Python's operators on tensors."""
    _function(f"operator_{name}", call.__module__.rpartition(".")[2], None, lambda keras: call, arguments, options)


_OF_NETWORK = ("generations", "writers", "changeless", "reloaded")


def _function(
    name: str,
    family: str,
    generations: tuple[str, ...] | None,
    find: Callable[[Any], Callable[..., Any]],
    arguments: tuple,
    options: dict[str, Any],
) -> None:
    settings = {key: options.pop(key) for key in _OF_NETWORK if key in options}
    fed = [each for each in _flat(list(arguments) + list(options.values())) if isinstance(each, Fed)]
    inputs = dict(zip(string.ascii_lowercase, fed, strict=False))

    def build(keras: Any) -> Any:
        tensors = {key: keras.Input(batch_shape=each.shape, name=key, dtype=each.dtype) for key, each in inputs.items()}
        rest = iter(tensors.values())
        args = [_filled(each, rest) for each in arguments]
        result = find(keras)(*args, **{key: _filled(value, rest) for key, value in options.items()})
        return keras.Model(list(tensors.values()), list(result) if isinstance(result, tuple) else result)

    if generations:
        settings["generations"] = generations
    settings["inputs"] = {key: each.sampler for key, each in inputs.items()}
    _register(build, name, f"{__package__}.{family}", settings)


def _register(build: Callable[[Any], Any], name: str, module: str, options: Mapping[str, Any]) -> None:
    build.__name__, build.__module__ = name, module
    network(**options)(build)


def _flat(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in _flat(item)] if isinstance(value, list | tuple) else [value]


def _filled(value: Any, rest: Any) -> Any:
    if isinstance(value, Fed):
        return next(rest)
    if isinstance(value, list | tuple):
        return type(value)(_filled(item, rest) for item in value)
    return value


def _found(root: Any, path: str) -> Any:
    for part in path.split("."):
        root = getattr(root, part)
    return root
