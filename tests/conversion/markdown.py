"""Tables in Markdown: written, and single rows of one put in the place of what was there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    return "\n".join(map(_line, (head, tuple("---" for _ in head), *rows)))


def with_rows(text: str, heading: str, rows: Iterable[Sequence[str]]) -> str:
    """Return a text in which the table below `heading` has these rows: in the place of those with the same first cell,
    or where the first cells' order puts them. Raises ValueError where there is no such table."""
    lines = text.splitlines()
    start = lines.index(heading)
    first = next(at for at in range(start, len(lines)) if lines[at].startswith("| ---")) + 1
    end = next((at for at in range(first, len(lines)) if not lines[at].startswith("|")), len(lines))
    known = {_key(line): line for line in lines[first:end]}
    given = {_key(line): line for line in map(_line, rows)}
    order = list(known)
    for key in given.keys() - known.keys():
        order.insert(sum(each < key for each in order), key)
    lines[first:end] = [{**known, **given}[key] for key in order]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _key(line: str) -> str:
    return line.split(" | ")[0].removeprefix("| ").strip("`_ ").lower()
