"""Convert and run a few cases, without what is remembered: `python -m tests.conversion layer|op NAME…`.

`layer`: a name is that of a case, of a network (in every file format), of a family or of a Keras class; the files
become graphs and layers models. `op`: of a case, of a family or of an op. The rows of a class, or of an op, in
docs/conversions.md are written anew. `make layer NAME=UnitNormalization` and `make op NAME=Cumsum` do this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.conversion.cached import Outcome, Plan, run
from tests.conversion.conversions import DOCUMENT, op_rows
from tests.conversion.conversions_keras import by_class, classes_of, layer_row
from tests.conversion.folders import own_folder
from tests.conversion.graphs import MODELS, OPS, run_graphs
from tests.conversion.graphs import graph_cases as cases_of_ops
from tests.conversion.keras_cases import MATRIX, SUITES, graph_cases
from tests.conversion.markdown import with_rows
from tests.conversion.node import WORK
from tests.conversion.oracle import catalogue, files
from tests.conversion.suite import Verdict


def main(kind: str, *names: str) -> int:
    """Print what becomes of each case that is meant by one of `names`; return 1 if there is none."""
    lines = list({"layer": _keras, "op": _graphs}[kind]({*names}))
    sys.stdout.writelines(lines)
    if not lines:
        sys.stderr.write(f"no case is called {', '.join(names)}, and none has the {kind} of that name\n")
    return 0 if lines else 1


def _keras(wanted: set[str]) -> Iterator[str]:
    outcomes_as: dict[str, dict[str, Outcome]] = {"graph": {}, "layers": {}}
    for suite in SUITES:
        of = files(suite)
        for format in ("graph", "layers"):
            plans = [
                Plan(case.plan.case, case.plan.backends)
                for case in graph_cases()
                if case.suite == suite
                and wanted & {str(case), case.case.network.name, *case.family, *of[case.plan.case].classes}
            ]
            outcomes: dict[str, Outcome] = run(own_folder(WORK, "tried"), suite, plans, of, format) if plans else {}
            outcomes_as[format] |= {f"{suite}-{name}": outcome for name, outcome in outcomes.items()}
            for name, outcome in outcomes.items():
                for backend, verdict in outcome.verdicts.items():
                    yield from _lines(f"{suite} {name} as {format} on {backend}", verdict)
                if outcome.browsers is not None:
                    for backend, problem in outcome.browsers.silent.items():
                        yield f"{suite} {name} as {format} on {backend}: {problem}\n"
    sources = {f"{suite}-{name}": each for suite in SUITES for name, each in files(suite).items()}
    there, using = classes_of(catalogue(MATRIX)), by_class(graph_cases(), sources)
    rows = [
        layer_row(name, using[name], outcomes_as["graph"], outcomes_as["layers"], there)
        for name in sorted(wanted & using.keys() & set().union(*there.values()))
    ]
    _write("## Keras: layers", rows)


def _graphs(wanted: set[str]) -> Iterator[str]:
    for suite in (OPS, MODELS):
        cases = [each for each in cases_of_ops(suite).values() if wanted & {each.name, each.family, *each.ops}]
        if not cases:
            continue
        found = run_graphs(suite, cases)
        for backend, verdicts in found.verdicts.items():
            for name, verdict in verdicts.items():
                yield from _lines(f"{suite} {name} on {backend}", verdict)
        if suite == OPS:
            _write("## Ops", [row for row in op_rows(found) if row[0].strip("`") in wanted])
        for name, browsers in found.browsers.items():
            for backend, problem in browsers.silent.items():
                yield f"{suite} {name} on {backend}: {problem}\n"


def _write(heading: str, rows: list[tuple[str, ...]]) -> None:
    """Put rows into the document."""
    if rows:
        DOCUMENT.write_text(with_rows(DOCUMENT.read_text(encoding="utf-8"), heading, rows), encoding="utf-8")


def _lines(what: str, verdict: Verdict) -> Iterator[str]:
    yield f"{what}: {verdict.kind} {verdict.text}\n"
    for sample, problem in verdict.odd.items():
        yield f"  sample {sample}, {problem}\n"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
