"""Stubs run by TensorFlow.js in Node (or a page), in as many processes as it takes where models hang or crash one."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from tests.support.project import REPOSITORY

RUNNER = REPOSITORY / "tests" / "node" / "run.mjs"
WORK = REPOSITORY / "tests" / "node" / ".work"
"""Where stubs must lie for Node to find TensorFlow.js: below the folder that has it installed."""

LEAST = 20
"""Jobs for which it pays to start a process."""

PATIENCE = 300.0
"""Seconds without a result after which a model counts as hanging; a hundred times what the slowest one needs."""


@dataclass(frozen=True)
class Runner:
    """A program that runs the jobs in the file that is its last argument, and what it is called when it fails. At most
    `processes` of it share the jobs."""

    name: str
    command: tuple[str, ...]
    processes: int = 1


NODE = Runner("Node", ("node", str(RUNNER)), os.cpu_count() or 1)
"""It runs models on one processor."""


@dataclass(frozen=True)
class Job:
    """One model to run on one backend. `inputs` and `outputs` are stems of tensor files. Jobs of the same `content`
    give the same on a backend, so that one of them is run for all; an empty one is like no other."""

    id: str
    stub: Path
    url: str
    backend: str
    inputs: Path
    outputs: Path
    content: str = ""

    def as_json(self) -> str:
        """Return the line that the runner reads."""
        return json.dumps({name: value if isinstance(value, str) else str(value) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Run:
    """What became of a job: an error, or outputs on disk (a stem of tensor files), the number of tensors that leaked
    (none where WebAssembly has trapped in a sample: nobody counts tensors then), what went wrong with single samples,
    by index, and the kernels that were called."""

    error: str | None
    leaked: dict[str, int]
    failures: Mapping[int, str] = field(default_factory=dict)
    outputs: Path = Path()
    kernels: tuple[str, ...] = ()


def run_jobs(jobs: Sequence[Job], folder: Path, *, runner: Runner = NODE, patience: float = PATIENCE) -> dict[str, Run]:
    """Run all jobs, identical ones once, and return what became of each, by id, in their order. A model on which the
    runner hangs or dies loses its own job only; the rest goes on in a new process. `folder` gets the lists of jobs and
    what is said on stderr."""
    first: dict[tuple[str, str], Job] = {}
    for job in jobs:
        first.setdefault(_likeness(job), job)
    distinct = list(first.values())
    processes = max(1, min(runner.processes, len(distinct) // LEAST))
    shares = [distinct[start::processes] for start in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        done = pool.map(lambda share: _run_share(share[1], folder / str(share[0]), runner, patience), enumerate(shares))
        runs = {name: run for each in done for name, run in each.items()}
    ran = {job.id: first[_likeness(job)] for job in jobs}
    return {name: replace(runs[job.id], outputs=job.outputs) for name, job in ran.items()}


def _likeness(job: Job) -> tuple[str, str]:
    return job.backend, job.content or f"job {job.id}"


def _run_share(jobs: Sequence[Job], folder: Path, runner: Runner, patience: float) -> dict[str, Run]:
    runs: dict[str, Run] = {}
    rest = list(jobs)
    while rest:
        done, fate = _run_until_stopped(rest, folder, runner, patience)
        runs.update(done)
        rest = rest[len(done) :]
        if rest:
            runs[rest[0].id] = Run(fate, {})
            rest = rest[1:]
    return runs


def _run_until_stopped(
    jobs: Sequence[Job], folder: Path, runner: Runner, patience: float
) -> tuple[dict[str, Run], str]:
    folder.mkdir(parents=True, exist_ok=True)
    listing, errors = folder / "jobs.jsonl", folder / "stderr.txt"
    listing.write_text("".join(f"{job.as_json()}\n" for job in jobs), encoding="utf-8")
    runs: dict[str, Run] = {}
    with errors.open("a", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            [*runner.command, str(listing)], stdout=subprocess.PIPE, stderr=stderr, text=True, encoding="utf-8"
        )
        assert process.stdout is not None
        lines: queue.Queue[str | None] = queue.Queue()
        reader = threading.Thread(target=_pump, args=(process.stdout, lines))
        reader.start()
        try:
            fate = ""
            while (line := lines.get(timeout=patience)) is not None:
                result: dict[str, Any] = json.loads(line)
                failures = {int(index): text for index, text in result["failures"].items()}
                runs[result["id"]] = Run(
                    result["error"], result["leaked"] or {}, failures, kernels=tuple(result["kernels"])
                )
            code, said = process.wait(), errors.read_text(encoding="utf-8")[-1000:]
            fate = f"{runner.name} ended with code {code}: {said}"
        except queue.Empty:
            fate = f"no result after {patience:g} s"
        finally:
            process.kill()
            process.wait()
            reader.join()
            process.stdout.close()
    return runs, fate


def _pump(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)
