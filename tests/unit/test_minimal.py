"""`tfjs: minimal` through builds: `_tfjs.js` has what the published models need, whichever of them a build is about."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense, write_layers
from tests.support.project import Project

MANIFEST = """\
version: 1
output: public/models
stubs: src/models
tfjs: {tfjs}
backends: [webgl, wasm]
models:
  dense: {{ source: dense.keras }}
  pool: {{ source: pool.keras }}
"""


def write_pool(path: Path, name: str = "MaxPooling2D") -> None:
    window = {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid", "data_format": "channels_last"}
    write_layers(path, (None, 8, 8, 1), {"class_name": name, "name": "pool", **window})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of different kernels, built once; nobody changes them."""
    project = Project(tmp_path_factory.mktemp("built") / "app")
    project.manifest(MANIFEST.format(tfjs="minimal"))
    write_dense(project.root / "dense.keras")
    write_pool(project.root / "pool.keras")
    result = project.run("build", "--json")
    assert result.code == 0, result
    assert result.of("note") == []
    return project.root


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Project:
    """Two models of different kernels, built; a copy of their own for each test."""
    return Project(shutil.copytree(built, tmp_path / "app"))


def kernels(project: Project) -> set[str]:
    """The kernels that `_tfjs.js` registers, which are the same for each backend here."""
    text = (project.root / "src/models/_tfjs.js").read_text(encoding="utf-8")
    found = {
        backend: set(re.findall(rf'"@tensorflow/tfjs-backend-{backend}/dist/kernels/(\w+)\.js"', text))
        for backend in ("webgl", "wasm")
    }
    assert found["webgl"] == found["wasm"]
    return found["webgl"]


BOTH = {"Cast", "Identity", "Reshape", "_FusedMatMul", "MaxPool"}


def test_the_module_has_what_all_models_need(project: Project) -> None:
    assert kernels(project) == BOTH
    stub = (project.root / "src/models/dense.ts").read_text(encoding="utf-8")
    runtime = (project.root / "src/models/_runtime.js").read_text(encoding="utf-8")
    assert 'import * as tf from "./_tfjs.js";' in stub
    assert 'import * as tf from "./_tfjs.js";' in runtime
    ops = (project.root / "src/models/_tfjs_ops.js").read_text(encoding="utf-8")
    assert 'export { maxPool } from "@tensorflow/tfjs-core/dist/ops/max_pool.js";' in ops
    assert re.search(r"export const fused = \{\n  matMul: fused_matMul,\n\};", ops)
    assert project.run("build", "--check").code == 0
    shutil.rmtree(project.root / ".tfjs-build")
    assert project.run("build", "--check").code == 0


def test_a_build_of_one_model_keeps_the_kernels_of_the_others(project: Project) -> None:
    write_pool(project.root / "pool.keras", "AveragePooling2D")
    result = project.run("build", "--json", "pool")
    assert result.code == 0, result
    assert kernels(project) == BOTH - {"MaxPool"} | {"AvgPool"}
    shutil.rmtree(project.root / ".tfjs-build")  # what the others need is then read from their model.json
    write_pool(project.root / "pool.keras", "MaxPooling2D")
    assert project.run("build", "pool").code == 0
    assert kernels(project) == BOTH
    assert project.run("build", "--check").code == 0


def test_a_model_that_fails_keeps_its_kernels(project: Project) -> None:
    (project.root / "pool.keras").write_bytes(b"no model")
    write_dense(project.root / "dense.keras", seed=5)
    result = project.run("build", "--json")
    assert result.code == 1
    assert [each["model"] for each in result.of("written")] == ["dense"]
    assert kernels(project) == BOTH


def test_a_model_that_is_listed_no_more_takes_its_kernels_along(project: Project) -> None:
    project.manifest(MANIFEST.format(tfjs="minimal").replace("  pool", "  # pool"))
    assert project.run("build", "--check").code == 1
    result = project.run("build", "--json")
    assert result.steps == ["fresh", "removed", "stopped"]
    assert kernels(project) == {"Cast", "Identity", "Reshape", "_FusedMatMul"}
    assert project.run("build", "--check").code == 0


@pytest.mark.parametrize("state", [True, False])
def test_what_is_missing_or_edited_is_stale(project: Project, state: bool) -> None:
    paths = [project.root / "src/models" / name for name in ("_tfjs.js", "_tfjs.d.ts", "_tfjs_ops.js")]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    if not state:
        shutil.rmtree(project.root / ".tfjs-build")
    missing, *edited = paths
    missing.unlink()
    for path, text in zip(edited, texts[1:], strict=True):
        path.write_text(f"{text}\n", encoding="utf-8")
    check = project.run("build", "--check", "--json")
    assert check.code == 1
    problems = ["src/models/_tfjs.js is missing", *(f"src/models/{path.name} was edited" for path in edited)]
    assert [sorted(each["reasons"]) for each in check.of("stale")] == [sorted(problems)] * 2
    assert project.run("build").code == 0
    assert [path.read_text(encoding="utf-8") for path in paths] == texts


def test_kernels_that_are_added(project: Project) -> None:
    project.manifest(MANIFEST.format(tfjs="{ minimal: { kernels: [TopK] } }"))
    check = project.run("build", "--check", "--json")
    assert {tuple(each["reasons"]) for each in check.of("stale")} == {("tfjs changed from minimal to minimal TopK",)}
    assert project.run("build").code == 0
    assert kernels(project) == {*BOTH, "TopK"}
    assert "dist/ops/topk.js" in (project.root / "src/models/_tfjs_ops.js").read_text(encoding="utf-8")


def test_a_kernel_that_one_backend_lacks_is_a_note(project: Project) -> None:
    project.manifest(MANIFEST.format(tfjs="{ minimal: { kernels: [Einsum] } }"))
    result = project.run("build", "--json")
    assert result.code == 0
    assert [(each["model"], each["message"]) for each in result.of("note")] == [
        (None, "The wasm backend of TensorFlow.js does not have, of `kernels`: Einsum")
    ]
    text = (project.root / "src/models/_tfjs.js").read_text(encoding="utf-8")
    assert "webgl_Einsum" in text
    assert 'wasm: ["Einsum"]' in text  # whose absence is then told in TensorFlow.js's own words


def test_loaders_of_another_manifest_in_the_same_folder_are_a_note(project: Project) -> None:
    other = MANIFEST.format(tfjs="minimal").replace("public/models", "public/others").replace("  pool:", "  third:")
    (project.root / "other.yaml").write_text(other.replace("  dense:", "  fourth:"), encoding="utf-8")
    result = project.run("-c", "other.yaml", "build", "--json")
    assert result.code == 0, result
    assert [each["message"] for each in result.of("note")] == [
        f"src/models/{name}.ts imports _tfjs.js, which has no kernels for it: it is not of other.yaml. "
        "Give each manifest a folder of its own for `stubs`"
        for name in ("dense", "pool")
    ]


def test_the_files_go_with_the_option_and_with_the_models(project: Project) -> None:
    project.manifest(MANIFEST.format(tfjs='"@tensorflow/tfjs"'))
    assert project.run("build", "dense").code == 0
    assert (project.root / "src/models/_tfjs.js").exists(), "the stub of the other model imports it"
    assert project.run("build").code == 0
    assert {path.name for path in (project.root / "src/models").iterdir()} == {
        *("_runtime.js", "_runtime.d.ts", "dense.ts", "pool.ts")
    }
    project.manifest(MANIFEST.format(tfjs="minimal"))
    assert project.run("build").code == 0
    shutil.rmtree(project.root / ".tfjs-build")
    assert project.run("clean").code == 0
    assert not (project.root / "src").exists() or not list((project.root / "src").rglob("*.*"))


def test_without_backends_it_has_those_of_tensorflow_js_and_says_so(project: Project) -> None:
    project.manifest(MANIFEST.format(tfjs="minimal").replace("backends: [webgl, wasm]\n", ""))
    result = project.run("build", "--json")
    assert result.code == 0
    assert len([each for each in result.of("note") if each["model"] is None]) == 1
    text = (project.root / "src/models/_tfjs.js").read_text(encoding="utf-8")
    assert re.findall(r'^import "@tensorflow/tfjs-backend-(\w+)/', text, re.MULTILINE) == ["webgl", "cpu"]
    assert project.run("build", "--json").of("note") == []


def test_nothing_to_do_renders_nothing(project: Project) -> None:
    code = "import sys; from tfjs_build.cli import main; c = main(); sys.exit(9 if 'jinja2' in sys.modules else c)"
    assert project.run("build", code=code).code == 0


def test_what_a_damaged_state_says_of_needs_is_not_believed(project: Project) -> None:
    path = project.root / ".tfjs-build" / "tfjs.yaml.state.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["models"]["dense"]["needs"]
    document["models"]["dense"]["needs"] = [1]
    path.write_text(json.dumps(document), encoding="utf-8")
    write_pool(project.root / "pool.keras", "AveragePooling2D")
    assert project.run("build").code == 0
    assert kernels(project) == BOTH - {"MaxPool"} | {"AvgPool"}
