"""The model that all projects have, and what it is known to give."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.support.keras_files import write_dense

INPUT = (1.0, 2.0, 3.0)
"""What files/predict.ts and its like give the model."""

SEED = 14


def source(project: Path) -> Path:
    """Return the source that each `tfjs.yaml` in files/ names."""
    return project / "training" / "tiny.keras"


def write_model(project: Path, *, seed: int = SEED) -> None:
    """Write the source, whose weights are as the seed has them."""
    source(project).parent.mkdir(exist_ok=True)
    write_dense(source(project), seed=seed)


def known(*, seed: int = SEED) -> list[float]:
    """Return the two numbers that the model gives for `INPUT`, by NumPy: kernel and bias are drawn in this order."""
    random = np.random.default_rng(seed)
    kernel = random.normal(size=(3, 2)).astype(np.float32)
    bias = random.normal(size=(2,)).astype(np.float32)
    return [float(value) for value in np.array(INPUT, np.float32) @ kernel + bias]


def fault(text: str, *, times: int = 1, seed: int = SEED) -> list[str]:
    """Say what is wrong with what a program prints, or a page shows: a list of as many predictions where there are
    several."""
    try:
        seen = json.loads(text)
    except json.JSONDecodeError:
        return [f"no prediction: {text!r}"]
    expected = np.array(known(seed=seed) if times == 1 else [known(seed=seed)] * times)
    if np.shape(seen) == expected.shape and np.allclose(seen, expected, rtol=1e-4):
        return []
    return [f"the wrong prediction: {text}, not {expected.tolist()}"]
