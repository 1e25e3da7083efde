"""Layers under names that Keras no longer writes, as the layers that they have become.

TensorFlow 1.13 wrote the versions of its own classes into their names; Keras reads its aliases as well. CuDNNGRU and
CuDNNLSTM are the layers of the same formula with options that cannot be chosen; their weights lie in an order of their
own (`to_graph/cudnn.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

CUDNN: Final = "cudnn"
"""The key of a configuration that says whether the layer was one of CuDNN's."""

_NAMES: Final[Mapping[str, str]] = {
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3D": "Conv3D",
    "CuDNNGRU": "GRU",
    "CuDNNLSTM": "LSTM",
    "Deconv2D": "Conv2DTranspose",
    "Deconv3D": "Conv3DTranspose",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
    "UnifiedLSTM": "LSTM",
}

_OF_CUDNN: Final[Mapping[str, Any]] = {
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "use_bias": True,
    CUDNN: True,
}


def current_name(class_name: str) -> str:
    """Return the name that a class has today."""
    return _NAMES.get(class_name, class_name)


def was_cudnn(class_name: str) -> bool:
    """Whether a name is that of one of CuDNN's layers."""
    return class_name in ("CuDNNGRU", "CuDNNLSTM")


CORNERS: Final = "corners"
"""The key of a configuration that says whether images are resized between their pixels' corners, not their centers."""


def with_options(class_name: str, values: Mapping[str, Any], version: str = "") -> dict[str, Any]:
    """Return the options of a layer under its former name, or of a former version of Keras, as those of what it has
    become. Keras itself interpolated as TensorFlow 1 does until it became a part of TensorFlow with 2.4; what it
    was there before, whose versions end in `-tf`, wrote no interpolation while it did so."""
    if class_name == "UpSampling2D" and re.match(r"2\.[0-3](\.\d+)?$", version):
        return {**values, CORNERS: True}
    if class_name == "CuDNNGRU":
        return {**values, **_OF_CUDNN, "reset_after": True}
    return {**values, **_OF_CUDNN} if class_name == "CuDNNLSTM" else dict(values)
