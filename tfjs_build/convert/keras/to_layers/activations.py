"""Activation functions: those that tfjs-layers has with the same meaning, and others as chains of layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tfjs_build.convert.keras.classes import activation_name, own_activation
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Layer
from tfjs_build.convert.keras.identity import identify, is_own_module
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context

_NATIVE = {
    "elu": "elu",
    "gelu": "gelu",
    "linear": "linear",
    "log_softmax": "log_softmax",
    "mish": "mish",
    "relu": "relu",
    "relu6": "relu6",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "silu": "swish",
    "softmax": "softmax",
    "softplus": "softplus",
    "softsign": "softsign",
    "swish": "swish",
    "tanh": "tanh",
}
"""Keras's name → tfjs-layers' name (which reads it in camel case)."""

_TENSORFLOW = _NATIVE.keys() - {"gelu", "linear", "log_softmax", "mish"}
"""Functions of tf.nn and tf.math that mean what Keras's of the same name mean."""


def native_activation(c: Context, key: str) -> str | None:
    """Return tfjs-layers' name for the activation under `key`; None where it has none that means the same."""
    value = c.config.get(key)
    name = _name(c, value)
    if name == "hard_sigmoid" and c.generation == 2:
        return "hard_sigmoid"  # Keras 3's has another slope
    return None if name is None else _NATIVE.get(name)


def require_native(c: Context, key: str) -> str:
    """Return tfjs-layers' name for an activation that works inside a recurrent cell; refuses others."""
    found = native_activation(c, key)
    if found is None:
        raise c.refuse(f"TensorFlow.js has no activation `{activation_name(c.config.get(key))}` for its `{key}`")
    return found


def activate(c: Context, x: Value, key: str = "activation") -> Value:
    """Apply the activation under `key` by layers of its own."""
    value = c.config.get(key)
    name = _name(c, value)
    if name is None:
        return _layer_activation(c, x, value)
    return apply_activation(c, x, name)


def apply_activation(c: Context, x: Value, name: str, part: str = "activation") -> Value:
    """Apply an activation that is known by name."""
    native = "hard_sigmoid" if name == "hard_sigmoid" and c.generation == 2 else _NATIVE.get(name)
    if native is not None:
        return c.emit("Activation", {"activation": native}, x, x.shape, part=part)
    chain = _CHAINS.get(name)
    if chain is None:
        raise c.refuse(f"TensorFlow.js has no activation `{name}`")
    return chain(_Steps(c, part), x)


def apply_gelu_tanh(c: Context, x: Value) -> Value:
    """Apply gelu by its approximation x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))."""
    s = _Steps(c, "")
    inner = s.add(x, s.scale(s.multiply(x, x, x), 0.044715))
    return s.multiply(x, s.scale(s.function(s.scale(inner, math.sqrt(2 / math.pi)), "tanh"), 0.5, 0.5))


class _Steps:
    """Emits the layers of a chain, each named after its step."""

    def __init__(self, c: Context, part: str) -> None:
        self._c = c
        self._part = part
        self._count = 0

    def _emit(self, class_name: str, config: Mapping[str, Any], *inputs: Value) -> Value:
        self._count += 1
        part = f"{self._part}_{self._count}" if self._part else f"step_{self._count}"
        return self._c.emit(class_name, config, inputs, inputs[0].shape, part=part)

    def scale(self, x: Value, scale: float, offset: float = 0.0) -> Value:
        return self._emit("Rescaling", {"scale": scale, "offset": offset}, x)

    def relu(self, x: Value, max_value: float | None = None) -> Value:
        return self._emit("ReLU", {} if max_value is None else {"max_value": max_value}, x)

    def leaky_relu(self, x: Value, alpha: float) -> Value:
        return self._emit("LeakyReLU", {"alpha": alpha}, x)

    def above(self, x: Value, threshold: float) -> Value:
        return self._emit("ThresholdedReLU", {"theta": threshold}, x)

    def function(self, x: Value, name: str) -> Value:
        return self._emit("Activation", {"activation": name}, x)

    def add(self, *values: Value) -> Value:
        return self._emit("Add", {}, *values)

    def multiply(self, *values: Value) -> Value:
        return self._emit("Multiply", {}, *values)


def _hard_sigmoid(s: _Steps, x: Value) -> Value:
    return s.scale(s.relu(s.scale(x, 1.0, 3.0), 6.0), 1 / 6)


_CHAINS: dict[str, Callable[[_Steps, Value], Value]] = {
    "celu": lambda s, x: s.function(x, "elu"),
    "hard_shrink": lambda s, x: s.add(s.above(x, 0.5), s.scale(s.above(s.scale(x, -1.0), 0.5), -1.0)),
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": lambda s, x: s.multiply(x, _hard_sigmoid(s, x)),
    "hard_swish": lambda s, x: s.multiply(x, _hard_sigmoid(s, x)),
    "hard_tanh": lambda s, x: s.scale(s.relu(s.scale(x, 1.0, 1.0), 2.0), 1.0, -1.0),
    "leaky_relu": lambda s, x: s.leaky_relu(x, 0.2),
    "log_sigmoid": lambda s, x: s.scale(s.function(s.scale(x, -1.0), "softplus"), -1.0),
    "soft_shrink": lambda s, x: s.add(s.relu(s.scale(x, 1.0, -0.5)), s.scale(s.relu(s.scale(x, -1.0, -0.5)), -1.0)),
    "sparse_sigmoid": lambda s, x: s.scale(s.relu(s.scale(x, 1.0, 1.0), 2.0), 0.5),
    "tanh_shrink": lambda s, x: s.add(x, s.scale(s.function(x, "tanh"), -1.0)),
}
"""Exact equivalents of Keras's functions with their default parameters."""


_KERAS2 = frozenset([*_NATIVE, "exponential", "hard_sigmoid", "leaky_relu"])
_KERAS3 = frozenset([*_NATIVE, *_CHAINS, "exponential", "glu", "sparse_plus", "sparsemax", "squareplus", "threshold"])
"""The activations of each generation: under any other name a file means a function of the user's own."""


def _name(c: Context, value: Any) -> str | None:
    """Return an activation's name; None for one that is a layer. Functions of the user's own are refused."""
    if value is None:
        return "linear"
    if isinstance(value, Mapping) and value.get("class_name") != "function":
        return None
    if isinstance(value, Mapping):
        name, module = str(value.get("config")), str(value.get("module") or "")
        if module.split(".")[0] == "tensorflow" and name in _TENSORFLOW:
            return name
        value = name if is_own_module(module) else value
    if isinstance(value, str) and value in (_KERAS2 if c.generation == 2 else _KERAS3):
        return value
    raise own_activation(c.layer, value)


def _layer_activation(c: Context, x: Value, value: Mapping[str, Any]) -> Value:
    config = value.get("config")
    name = f"{c.layer.name}/activation"
    values = dict(config) if isinstance(config, Mapping) else {}
    identity = identify(value, c.generation, c.host.model.version)
    layer = Layer(name, identity.class_name, Config(name, values))
    if identity.code is not None:
        raise own_activation(c.layer, value)
    if layer.class_name == "PReLU":
        raise c.refuse("its activation is a layer with weights of its own, which TensorFlow.js's layers cannot have")
    return c.host.apply(c, layer, x)
