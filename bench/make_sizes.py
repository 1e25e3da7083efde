"""`python -m bench.make_sizes large FILE BYTES`, or `many FOLDER COUNT`: the sources that bench/sizes.py measures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import h5py
import numpy as np

from tests.support.keras_files import dense, write_dense


def many(folder: Path, count: int) -> None:
    """Write small `.keras` files, no two the same."""
    folder.mkdir()
    for index in range(count):
        write_dense(folder / f"n{index}.keras", seed=index)


def large(path: Path, nbytes: int) -> None:
    """Write a Keras 2 `.h5` of dense layers, layer by layer."""
    units = 4096 if nbytes >= 64 << 20 else 512
    count = max(1, nbytes // (units * units * 4))
    names = [f"dense_{index}" for index in range(count)]
    layers: list[dict[str, object]] = [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None, units], "dtype": "float32", "name": "x"}},
    ]
    layers += [{"class_name": "Dense", "config": dense(name, units)} for name in names]
    random = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"2.15.0"
        config = {"class_name": "Sequential", "config": {"name": "large", "layers": layers}}
        file.attrs["model_config"] = json.dumps(config).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [name.encode() for name in names]
        for name in names:
            group = weights.create_group(name)
            group.attrs["weight_names"] = [f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()]
            group[f"{name}/kernel:0"] = random.standard_normal((units, units), dtype=np.float32)
            group[f"{name}/bias:0"] = np.zeros(units, np.float32)


if __name__ == "__main__":
    {"large": large, "many": many}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
