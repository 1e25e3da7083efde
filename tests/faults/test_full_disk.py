"""A disk that is full, at every fill level: the failure names a file, and what is served stays whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.harness import run
from tests.faults.judging import torn
from tests.support.keras_files import write_dense
from tfjs_build.sources.keras import KIND
from tfjs_build.sources.opening import import_converters

import_converters([KIND])  # once, for all processes that are forked

_MANIFEST = "version: 1\noutput: public/models\nstubs: src\nmodels:\n  net: {source: net.keras}\n"
_PAGE = 4096
_PAGES = 400
_NEEDED = 60
"""More pages than a build takes."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path | None]:
    """A small file system in memory; None where this user may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_PAGE * _PAGES}", "tmpfs", str(folder)]
    mounted = os.getuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _project(root: Path, built: bool) -> None:
    root.mkdir()
    write_dense(root / "net.keras", units=600)
    (root / "tfjs.yaml").write_text(_MANIFEST)
    if built:
        assert run(root, "build").code == 0
        write_dense(root / "net.keras", seed=3, units=600)


def _fill(folder: Path, free: int) -> None:
    """Leave `free` pages of a disk free."""
    with (folder / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\1" * _PAGE)
    os.truncate(folder / "filler", max(0, (folder / "filler").stat().st_size - free * _PAGE))


def _try_levels(disk: Path | None, tmp_path: Path, built: bool, step: int) -> int:
    """Build with each number of pages left, or, where there is no disk to fill, with each change in turn refused as on
    a full one; return how many."""
    prepared, undisturbed = tmp_path / "prepared", tmp_path / "undisturbed"
    _project(prepared, built)
    shutil.copytree(prepared, undisturbed)
    assert run(undisturbed, "build").code == 0
    expected = _served(undisturbed)
    tried, succeeded = 0, 0
    for level in range(0, _NEEDED, step):
        root = (disk or tmp_path) / "project"
        shutil.copytree(prepared, root)
        if disk is not None:
            _fill(disk, level)
            outcome = run(root, "build", log=tmp_path / "log")
            (disk / "filler").unlink()
        else:
            outcome = run(root, "build", at=level + 1, fault="fail")
        what = f"{level} pages left: {outcome.printed}"
        assert outcome.code in (0, 1, 2), what
        assert not any(word in outcome.printed for word in ("Traceback", "a bug in", "None")), what
        assert "No space left on device" in outcome.printed or outcome.code == 0, what
        assert outcome.code == 0 or "project/" in outcome.printed or ".tfjs-build" in outcome.printed, what
        assert torn(root) == [], what
        if outcome.code == 0:
            assert _served(root) == expected, what
            succeeded += 1
        assert run(root, "build").code == 0, what
        assert _served(root) == expected, what
        shutil.rmtree(root)
        tried += 1
    assert 0 < succeeded < tried
    return tried


def _served(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("public", "src")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }


@pytest.mark.full
def test_some_fill_levels(disk: Path | None, tmp_path: Path) -> None:
    assert _try_levels(disk, tmp_path, True, 6) == 10


@pytest.mark.long
@pytest.mark.parametrize("built", [False, True])
def test_all_fill_levels(disk: Path | None, tmp_path: Path, count: Callable[[str, int], None], built: bool) -> None:
    count("full", _try_levels(disk, tmp_path, built, 1))
