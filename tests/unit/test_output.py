"""What becomes of the command when its output is closed, full, of another encoding or no longer read; and what a
terminal is given of names that are somebody else's."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.keras_files import dense_config, write_archive, write_dense
from tests.support.project import REPOSITORY, Project
from tfjs_build.events import Explained, Failed, Inspected, Note, Removed, Reported, Stale
from tfjs_build.reporters.printable import printable
from tfjs_build.reporters.text import TextReporter

MANIFEST = "version: 1\noutput: public/models\nmodels:\n  net:\n    source: net.keras\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    project.manifest(MANIFEST)
    write_dense(project.root / "net.keras")
    return project


def shell(project: Project, command: str) -> tuple[int, str]:
    """Run a line of shell in which `$build` is the command; return its exit code and what it says on stderr."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "build": f"{sys.executable} -m tfjs_build build"}
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=project.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_closed_stdout(project: Project) -> None:
    assert shell(project, "$build --json >&-") == (2, "error: stdout is closed\n")
    code, said = shell(project, "$build >&-")  # which has nothing to say there
    assert (code, said[:6]) == (0, "✓ net ")


def test_a_stream_that_cannot_be_written(project: Project) -> None:
    """As on a full disk; here what stands for it is open for reading only."""
    assert shell(project, "$build --json 1</dev/null") == (2, "error: cannot write to stdout: Bad file descriptor\n")
    assert shell(project, "$build 2</dev/null") == (2, "")


def test_a_closed_stderr(project: Project) -> None:
    assert shell(project, "$build 2>&-") == (0, "")
    assert (project.root / "public/models/net/model.json").exists()


_READER_GONE = """
import os, sys
from tfjs_build import cli
from tfjs_build.reporters.json_lines import JsonReporter
close = JsonReporter.close
def close_later(self, code):
    os.dup2(gone, 1)
    close(self, code)
JsonReporter.close = close_later
read, gone = os.pipe()
os.close(read)
sys.exit(cli.main())
"""


def test_a_reader_that_goes_before_the_last_word(project: Project) -> None:
    """As `tfjs-build build --json | head -1` does where there is nothing to do."""
    result = project.run("build", "--json", code=_READER_GONE)
    assert (result.code, result.err) == (0, "")
    assert result.steps == ["started", "written"]


def test_a_path_that_the_terminals_encoding_does_not_have(tmp_path: Path) -> None:
    project = Project(tmp_path / "prøve")
    write_dense(project.root / "net.keras")
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    project.manifest(MANIFEST.replace("net.keras", "gøne.keras"))
    result = project.run("build", env=ascii_only)
    assert result.code == 1
    assert r"\u2717 net: source not found" in result.err
    assert r"pr\xf8ve/g\xf8ne.keras" in result.err
    (project.root / "nøt.keras").touch()
    assert project.run("init", "--force", env=ascii_only).code == 0
    doctor = project.run("doctor", env=ascii_only)
    assert r"pr\xf8ve" in doctor.err


SIZES = dict.fromkeys(("model_json", "model_json_gzip", "served", "weights_gzip"), 4)


def test_printable() -> None:
    assert printable("plain") == "plain"
    assert printable("größe 模型 \N{FAMILY} a\u200db") == "größe 模型 \N{FAMILY} a\u200db"
    assert printable("\x1b[31m\r\n\x85\u2028\u202e\ud800\t") == r"\x1b[31m\r\n\x85\u2028\u202e\ud800\t"
    assert printable("a\nb\x00", keep="\n") == "a\nb\\x00"


def test_no_event_steers_the_terminal() -> None:
    evil = "x\x1b]0;owned\x07\n✓ net  fine"
    shown = r"x\x1b]0;owned\x07\n✓ net  fine"
    spec: dict[str, object] = {"name": evil, "dtype": "float32", "shape": [1]}
    weight = {**spec, "size": 1, "stored": evil, "bytes": 4}
    err = io.StringIO()
    report = TextReporter(err, io.StringIO(), color=True, live=False)
    events = [
        Failed("net", evil, hint=evil),
        Note("net", evil),
        Stale("net", [evil]),
        Removed(evil, []),
        Reported(evil, evil, evil, evil, [evil], [spec], [spec], SIZES, [weight], {evil: 1}, [], [], [], [], [evil]),
        Explained("net", [evil], "0" * 64, {"signature": evil}),
        Inspected("net", "graph", evil, evil, [spec], [spec], {evil: 1}, [weight], [{"input": evil}], [evil]),
    ]
    for event in events:
        err.seek(0)
        err.truncate()
        report.event(event)
        assert shown in err.getvalue()
        for line in err.getvalue().splitlines():
            assert not line.startswith("✓")
            assert "\x1b]" not in line
    err.seek(0)
    err.truncate()
    report.event(Failed("net", evil, "tfjs.yaml", 4, 3))
    assert err.getvalue().startswith("\x1b[31m✗\x1b[0m \x1b[1mnet\x1b[0m: x")  # our own colors stay


def test_inspect_shows_a_models_names_escaped(tmp_path: Path) -> None:
    project = Project(tmp_path / "app")
    write_dense(project.root / "net.keras")
    config = json.dumps(dense_config()).replace('"y"', json.dumps("y\x1b[2J\n✓ forged"))
    with zipfile.ZipFile(project.root / "net.keras") as archive:
        weights = archive.read("model.weights.h5")
    write_archive(project.root / "net.keras", json.loads(config), weights)
    result = project.run("inspect", "net.keras")
    assert result.code == 0
    assert r"y\x1b[2J\n✓ forged" in result.err
    assert "\x1b" not in result.err
