"""The part of docs/conversions.md about NaN, infinities, huge numbers, and arrays with nothing in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.conversion.deviations import CAUSES, LISTED, Cause, Listed, listed
from tests.conversion.markdown import table
from tests.conversion.oracle import ORDINARY, Files
from tests.conversion.suite import Verdict
from tests.oracle.odd import EMPTY, EMPTY_SIZES, HUGE, INFINITY, KINDS, LIMITS, NAN

WORDS = {
    NAN: "NaN",
    INFINITY: "infinities, zeros of both signs",
    HUGE: "±10³⁰, ±10⁻³⁰",
    LIMITS: "the ends of an integer type",
    EMPTY: "a batch of nothing",
    EMPTY_SIZES: "nothing along the other free axes",
}

_INTRODUCTION = """\
Besides, each case is run on odd samples: its first sample with NaN among its floats, with infinities, with huge and
tiny numbers, with integers at the ends of their type (in arithmetic), with a batch of nothing, and with nothing along
the other axes of free size. NaN and infinities must stand in the same places, all else is compared as before; integers
that come from floats which no integer can hold do not count, as they depend on the machine. What TensorFlow itself
does not take is left out. Where a kernel of TensorFlow.js gives something else, it is listed below, or the tests fail.
"""


@dataclass
class Odd:
    """What became of the odd samples of one kind: how many the source takes and does not, how many match, how many are
    listed as deviating, and how many neither, each by backend."""

    samples: int = 0
    dropped: int = 0
    matching: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Odd) -> Odd:
        """Return the counts of both."""
        return Odd(
            self.samples + other.samples,
            self.dropped + other.dropped,
            self.matching + other.matching,
            self.listed + other.listed,
            self.silent + other.silent,
        )


def count(
    suite: str, files: Mapping[str, Files], verdicts: Mapping[str, Mapping[str, Verdict]], among: Listed = LISTED
) -> dict[str, Odd]:
    """Return what became of a suite's odd samples, by kind: of the cases that match, by case and backend."""
    found: dict[str, Odd] = {}
    for case, by_backend in verdicts.items():
        for kind in files[case].dropped:
            found.setdefault(kind, Odd()).dropped += 1
        for kind in files[case].samples[len(ORDINARY) :]:
            each = found.setdefault(kind, Odd())
            each.samples += 1
            for backend, verdict in by_backend.items():
                if verdict.kind == "matching":
                    known = kind in listed(suite, case, backend, among)
                    same = kind not in verdict.odd
                    (each.silent if same == known else each.listed if known else each.matching)[backend] += 1
    return found


def total(runs: Iterable[Mapping[str, Odd]]) -> dict[str, Odd]:
    """Return the sum of several suites' counts, by kind."""
    added: dict[str, Odd] = {}
    for run in runs:
        for kind, odd in run.items():
            added[kind] = added.get(kind, Odd()) + odd
    return added


def odd_table(by_kind: Mapping[str, Odd], backends: Sequence[str], source: str) -> str:
    """Return a table of how many odd samples there are of each kind, and what became of them."""
    head = ("", "samples", *(f"match on {b}" for b in backends), *(f"listed on {b}" for b in backends))
    rows = [
        (
            WORDS[kind],
            str(each.samples),
            *(str(each.matching[b]) for b in backends),
            *(str(each.listed[b]) for b in backends),
            str(sum(each.silent.values())),
            str(each.dropped),
        )
        for kind in KINDS
        if (each := by_kind.get(kind)) is not None
    ]
    return table((*head, "silent", f"not taken by {source}"), rows)


def section(by_kind: Mapping[str, Odd], backends: Sequence[str], causes: Iterable[Cause] = CAUSES) -> list[str]:
    """Return the paragraphs: how many odd samples there are of each kind, and what deviates."""
    deviating = [
        (
            ", ".join(f"`{op}`" for op in each.ops),
            ", ".join(WORDS[kind] for kind in each.kinds),
            ", ".join(each.backends),
            each.text,
        )
        for each in sorted(causes, key=lambda each: (each.ops[0].strip("_").lower(), each.backends, each.kinds))
    ]
    return [
        "## NaN, infinities and nothing",
        _INTRODUCTION,
        odd_table(by_kind, backends, "TensorFlow"),
        "## What TensorFlow.js itself does otherwise with them",
        table(("op", "with", "on", "what it does"), deviating),
    ]
