"""From what was seen of each probe to the rows of the table: what is wrong, as generally as it was seen."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.backends import MOST_RANK
from tfjs_build.convert.graph.traits import Traits

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""The rows of each op."""

Seen = Iterable[tuple[str, Traits, str | None]]
"""A backend, the traits of a probe, and how it failed there, None where it was right."""

_WORST = ("wrong", "throws", "no kernel")
"""In which order faults count where probes of the same traits fail in several ways: numbers without a word first."""


def rows(seen: Seen) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each op that has any, in order."""
    by_op: dict[tuple[str, str], dict[tuple[str, str, int], set[str | None]]] = defaultdict(lambda: defaultdict(set))
    for backend, each, how in seen:
        by_op[each.op, backend][each.form, each.dtype, min(each.rank or 0, MOST_RANK)].add(how)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (op, backend), by_traits in sorted(by_op.items()):
        if any(hows - {None} for hows in by_traits.values()):
            found[op] += [{"backend": backend, **row} for row in _rows_of(by_traits)]
    return found


def _rows_of(by_traits: Mapping[tuple[str, str, int], set[str | None]]) -> list[dict[str, Any]]:
    bad = {traits: _worst(hows) for traits, hows in by_traits.items() if hows - {None}}
    ways = {*bad.values()}
    if len(ways) == 1 and len(bad) == len(by_traits):
        return [{"how": ways.pop()}]
    ranks: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for (form, dtype, rank), how in sorted(bad.items()):
        ranks[how, form, dtype].append(rank)
    return [{"how": how, "form": form, "dtype": dtype, "ranks": some} for (how, form, dtype), some in ranks.items()]


def _worst(hows: set[str | None]) -> str:
    return next(how for how in _WORST if how in hows)


def merged(found: Rows, kept: Rows, backends: Collection[str], ops: Collection[str] = ()) -> Rows:
    """Return what was found on `backends` of `ops`, or all ops, and what is `kept` of the others."""
    every = {
        op: [
            *found.get(op, ()),
            *(row for row in kept.get(op, ()) if row["backend"] not in backends or (ops and op not in ops)),
        ]
        for op in sorted({*found, *kept})
    }
    return {op: sorted(some, key=lambda row: str(row["backend"])) for op, some in every.items() if some}


def text_of(version: str, found: Rows) -> str:
    """Return the table's text, a row a line."""
    parts = (
        f" {json.dumps(op)}: [\n" + ",\n".join(f"  {json.dumps(row)}" for row in each) + "\n ]"
        for op, each in found.items()
    )
    return f'{{"tfjs": "{version}", "ops": {{\n' + ",\n".join(parts) + "\n}}\n"
