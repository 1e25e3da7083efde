"""Convert and run a few cases of the Keras suites, without the cache: `python -m tests.conversion FORMAT CASE…`.

A case is called after its suite, writer and network, as in the ids of the tests, or after its network alone.
"""

from __future__ import annotations

import sys

from tests.conversion.cached import Plan, run
from tests.conversion.folders import own_folder
from tests.conversion.keras_cases import SUITES, graph_cases
from tests.conversion.node import WORK
from tests.conversion.oracle import files


def main(format: str, *names: str) -> None:
    """Print what becomes of each case that is meant by one of `names`."""
    for suite in SUITES:
        chosen = [case for case in graph_cases() if case.suite == suite]
        plans = [
            Plan(c.plan.case, c.plan.backends) for c in chosen if {str(c), c.case.network.name, *c.family} & {*names}
        ]
        if plans:
            outcomes = run(own_folder(WORK, "tried"), suite, plans, files(suite), format)
            for case, outcome in outcomes.items():
                for backend, verdict in outcome.verdicts.items():
                    sys.stdout.write(f"{suite}-{case} on {backend}: {verdict.kind} {verdict.text}\n")
                    for sample, problem in verdict.odd.items():
                        sys.stdout.write(f"  sample {sample}, {problem}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
