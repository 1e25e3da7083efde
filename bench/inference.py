"""How fast models run in TensorFlow.js: ours beside another of the same network, in turns in one Node process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("inference.mjs")


@dataclass(frozen=True)
class Pair:
    """Two conversions of one model (folders with a model.json), and the shape of the input that they are to run on.

    `ours` is a graph; `other` is the stock converter's, or a layers model of ours: `beside` says which.
    """

    name: str
    shape: tuple[int, ...]
    ours: Path
    other: Path
    beside: str


@dataclass(frozen=True)
class Speed:
    """The median milliseconds of a prediction on a backend; `error` says why the other model does not run."""

    name: str
    backend: str
    runs: int
    ours: float
    other: float | None
    beside: str
    error: str | None

    @property
    def ratio(self) -> float | None:
        """Below 1 where ours is the faster one; None where only ours runs."""
        return None if self.other is None else self.ours / self.other


def run_in_turns(pairs: Sequence[Pair], backends: Sequence[str], work: Path) -> list[Speed]:
    """Time every pair on every backend; raises CalledProcessError where ours fails or two do not agree."""
    jobs = work / "inference.json"
    jobs.write_text(
        json.dumps(
            [
                {
                    "name": pair.name,
                    "backend": backend,
                    "beside": pair.beside,
                    "shape": pair.shape,
                    "models": {"ours": str(pair.ours), "other": str(pair.other)},
                }
                for pair in pairs
                for backend in backends
            ]
        )
    )
    done = subprocess.run(["node", SCRIPT, jobs], stdout=subprocess.PIPE, text=True, check=True)
    return [Speed(**json.loads(line)) for line in done.stdout.splitlines()]
