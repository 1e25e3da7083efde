"""`--loaders`: where loaders go, as JavaScript, if the manifest names no `stubs`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project

MANIFEST = "version: 1\noutput: public/models\nmodels:\n  net: {source: net.keras}\n"
LOADERS = ("--loaders", ".tfjs-build/loaders")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    project.manifest(MANIFEST)
    write_dense(project.root / "net.keras")
    return project


def test_they_are_built_checked_and_removed(project: Project) -> None:
    result = project.run("build", "--json", *LOADERS)
    assert result.code == 0, result
    folder = project.root / ".tfjs-build" / "loaders"
    assert result.of("project")[0]["stubs"] == str(folder)
    names = ["_runtime.d.ts", "_runtime.js", "net.d.ts", "net.js"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert {f".tfjs-build/loaders/{name}" for name in names} < set(result.of("written")[0]["files"])
    assert 'url: "models/net/model.json"' in (folder / "net.js").read_text()

    assert project.run("build", "--json", *LOADERS).steps == ["fresh", "stopped"]
    assert project.run("build", "--check", *LOADERS).code == 0
    assert project.run("build", "--check").code == 1  # there are none without the option
    (folder / "net.js").write_text("// edited")
    result = project.run("build", "--check", "--json", *LOADERS)
    assert result.code == 1
    assert result.of("stale")[0]["reasons"] == [".tfjs-build/loaders/net.js was edited"]
    assert project.run("build", *LOADERS).code == 0

    assert project.run("build").code == 0
    assert not (folder / "net.js").exists()
    assert project.run("build", "--check").code == 0
    assert project.run("build", *LOADERS).code == 0
    assert project.run("clean").code == 0
    assert not (folder / "net.js").exists()


def test_who_only_looks_takes_them_as_they_are(project: Project) -> None:
    """A plugin builds them; its users call `explain` and `verify` without the option."""
    assert project.run("build", *LOADERS).code == 0
    assert project.run("explain", "--json").of("explained")[0]["reasons"] == []
    write_dense(project.root / "net.keras", seed=1)
    (reason,) = project.run("explain", "--json").of("explained")[0]["reasons"]
    assert reason.startswith("source ")
    assert project.run("build", "--json", *LOADERS).steps[-2:] == ["written", "stopped"]


def test_the_manifest_has_the_last_word(project: Project) -> None:
    project.manifest("stubs: src/models\n" + MANIFEST)
    assert project.run("build", "--loaders", "elsewhere").code == 0
    assert (project.root / "src" / "models" / "net.ts").exists()
    assert not (project.root / "elsewhere").exists()
    assert project.run("build", "--check").code == 0


def test_they_need_an_address_as_stubs_do(project: Project) -> None:
    project.manifest(MANIFEST.replace("public/models", "../built"))
    assert project.run("build", "--check").code == 1
    result = project.run("build", "--json", *LOADERS)
    assert result.code == 2
    assert "`public_url` cannot be derived" in result.of("failed")[0]["message"]


def test_they_go_where_the_manifest_is(project: Project) -> None:
    sub = project.root / "web"
    sub.mkdir()
    (project.root / "tfjs.yaml").rename(sub / "tfjs.yaml")
    (project.root / "net.keras").rename(sub / "net.keras")
    assert project.run("-c", "web/tfjs.yaml", "build", "--loaders", "../loaders").code == 0
    assert (project.root / "loaders" / "net.js").exists()
    assert project.run("-c", "web/tfjs.yaml", "build", "--check", "--loaders", "../loaders").code == 0
