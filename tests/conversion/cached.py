"""Conversions of a suite that are made and run once, and again when the converter, the case or the rule has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.conversion import seen
from tests.conversion.build import build_models, published_ops
from tests.conversion.folders import own_folder
from tests.conversion.in_browsers import InBrowsers, Published, announced, run_in_browsers
from tests.conversion.node import WORK, Job, run_jobs
from tests.conversion.oracle import Files, hash_files
from tests.conversion.otherwise import listed
from tests.conversion.suite import MATCHING, Verdict, job_of, judge, source_keys, verdict_of
from tests.conversion.tamper import has_kernels, tamper
from tests.support.project import REPOSITORY

_CACHE = REPOSITORY / ".cache" / "converted"
_CODE = (
    *("tfjs_build/**/*.*", "templates/*", "tests/node/*.mjs", "tests/node/package-lock.json"),
    "tests/browser/backends/*.*",
)
_JUDGES = ("build", "cached", "compare", "in_browsers", "node", "otherwise", "seen", "suite", "tamper")
"""Both are all that decides what becomes of a source: the converter, what runs it, and the rule of comparison."""


@dataclass(frozen=True)
class Plan:
    """A case to convert: where to run it, and whether to run it with a weight changed, too."""

    case: str
    backends: tuple[str, ...]
    tampered: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a case, by backend; a backend of which the build said that it lacks a kernel is `announced`
    instead. `tampered` is the verdict on the model with one number changed, if that was asked for and there is one.
    `ops` are those of the published graph, if odd samples deviate. `browsers` is what became of a graph there. `runs`
    are hashes of its runs in Node, by backend (`seen.run_of`); what is remembered by one was not run again."""

    verdicts: Mapping[str, Verdict]
    announced: tuple[str, ...] = ()
    tampered: Verdict | None = None
    ops: tuple[str, ...] = ()
    browsers: InBrowsers | None = None
    runs: Mapping[str, str] = field(default_factory=dict)

    @property
    def worst(self) -> Verdict:
        """The verdict that speaks for the case: a silent one before all others."""
        each = list(self.verdicts.values())
        return next((verdict for verdict in each if verdict.kind == "silent"), each[0])


def convert(suite: str, plans: Iterable[Plan], of: Mapping[str, Files], *, format: str) -> dict[str, Outcome]:
    """Return what became of some of a suite's cases, whose files are `of`, as `format`; those whose outcome is known
    are not run again."""
    code = _code()
    folder = _CACHE / f"{suite}-{format}"
    keys = {plan: _key(code, suite, plan, of[plan.case]) for plan in plans}
    known = {plan.case: _load(folder / f"{plan.case}.json", key) for plan, key in keys.items()}
    rest = [plan for plan in keys if known[plan.case] is None]
    found = {case: outcome for case, outcome in known.items() if outcome is not None}
    if rest:
        new = run(own_folder(WORK, f"{suite}-{format}"), suite, rest, of, format)
        folder.mkdir(parents=True, exist_ok=True)
        for plan in rest:
            browsers = new[plan.case].browsers
            if new[plan.case].worst.kind == "silent" or (browsers and browsers.silent):
                continue  # to be looked into, and it may have been the machine's fault
            document = {"key": keys[plan], **asdict(new[plan.case])}
            (folder / f"{plan.case}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        found |= new
    return found


def run(folder: Path, suite: str, plans: Sequence[Plan], of: Mapping[str, Files], format: str) -> dict[str, Outcome]:
    """Build the cases, run each on its backends, graphs in browsers, too, and judge it."""
    models = {plan.case: {"format": format, **source_keys(of[plan.case])} for plan in plans}
    build = build_models(folder, models)
    elsewhere = {plan.case: announced(build.notes.get(plan.case, ()), plan.backends) for plan in plans}
    jobs: list[Job] = []
    hashes: dict[str, dict[str, str]] = {plan.case: {} for plan in plans}
    known: set[tuple[str, str]] = set()
    memory = {backend: seen.read(backend) for plan in plans for backend in plan.backends}
    for plan in plans:
        if plan.case in build.written:
            where = [backend for backend in plan.backends if backend not in elsewhere[plan.case]]
            for backend in where:
                job = job_of(build, plan.case, of[plan.case], backend)
                found = seen.run_of(build.models / plan.case, of[plan.case], job.content)
                hashes[plan.case][backend] = found
                if found in memory[backend] and not seen.in_sample(found):
                    known.add((plan.case, backend))
                else:
                    jobs.append(job)
    copies = {}
    for plan in plans:
        if plan.tampered and plan.case in build.written and has_kernels(build.models / plan.case):
            tamper(build.models / plan.case, folder / "tampered" / plan.case)
            copies[plan.case] = job_of(build, plan.case, of[plan.case], plan.backends[0], models=folder / "tampered")
    runs = run_jobs([*sorted(jobs, key=lambda job: job.backend), *copies.values()], folder / "node")
    graphs = {
        plan.case: Published(
            build.models / plan.case,
            build.stub(plan.case),
            of[plan.case],
            build.notes.get(plan.case, ()),
            listed(suite, plan.case),
        )
        for plan in plans
        if format == "graph" and plan.case in build.written
    }
    browsers = run_in_browsers(folder, graphs)
    outcomes = {}
    for plan in plans:
        verdicts = {
            backend: MATCHING
            if (plan.case, backend) in known
            else verdict_of(build, plan.case, of[plan.case], backend, runs)
            for backend in plan.backends
            if backend not in elsewhere[plan.case]
        }
        copy = copies.get(plan.case)
        outcomes[plan.case] = Outcome(
            verdicts,
            elsewhere[plan.case],
            judge(of[plan.case], runs[copy.id]) if copy else None,
            published_ops(build.models / plan.case) if any(verdict.odd for verdict in verdicts.values()) else (),
            browsers.get(plan.case),
            hashes[plan.case],
        )
    return outcomes


def remember(found: Iterable[Outcome], backends: Iterable[str]) -> None:
    """Add the runs in Node that were right in everything to the memory, take out the others, and write it."""
    found = list(found)
    for backend in backends:
        runs = [(each.runs[backend], each.verdicts[backend]) for each in found if each.runs.get(backend)]
        wrong = {run for run, verdict in runs if verdict != MATCHING}
        seen.write(backend, ({*seen.read(backend)} | {run for run, _ in runs}) - wrong)


def _code() -> str:
    patterns = (*_CODE, *(f"tests/conversion/{name}.py" for name in _JUDGES))
    paths = {path for pattern in patterns for path in REPOSITORY.glob(pattern) if path.is_file()}
    return hash_files([path for path in paths if path.suffix != ".pyc"], REPOSITORY)


def _key(code: str, suite: str, plan: Plan, files: Files) -> str:
    """Hash what an outcome depends on; the folder of a source is called after all that the source depends on."""
    text = json.dumps([code, str(files.source), plan.backends, plan.tampered, listed(suite, plan.case)])
    return hashlib.sha256(text.encode()).hexdigest()


def _load(path: Path, key: str) -> Outcome | None:
    if not path.exists():
        return None
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if document["key"] != key:
        return None
    tampered, browsers = document["tampered"], document["browsers"]
    known = browsers and InBrowsers(
        browsers["graph"],
        tuple(browsers["noted"]),
        tuple(browsers["remembered"]),
        {backend: Verdict(**verdict) for backend, verdict in browsers["verdicts"].items()},
        browsers["listed"],
        browsers["cautioned"],
    )
    if known and not known.holds:
        return None  # what it was remembered by has been forgotten
    return Outcome(
        {backend: Verdict(**verdict) for backend, verdict in document["verdicts"].items()},
        tuple(document["announced"]),
        Verdict(**tampered) if tampered else None,
        tuple(document["ops"]),
        known,
        document["runs"],
    )
