"""The part of docs/conversions.md about browsers: how many distinct graphs there are, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.conversion.in_browsers import InBrowsers, distinct
from tests.conversion.markdown import table
from tests.conversion.otherwise import CAUSES, EXCEPTIONS

_INTRODUCTION = """\
# Browsers

Each graph that the cases above publish, and those of files of old versions, is run in Chromium on webgl and webgpu,
both rendered in software, on its two ordinary inputs, and judged as above; where a graph has sines, which software
renders with fewer digits, 10⁻³ of the largest value counts as the same. What a backend cannot run right is *noted* by
the build, with op and backend; so is what deviates because of the numbers that are fed (the causes are below). *Listed*
deviates for the reason given, which `inspect` notes, with op and backend, and a build does not. Graphs that are the
same, weights included, count once. What was right is remembered by content, and not run again but for a sample of it.
"""


def section(by_part: Mapping[str, Iterable[InBrowsers]]) -> str:
    """Return the text: what became of the distinct graphs of each part of the matrices, and of all."""
    parts = {part: list(found) for part, found in by_part.items()}
    everything = [each for found in parts.values() for each in found]
    rows = [row for part, found in [*parts.items(), ("together", everything)] for row in _rows(part, found)]
    fed = [f"- Noted: {text}." for text in CAUSES.values()]
    without = [
        f"- Listed: `{case}` on {' and '.join(reasons)}: {' '.join(dict.fromkeys(reasons.values()))}."
        for (_, case), reasons in EXCEPTIONS.items()
    ]
    causes = "\n".join([*fed, *without])
    head = ("", "backend", "distinct graphs", "match", "noted", "listed", "silent")
    return "\n\n".join([_INTRODUCTION.strip(), causes, table(head, rows)]) + "\n"


def _rows(part: str, found: Iterable[InBrowsers]) -> list[tuple[str, ...]]:
    rows = []
    for backend, count in distinct(found).items():
        numbers = (count.total(), count["matching"], count["noted"], count["listed"], count["silent"])
        rows.append((part, backend, *(f"{each:,}" for each in numbers)))
    return rows
