"""The part of docs/conversions.md that is about files of old versions of TensorFlow and Keras."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.conversion.cached import Outcome
from tests.conversion.markdown import table
from tests.conversion.old_files import BACKENDS, MENDED, OldCase, writers

_INTRODUCTION = """\
# Files of old versions

What these versions themselves wrote (`tools/old_files`), compared with the numbers that they gave: .h5 files, and of
TensorFlow also SavedModels and frozen graphs. On wasm runs what no version before has.
"""


def section(cases: Iterable[OldCase], outcomes: Mapping[str, Outcome]) -> str:
    """Return the text: how many cases each version has, what becomes of them, and each refusal."""
    cases = list(cases)
    rows = [_counts(writer, [case for case in cases if case.writer == writer], outcomes) for writer in writers()]
    head = ("written by", "cases", *(f"match on {backend}" for backend in BACKENDS), "refused")
    parts = [
        _INTRODUCTION,
        table(head, [*rows, _counts("", cases, outcomes)]),
        "## Old versions: refused",
        table(("case", "reason"), _refusals(cases, outcomes)),
        "## Old versions: numbers that no later version gives",
        table(("case", "what that version did"), [(case, reason) for case, reason in sorted(MENDED.items())]),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _counts(writer: str, cases: list[OldCase], outcomes: Mapping[str, Outcome]) -> tuple[str, ...]:
    found = [outcomes[str(case)] for case in cases]
    matching = []
    for backend in BACKENDS:
        kinds = [outcome.verdicts[backend].kind for outcome in found if backend in outcome.verdicts]
        matching.append(f"{kinds.count('matching')} of {len(kinds) - kinds.count('refused')}")
    refused = sum(outcome.worst.kind == "refused" for outcome in found)
    return _title(writer) or "together", str(len(cases)), *matching, str(refused)


def _title(writer: str) -> str:
    package, _, version = writer.partition("-")
    return f"{ {'keras': 'Keras', 'tensorflow': 'TensorFlow'}.get(package, package) } {version}".strip()


def _refusals(cases: list[OldCase], outcomes: Mapping[str, Outcome]) -> list[tuple[str, str]]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        verdict = outcomes[str(case)].worst
        if verdict.kind == "refused":
            by_reason.setdefault((case.name, verdict.text.splitlines()[0]), []).append(_title(case.writer))
    return [(f"{name} ({', '.join(of)})", _escaped(reason)) for (name, reason), of in sorted(by_reason.items())]


def _escaped(text: str) -> str:
    for character in "\\|<>*_`[]":
        text = text.replace(character, f"\\{character}")
    return text
