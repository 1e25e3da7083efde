"""Which variables a layer has, in the order in which it created them: the key to both containers' weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Layer


@dataclass(frozen=True)
class VariableSpec:
    """One variable: its role, and below which attribute of the layer a .keras file keeps it."""

    role: str
    trainable: bool = True
    attribute: str = ""


def variables_of(layer: Layer) -> Sequence[VariableSpec]:
    """Return a layer's own variables; those of what it wraps belong to its children."""
    if layer.operation or layer.package != "keras":
        return ()
    find = _TABLE.get(layer.class_name)
    return find(layer.config) if find else ()


def _named(*roles: str) -> Callable[[Config], list[VariableSpec]]:
    return lambda _: [VariableSpec(role) for role in roles]


def _with_bias(*roles: str) -> Callable[[Config], list[VariableSpec]]:
    def find(config: Config) -> list[VariableSpec]:
        return [VariableSpec(role) for role in (*roles, "bias") if role != "bias" or config.boolean("use_bias", True)]

    return find


def _batch_normalization(config: Config) -> list[VariableSpec]:
    moving = [VariableSpec("moving_mean", False), VariableSpec("moving_variance", False)]
    return [*_scale_and_center(config), *moving]


def _scale_and_center(config: Config) -> list[VariableSpec]:
    found = [VariableSpec("gamma")] if config.boolean("scale", True) else []
    return [*found, VariableSpec("beta")] if config.boolean("center", True) else found


def _layer_normalization(config: Config) -> list[VariableSpec]:
    if config.get("rms_scaling") is True:
        return [VariableSpec("gamma")]
    return _scale_and_center(config)


def _recurrent(config: Config) -> list[VariableSpec]:
    return [VariableSpec(spec.role, True, "cell") for spec in _cell(config)]


_cell = _with_bias("kernel", "recurrent_kernel")


def _normalization(config: Config) -> list[VariableSpec]:
    if config.get("mean") is not None:
        return []
    return [VariableSpec("mean", False), VariableSpec("variance", False), VariableSpec("count", False)]


_convolution = _with_bias("kernel")
_depthwise = _with_bias("depthwise_kernel")
_separable = _with_bias("depthwise_kernel", "pointwise_kernel")

_TABLE: dict[str, Callable[[Config], list[VariableSpec]]] = {
    "Dense": _convolution,
    "Conv1D": _convolution,
    "Conv2D": _convolution,
    "Conv3D": _convolution,
    "Conv1DTranspose": _convolution,
    "Conv2DTranspose": _convolution,
    "Conv3DTranspose": _convolution,
    "DepthwiseConv1D": _depthwise,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv1D": _separable,
    "SeparableConv2D": _separable,
    "Embedding": _named("embeddings"),
    "PReLU": _named("alpha"),
    "BatchNormalization": _batch_normalization,
    "SyncBatchNormalization": _batch_normalization,
    "LayerScale": _named("gamma"),
    "LayerNormalization": _layer_normalization,
    "GroupNormalization": _scale_and_center,
    "Normalization": _normalization,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "SimpleRNN": _recurrent,
    "ConvLSTM1D": _recurrent,
    "ConvLSTM2D": _recurrent,
    "ConvLSTM3D": _recurrent,
    "LSTMCell": _cell,
    "GRUCell": _cell,
    "SimpleRNNCell": _cell,
}
