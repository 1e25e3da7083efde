"""What one entry of a configuration says of its layer or model: its dtype, its input shape, and what it wraps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.config import plain, shape_of
from tfjs_build.convert.keras.description import Layer
from tfjs_build.errors import SourceError


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
