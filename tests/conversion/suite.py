"""A suite from sources to a verdict on each: one manifest, one real build without TensorFlow, one Node process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from tests.conversion.build import Build, build_models, published_content, unforeseen
from tests.conversion.compare import mismatches
from tests.conversion.folders import own_folder
from tests.conversion.node import WORK, Job, Run, run_jobs
from tests.conversion.oracle import ORDINARY, Case, Files, files
from tests.oracle.odd import HUGE, INFINITY, NAN
from tests.oracle.registry import ALL_WRITERS
from tests.oracle.tensors import read_groups

BUG = "a bug in tfjs-build"
"""How the message of a failure begins that nobody foresaw: no reason, though it is not silent in the word's sense."""

UNDEFINED = (NAN, INFINITY, HUGE)
"""Samples whose floats a cast to integers may not be able to hold: what it gives then depends on the machine."""

Kind = Literal["matching", "refused", "silent"]


@dataclass(frozen=True)
class Verdict:
    """What became of a case on one backend.

    It gives the source's numbers; or it was refused, with a reason (`text`); or neither: it was published and gives
    other numbers or fails in TensorFlow.js, the build stumbled over it or did not mention it (`text` says which). That
    is about the ordinary samples; `odd` has what is wrong with the odd ones, by their names.
    """

    kind: Kind
    text: str = ""
    leaked: Mapping[str, int] | None = None
    odd: Mapping[str, str] = field(default_factory=dict)

    @property
    def ordinary(self) -> Verdict:
        """What is said of the ordinary samples. Where WebAssembly has trapped in an odd one, nobody counts tensors."""
        return replace(self, odd={}, leaked=NO_LEAK if self.odd and self.leaked == {} else self.leaked)


NO_LEAK: Mapping[str, int] = {"predict": 0, "dispose": 0}
MATCHING = Verdict("matching", leaked=NO_LEAK)
"""The verdict on a model that gives its source's numbers and leaves no tensor behind."""


@dataclass(frozen=True)
class SuiteRun:
    """A suite's sources, build and verdicts, these by backend and case."""

    name: str
    cases: Mapping[str, Case]
    files: Mapping[str, Files]
    build: Build
    verdicts: Mapping[str, Mapping[str, Verdict]]

    def matching_networks(self, backend: str) -> list[str]:
        """Return the networks that match from every writer that there is."""
        matching = [self.cases[name] for name, each in self.verdicts[backend].items() if each.kind == "matching"]
        writers = Counter(case.network.name for case in matching)
        return [network for network, count in writers.items() if count == len(ALL_WRITERS)]

    def summary(self, backend: str) -> list[str]:
        """Return the lines that sum up a backend's verdicts."""
        verdicts = self.verdicts[backend]
        count = Counter(verdict.kind for verdict in verdicts.values())
        return [
            f"{self.name} on {backend}: {len(verdicts)} conversions, {count['matching']} matching, "
            f"{count['refused']} refused with a reason, {count['silent']} silent",
            f"{len(self.matching_networks(backend))} networks match as .keras and .h5 of both Keras generations",
        ]


def run_suite(name: str, all_cases: Sequence[Case], *, format: str, backends: Sequence[str]) -> SuiteRun:
    """Take the sources of a suite's `all_cases`, build them as `format`, and run and judge each on each backend."""
    of = files(name)
    by_name = {str(case): case for case in all_cases}
    folder = own_folder(WORK, f"{name}-{format}")
    models = {case: {"source": str(of[case].source), "format": format} for case in by_name}
    build = build_models(folder, models)
    jobs = [job_of(build, case, of[case], backend) for backend in backends for case in by_name if case in build.written]
    runs = run_jobs(jobs, folder / "node")
    verdicts = {
        backend: {case: verdict_of(build, case, of[case], backend, runs) for case in by_name} for backend in backends
    }
    return SuiteRun(name, by_name, of, build, verdicts)


def source_keys(files: Files) -> dict[str, Any]:
    """Return what the manifest says of where a case is: of a frozen graph, also what comes out of it."""
    outputs = {"outputs": list(read_groups(files.outputs)[0])} if files.source.suffix == ".pb" else {}
    return {"source": str(files.source), **outputs}


def job_of(build: Build, case: str, files: Files, backend: str, *, models: Path | None = None) -> Job:
    """Return the job that runs a model through its stub; `models` holds it, if not the build's own output."""
    folder = models or build.models
    outputs = build.project.root / "outputs" / backend / folder.name / case
    outputs.parent.mkdir(parents=True, exist_ok=True)
    url = (folder / case / "model.json").as_uri()
    content = published_content(folder / case, files.inputs)
    return Job(id_of(folder, case, backend), build.stub(case), url, backend, files.inputs, outputs, content)


def id_of(models: Path, case: str, backend: str) -> str:
    """Return the id of the job that runs a case of the folder `models` on a backend."""
    return f"{backend} {models.name}/{case}"


def judge(files: Files, run: Run) -> Verdict:
    """Compare what a job gave with what the source gives."""
    if run.error is not None:
        return Verdict("silent", run.error)
    expected, actual = read_groups(files.outputs), read_groups(run.outputs)
    if len(actual) != len(expected):
        return Verdict("silent", f"{len(actual)} predictions instead of {len(expected)}", run.leaked)
    problems: dict[str, str] = {}
    for index, (name, want, got) in enumerate(zip(files.samples, expected, actual, strict=True)):
        undefined = name in UNDEFINED
        found = [run.failures[index]] if index in run.failures else mismatches(want, got, undefined=undefined)
        if found:
            problems[name] = "; ".join(found)
    text = "\n".join(f"sample {name}, {problems[name]}" for name in ORDINARY if name in problems)
    odd = {name: problem for name, problem in problems.items() if name not in ORDINARY}
    return Verdict("silent" if text else "matching", text, run.leaked, odd)


def verdict_of(build: Build, case: str, files: Files, backend: str, runs: Mapping[str, Run]) -> Verdict:
    """Return what became of a case that was built, and run on a backend if it was published."""
    if (failure := build.failed.get(case)) is not None:
        text = "\n".join(filter(None, [failure["message"], failure.get("hint")]))
        return Verdict("silent" if text.startswith(BUG) else "refused", text)
    if case not in build.written:
        return Verdict("silent", "the build said nothing of it")
    run = runs[id_of(build.models, case, backend)]
    if lacking := unforeseen(build.models / case, run.kernels):
        return Verdict("silent", f"calls {', '.join(lacking)}, which `tfjs: minimal` would leave out")
    return judge(files, run)
