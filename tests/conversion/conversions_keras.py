"""The part of docs/conversions.md that is about Keras files: each layer, activation, function and family."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tests.conversion import excluded_keras
from tests.conversion.cached import Outcome
from tests.conversion.conversions_odd import Odd, count, odd_table, total
from tests.conversion.keras_cases import BACKENDS, SUITES, GraphCase, counts, generation_of
from tests.conversion.markdown import table
from tests.conversion.oracle import ORDINARY, Files
from tests.conversion.suite import Verdict
from tests.oracle.keras_matrix.suite import OPERATIONS
from tests.oracle.registry import GENERATIONS, KERAS_3

_INTRODUCTION = """\
# Keras files

Each case is a network that Keras 3.15 or tf-keras 2.19 saved as `.keras` or `.h5`, converted as `graph` and as `layers`
where TensorFlow cannot be imported, and judged as above. The cases are in `tests/oracle/keras_layers` and
`tests/oracle/keras_matrix`; the classes and functions below are all that the two Keras packages have, by enumeration.
Networks in half precision are compared with themselves in float32, which is what TensorFlow.js computes in.
"""

_MOST_REASONS = 3


def document(
    cases: Iterable[GraphCase],
    graphs: Mapping[str, Outcome],
    layers: Mapping[str, Outcome],
    sources: Mapping[str, Files],
    catalogue: Mapping[str, Mapping[str, Any]],
) -> str:
    """Return the text. It has no times and no paths: the same results give the same."""
    cases = list(cases)
    parts = [
        _INTRODUCTION,
        "## Keras: counts",
        table(
            ("", "cases", "match", "refused"), [_counts("`graph`", cases, graphs), _counts("`layers`", cases, layers)]
        ),
        "## Keras: NaN, infinities and nothing",
        _odd(cases, graphs, layers, sources),
        "## Keras: layers",
        table(
            ("layer", "Keras", "cases", "as `graph`", "as `layers`"), _layers(cases, graphs, layers, sources, catalogue)
        ),
        "## Keras: functions of `keras.ops`",
        table(("function", "cases", "as `graph`"), _operations(cases, graphs)),
        "## Keras: families of cases",
        table(("family", "cases", "match as `graph`", "match as `layers`"), _families(cases, graphs, layers)),
        "## Keras: refused as `graph`",
        table(("case", "reason"), _refusals(cases, graphs)),
        "## Keras: what has no case",
        table(("", "reason"), _excluded()),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _counts(what: str, cases: list[GraphCase], outcomes: Mapping[str, Outcome]) -> tuple[str, ...]:
    count = counts(outcomes, cases)
    return what, str(len(cases)), str(count["matching"]), str(count["refused"])


def _odd(
    cases: list[GraphCase],
    graphs: Mapping[str, Outcome],
    layers: Mapping[str, Outcome],
    sources: Mapping[str, Files],
) -> str:
    by_suite = [count_of_keras(suite, cases, graphs, sources) for suite in SUITES]
    samples, same = 0, 0
    for case in cases:
        for verdict in layers[str(case)].verdicts.values():
            if verdict.kind == "matching":
                odd = len(sources[str(case)].samples) - len(ORDINARY)
                samples, same = samples + odd, same + odd - len(verdict.odd)
    return "\n\n".join(
        [
            "As above, but for the applications and for half precision, which overflows where float32 does not. What "
            "deviates is listed with the ops above.",
            odd_table(total(by_suite), BACKENDS, "Keras"),
            f"As `layers` models, which are TensorFlow.js's own code, {same:,} of {samples:,} odd samples give the "
            "source's numbers.",
        ]
    )


def count_of_keras(
    suite: str, cases: Iterable[GraphCase], graphs: Mapping[str, Outcome], sources: Mapping[str, Files]
) -> dict[str, Odd]:
    """Return what became of a Keras suite's odd samples as graphs, by kind."""
    of = {case.plan.case: str(case) for case in cases if case.suite == suite}
    files = {case: sources[name] for case, name in of.items()}
    return count(suite, files, {case: graphs[name].verdicts for case, name in of.items()})


def _layers(
    cases: list[GraphCase],
    graphs: Mapping[str, Outcome],
    layers: Mapping[str, Outcome],
    sources: Mapping[str, Files],
    catalogue: Mapping[str, Mapping[str, Any]],
) -> list[tuple[str, ...]]:
    there = classes_of(catalogue)
    using = by_class(cases, sources)
    names = sorted(set().union(*there.values()) - excluded_keras.LAYERS.keys())
    return [layer_row(name, using.get(name, []), graphs, layers, there) for name in names]


def by_class(cases: Iterable[GraphCase], sources: Mapping[str, Files]) -> dict[str, list[GraphCase]]:
    """Return the cases in which each class is."""
    using: dict[str, list[GraphCase]] = {}
    for case in cases:
        for name in sources[str(case)].classes:
            using.setdefault(name, []).append(case)
    return using


def classes_of(catalogue: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the layers that each Keras has."""
    return {generation: set(catalogue[generation]["layers"].values()) for generation in GENERATIONS}


def layer_row(
    name: str,
    cases: list[GraphCase],
    graphs: Mapping[str, Outcome],
    layers: Mapping[str, Outcome],
    there: Mapping[str, Collection[str]],
) -> tuple[str, ...]:
    """Return the row of a class, of which `cases` are all; `there` has the classes of each Keras."""
    generations = "2 and 3" if all(name in each for each in there.values()) else "3" if name in there[KERAS_3] else "2"
    return f"`{name}`", generations, str(len(cases)), _standing(name, cases, graphs), _standing(name, cases, layers)


def _standing(name: str, cases: list[GraphCase], outcomes: Mapping[str, Outcome]) -> str:
    """Say what becomes of a layer: whether a network with it matches, and the refusals that name it."""
    verdicts = [outcomes[str(case)].worst for case in cases]
    wrong = sum(verdict.kind == "silent" for verdict in verdicts)
    reasons = dict.fromkeys(
        _reason(verdict) for verdict in verdicts if verdict.kind == "refused" and f"({name})" in verdict.text
    )
    matching = any(verdict.kind == "matching" for verdict in verdicts)
    shown = [f"**wrong** in {wrong}"] * bool(wrong) + ["matches"] * matching
    shown += [f"refused: {reason}" for reason in list(reasons)[:_MOST_REASONS]]
    return "<br>".join(shown) or "refused, for other layers' sake"


def _operations(cases: list[GraphCase], graphs: Mapping[str, Outcome]) -> list[tuple[str, ...]]:
    by_network: dict[str, list[GraphCase]] = {}
    for case in cases:
        by_network.setdefault(case.case.network.name, []).append(case)
    rows: list[tuple[str, ...]] = []
    for function, networks in sorted(OPERATIONS.items()):
        of = [case for network in networks for case in by_network[network]]
        verdicts = [graphs[str(case)].worst for case in of]
        rows.append((f"`{function}`", str(len(of)), "<br>".join(dict.fromkeys(map(_short, verdicts)))))
    return rows


def _families(
    cases: list[GraphCase], graphs: Mapping[str, Outcome], layers: Mapping[str, Outcome]
) -> list[tuple[str, ...]]:
    families: dict[tuple[str, str], list[GraphCase]] = {}
    for case in cases:
        families.setdefault(case.family, []).append(case)
    return [
        (
            f"{suite}/{family}.py",
            str(len(of)),
            str(counts(graphs, of)["matching"]),
            str(counts(layers, of)["matching"]),
        )
        for (suite, family), of in sorted(families.items())
    ]


def _refusals(cases: list[GraphCase], graphs: Mapping[str, Outcome]) -> list[tuple[str, ...]]:
    by_network: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        verdict = graphs[str(case)].worst
        if verdict.kind == "refused":
            generation = "3" if generation_of(case.case) == KERAS_3 else "2"
            writer = f"Keras {generation}, .{case.case.writer.partition('-')[2]}"
            by_network.setdefault((case.case.network.name, _reason(verdict)), []).append(writer)
    return [
        (f"{name.replace('_', ' ')} ({'; '.join(writers)})", reason)
        for (name, reason), writers in sorted(by_network.items())
    ]


def _excluded() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (f"`layers.{name}`", reason) for name, reason in sorted(excluded_keras.LAYERS.items())
    ]
    rows += [(f"`activations.{name}`", reason) for name, reason in sorted(excluded_keras.ACTIVATIONS.items())]
    return rows + [(f"`ops.{name}`", reason) for name, reason in sorted(excluded_keras.OPERATIONS.items())]


def _short(verdict: Verdict) -> str:
    if verdict.kind == "matching":
        return "matches"
    return f"refused: {_reason(verdict)}" if verdict.kind == "refused" else f"**wrong**: {_reason(verdict)}"


def _reason(verdict: Verdict) -> str:
    text = verdict.text.splitlines()[0]
    for character in "\\|<>*_`[]":
        text = text.replace(character, f"\\{character}")
    return text
