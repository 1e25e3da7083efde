"""Suites of graphs: SavedModels and frozen graphs from source to verdict, in Node and in browsers."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.conversion.build import Build, build_models, published_ops
from tests.conversion.compare import indifferent
from tests.conversion.conversions_odd import Odd, count
from tests.conversion.folders import own_folder
from tests.conversion.in_browsers import InBrowsers, Published, run_in_browsers
from tests.conversion.in_browsers import summary as summary_of_browsers
from tests.conversion.node import WORK, Run, run_jobs
from tests.conversion.oracle import ORDINARY, Files, files
from tests.conversion.otherwise import listed
from tests.conversion.suite import Verdict, job_of, source_keys, verdict_of
from tests.oracle.graphs.cases import GraphCase, GraphSuite
from tests.oracle.tensors import read_groups

OPS, MODELS = "graphs.ops", "graphs.models"
BACKENDS = ("cpu", "wasm")


@dataclass(frozen=True)
class GraphRun:
    """A suite's sources, build and verdicts, these by backend and case. A case that the build has announced as lacking
    a kernel on a backend has no verdict there. `browsers` has what became of those that were published, by case."""

    name: str
    cases: Mapping[str, GraphCase]
    files: Mapping[str, Files]
    build: Build
    verdicts: Mapping[str, Mapping[str, Verdict]]
    browsers: Mapping[str, InBrowsers]

    def verdict(self, case: str) -> Verdict:
        """Return what became of a case on the backends that it runs on: the worst."""
        each = [(backend, verdicts[case]) for backend, verdicts in self.verdicts.items() if case in verdicts]
        bad = [Verdict("silent", f"{backend}: {verdict.text}") for backend, verdict in each if verdict.kind == "silent"]
        return bad[0] if bad else each[0][1]

    def announced(self, case: str, backend: str) -> bool:
        """Whether a note of the build says that the case does not run on `backend`."""
        return any(f"The {backend} backend" in note for note in self.build.notes.get(case, ()))

    def count(self, backend: str) -> Counter[str]:
        """Return how many cases there are of each kind of verdict."""
        return Counter(verdict.kind for verdict in self.verdicts[backend].values())

    def odd(self) -> dict[str, Odd]:
        """Return what became of the odd samples, by kind: of cases that must convert, on the backends they run on."""
        of = {
            case: {backend: verdicts[case] for backend, verdicts in self.verdicts.items() if case in verdicts}
            for case in self.cases
        }
        return count(self.name, self.files, of)

    def ops(self, case: str) -> set[str]:
        """Return the ops of a published graph, and those that its case is about."""
        return {*self.published_ops(case), *self.cases[case].ops}

    def published_ops(self, case: str) -> set[str]:
        """Return the ops of a published graph, those of its functions included."""
        return {*published_ops(self.build.models / case)}

    def summary(self) -> list[str]:
        """Return the lines that sum up the verdicts."""
        lines = []
        for backend in self.verdicts:
            count = self.count(backend)
            elsewhere = sum(self.announced(case, backend) for case in self.cases)
            lines.append(
                f"{self.name} on {backend}: {len(self.cases)} conversions, {count['matching']} matching, "
                f"{count['refused']} refused with a reason, {count['silent']} silent"
                + (f"; {elsewhere} announced as not for this backend" if elsewhere else "")
            )
            odd = self.odd().values()
            lines.append(
                f"{self.name} on {backend}: {sum(each.samples for each in odd)} odd samples, "
                f"{sum(each.matching[backend] for each in odd)} matching, "
                f"{sum(each.listed[backend] for each in odd)} deviating as listed, "
                f"{sum(each.silent[backend] for each in odd)} silent"
            )
        return [*lines, *summary_of_browsers(self.name, self.browsers.values())]


def graph_cases(name: str) -> dict[str, GraphCase]:
    """Return a suite's cases by name, without running anything."""
    suite: GraphSuite = importlib.import_module(f"tests.oracle.{name}").SUITE
    return dict(suite)


def run_graphs(name: str, cases: Iterable[GraphCase]) -> GraphRun:
    """Take the sources of some of a suite's cases, build them, and run and judge each on each backend, and in browsers
    what has not been seen there."""
    of = files(name)
    by_name = {case.name: case for case in cases}
    folder = own_folder(WORK, name)
    build = build_models(folder, {name: {**source_keys(of[name]), **case.options} for name, case in by_name.items()})
    run = GraphRun(name, by_name, of, build, {}, {})
    names = {backend: [case for case in by_name if not run.announced(case, backend)] for backend in BACKENDS}
    jobs = [
        job_of(build, case, of[case], backend)
        for backend in BACKENDS
        for case in names[backend]
        if case in build.written
    ]
    runs: Mapping[str, Run] = run_jobs(jobs, folder / "node")
    verdicts = {
        backend: {case: verdict_of(build, case, of[case], backend, runs) for case in names[backend]}
        for backend in BACKENDS
    }
    published = {
        case: Published(build.models / case, build.stub(case), of[case], build.notes.get(case, ()), listed(name, case))
        for case in by_name
        if case in build.written
    }
    return GraphRun(name, by_name, of, build, verdicts, run_in_browsers(folder, published))


def proves_nothing(case: GraphCase, files: Files) -> list[str]:
    """Return the outputs that are too much alike for both samples, but for those that are meant to be."""
    samples: Sequence[Mapping[str, Any]] = read_groups(files.outputs)[: len(ORDINARY)]
    changing = [{name: values for name, values in sample.items() if name not in case.same} for sample in samples]
    return indifferent(changing) if changing[0] else ["no output changes"]
