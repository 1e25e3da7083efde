"""Cases by chance, for a time or up to a number; what is found is minimized, and told once for each cause."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz import server
from tests.fuzz.judge import Verdict
from tests.fuzz.kinds import KINDS
from tests.fuzz.server import Case

SHARES: Mapping[str, int] = {
    "keras": 5,
    "saved_model": 5,
    "h5": 3,
    "frozen": 3,
    "archive": 2,
    "tflite": 2,
    "manifest": 2,
    "tfjs": 1,
    "labels": 1,
    "message": 1,
}
KNOWN: Mapping[str, str] = {
    "hang:     ? in tfjs_build/convert/keras/hdf5.py": "libhdf5 goes round in circles, until the limit of time ends it",
}
"""What is found, by the beginnings of its keys, and known for what it is: it is counted, and not kept."""
_EDITS = (1, 1, 1, 1, 2, 2, 3, 5)
_OFTEN = 3
"""Further cases of a cause that are looked at, as one may be smaller."""


@dataclass
class Counts:
    """What a campaign did: executions by kind and result, and the findings by their keys."""

    executions: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    found: dict[str, tuple[Case, Verdict]] = field(default_factory=dict)
    seconds: float = 0.0


def cases(random: Random, kinds: Sequence[str], *, more: bool) -> Iterator[Case]:
    """Yield cases without end: a seed, edited once or some times."""
    names = {kind: KINDS[kind].names(more=more) for kind in kinds}
    own = {kind: KINDS[kind].names(more=False) for kind in kinds}
    shares = [SHARES[kind] for kind in kinds]
    while True:
        kind = random.choices(list(kinds), shares)[0]
        name = random.choice(names[kind] if random.random() < 0.7 else own[kind])
        yield Case(kind, name, tuple(random.getrandbits(32) for _ in range(random.choice(_EDITS))))


def run(
    root: Path,
    some: Iterator[Case],
    *,
    until: float = float("inf"),
    tell: Callable[[Case, Verdict], object] = lambda _case, _verdict: None,
) -> Counts:
    """Judge cases until they, or the time on `time.monotonic`'s clock, are at their end; `tell` of what is found."""
    counts = Counts()
    begun = time.monotonic()
    seen: Counter[str] = Counter()
    for case, verdict in server.judge(root, _timed(some, until)):
        counts.executions[case.kind] += 1
        counts.results[f"{case.kind} {verdict.result}"] += 1
        if verdict.result != "found":
            continue
        known = next((reason for key, reason in KNOWN.items() if verdict.key.startswith(key)), None)
        if known is not None:
            counts.known[known] += 1
            continue
        seen[verdict.key] += 1
        before = counts.found.get(verdict.key)
        if before is None or (seen[verdict.key] <= _OFTEN and len(case.edits) < len(before[0].edits)):
            counts.found[verdict.key] = minimized(root, case, verdict)
            if before is None:
                tell(*counts.found[verdict.key])
    counts.seconds = time.monotonic() - begun
    return counts


def _timed(some: Iterator[Case], until: float) -> Iterator[Case]:
    for case in some:
        if time.monotonic() > until:
            return
        yield case


def minimized(root: Path, case: Case, verdict: Verdict) -> tuple[Case, Verdict]:
    """Leave out edits that a finding does not need."""
    at = 0
    while at < len(case.edits) and len(case.edits) > 1:
        smaller = case._replace(edits=case.edits[:at] + case.edits[at + 1 :])
        ((_, found),) = server.judge(root.with_name(f"{root.name}-smaller"), [smaller])
        if found.key == verdict.key:
            case, verdict = smaller, found
        else:
            at += 1
    return case, verdict
