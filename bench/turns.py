"""Models of one network in turns in Node, on cpu or wasm: `turns.mjs`, a process for each comparison."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.contenders import Contender
from bench.onnx_files import RUNTIME
from bench.runs import Reference, Run, run_of
from tests.browser.backends.page import described

_SCRIPT = Path(__file__).with_name("turns.mjs")


@dataclass(frozen=True)
class Pace:
    """How long models are timed: in so many turns, and more until `seconds` have passed for each; fewer only where
    `patience`, in seconds, is at an end."""

    turns: int
    seconds: float
    patience: float


PACES = {"wasm": Pace(10, 3.0, 150.0), "cpu": Pace(3, 1.0, 30.0)}


def take_turns(contenders: Sequence[Contender], backend: str, expected: Reference) -> dict[str, Run]:
    """Time models against each other; returns what each gave and took, by label."""
    found = _run(contenders, backend, expected, 0)
    return {
        each.label: Run(error=f"not converted: {each.error}") if each.error else run_of(found[each.label], expected)
        for each in contenders
    }


def profiles(contenders: Sequence[Contender], expected: Reference, predictions: int) -> dict[str, Any]:
    """Time the kernels of graphs on wasm, and the whole of others beside them: by label, what `turns.mjs` says."""
    return _run(contenders, "wasm", expected, predictions)


def _run(contenders: Sequence[Contender], backend: str, expected: Reference, predictions: int) -> dict[str, Any]:
    job = {
        "backend": backend,
        "input": described(expected.input),
        "contenders": [each.described() for each in contenders if each.error is None],
        "runtime": str(RUNTIME),
        "profiles": predictions,
        **asdict(PACES[backend]),
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "job.json"
        file.write_text(json.dumps(job), encoding="utf-8")
        done = subprocess.run(["node", _SCRIPT, file], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{_SCRIPT.name} fails:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
