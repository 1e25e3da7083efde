"""Published graphs run with what `tfjs: minimal` gives their loaders, each with a module of its own: none has a kernel
that another one needs.

As a program it runs all graphs of suites, as it builds them or as `build_models` has left them in a folder, and prints
what is wrong: `python -m tests.conversion.minimal [SUITE[=FOLDER]…]`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.conversion import graphs
from tests.conversion.build import build_models, published_content
from tests.conversion.folders import own_folder
from tests.conversion.keras_cases import HEAVY
from tests.conversion.keras_cases import SUITES as KERAS
from tests.conversion.keras_cases import graph_cases as keras_cases
from tests.conversion.node import WORK, Job, Run, Runner, run_jobs
from tests.conversion.oracle import Files, files
from tests.conversion.suite import MATCHING, Verdict, judge, source_keys
from tests.support.project import REPOSITORY
from tfjs_build.kernels import needs_of
from tfjs_build.stubs.minimal import describe_tfjs
from tfjs_build.stubs.render import render_runtime, render_tfjs

BACKENDS = ("wasm", "cpu")
_ALL, _LEAN = "@tensorflow/tfjs", "./_tfjs.js"
SUITES = (graphs.OPS, graphs.MODELS, "reported", *KERAS)
LEAN = Runner("Node, minimal", ("node", str(REPOSITORY / "tests" / "node" / "minimal.mjs")))


@dataclass(frozen=True)
class Loader:
    """A published graph, the module that loads it, its numbers, and the backends to run it on."""

    model: Path
    stub: Path
    files: Files
    backends: Sequence[str] = BACKENDS


@dataclass(frozen=True)
class Lean:
    """What became of loaders: `modules` is how many different ones of TensorFlow.js they needed, `verdicts` are by
    model and backend, `apart` are those that all of TensorFlow.js gives otherwise, with the verdict there."""

    modules: int
    verdicts: Mapping[tuple[str, str], Verdict]
    apart: Mapping[tuple[str, str], Verdict]

    @property
    def wrong(self) -> dict[tuple[str, str], str]:
        """What is wrong with `apart`, beside what all of TensorFlow.js has to say."""
        return {key: f"{self.verdicts[key]}, with all of it {verdict}" for key, verdict in self.apart.items()}


def run_lean(folder: Path, loaders: Mapping[str, Loader], *, without: str = "") -> Lean:
    """Run loaders in Node, each with a `_tfjs.js` for its model alone, which lies in `folder`, and a kernel of which
    may be taken out. What is not right with it is run with all of TensorFlow.js, too, and what differs there, alone."""
    shutil.rmtree(folder, ignore_errors=True)
    stubs = {name: _own_module(folder, loader, without) for name, loader in loaders.items()}
    jobs: dict[tuple[str, str], Job] = {}
    for name in sorted(loaders, key=lambda each: stubs[each]):
        loader = loaders[name]
        content = published_content(loader.model, loader.files.inputs)
        for backend in loader.backends:
            outputs = folder / "outputs" / backend / name
            outputs.parent.mkdir(parents=True, exist_ok=True)
            url = (loader.model / "model.json").resolve().as_uri()
            jobs[name, backend] = Job(
                f"{backend} {name}", stubs[name], url, backend, loader.files.inputs, outputs, content
            )
    verdicts = _verdicts(loaders, jobs, run_jobs(list(jobs.values()), folder / "lean", runner=LEAN))
    rest = {
        key: replace(job, stub=_beside(folder / "whole" / "stubs", loaders[key[0]], _ALL))
        for key, job in jobs.items()
        if verdicts[key] != MATCHING
    }
    whole = _verdicts(loaders, rest, run_jobs(list(rest.values()), folder / "whole"))
    apart = {key: verdict for key, verdict in whole.items() if verdict != verdicts[key]}
    # A promise that TensorFlow.js lets go of takes the process along when it is rejected, and with it whose turn it is.
    for name in sorted({name for name, _ in apart}) if len(loaders) > 1 else ():
        alone = run_lean(folder / "alone" / name, {name: loaders[name]}, without=without)
        verdicts |= alone.verdicts
        apart = {key: verdict for key, verdict in apart.items() if key[0] != name} | dict(alone.apart)
    return Lean(len({stub.parent for stub in stubs.values()}), verdicts, apart)


def _own_module(folder: Path, loader: Loader, without: str) -> Path:
    """Write what a manifest with this model alone has beside its stub, in a folder that loaders share which need the
    same; return the stub."""
    needs = needs_of(json.loads((loader.model / "model.json").read_text(encoding="utf-8")))
    module = describe_tfjs(needs, backends=BACKENDS)
    if without:
        kept = {
            backend: [kernel for kernel in kernels if kernel.local != f"{backend}_{without}"]
            for backend, kernels in module.backends.items()
        }
        module = replace(module, backends=kept)
    texts = render_tfjs(module)
    place = folder / hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (place / file).write_text(text, encoding="utf-8")
    return _beside(place, loader, _LEAN)


def _beside(place: Path, loader: Loader, tfjs: str) -> Path:
    """Copy a stub, and what all share, so that they import another TensorFlow.js."""
    place.mkdir(parents=True, exist_ok=True)
    for file, text in render_runtime(tfjs=tfjs).items():
        (place / file).write_text(text, encoding="utf-8")
    stub = loader.stub.read_text(encoding="utf-8")
    target = place / loader.stub.name
    target.write_text(stub.replace(f'"{_ALL}"', f'"{tfjs}"').replace(f'"{_LEAN}"', f'"{tfjs}"'), encoding="utf-8")
    return target


def _verdicts(
    loaders: Mapping[str, Loader], jobs: Mapping[tuple[str, str], Job], runs: Mapping[str, Run]
) -> dict[tuple[str, str], Verdict]:
    return {key: judge(loaders[key[0]].files, runs[job.id]) for key, job in jobs.items()}


def models_of(suite: str, of: Mapping[str, Files], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what a manifest says of some of a suite's cases, that they are published as graphs."""
    if suite in KERAS:
        return {name: {"source": str(of[name].source), "format": "graph"} for name in names}
    cases = graphs.graph_cases(suite)
    return {name: {**source_keys(of[name]), **cases[name].options} for name in names}


def loaders_of(suite: str, of: Mapping[str, Files], folder: Path) -> dict[str, Loader]:
    """Return the loaders of a suite's graphs that a build has left in `folder`."""
    backends = {case.plan.case: case.plan.backends for case in keras_cases() if case.suite == suite}
    return {
        name: Loader(folder / "models" / name, folder / "stubs" / f"{name}.js", each, backends.get(name, BACKENDS))
        for name, each in of.items()
        if (folder / "stubs" / f"{name}.js").exists()
    }


def sample(suite: str, share: int) -> list[str]:
    """Return about one in `share` of a suite's cases, whichever others there are, without those that are too large."""
    large = {case.plan.case for case in keras_cases() if case.family == HEAVY}
    names = [name for name in files(suite) if name not in large]
    return [name for name in names if int(hashlib.sha256(name.encode()).hexdigest(), 16) % share == 0]


def main(*asked: str) -> int:
    """Run all graphs of suites; return 1 where something is wrong."""
    code = 0
    for each in asked or SUITES:
        suite, _, given = each.partition("=")
        of, work = files(suite), own_folder(WORK, f"lean-{suite}")
        built = Path(given) if given else work / "built"
        if not given:
            build_models(built, models_of(suite, of, of))
        lean = run_lean(work / "lean", loaders_of(suite, of, built))
        right = sum(verdict.kind == "matching" for verdict in lean.verdicts.values())
        sys.stdout.write(
            f"{suite}: {len(lean.verdicts)} runs of {len({name for name, _ in lean.verdicts})} models with "
            f"{lean.modules} modules, {right} matching, {len(lean.wrong)} other than with all of TensorFlow.js\n"
        )
        for (name, backend), text in lean.wrong.items():
            sys.stdout.write(f"  {name} on {backend}: {text}\n")
        sys.stdout.flush()
        code = code or int(bool(lean.wrong))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
