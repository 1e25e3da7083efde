"""`tfjs-build report`: what it says, what it writes and keeps, and what it does where something is missing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build.report.measured import BACKENDS

MANIFEST = "version: 1\noutput: public/models\nstubs: src/models\nmodels:\n  net: {source: net.keras}\n"


def git(folder: Path, *arguments: str) -> None:
    """Run git, as somebody."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    write_dense(project.root / "net.keras", units=40, inputs=60)
    project.manifest(MANIFEST)
    return project


def test_a_page_and_its_place(project: Project) -> None:
    project.run("build")
    before = project.mtimes()
    result = project.run("report")
    assert result.code == 0, result
    assert result.out == ""
    first, last = result.err.splitlines()
    assert first.startswith("net  graph  ")
    assert last == "  the page is .tfjs-build/report.html"
    page = (project.root / ".tfjs-build" / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "y/kernel" in page
    assert project.mtimes() == before, "nothing else is written"
    assert [path.name for path in (project.root / ".tfjs-build").glob("report-*")] == []


def test_json_for_tools(project: Project) -> None:
    project.run("build")
    result = project.run("report", "net", "--json")
    assert result.code == 0, result
    assert result.err == ""
    assert result.steps == ["report", "note", "stopped"]
    (found,) = result.of("report")
    assert found["page"] == str(project.root / ".tfjs-build" / "report.html")
    assert (found["model"], found["format"], found["stale"], found["notes"]) == ("net", "graph", [], [])
    assert found["download"]["weights"] == 4 * (60 * 40 + 40) == sum(each["nbytes"] for each in found["weights"])
    assert found["download"]["model_json"] == (project.root / "public/models/net/model.json").stat().st_size
    assert found["ops"]["_FusedMatMul"] == 1
    assert [each["coding"] for each in found["curve"] if each["now"]] == ["none"]
    assert len(found["curve"]) == 7
    assert [each["backend"] for each in found["kernels"]] == ["webgl", "webgpu"]
    assert all(each["once"] == 1 for each in found["kernels"])
    assert (found["lacks"], "changes" in found) == ([], False)
    assert len(found["versions"]) == 1


def test_codings_are_tried_once_and_left_out_if_asked(project: Project) -> None:
    project.run("build")
    (without,) = project.run("report", "--no-curve", "--json").of("report")
    assert without["curve"] == []
    assert "left out" in (project.root / ".tfjs-build" / "report.html").read_text()
    (first,) = project.run("report", "--json").of("report")
    kept = project.root / ".tfjs-build" / "report" / "net.codings.json"
    said = json.loads(kept.read_text())
    for point in said["points"].values():
        point["output"] = "kept"
    kept.write_text(json.dumps(said))
    (again,) = project.run("report", "--json").of("report")
    assert {each["output"] for each in again["curve"]} == {"kept"}
    assert [each["error"] for each in again["curve"]] == [each["error"] for each in first["curve"]]


def test_a_version_after_another(project: Project) -> None:
    project.run("build")
    project.run("report", "--no-curve")
    project.manifest(MANIFEST.replace("net.keras}", "net.keras, quantize: uint8}"))
    project.run("build")
    (found,) = project.run("report", "--no-curve", "--json").of("report")
    assert found["changes"]["since"] == "the report before"
    assert found["changes"]["layers"] == [{"name": "y", "before": 9760, "after": 2400 + 160}]
    assert [each["weights"] for each in found["versions"]] == [2560, 9760]
    kernel = next(each for each in found["weights"] if each["name"] == "y/kernel")
    assert (kernel["stored"], kernel["bound"]) == ("uint8", False)
    assert 0.001 < kernel["error"] < 0.02


def test_a_version_after_the_last_commit(project: Project) -> None:
    project.run("build")
    git(project.root, "init", "--quiet")
    git(project.root, "add", "public")
    git(project.root, "commit", "--quiet", "-m", "x")
    (same,) = project.run("report", "--no-curve", "--json").of("report")
    assert "changes" not in same
    project.manifest(MANIFEST.replace("net.keras}", "net.keras, quantize: float16}"))
    project.run("build")
    (found,) = project.run("report", "--no-curve", "--json").of("report")
    assert found["changes"]["since"] == "the last commit"
    assert found["changes"]["before"]["version"] == same["version"]
    assert [(each["before"], each["after"]) for each in found["changes"]["layers"]] == [(9760, 4880)]
    assert found["changes"]["ops"] == []


def test_what_is_not_published(project: Project) -> None:
    result = project.run("report")
    assert result.code == 1
    assert "✗ net: it is not published\n    `tfjs-build build` publishes it." in result.err.replace("  `", "    `")
    assert not (project.root / ".tfjs-build" / "report.html").exists()
    write_dense(project.root / "other.keras")
    project.manifest(MANIFEST + "  other: {source: other.keras}\n")
    project.run("build", "other")
    result = project.run("report", "--no-curve", "--json")
    assert (result.code, result.steps) == (1, ["failed", "report", "note", "stopped"])
    assert "it is not published" in (project.root / ".tfjs-build" / "report.html").read_text()


def test_what_is_stale_or_has_lost_its_source(project: Project) -> None:
    project.run("build")
    write_dense(project.root / "net.keras", units=40, inputs=60, seed=5)
    result = project.run("report", "--json")
    assert result.code == 0
    (found,) = result.of("report")
    assert len(found["stale"]) == 1
    assert "it is stale" in result.of("note")[0]["message"]
    assert "<strong>Stale.</strong>" in (project.root / ".tfjs-build" / "report.html").read_text()

    project.manifest(MANIFEST.replace("net.keras}", "net.keras, quantize: uint8}"))
    project.run("build")
    write_dense(project.root / "net.keras", units=40, inputs=60, seed=6)
    (other,) = project.run("report", "--no-curve", "--json").of("report")
    (project.root / "net.keras").unlink()
    result = project.run("report", "--json")
    assert result.code == 0, result
    (found,) = result.of("report")
    assert found["curve"] == []
    assert "net.keras" in found["notes"][0]
    for each in (*found["weights"], *other["weights"]):
        assert each["bound"] == (each["stored"] == "uint8"), "another source tells nothing of what rounding has changed"


def test_loaders_of_a_plugin_make_nothing_stale(project: Project) -> None:
    project.manifest(MANIFEST.replace("stubs: src/models\n", ""))
    project.run("build", "--loaders", "loaders")
    (found,) = project.run("report", "--no-curve", "--json").of("report")
    assert found["stale"] == []
    project.manifest(MANIFEST.replace("stubs: src/models\n", "").replace("net.keras}", "net.keras, shard_size: 1MB}"))
    result = project.run("report", "--no-curve")
    assert "  net: it is stale: shard_size changed from 4194304 to 1048576. The report is about" in result.err
    write_dense(project.root / "net.keras", units=40, inputs=60, seed=5)
    (found,) = project.run("report", "--no-curve", "--json").of("report")
    assert found["stale"] == ["source changed", "shard_size changed from 4194304 to 1048576"]


def test_damaged_files_are_told(project: Project) -> None:
    project.run("build")
    (shard,) = (project.root / "public/models/net").glob("*.bin")
    shard.write_bytes(shard.read_bytes()[:-4])
    result = project.run("report", "--json")
    assert result.code == 1
    assert f"{shard} is damaged" in result.of("failed")[0]["message"]


def test_names_and_manifests(project: Project) -> None:
    result = project.run("report", "nett")
    assert result.code == 2
    assert "Did you mean 'net'?" in result.err
    (project.root / "tfjs.yaml").rename(project.root / "site.yaml")
    project.run("-c", "site.yaml", "build")
    assert project.run("-c", "site.yaml", "report", "--no-curve").code == 0
    assert (project.root / ".tfjs-build" / "site.yaml.report.html").exists()
    project.manifest("version: 1\noutput: public/models\nmodels: {}\n")
    result = project.run("report")
    assert (result.code, result.err) == (0, "  no models in tfjs.yaml\n")


def test_it_opens_in_the_browser(project: Project) -> None:
    project.run("build")
    browser = project.root / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o755)
    result = project.run("report", "--no-curve", "--open", env={"BROWSER": f"{browser} %s"})
    assert result.code == 0, result
    page = project.root / ".tfjs-build" / "report.html"
    assert (project.root / "opened").read_text() == f"{page.as_uri()}\n"


def test_no_browser(project: Project) -> None:
    project.run("build")
    nothing = dict.fromkeys(("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"), "")
    result = project.run("report", "--no-curve", "--open", env={**nothing, "PATH": str(project.root)})
    assert result.code == 1
    assert "there is no browser here that could be opened" in result.err
    assert f"Open {project.root / '.tfjs-build' / 'report.html'} in one." in result.err


def test_a_page_that_cannot_be_written(project: Project) -> None:
    project.run("build")
    (project.root / ".tfjs-build" / "report.html").mkdir()
    (project.root / ".tfjs-build" / "report.html" / "x").write_text("")
    result = project.run("report", "--no-curve")
    assert result.code == 2
    assert "report.html" in result.err
    assert "Traceback" not in result.err


def test_clean_takes_it_along(project: Project) -> None:
    project.run("build")
    project.run("report", "--no-curve")
    project.run("clean")
    assert not (project.root / ".tfjs-build").exists()


def test_layers_and_backends(project: Project) -> None:
    project.manifest(MANIFEST.replace("net.keras}", "net.keras, format: layers}") + "backends: [wasm]\n")
    project.run("build")
    (found,) = project.run("report", "--json").of("report")
    assert (found["format"], found["kernels"], found["curve"]) == ("layers", [], [])
    assert found["ops"]["Dense"] == 1
    assert [each["backend"] for each in found["code"]] == ["wasm"]
    page = (project.root / ".tfjs-build" / "report.html").read_text()
    assert "There is no curve: it does not run here: a model of layers." in page
    assert [name for name in BACKENDS if f"<dt>{name}</dt>" in page] == ["wasm"]
