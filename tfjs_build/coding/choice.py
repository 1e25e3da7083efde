"""Which weights get more bits, in which order: those first that lower the error most for each byte.

Errors of weights that are rounded independently add up as powers, and a weight's grows with the power of its noise: so
one run for each weight, in its smallest coding, tells what all the others would cost.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from tfjs_build.coding.candidates import Candidate
from tfjs_build.records import record


@record(frozen=True)
class Upgrade:
    """A weight that gets the candidate `index`; after it, the weights that are chosen among take `nbytes`."""

    name: str
    index: int
    nbytes: int


def upgrades(candidates: Mapping[str, Sequence[Candidate]], powers: Mapping[str, float]) -> list[Upgrade]:
    """Return the way from the smallest candidate of each weight to the largest. `powers` are what the smallest ones
    cost in the outputs."""
    waiting: list[tuple[float, str, int]] = []

    def add(name: str, index: int) -> None:
        now, then = candidates[name][index - 1], candidates[name][index]
        first = candidates[name][0].noise
        saved = powers[name] * (now.noise - then.noise) / first if first else 0.0
        heapq.heappush(waiting, (-saved / max(1, then.nbytes - now.nbytes), name, index))

    nbytes = sum(each[0].nbytes for each in candidates.values())
    for name, each in candidates.items():
        if len(each) > 1:
            add(name, 1)
    found = []
    while waiting:
        _, name, index = heapq.heappop(waiting)
        nbytes += candidates[name][index].nbytes - candidates[name][index - 1].nbytes
        found.append(Upgrade(name, index, nbytes))
        if index + 1 < len(candidates[name]):
            add(name, index + 1)
    return found


def chosen(candidates: Mapping[str, Sequence[Candidate]], done: Sequence[Upgrade]) -> dict[str, Candidate]:
    """Return the candidates after some upgrades."""
    return {name: each[0] for name, each in candidates.items()} | {
        upgrade.name: candidates[upgrade.name][upgrade.index] for upgrade in done
    }
