"""`make pythons`: which interpreters it takes, and that a byte which differs is named with who wrote it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY
from tools.pythons import (
    LEAST,
    LEFT_OUT,
    Python,
    candidates,
    differences,
    ends,
    main,
    newest,
    probe,
    shares,
    unit_files,
)


def program(path: Path, says: str, code: int = 0) -> Path:
    """Write a program that says what an interpreter would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says}\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_where_it_looks(tmp_path: Path) -> None:
    pyenv = program(tmp_path / "pyenv/versions/3.12.1/bin/python", "")
    shim = program(tmp_path / "pyenv/shims/python3.12", "")
    on_path = program(tmp_path / "bin/python3.10", "")
    for other in ("python3", "python3.10-config", "python3-config"):
        program(tmp_path / "bin" / other, "")
    env = {"PYENV_ROOT": str(tmp_path / "pyenv"), "PATH": f"{shim.parent}:{on_path.parent}:{tmp_path / 'none'}"}
    assert list(candidates(env)) == [pyenv, on_path]


@pytest.mark.parametrize(
    ("says", "code", "version"),
    [
        ("cpython final 3 12 1", 0, (3, 12, 1)),
        ("cpython final 3 9 18", 0, None),
        ("cpython candidate 3 15 0", 0, None),
        ("pypy final 3 11 9", 0, None),
        ("pyenv: python3.12: command not found", 127, None),
        ("", 0, None),
    ],
)
def test_what_counts(tmp_path: Path, says: str, code: int, version: tuple[int, int, int] | None) -> None:
    found = probe(program(tmp_path / "python", says, code))
    assert (found and found.version) == version
    assert probe(tmp_path / "none") is None


def test_this_python_counts() -> None:
    found = probe(Path(sys.executable))
    assert found is not None
    assert found.version == sys.version_info[:3]


def test_one_of_each_minor_version() -> None:
    found = [(3, 12, 1), (3, 10, 13), (3, 12, 7), None, (3, 9 + 4, 0), (3, 12, 7)]
    pythons = [each and Python(each, Path(str(place))) for place, each in enumerate(found)]
    assert newest(pythons) == [pythons[1], pythons[2], pythons[4]]


def test_the_oldest_and_the_newest() -> None:
    pythons = [Python((3, minor, 0), Path("python")) for minor in (10, 11, 14)]
    assert ends(pythons) == [pythons[0], pythons[2]]
    assert ends(pythons[:1]) == pythons[:1]
    assert ends([]) == []


def test_at_the_ends_each_file_runs_once() -> None:
    files = unit_files()
    assert "tests/unit/stubs/test_render.py" in files
    assert not LEFT_OUT.keys() & {*files}
    assert sorted(file for share in shares(files, 2) for file in share) == files
    assert shares(files, 1) == [files]
    assert shares(files, 0) == []


def test_no_other_python_is_no_fault(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PYENV_ROOT", "/none")
    monkeypatch.setenv("PATH", "")
    assert main([]) == 0
    version = ".".join(map(str, sys.version_info[:3]))
    assert capsys.readouterr().out == f"Python {version} only: pyenv and PATH have no other from 3.10 up\n"


def test_what_differs_is_named() -> None:
    same = {"a": "1", "b": "2"}
    assert differences({"3.10.1": same, "3.11.2": dict(same)}) == []
    assert differences({"3.10.1": same, "3.11.2": {"a": "1", "b": "3"}, "3.12.3": {"a": "1", "b": "2"}}) == [
        "b differs: 2 from 3.10.1, 3.12.3; 3 from 3.11.2"
    ]
    assert differences({"3.10.1": same, "3.11.2": {"a": "1"}}) == ["b differs: 2 from 3.10.1; none from 3.11.2"]


def test_it_holds_what_pyproject_promises() -> None:
    promise = f'requires-python = ">={".".join(map(str, LEAST))}"'
    assert promise in (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")


def test_what_is_left_out_exists() -> None:
    assert all((REPOSITORY / test).is_file() and reason for test, reason in LEFT_OUT.items())
