"""What one entry of a configuration says of its layer or model: class, package, dtype, and what it wraps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.applications import application_module
from tfjs_build.convert.keras.config import plain, shape_of
from tfjs_build.convert.keras.description import Generation, Layer
from tfjs_build.convert.keras.likeness import is_own_model, unlike_keras
from tfjs_build.convert.keras.renamed import was_cudnn
from tfjs_build.errors import SourceError

_OWN_MODULES = ("keras", "tf_keras", "tensorflow.keras", "tensorflow.python.keras", "tensorflow_core")
_MODELS = ("Functional", "Sequential", "Model", "Network")


def is_model(entry: Mapping[str, Any], generation: Generation, version: str) -> bool:
    """Whether an entry is a model of Keras's own, which lists its layers."""
    name = class_name_of(entry)
    if name not in _MODELS or package_of(entry) != "keras":
        return False
    return "module" in entry or not is_own_model(name, generation, version)


def foreign(entry: Mapping[str, Any], class_name: str, generation: Generation, version: str) -> str:
    """Return how an entry without a module shows that its class is not Keras's of that name, "" where it does not."""
    values = entry.get("config")
    if "module" in entry or not isinstance(values, Mapping) or is_operation(entry) or package_of(entry) != "keras":
        return ""
    if was_cudnn(class_name_of(entry)):  # no notebook's class is called so, and these were written by many forks
        return ""
    return unlike_keras(class_name, values.keys(), generation, version)


def is_operation(entry: Mapping[str, Any]) -> bool:
    """Operations are in Keras 3's configurations beside layers, under class names that layers have too (Add)."""
    module = entry.get("module")
    if isinstance(module, str) and module.startswith("keras"):
        return module.startswith(("keras.src.ops", "keras.ops", "keras.src.quantizers", "keras.quantizers"))
    values = entry.get("config")
    return (
        "module" not in entry
        and isinstance(values, Mapping)
        and entry.get("class_name") not in _TERSE_LAYERS
        and not values.keys() & {"trainable", "batch_shape", "batch_input_shape", "layers"}
    )


_TERSE_LAYERS = frozenset(
    ["Discretization", "HashedCrossing", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"]
)
"""Layers of Keras 3 whose configurations do not say whether they are trainable, as all others do (their `get_config`
does not ask that of Layer)."""


def class_name_of(entry: Mapping[str, Any]) -> str:
    name = str(entry.get("class_name")).rpartition(">")[2]
    return _OTHER_NAMES.get(name, name)


_OTHER_NAMES = {"GroupQueryAttention": "GroupedQueryAttention"}
"""Classes that are exported under another name than their own, which groups of weights and .h5 files have."""


def package_of(entry: Mapping[str, Any]) -> str:
    """Return "keras" for Keras's own, else where a class is registered or defined: "" for one of a notebook's, whose
    module Keras writes as null."""
    if application_module(entry, class_name_of(entry)):
        return "keras"
    for key in ("registered_name", "class_name"):
        package, found, _ = str(entry.get(key) or "").rpartition(">")
        if found:
            return package
    if "module" not in entry:
        return "keras"
    module = str(entry["module"] or "")
    return "keras" if is_own_module(module) else module


def is_own_module(module: str) -> bool:
    """Whether a module is one of Keras itself, not of a package that is called like it."""
    return any(module == own or module.startswith(f"{own}.") for own in _OWN_MODULES)


def wrapped(layer: Layer) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what a wrapper's configuration holds, by the attribute that holds it in Keras."""

    def entry(key: str) -> Mapping[str, Any] | None:
        value = layer.config.get(key)
        return value if isinstance(value, Mapping) and isinstance(value.get("class_name"), str) else None

    forward = entry("layer")
    if layer.class_name == "Bidirectional" and forward is not None:
        # The backward layer is written only where it is not a copy that runs the other way.
        values = forward.get("config")
        copy = dict(values) if isinstance(values, Mapping) else {}
        copy.update(name=f"backward_{copy.get('name', 'layer')}", go_backwards=not copy.get("go_backwards", False))
        return [("forward_layer", forward), ("backward_layer", entry("backward_layer") or {**forward, "config": copy})]
    found = [(key, value) for key in ("layer", "cell") if (value := entry(key)) is not None]
    for key in ("activation", "recurrent_activation"):
        activation = entry(key)
        if activation is not None and isinstance(activation.get("config"), Mapping):  # a function has its name there
            found.append((key, activation))
    for key in ("cells", *(["layers"] if layer.class_name == "Pipeline" else [])):
        several = layer.config.get(key)
        for index, each in enumerate(several if isinstance(several, list) else []):
            if not isinstance(each, Mapping) or not isinstance(each.get("class_name"), str):
                raise SourceError(f"layer `{layer.name}`: number {index} of its {key} has no class")
            found.append((f"{key}/{index}", each))
    return found


def policy_of(dtype: Any) -> str:
    """Return the name of a dtype or dtype policy, however it is written."""
    if isinstance(dtype, Mapping):
        config = dtype.get("config")
        config = config if isinstance(config, Mapping) else {}
        if dtype.get("class_name") == "DTypePolicyMap":  # for layers inside this one, by their paths
            return policy_of(config.get("default_policy"))
        if config.get("mode") and config.get("source_name"):  # a quantized policy
            return f"{config['mode']}_from_{config['source_name']}"
        return str(config.get("name") or dtype.get("class_name") or "float32")
    return str(dtype) if dtype else "float32"


def compute_dtype(policy: str) -> str:
    policy = policy.rpartition("_from_")[2]
    return {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}.get(policy, policy)


def is_trainable(values: Any) -> bool:
    return not isinstance(values, Mapping) or bool(values.get("trainable", True))


def sequential_input_shape(
    entry: Mapping[str, Any], config: Mapping[str, Any], first: Mapping[str, Any], label: str
) -> Shape | None:
    """Return the input shape of a Sequential model that was saved without an InputLayer."""
    values = first.get("config")
    build = first.get("build_config")
    whole = entry.get("build_config")
    for candidate in (
        values.get("batch_input_shape") if isinstance(values, Mapping) else None,
        config.get("build_input_shape"),
        build.get("input_shape") if isinstance(build, Mapping) else None,
        whole.get("input_shape") if isinstance(whole, Mapping) else None,
    ):
        if candidate is not None:
            return shape_of(plain(candidate), label)
    return None
