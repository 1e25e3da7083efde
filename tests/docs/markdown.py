"""Reads the pages of docs/ as somebody follows them: fenced blocks in their order, and what is said before them.

A block is of a file where its first line is a comment with a path: `// src/main.ts`, `# tfjs.yaml`,
`<!-- index.html -->`. Where a file has no comments, and for all else that a reader does and a program must be told, a
comment that nobody sees stands before the block, or between two: `<!-- follow: file vercel.json -->`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.project import REPOSITORY

DOCS = REPOSITORY / "docs"

_PATH = re.compile(
    r"^(?://|#|<!--|/\*) *(?P<path>[\w@.+\[\]()/-]*[\w\])]\.\w+|_headers)(?:[,:] .*?)?(?: *(?:-->|\*/))?$"
)
_TOKEN = re.compile(
    r"^(?P<fence>`{3,})(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=fence) *$|^<!-- follow: (?P<said>.*?) -->$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A fenced block, at a line of a page (a path from docs/)."""

    page: str
    line: int
    language: str
    text: str

    @property
    def path(self) -> str | None:
        """The file that it is, by its first line, or None."""
        found = _PATH.match(self.text.partition("\n")[0])
        return found["path"] if found and self.language not in ("sh", "console") else None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Said:
    """What a comment says to a program, at a line of a page: a word, and the rest."""

    page: str
    line: int
    word: str
    rest: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Return all pages of docs/, by their paths there."""
    return sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if "node_modules" not in path.parts)


def read(page: str, root: Path = DOCS) -> list[Block | Said]:
    """Return what is in a page for who follows it, in its order."""
    text = (root / page).read_text(encoding="utf-8")
    found: list[Block | Said] = []
    for match in _TOKEN.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["said"] is not None:
            word, _, rest = match["said"].partition(" ")
            found.append(Said(page, line, word, rest.strip()))
        else:
            found.append(Block(page, line, match["language"], match["text"]))
    return found
