"""Both Keras suites as one matrix of cases: which there are, where each runs, and what each family's share is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.conversion.cached import Outcome, Plan, convert
from tests.conversion.keras_refusals import refusal_of
from tests.conversion.oracle import Case, Files, cases, files
from tests.oracle.keras_matrix.suite import OPERATIONS
from tests.oracle.registry import GENERATIONS

LAYERS, MATRIX = "keras_layers", "keras_matrix"
SUITES = (LAYERS, MATRIX)
BACKENDS = ("cpu", "wasm")

TAMPERED = 6
"""Networks of each family in which one number is changed."""
QUICK = 9
"""Every how many-th network is in the subset that runs while somebody works."""
HEAVY = (MATRIX, "applications")
"""A family too large for TensorFlow.js's cpu backend, which is plain JavaScript: it runs on wasm alone."""


@dataclass(frozen=True)
class GraphCase:
    """A case of either suite, converted as a graph."""

    suite: str
    case: Case
    plan: Plan
    quick: bool

    def __str__(self) -> str:
        return f"{self.suite}-{self.case}"

    @property
    def refused(self) -> tuple[str, ...]:
        """What its refusal as a graph must say; empty where it must convert."""
        return refusal_of(self.case)

    @property
    def family(self) -> tuple[str, str]:
        """The suite and the file that it stands in."""
        return self.suite, self.case.network.family


def graph_cases() -> list[GraphCase]:
    """Return all cases of both suites. The cpu backend runs all of them (but for heavy ones), wasm one of each
    network."""
    found: list[GraphCase] = []
    for suite in SUITES:
        by_network: dict[str, list[Case]] = {}
        for case in cases(suite):
            by_network.setdefault(case.network.name, []).append(case)
        tampered: dict[str, int] = {}
        for index, written in enumerate(by_network.values()):
            chosen = written[index % len(written)]
            family = chosen.network.family
            tampers = tampered.get(family, 0) < TAMPERED and not refusal_of(chosen)
            tampered[family] = tampered.get(family, 0) + tampers
            for case in written:
                heavy = (suite, family) == HEAVY
                backends = ("wasm",) if heavy else ("cpu", "wasm") if case is chosen else ("cpu",)
                plan = Plan(str(case), backends, tampers and case is chosen)
                quick = not heavy and case is chosen and index % QUICK == 0
                found.append(GraphCase(suite, case, plan, quick))
    return found


def run_graphs(chosen: Iterable[GraphCase]) -> dict[str, Outcome]:
    """Convert some cases as graphs; return the outcomes by the cases' texts."""
    return _run([(case.suite, case.plan) for case in chosen], "graph")


def run_layers(chosen: Iterable[GraphCase]) -> dict[str, Outcome]:
    """Convert some cases as layers models, each on one backend; return the outcomes by the cases' texts."""
    return _run([(case.suite, Plan(case.plan.case, case.plan.backends[:1])) for case in chosen], "layers")


def _run(plans: Iterable[tuple[str, Plan]], format: str) -> dict[str, Outcome]:
    by_suite: dict[str, list[Plan]] = {}
    for suite, plan in plans:
        by_suite.setdefault(suite, []).append(plan)
    return {
        f"{suite}-{name}": outcome
        for suite, some in by_suite.items()
        for name, outcome in convert(suite, some, files(suite), format=format).items()
    }


def ops(case: GraphCase, outcome: Outcome, of: Files) -> set[str]:
    """Return what may be the cause of a deviation: the ops that were published, the classes of the layers, the function
    that the network is about, and the network."""
    name = case.case.network.name
    functions = {f"ops.{function}" for function, networks in OPERATIONS.items() if name in networks}
    return {*outcome.ops, *of.classes, *functions, name}


def generation_of(case: Case) -> str:
    """Return the Keras generation that wrote a case."""
    return GENERATIONS[0] if case.writer.startswith("k3") else GENERATIONS[1]


def counts(outcomes: Mapping[str, Outcome], of: Iterable[GraphCase]) -> dict[str, int]:
    """Return how many cases there are of each kind of verdict, on whatever backends they ran."""
    found = {"matching": 0, "refused": 0, "silent": 0}
    for case in of:
        found[outcomes[str(case)].worst.kind] += 1
    return found
