"""What is recorded of the oracle: all that is to be, nothing else, and what TensorFlow says today."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conversion.oracle import ALL, to_be_recorded, written_anew
from tests.conversion.recorded import archives, pack, unpack
from tests.oracle.tensors import read_groups

SMALL = 25_000
"""Bytes of the largest archive that is looked at: the larger the family, the longer TensorFlow takes."""
TOLERANCE = 1e-4
"""What sums taken in another order may differ by, as a part of the largest number: processors differ."""


def test_all_that_is_to_be_recorded_is_and_nothing_else() -> None:
    wanted = {archive for suite in ALL for archive in to_be_recorded(suite)}
    assert {*archives()} == wanted, "`make oracle` records it"


def test_an_archive_is_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    (folder / "saved" / "assets").mkdir(parents=True)
    (folder / "saved" / "saved_model.pb").write_bytes(bytes(range(256)))
    (folder / "index.json").write_text("[]")
    (tmp_path / "packed.tar.xz").write_bytes(pack(folder))
    unpack(tmp_path / "packed.tar.xz", tmp_path / "unpacked")
    assert pack(tmp_path / "unpacked") == pack(folder)
    assert (tmp_path / "unpacked" / "saved" / "assets").is_dir()
    (folder / "index.json").write_text("{}")
    assert pack(tmp_path / "unpacked") != pack(folder)


@pytest.mark.full
def test_tensorflow_says_the_same_today(tmp_path: Path) -> None:
    """Of one family, another whenever scripts change."""
    small = [archive for archive in archives() if archive.stat().st_size < SMALL]
    archive = min(small, key=lambda each: each.name.split(".")[1])
    suite, family = archive.parent.name, archive.name.split(".")[0]
    unpack(archive, tmp_path / "recorded")
    written = written_anew(suite, family, tmp_path / "written")
    assert _files(written) == _files(tmp_path / "recorded")
    then_and_now = tmp_path / "recorded", written
    old_index, new_index = (json.loads((folder / "index.json").read_text(encoding="utf-8")) for folder in then_and_now)
    assert new_index == old_index
    for data in written.rglob("*.bin"):  # an exported model has no tensors
        stem = data.relative_to(written).with_suffix("")
        then, now = (read_groups(folder / stem) for folder in then_and_now)
        for old, new in zip(then, now, strict=True):
            assert old.keys() == new.keys()
            for name, values in old.items():
                assert _near(new[name], values), f"{suite}/{stem}: {name}"


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def _near(actual: np.ndarray, expected: np.ndarray) -> bool:
    if expected.dtype.kind != "f":
        return bool(np.array_equal(actual, expected))
    finite = np.abs(expected[np.isfinite(expected)]).max(initial=1e-9)
    return np.allclose(actual, expected, rtol=0, atol=TOLERANCE * finite, equal_nan=True)
