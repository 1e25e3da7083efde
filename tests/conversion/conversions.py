"""docs/conversions.md: what became of each graph case. `python -m tests.conversion.conversions` writes it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.conversion import seen
from tests.conversion.cached import Outcome
from tests.conversion.cached import remember as remember_in_node
from tests.conversion.conversions_browsers import section as browsers_section
from tests.conversion.conversions_keras import document as keras_document
from tests.conversion.conversions_odd import section as odd_section
from tests.conversion.conversions_odd import total
from tests.conversion.conversions_old_files import section as old_section
from tests.conversion.excluded_ops import EXCLUDED
from tests.conversion.graphs import BACKENDS, MODELS, OPS, GraphRun, graph_cases, run_graphs
from tests.conversion.in_browsers import BACKENDS as BROWSERS
from tests.conversion.in_browsers import InBrowsers, remember
from tests.conversion.keras_cases import MATRIX, SUITES, run_layers
from tests.conversion.keras_cases import graph_cases as graph_cases_of_keras
from tests.conversion.keras_cases import run_graphs as run_keras_as_graphs
from tests.conversion.markdown import table
from tests.conversion.old_files import old_cases, run_old_files
from tests.conversion.oracle import catalogue, files
from tests.support.project import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "conversions.md"

_INTRODUCTION = """\
# What is converted

Written by the tests (`make conversions`). Each case is a SavedModel or frozen graph that TensorFlow 2.19 wrote. It is
converted where TensorFlow cannot be imported, loaded through its stub by TensorFlow.js 4.22 in Node, and run on two
inputs. It *matches* where every output is off by at most 10⁻⁴ of its largest value, integers, bools and strings being
equal. What cannot match is *refused* when it is built, with a reason.
"""

WRITERS = {
    "function": "TensorFlow 2",
    "module": "TensorFlow 2",
    "sharded": "TensorFlow 2",
    "tf1": "TensorFlow 1",
    "tf1-collection": "TensorFlow 1, tables filled by a collection",
    "tf1-shapeless": "TensorFlow 1.0, without shapes",
    "keras3": "Keras 3, `export`",
    "keras3-saved": "Keras 3, saved by TensorFlow",
    "keras2": "Keras 2, `save`",
    "keras2-export": "Keras 2, `export`",
    "frozen": "frozen, TensorFlow 2",
    "frozen-tf1": "frozen, TensorFlow 1",
    "frozen-optimized": "frozen, optimized by TensorFlow",
}


def document(ops: GraphRun, models: GraphRun) -> str:
    """Return the text of docs/conversions.md. It has no counts of time and no paths: the same results give the same."""
    parts = [
        _INTRODUCTION,
        "## Counts",
        table(("", "cases", *(f"match on {backend}" for backend in BACKENDS), "refused"), map(_counts, (ops, models))),
        "Where a backend of TensorFlow.js lacks a kernel, or its kernel gives other numbers, the build says so in a"
        " note, and the case is run on the others.",
        *odd_section(total(run.odd() for run in (ops, models)), BACKENDS),
        "## Ops",
        "Each op of TensorFlow.js's graph executor that TensorFlow writes, and each that is spelled in those.",
        table(("op", "cases", "result"), op_rows(ops)),
        "## Ops without a case",
        table(("op", "reason"), [(f"`{op}`", reason) for op, reason in sorted(EXCLUDED.items())]),
        "## Whole models",
        table(("model", "kind", "written by", "result"), _model_rows(models)),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _counts(run: GraphRun) -> tuple[str, ...]:
    matching = [str(run.count(backend)["matching"]) for backend in BACKENDS]
    what = {OPS: "ops", MODELS: "whole models"}[run.name]
    return what, str(len(run.cases)), *matching, str(run.count(BACKENDS[0])["refused"])


def op_rows(run: GraphRun) -> list[tuple[str, ...]]:
    """Return the row of each op, of the cases that ran."""
    by_op: dict[str, list[str]] = {}
    for name, case in run.cases.items():
        by_op.setdefault(case.ops[0], []).append(name)
    rows: list[tuple[str, ...]] = []
    for op, names in sorted(by_op.items(), key=lambda item: item[0].strip("_").lower()):
        results: dict[str, list[str]] = {}
        for name in names:
            results.setdefault(_result(run, name), []).append(name.removeprefix(f"op-{op.strip('_')}").strip("-"))
        if len(results) == 1:
            shown = next(iter(results))
        else:
            most = max(results, key=lambda result: len(results[result]))
            rest = [(text, variants) for text, variants in results.items() if text != most]
            others = [f"{', '.join(variant or 'plain' for variant in variants)}: {text}" for text, variants in rest]
            shown = "<br>".join([most, *others])
        rows.append((f"`{op}`", str(len(names)), shown))
    return rows


def _model_rows(run: GraphRun) -> list[tuple[str, ...]]:
    return [
        (name.replace("-", " "), case.family, WRITERS[case.writer], _result(run, name))
        for name, case in sorted(run.cases.items(), key=lambda item: (item[1].family, item[0]))
    ]


def _result(run: GraphRun, case: str) -> str:
    verdict = run.verdict(case)
    if verdict.kind == "matching":
        elsewhere = [backend for backend in BACKENDS if run.announced(case, backend)]
        return "matches" + "".join(f", not on {backend}" for backend in elsewhere)
    if verdict.kind == "refused":
        return f"refused: {_escaped(verdict.text.splitlines()[0])}"
    return f"**wrong**: {_escaped(verdict.text.splitlines()[0])}"


def _escaped(text: str) -> str:
    for character in "\\|<>*_`[]":
        text = text.replace(character, f"\\{character}")
    return text


def main() -> None:
    """Run all suites whole; write the document, and what has been seen right."""
    ops, models = (run_graphs(name, graph_cases(name).values()) for name in (OPS, MODELS))
    cases = graph_cases_of_keras()
    keras, old = run_keras_as_graphs(cases), old_cases()
    sources = {f"{suite}-{name}": each for suite in SUITES for name, each in files(suite).items()}
    of_old = run_old_files(old)
    browsers = {
        "ops": list(ops.browsers.values()),
        "whole models": list(models.browsers.values()),
        "Keras files": _in_browsers(keras),
        "files of old versions": _in_browsers({str(c): of_old[str(c)] for c in old if not c.mended}),
    }
    remember(
        [each for found in browsers.values() for each in found],
        {backend: set(seen.read(backend)) for backend in BROWSERS},
    )
    layers = run_layers(cases)
    remember_in_node([*keras.values(), *layers.values()], BACKENDS)
    parts = [
        document(ops, models),
        keras_document(cases, keras, layers, sources, catalogue(MATRIX)),
        old_section(old, of_old),
        browsers_section(browsers),
    ]
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text("\n".join(parts), encoding="utf-8")


def _in_browsers(outcomes: Mapping[str, Outcome]) -> list[InBrowsers]:
    return [outcome.browsers for outcome in outcomes.values() if outcome.browsers]


if __name__ == "__main__":
    main()
