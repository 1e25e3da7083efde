"""Recognises keras.applications' own layers, which are registered as if they were somebody's code.

A .keras file tells their module. An .h5 file does not, and others use these names too: there a layer counts as Keras's
own only where its options, its name and the layer before it are those that the builder of the network gives it.

Until Keras 2.12, InceptionResNetV2 had a Lambda `x + scale · y` in the place of CustomScaleLayer. A file does tell the
module of a Lambda's function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_OF_EVERY_LAYER: Final = frozenset({"name", "trainable", "dtype", "batch_input_shape"})
_PACKAGES: Final = ("keras.", "tf_keras.")


def application_module(entry: Mapping[str, Any], class_name: str) -> str | None:
    """Return the module of keras.applications that a layer's entry in a configuration comes from; None for others.

    ConvNeXt's LayerScale has in both generations `init_values` and `projection_dim`, and `X_layer_scale` follows
    `X_pointwise_conv_2`; its StochasticDepth has `drop_path_rate`, and `X_stochastic_depth` follows either.
    InceptionResNetV2's CustomScaleLayer has `scale`, no name of its own, and joins what came before a block with what
    `blockN_M_conv` makes of it.
    """
    if class_name not in _BUILDERS:
        return None
    if "module" in entry:
        module = str(entry["module"] or "")
        return module if module.startswith(_PACKAGES) and ".applications." in module else None
    config = entry.get("config")
    if not isinstance(config, Mapping):
        return None
    found, options, is_own = _BUILDERS[class_name]
    name = str(entry.get("name") or config.get("name"))
    package, _, _ = str(entry.get("class_name")).rpartition(">")
    same = config.keys() - _OF_EVERY_LAYER == options and package in ("", "Custom")
    return found if same and is_own(name, _sources(entry)) else None


def spelled_out(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a layer's entry with InceptionResNetV2's Lambda as the CustomScaleLayer that it has been since."""
    config = entry.get("config")
    if entry.get("class_name") != "Lambda" or not isinstance(config, Mapping):
        return entry
    name, arguments = str(entry.get("name") or config.get("name")), config.get("arguments")
    own = config.get("function_type") == "lambda" and _LAMBDAS.fullmatch(str(config.get("module"))) is not None
    sources = _sources(entry)
    placed = _BLOCK.fullmatch(name) is not None and len(sources) == 2 and sources[1] == f"{name}_conv"
    if not (own and placed and isinstance(arguments, Mapping) and arguments.keys() == {"scale"}):
        return entry
    kept = {key: value for key, value in config.items() if key in _OF_EVERY_LAYER}
    layer = {"module": _RESNET, "class_name": "CustomScaleLayer", "registered_name": None}
    return {**entry, **layer, "config": {**kept, **arguments}}


_RESNET: Final = "keras.applications.inception_resnet_v2"
_LAMBDAS: Final = re.compile(
    r"(keras_applications|(tf_keras|keras|tensorflow(_core)?\.python\.keras)(\.src)?\.applications)\.inception_resnet_v2"
)
_BLOCK: Final = re.compile(r"block(35|17|8)_\d+")


def _is_layer_scale(name: str, sources: list[str]) -> bool:
    block = name.removesuffix("_layer_scale")
    return block != name and sources == [f"{block}_pointwise_conv_2"]


def _is_stochastic_depth(name: str, sources: list[str]) -> bool:
    block = name.removesuffix("_stochastic_depth")
    return block != name and sources in ([f"{block}_layer_scale"], [f"{block}_pointwise_conv_2"])


def _is_custom_scale(name: str, sources: list[str]) -> bool:
    unnamed = re.fullmatch(r"custom_scale_layer(_\d+)?", name) is not None
    if not unnamed or len(sources) != 2 or not sources[1].endswith("_conv"):
        return False
    return _BLOCK.fullmatch(sources[1].removesuffix("_conv")) is not None


_BUILDERS: Final[Mapping[str, tuple[str, frozenset[str], Callable[[str, list[str]], bool]]]] = {
    "CustomScaleLayer": (_RESNET, frozenset({"scale"}), _is_custom_scale),
    "LayerScale": ("keras.applications.convnext", frozenset({"init_values", "projection_dim"}), _is_layer_scale),
    "StochasticDepth": ("keras.applications.convnext", frozenset({"drop_path_rate"}), _is_stochastic_depth),
}


APPLICATIONS: Final = frozenset(_BUILDERS)
"""Classes of keras.applications, whose names others use too: the file must say, or show, where they come from."""


def _sources(entry: Mapping[str, Any]) -> list[str]:
    """Return the layers that the only call's inputs come from; none where there are several calls."""
    nodes = entry.get("inbound_nodes")
    return list(_references(nodes[0])) if isinstance(nodes, list) and len(nodes) == 1 else []


def _references(value: Any) -> Iterator[str]:
    """Yield the layers that are named in nested references of either generation."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and all(isinstance(index, int) for index in value[1:3]):
            yield value[0]
        else:
            for item in value:
                yield from _references(item)
