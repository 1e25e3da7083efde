"""Writes the models that the benchmark converts; runs in the environment that has TensorFlow.

Weights are random: what is measured does not depend on them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(folder: Path) -> None:
    """Write every file that is not there yet into `folder`."""
    import keras
    import tf_keras

    folder.mkdir(parents=True, exist_ok=True)
    makers = {
        # The stock tool reads Keras 2's h5; it writes files that no browser loads for Keras 3's. Both are timed.
        "small.keras": lambda: _small(keras),
        "mobilenet_v2.h5": lambda: tf_keras.applications.MobileNetV2(weights=None),
        "mobilenet_v2.keras": lambda: keras.applications.MobileNetV2(weights=None),
        "large.h5": lambda: _large(tf_keras),
    }
    for name, make in makers.items():
        path = folder / name
        if not path.exists():
            partial = path.with_name(f"partial-{name}")
            make().save(partial)
            partial.replace(path)


def _small(keras):  # type: ignore[no-untyped-def]
    return keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Conv2D(8, 3), keras.layers.Flatten(), keras.layers.Dense(10)]
    )


def _large(keras):  # type: ignore[no-untyped-def]
    """1 GB: sixteen dense layers of 4096 × 4096 float32."""
    return keras.Sequential([keras.Input((4096,)), *(keras.layers.Dense(4096) for _ in range(16))])


main(Path(sys.argv[1]))
