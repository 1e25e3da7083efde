"""`tfjs-build inspect` of files: read where a crash harms nobody, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project

_PATCHED = """
import os, signal, sys
from tfjs_build import cli
from tfjs_build.sources import opening
def broken(model, source, place):
    {body}
opening.open_artifacts = broken
sys.exit(cli.main())
"""

CRASH = _PATCHED.format(body="os.kill(os.getpid(), signal.SIGSEGV)")
BUG = _PATCHED.format(body="raise ValueError('unforeseen')")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    write_dense(project.root / "net.keras")
    return project


def test_a_crash_is_the_files_fault(project: Project) -> None:
    result = project.run("inspect", "net.keras", "--json", code=CRASH)
    assert result.code == 1, result
    (failed,) = result.of("failed")
    assert failed["message"] == "the conversion died (signal SIGSEGV)"


def test_a_file_that_is_no_text_has_no_lines(project: Project) -> None:
    path = project.root / "net.keras"
    path.write_bytes(path.read_bytes()[:100])
    result = project.run("inspect", "net.keras", "--json")
    assert result.code == 1
    (failed,) = result.of("failed")
    assert failed["file"] == "net.keras"
    assert not {"line", "column"} & set(failed)
    assert ":1:1" not in project.run("inspect", "net.keras").err
    project.manifest("version: 1\noutput: models\nmodels:\n  net:\n    source: net.keras\n")
    (failed,) = project.run("inspect", "net", "--json").of("failed")
    assert (failed["line"], failed["column"]) == (4, 3)


def test_a_report_of_a_bug_is_kept_in_a_project_only(project: Project) -> None:
    result = project.run("inspect", "net.keras", code=BUG)
    assert result.code == 3
    assert "ValueError: unforeseen" in result.err
    assert [path.name for path in project.root.iterdir()] == ["net.keras"]

    project.manifest("version: 1\noutput: models\nmodels: {}\n")
    below = Project(project.root / "models")
    result = below.run("inspect", "../net.keras", code=BUG)
    assert result.code == 3
    (report,) = (project.root / ".tfjs-build/logs").iterdir()
    assert result.err.endswith(f"Please report it, with ../.tfjs-build/logs/{report.name}\n")
    assert "ValueError: unforeseen" in report.read_text()
    assert not list(below.root.iterdir())


def test_why_a_model_has_its_format(project: Project) -> None:
    (inspected,) = project.run("inspect", "net.keras", "--json").of("inspected")
    assert (inspected["format"], inspected["reason"]) == ("graph", "auto: TensorFlow.js has ops for all of it")
    project.manifest("version: 1\noutput: models\nmodels:\n  net: {source: net.keras, format: layers}\n")
    assert "net  layers (as the manifest says), from " in project.run("inspect", "net").err


def test_how_weights_are_stored(project: Project) -> None:
    write_dense(project.root / "net.keras", units=30, inputs=50)
    manifest = "version: 1\noutput: models\nmodels:\n  net: {{source: net.keras, quantize: {}}}\n"
    project.manifest(manifest.format("uint8"))
    kernel, bias = project.run("inspect", "net", "--json").of("inspected")[0]["weights"]
    assert (kernel["dtype"], kernel["stored"], kernel["size"], kernel["bytes"]) == ("float32", "uint8", 1500, 1500)
    assert (bias["dtype"], bias["stored"], bias["size"], bias["bytes"]) == ("float32", "float32", 30, 120)
    shown = project.run("inspect", "net").err
    assert "  weights: 2, with 1,530 numbers in 1.6 KB\n" in shown
    assert f"    {kernel['name']}  float32 [50, 30] as uint8, 1.5 KB\n" in shown
    assert f"    {bias['name']}  float32 [30], 120 B\n" in shown


def test_patterns_that_match_nothing_yet_hide_no_names(project: Project) -> None:
    manifest = "version: 1\noutput: models\nmodels:\n  net: {source: net.keras, quantize: {uint8: dence/*}}\n"
    project.manifest(manifest)
    (inspected,) = project.run("inspect", "net", "--json").of("inspected")
    assert [weight["stored"] for weight in inspected["weights"]] == ["float32", "float32"]
    assert inspected["notes"] == ["quantize: the pattern 'dence/*' matches no weight"]
