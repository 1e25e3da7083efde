"""How fast graph models run in TensorFlow.js: ours beside the stock converter's, in turns in one Node process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("inference.mjs")


@dataclass(frozen=True)
class Pair:
    """Two conversions of one model (folders with a model.json), and the shape of the input that they are to run on."""

    name: str
    shape: tuple[int, ...]
    ours: Path
    stock: Path


@dataclass(frozen=True)
class Speed:
    """The median milliseconds of a prediction on a backend; `error` says why the stock tool's graph does not run."""

    name: str
    backend: str
    runs: int
    ours: float
    stock: float | None
    error: str | None

    @property
    def ratio(self) -> float | None:
        """Below 1 where ours is the faster one; None where only ours runs."""
        return None if self.stock is None else self.ours / self.stock


def run_in_turns(pairs: Sequence[Pair], backends: Sequence[str], work: Path) -> list[Speed]:
    """Time every pair on every backend; raises CalledProcessError where ours fails or two do not agree."""
    jobs = work / "inference.json"
    jobs.write_text(
        json.dumps(
            [
                {
                    "name": pair.name,
                    "backend": backend,
                    "shape": pair.shape,
                    "models": {"ours": str(pair.ours), "stock": str(pair.stock)},
                }
                for pair in pairs
                for backend in backends
            ]
        )
    )
    done = subprocess.run(["node", SCRIPT, jobs], stdout=subprocess.PIPE, text=True, check=True)
    return [Speed(**json.loads(line)) for line in done.stdout.splitlines()]
