"""Sizes in bytes as people write and read them; 1 MB is 1024 × 1024 bytes."""

from __future__ import annotations


def size_text(nbytes: int) -> str:
    """Return a size for people: "812 B", "3.4 MB"."""
    if nbytes < 1024:
        return f"{nbytes} B"
    size, unit = nbytes / 1024, "KB"
    for larger in ("MB", "GB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
