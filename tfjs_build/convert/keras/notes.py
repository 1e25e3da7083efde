"""What a user should know of a Keras model's conversion, whatever it is converted to."""

from __future__ import annotations

from tfjs_build.convert.keras.description import KerasModel


def notes_of(model: KerasModel) -> list[str]:
    """Return sentences on dtypes that TensorFlow.js does not have."""
    policies = sorted(
        {layer.policy for layer in model.graph.layers() if layer.dtype in ("float16", "bfloat16", "float64")}
    )
    return [f"computes in float32 where the source says {policy}" for policy in policies]
