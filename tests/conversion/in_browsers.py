"""Published graphs in Chromium on webgl and webgpu, both in software: what becomes of each on either backend."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.conversion import seen
from tests.conversion.build import published_ops, unforeseen
from tests.conversion.compare import TOLERANCE, mismatches
from tests.conversion.node import Job, Run, Runner, run_jobs
from tests.conversion.oracle import ORDINARY, Files
from tests.conversion.otherwise import cautioned
from tests.conversion.suite import Verdict
from tests.oracle.tensors import read_groups

BACKENDS = ("webgl", "webgpu")

IMPRECISE = frozenset({"Cos", "FFT", "IFFT", "IRFFT", "RFFT", "Sin"})
"""Ops that software rendering computes with fewer digits than processors and graphics cards do: SwiftShader's sines are
off by 2·10⁻⁴, and TensorFlow.js's transforms take them for every number. All other ops were within the rule."""
IMPRECISE_TOLERANCE = 1e-3
"""Takes the place of `compare.TOLERANCE` where a graph has one of them."""

PATIENCE = 900.0
"""Seconds after which a model counts as hanging: software renders an application in minutes on a busy machine."""

Kind = Literal["matching", "noted", "listed", "silent"]


@dataclass(frozen=True)
class Published:
    """A published graph, with the module that loads it, the notes of its build, and its samples and their results.
    `listed` has the backends on which it is known to deviate without a note, each with the reason."""

    model: Path
    stub: Path
    files: Files
    notes: Sequence[str] = ()
    listed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InBrowsers:
    """What became of a graph, which is told by its hash: backends of which a note of the build says that they cannot
    run it, those on which it has been seen right before, verdicts on the others, those on which it is listed as
    deviating, and those of which a note says that they may deviate for what it is fed."""

    graph: str
    noted: tuple[str, ...] = ()
    remembered: tuple[str, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    listed: Mapping[str, str] = field(default_factory=dict)
    cautioned: Mapping[str, str] = field(default_factory=dict)

    def kind(self, backend: str) -> Kind:
        """Return what became of it on a backend."""
        if backend in self.noted:
            return "noted"
        if backend in self.silent:
            return "silent"
        if backend in self.listed:
            return "listed"
        deviates = backend in self.verdicts and self.verdicts[backend].kind == "silent"
        return "noted" if deviates else "matching"

    @property
    def silent(self) -> dict[str, str]:
        """What is wrong with it, by backend, that neither a note nor the list of what deviates tells; or that it is in
        that list, and right."""
        wrong = {backend: each.text for backend, each in self.verdicts.items() if each.kind == "silent"}
        told = {*self.listed, *self.cautioned}
        return {
            **{backend: text for backend, text in wrong.items() if backend not in told},
            **{backend: "right, though listed as deviating" for backend in self.listed if backend not in wrong},
        }

    @property
    def holds(self) -> bool:
        """Whether what it was remembered by is still remembered."""
        return all(self.graph in seen.read(backend) for backend in self.remembered)


def announced(notes: Iterable[str], backends: Iterable[str]) -> tuple[str, ...]:
    """Return the backends of which a note of the build says that they cannot run a model right."""
    notes = list(notes)
    return tuple(backend for backend in backends if any(f"The {backend} backend" in note for note in notes))


def run_in_browsers(
    folder: Path,
    models: Mapping[str, Published],
    memory: Mapping[str, Collection[str]] | None = None,
) -> dict[str, InBrowsers]:
    """Run all graphs that have not been seen right before, and a sample of the others, side by side on both backends;
    return what became of each. Stubs and models lie below `folder`. `memory` is what has been seen right, by
    backend."""
    if memory is None:
        memory = {backend: seen.read(backend) for backend in BACKENDS}
    graphs = {name: seen.graph_of(each.model, each.files.inputs) for name, each in models.items()}
    noted = {name: announced(each.notes, BACKENDS) for name, each in models.items()}
    chosen: dict[str, dict[str, str]] = {backend: {} for backend in BACKENDS}
    for backend in BACKENDS:
        for name, graph in graphs.items():
            if backend not in noted[name] and (graph not in memory[backend] or seen.in_sample(graph)):
                chosen[backend].setdefault(graph, name)
    with ThreadPoolExecutor(len(BACKENDS)) as pool:
        runs = dict(
            zip(BACKENDS, pool.map(lambda each: _run(folder, each, models, chosen[each]), BACKENDS), strict=True)
        )
    return {
        name: InBrowsers(
            graph,
            noted[name],
            tuple(
                each
                for each in BACKENDS
                if each not in noted[name] and graph in memory[each] and graph not in runs[each]
            ),
            {each: runs[each][graph] for each in BACKENDS if each not in noted[name] and graph in runs[each]},
            {each: reason for each, reason in models[name].listed.items() if each not in noted[name]},
            cautioned(models[name].notes, name, models[name].files),
        )
        for name, graph in graphs.items()
    }


def _run(folder: Path, backend: str, models: Mapping[str, Published], chosen: Mapping[str, str]) -> dict[str, Verdict]:
    """Run one model of each graph on a backend; return the verdicts by graph."""
    outputs = folder / "browsers" / backend
    outputs.mkdir(parents=True, exist_ok=True)
    jobs = {
        graph: Job(
            graph,
            models[name].stub,
            (models[name].model / "model.json").resolve().as_uri(),
            backend,
            models[name].files.inputs,
            outputs / graph,
        )
        for graph, name in chosen.items()
    }
    runs = (
        run_jobs(list(jobs.values()), outputs / "jobs", runner=chromium(backend, folder), patience=PATIENCE)
        if jobs
        else {}
    )
    return {graph: judge(models[chosen[graph]], job, runs[graph]) for graph, job in jobs.items()}


def chromium(backend: str, folder: Path, *flags: str) -> Runner:
    """Return what runs jobs in Chromium on a backend, with flags of TensorFlow.js set; stubs and models lie below
    `folder`."""
    command = (sys.executable, "-m", "tests.browser.backends.jobs", backend, str(folder), *flags)
    return Runner(f"Chromium ({backend})", command)


def judge(model: Published, job: Job, run: Run) -> Verdict:
    """Compare what a job gave for the ordinary samples with what the source gives."""
    refused = "".join(f"\nwebgpu refused: {text}" for text in run.failures.values())
    if run.error is not None:
        return Verdict("silent", f"{run.error}{refused}")
    if lacking := unforeseen(model.model, run.kernels):
        return Verdict("silent", f"calls {', '.join(lacking)}, which `tfjs: minimal` would leave out")
    imprecise = not IMPRECISE.isdisjoint(published_ops(model.model))
    tolerance = IMPRECISE_TOLERANCE if imprecise else TOLERANCE
    expected, actual = read_groups(model.files.outputs)[: len(ORDINARY)], read_groups(job.outputs)
    if len(actual) != len(expected):
        return Verdict("silent", f"{len(actual)} predictions instead of {len(expected)}")
    problems = {
        name: problem
        for name, want, got in zip(model.files.samples, expected, actual, strict=False)
        if (problem := "; ".join(mismatches(want, got, tolerance=tolerance)))
    }
    text = "\n".join(f"sample {name}, {problem}" for name, problem in problems.items())
    return Verdict("silent", f"{text}{refused}") if text else Verdict("matching")


def remember(found: Iterable[InBrowsers], memory: Mapping[str, set[str]]) -> None:
    """Add what is right to the memory, take out what is wrong, and write it."""
    found = list(found)
    for backend, graphs in memory.items():
        graphs |= {each.graph for each in found if each.kind(backend) == "matching"}
        graphs -= {each.graph for each in found if each.kind(backend) == "silent"}
        seen.write(backend, graphs)


def distinct(found: Iterable[InBrowsers]) -> dict[str, Counter[Kind]]:
    """Return how many graphs there are of each kind, by backend; what is the same counts once, as its worst."""
    kinds: dict[str, dict[str, Kind]] = {backend: {} for backend in BACKENDS}
    for each in found:
        for backend in BACKENDS:
            kind = each.kind(backend)
            if kind == "silent" or each.graph not in kinds[backend]:
                kinds[backend][each.graph] = kind
    return {backend: Counter(of.values()) for backend, of in kinds.items()}


def summary(what: str, found: Iterable[InBrowsers]) -> list[str]:
    """Return the lines that sum up what became of graphs."""
    found = list(found)
    ran = {backend: len({each.graph for each in found if backend in each.verdicts}) for backend in BACKENDS}
    return [
        f"{what} on {backend}: {count.total()} distinct graphs, {count['matching']} matching ({ran[backend]} run now), "
        f"{count['noted']} noted, {count['listed']} deviating as listed, {count['silent']} silent"
        for backend, count in distinct(found).items()
    ]
