"""Activation functions that tfjs-layers has with the same meaning; an option of a layer names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tfjs_build.convert.artifacts import Shape, Weight
from tfjs_build.convert.keras.description import Layer
from tfjs_build.convert.keras.identity import is_own_module
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context
from tfjs_build.convert.keras.user_code import own_activation

_SAME = {
    **dict.fromkeys(["elu", "gelu", "linear", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "softmax"]),
    **dict.fromkeys(["softplus", "softsign", "swish", "tanh"]),
    "silu": "swish",
}
"""Keras's name → tfjs-layers' name, None for the same (which it reads in camel case)."""

_TENSORFLOW = _SAME.keys() - {"gelu", "linear", "log_softmax", "mish"}
"""Functions of tf.nn and tf.math that mean what Keras's of the same name mean."""

_LACKING = {
    2: frozenset(["exponential", "leaky_relu"]),
    3: frozenset(
        [
            *("celu", "exponential", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh"),
            *("leaky_relu", "log_sigmoid", "soft_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus"),
            *("tanh_shrink", "threshold"),
        ]
    ),
}
"""Other activations of each Keras: under any further name a file means a function of the user's own. The
`hard_sigmoid` of Keras 2 is that of tfjs-layers; Keras 3's has another slope."""


def activation(c: Context, key: str = "activation") -> str:
    """Return tfjs-layers' name for the activation under `key`; raises RefusedError where it has none."""
    value = c.config.get(key)
    name: Any = "linear" if value is None else value
    layer = _layer(c, key)
    if layer is not None:
        raise c.unsupported(key, layer.class_name)
    if isinstance(value, Mapping) and value.get("class_name") == "function":
        module = str(value.get("module") or "")
        if is_own_module(module) or (module.split(".")[0] == "tensorflow" and value.get("config") in _TENSORFLOW):
            name = value.get("config")
    if isinstance(name, str):
        if name in _SAME:
            return _SAME[name] or name
        if name == "hard_sigmoid" and c.generation == 2:
            return name
        if name in _LACKING[c.generation]:
            raise c.unsupported(key, name)
    raise own_activation(c.layer, value)


def activated(
    c: Context, class_name: str, config: Mapping[str, Any], shape: Shape, channels: int, weights: Mapping[str, Weight]
) -> Value:
    """Emit a layer with its bias, of as many numbers as it gives channels, and its activation, which comes behind it
    where it is a layer itself."""
    biased = c.config.boolean("use_bias", True)
    bias = {"bias": c.weight("bias", channels)} if biased else {}
    behind = _layer(c, "activation") is not None
    options = {**config, "activation": "linear" if behind else activation(c), "use_bias": biased}
    y = c.emit(class_name, options, c.input, shape, weights={**weights, **bias})
    return activate(c, y) if behind else y


def activate(c: Context, x: Value) -> Value:
    """Emit an activation as a layer of its own."""
    layer = _layer(c, "activation")
    if layer is None:
        return c.emit("Activation", {"activation": activation(c)}, x, x.shape)
    c.require(layer.class_name != "PReLU", "its activation is a layer with weights of its own")
    return c.host.apply(c, replace(layer, name=f"{c.layer.name}/activation"), x)


def _layer(c: Context, key: str) -> Layer | None:
    """Return an activation that is a layer of Keras's."""
    child = c.layer.children.get(key)
    return child if isinstance(child, Layer) and child.code is None else None
