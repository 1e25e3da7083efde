"""Sections of docs/reliability.md, each written by the program that measures it, between two marks."""

from __future__ import annotations

import re
from pathlib import Path


def write_section(path: Path, part: str, text: str) -> None:
    """Put `text` between the marks of `part` in the page `path`, in place of what stands there; at its end where they
    are not there yet."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    section = f"{begin}\n{text.strip()}\n{end}"
    page = path.read_text(encoding="utf-8") if path.exists() else "# Reliability\n"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page = marked.sub(lambda _: section, page) if marked.search(page) else f"{page.rstrip()}\n\n{section}\n"
    path.write_text(page, encoding="utf-8")
