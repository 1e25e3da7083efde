"""Checksums of a whole, joined from those of its pieces in any order."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pytest

from tfjs_build.convert.keras import crc

DATA = random.Random(0).randbytes(10_000)


@pytest.mark.parametrize("cut", [0, 1, 2, 4095, 4096, 9_999, 10_000])
def test_two_pieces(cut: int) -> None:
    first, second = DATA[:cut], DATA[cut:]
    assert crc.joined(zlib.crc32(first), zlib.crc32(second), len(second)) == zlib.crc32(DATA)


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [(0, 10_000)],
        [(7_000, 3_000), (1_000, 2_000), (3_000, 500)],  # not in order; two of them meet
        [(1_000, 2_000), (2_000, 2_000), (1_000, 2_000)],  # they overlap, and one is read twice
    ],
)
def test_what_was_not_read_is_read_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(crc, "_PIECE_BYTES", 100)
    path = tmp_path / "file"
    path.write_bytes(b"before" + DATA + b"after")
    known = crc.Pieces(path, 6, len(DATA))
    for offset, size in pieces:
        known.read(6 + offset, memoryview(DATA)[offset : offset + size])
    assert known.whole() == zlib.crc32(DATA)


def test_what_was_read_counts_and_not_what_is_there_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may be saved again meanwhile; what is published is what was read."""
    monkeypatch.setattr(crc, "_PIECE_BYTES", 100)
    path = tmp_path / "file"
    path.write_bytes(DATA)
    known = crc.Pieces(path, 0, len(DATA))
    known.read(100, memoryview(bytes(200)))
    assert known.whole() != zlib.crc32(DATA)


def test_a_file_that_was_cut_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(DATA[:5_000])
    assert crc.Pieces(path, 0, len(DATA)).whole() != zlib.crc32(DATA)
