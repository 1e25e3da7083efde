"""The locks: `make check` notices, without a network, that what they were made from has changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY
from tools import lock

WITH_TYPESCRIPT = ("tests/node", "tests/toolchains", "examples/digits", "examples/next", "examples/webcam", "runtime")
FILES = (
    "tools/lock.py",
    "pyproject.toml",
    *(f"requirements/{name}.txt" for name in ("dev", "oracle", "tools")),
    *(f"{folder}/{name}" for folder in (*lock.NPM, *lock.BUILD) for name in ("package.json", "package-lock.json")),
)
PYTHON = [
    f"requirements/{name}.txt was not made from what pyproject.toml asks for now: run `make lock`"
    for name in ("tools", "dev", "oracle")
]


def check(root: Path, *changed: tuple[str, str, str]) -> list[str]:
    """What `--check` prints where words of some files are others; it fails if and only if it prints something."""
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, root / name)
    for name, old, new in changed:
        text = (root / name).read_text(encoding="utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, root / "tools/lock.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    assert done.returncode == (1 if done.stderr else 0), done.stderr
    return done.stderr.splitlines()


def test_the_locks_fit() -> None:
    done = subprocess.run([sys.executable, "tools/lock.py", "--check"], cwd=REPOSITORY, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"h5py>=3.10"', '"h5py>=3.11"'),
        ('"PyYAML>=6.0.1",', '"PyYAML>=6.0.1", "rich",'),
        ('"setuptools<81;', '"setuptools<80;'),
        ('"pytest>=8.3",', ""),
        ('"hatchling>=1.25"]', '"hatchling>=1.26"]'),
        ('requires-python = ">=3.10"', 'requires-python = ">=3.11"'),
        ('tools = ["uv>=0.8"]', 'tools = ["uv>=0.9"]'),
    ],
)
def test_other_requirements_are_noticed(old: str, new: str, tmp_path: Path) -> None:
    assert check(tmp_path, ("pyproject.toml", old, new)) == PYTHON


def test_what_asks_for_nothing_does_not_count(tmp_path: Path) -> None:
    assert check(tmp_path, ("pyproject.toml", "[tool.ruff]\n", "# wide\n[tool.ruff]\n")) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("package.json", '"typescript": "', '"typescript": ">=', "was not made from its package.json"),
        (
            "package-lock.json",
            '"integrity"',
            '"resolved": "", "integrity"',
            "names the address that its packages came from",
        ),
    ],
)
def test_npm_locks(file: str, old: str, new: str, fault: str, tmp_path: Path) -> None:
    for folder in WITH_TYPESCRIPT:
        assert check(tmp_path, (f"{folder}/{file}", old, new)) == [
            f"{folder}/package-lock.json {fault}: run `make lock`"
        ]


def test_every_lock_is_looked_at() -> None:
    found = subprocess.run(
        ["git", "ls-files", "package-lock.json", "*/package-lock.json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert sorted(found) == sorted(f"{folder}/package-lock.json" for folder in (*lock.NPM, *lock.BUILD))


def test_a_link_to_a_folder_is_no_address(tmp_path: Path) -> None:
    link, package = '"resolved": "../../npm",\n      "link": true', '"resolved": "../../npm",\n      "link": false'
    assert link in (REPOSITORY / "examples/webcam/package-lock.json").read_text(encoding="utf-8")
    assert check(tmp_path) == []
    assert check(tmp_path, ("examples/webcam/package-lock.json", link, package)) == [
        "examples/webcam/package-lock.json names the address that its packages came from: run `make lock`"
    ]
