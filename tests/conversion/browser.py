"""Writes anew what has been seen right in browsers: `python -m tests.conversion.browser [--all] [SUITE…]`.

What is remembered is not run again, unless there is `--all`; what is right now is written down as it comes. Without
suites all are run, and what no longer exists is forgotten. What is neither right nor noted is printed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from tests.conversion import seen
from tests.conversion.build import build_models
from tests.conversion.folders import own_folder
from tests.conversion.graphs import MODELS, OPS
from tests.conversion.graphs import graph_cases as cases_of_graphs
from tests.conversion.in_browsers import BACKENDS, InBrowsers, Published, remember, run_in_browsers, summary
from tests.conversion.keras_cases import SUITES as KERAS
from tests.conversion.keras_cases import graph_cases as cases_of_keras
from tests.conversion.node import WORK
from tests.conversion.old_files import old_cases, old_files
from tests.conversion.oracle import Files, files
from tests.conversion.otherwise import listed
from tests.conversion.suite import source_keys

REPORTED, OLD_FILES = "reported", "old-files"
SUITES = (*KERAS, OPS, MODELS, REPORTED, OLD_FILES)
AT_ONCE = 300
"""Cases that are built and run at a time; what was right among them is written down then."""

Cases = Mapping[str, tuple[Files, Mapping[str, Any]]]
"""Cases that must convert: their files, and what the manifest says of them."""


def main(*arguments: str) -> None:
    """Run the suites, write down what is right, and print the rest."""
    suites = [each for each in arguments if each != "--all"]
    memory = {backend: set[str]() if "--all" in arguments else set(seen.read(backend)) for backend in BACKENDS}
    found: list[InBrowsers] = []
    for suite in suites or SUITES:
        of_suite: list[InBrowsers] = []
        for some in _parts(_cases(suite), AT_ONCE):
            for case, each in _run(suite, some, memory).items():
                of_suite.append(each)
                for backend, problem in each.silent.items():
                    sys.stdout.write(f"{suite} {case} on {backend}: {problem}\n")
            remember(of_suite, memory)
            sys.stdout.flush()
        sys.stdout.write("".join(f"{line}\n" for line in summary(suite, of_suite)))
        found += of_suite
    if not suites:
        remember(found, {backend: set() for backend in BACKENDS})
    sys.stdout.write("".join(f"{line}\n" for line in summary("all", found)))


def _run(suite: str, cases: Cases, memory: Mapping[str, set[str]]) -> dict[str, InBrowsers]:
    folder = own_folder(WORK, f"browsers-{suite}")
    build = build_models(folder, {case: keys for case, (_, keys) in cases.items()})
    for case, event in build.failed.items():
        sys.stdout.write(f"{suite} {case} is not built: {event['message']}\n")
    models = {
        case: Published(
            build.models / case, build.stub(case), cases[case][0], build.notes.get(case, ()), listed(suite, case)
        )
        for case in build.written
    }
    return run_in_browsers(folder, models, memory)


def _parts(cases: Cases, size: int) -> Iterator[Cases]:
    items = iter(cases.items())
    while part := dict(islice(items, size)):
        yield part


def _cases(suite: str) -> Cases:
    if suite == OLD_FILES:
        old = [case for case in old_cases() if not case.refused and not case.mended]
        return {case: (of, {"format": "graph", **source_keys(of)}) for case, of in old_files(old).items()}
    of_suite = files(suite)
    if suite in KERAS:
        names = [case.plan.case for case in cases_of_keras() if case.suite == suite and not case.refused]
        return {name: (of_suite[name], {"format": "graph", **source_keys(of_suite[name])}) for name in names}
    return {
        name: (of_suite[name], {**source_keys(of_suite[name]), **case.options})
        for name, case in cases_of_graphs(suite).items()
        if not case.refused
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
