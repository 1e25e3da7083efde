"""What a model gave and took on a backend: as scripts say it, and as it is kept in .cache/bench/predictions.json."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.agreement import Outputs, disagreement
from bench.measure import quartile
from bench.places import CACHE, NETWORKS

KEPT = CACHE / "predictions.json"
_LONGEST = 200
"""Characters of a reason."""


@dataclass(frozen=True)
class Run:
    """Milliseconds, and counts where there is a device; or why there are none.

    `next` is the lower quartile of all `predictions` after the first: what else a machine does only adds to a time.
    """

    error: str | None = None
    synchronous: bool = True
    first: float = 0.0
    next: float = 0.0
    median: float = 0.0
    predictions: int = 0
    dispatches: int | None = None
    programs: int | None = None


Runs = dict[str, dict[str, dict[str, Run]]]
"""By network, backend and contender."""


@dataclass(frozen=True)
class Reference:
    """A network's input, and the numbers of its files."""

    input: NDArray[Any]
    outputs: Mapping[str, Outputs]
    """By the file's kind: `keras` and `saved_model`."""

    def disagreement(self, found: Outputs) -> str:
        """Return how a model's numbers differ from those of every file, or nothing."""
        apart = [disagreement(found, expected) for expected in self.outputs.values()]
        return "" if "" in apart else "; or ".join(dict.fromkeys(apart))


def reference(network: str) -> Reference:
    """Read what TensorFlow and Keras made of a network."""
    with np.load(NETWORKS / f"{network}.npz") as file:
        named = {name: file[name] for name in file.files}
    outputs: dict[str, dict[str, NDArray[np.float32]]] = {}
    for name, values in named.items():
        kind, _, output = name.partition("/")
        if output:
            outputs.setdefault(kind, {})[output] = values.astype(np.float32).ravel()
    return Reference(named["input"], outputs)


def run_of(given: Mapping[str, Any], expected: Reference) -> Run:
    """Return what a script says of a model; one with other numbers than the source's has no times."""
    if "error" in given:
        return Run(error=_one_line(given["error"]))
    outputs = {name: np.frombuffer(base64.b64decode(data), "<f4") for name, data in given["outputs"]}
    if differs := expected.disagreement(outputs):
        return Run(error=f"other numbers: {differs}")
    times: Sequence[float] = given["times"] or [given["first"]]
    return Run(
        None,
        given["synchronous"],
        given["first"],
        quartile(times, 1),
        quartile(times, 2),
        len(given["times"]),
        given.get("dispatches"),
        given.get("programs"),
    )


def read_kept(path: Path = KEPT) -> Runs:
    """Return all that was measured last."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {
        network: {
            backend: {label: Run(**run) for label, run in by_label.items()} for backend, by_label in by_backend.items()
        }
        for network, by_backend in kept.items()
    }


def keep(runs: Runs, path: Path = KEPT) -> None:
    """Write all that was measured."""
    text = json.dumps(runs, default=asdict, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
