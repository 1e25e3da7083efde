"""`worker: true`: loaders that have their models in workers come and go with the key."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project

ALL = {
    *("_runtime.js", "_runtime.d.ts", "_worker.js", "_worker.d.ts"),
    *("a.ts", "a.in-worker.ts", "a.worker.js", "b-c.ts", "b-c.in-worker.ts", "b-c.worker.js"),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "app")
    for name in ("a", "b"):
        write_dense(made.root / f"{name}.keras")
    return made


def build(project: Project, *, models: Mapping[str, str], **keys: str) -> set[str]:
    """Build the models, and return the files of the folder of the stubs; what is built is fresh then."""
    top = {"version": "1", "output": "public", "stubs": "stubs", **keys}
    lines = [*(f"{key}: {value}" for key, value in top.items()), "models:"]
    project.manifest("\n".join([*lines, *(f"  {name}: {{ source: {source} }}" for name, source in models.items()), ""]))
    assert project.run("build").code == 0
    assert project.run("build", "--check").code == 0
    folder = project.root / "stubs"
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


BOTH = {"a": "a.keras", "b.c": "b.keras"}


def test_workers_come_and_go(project: Project) -> None:
    assert build(project, models=BOTH, worker="true") == ALL
    assert build(project, models={"b.c": "b.keras"}, worker="true") == {name for name in ALL if name[0] != "a"}
    assert build(project, models=BOTH, worker="false") == {name for name in ALL if "worker" not in name}
    assert build(project, models=BOTH, worker="true") == ALL


def test_in_javascript(project: Project) -> None:
    found = build(project, models={"a": "a.keras"}, worker="true", language="javascript")
    own = {"a.js", "a.d.ts", "a.worker.js", "a.in-worker.js", "a.in-worker.d.ts"}
    assert found == {"_runtime.js", "_runtime.d.ts", "_worker.js", "_worker.d.ts", *own}


def test_clean_removes_them(project: Project) -> None:
    build(project, models=BOTH, worker="true")
    assert project.run("clean").code == 0
    assert not (project.root / "stubs").exists()


def test_a_deleted_state_changes_nothing(project: Project) -> None:
    build(project, models=BOTH, worker="true")
    shutil.rmtree(project.root / ".tfjs-build")
    assert build(project, models={"b.c": "b.keras"}, worker="true") == {*ALL}  # what it does not know it leaves
    assert build(project, models=BOTH, worker="true") == ALL


def test_an_edited_worker_is_stale(project: Project) -> None:
    build(project, models=BOTH, worker="true")
    for name in ("a.worker.js", "a.in-worker.ts", "_worker.js"):
        path = project.root / "stubs" / name
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{text}// mine\n", encoding="utf-8")
        assert project.run("build", "--check").code == 1
        assert project.run("build").code == 0
        assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("keys", "imported"),
    [
        ({}, []),
        ({"backends": "[webgl, cpu]"}, []),
        (
            {"backends": "[wasm, webgpu]"},
            [
                'import "@tensorflow/tfjs-backend-webgpu";',
                'import "@tensorflow/tfjs-backend-wasm";',
                'import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";',
            ],
        ),
        ({"backends": "[wasm]", "tfjs": "./my-tf.js"}, []),
        ({"backends": "[wasm]", "tfjs": "minimal"}, ['import { setWasmPaths } from "./_tfjs.js";']),
    ],
    ids=["all backends", "those of TensorFlow.js", "others", "a module of the project's own", "minimal"],
)
def test_a_worker_imports_its_backends(project: Project, keys: dict[str, str], imported: list[str]) -> None:
    build(project, models={"a": "a.keras"}, worker="true", **keys)
    lines = (project.root / "stubs" / "a.worker.js").read_text(encoding="utf-8").splitlines()
    tensorflow = keys.get("tfjs", "@tensorflow/tfjs").replace("minimal", "./_tfjs.js")
    expected = [f'import * as tf from "{tensorflow}";', *imported, 'import * as runtime from "./_runtime.js";']
    assert [line for line in lines if line.startswith("import")] == expected


def test_workers_are_no_strangers_to_the_module_that_they_import(project: Project) -> None:
    build(project, models=BOTH, worker="true", tfjs="minimal", backends="[webgl, cpu]")
    (project.root / "b.keras").unlink()
    write_dense(project.root / "b.keras", seed=2)
    assert project.run("build", "--json").of("note") == []
