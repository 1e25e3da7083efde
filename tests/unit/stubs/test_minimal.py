"""What stubs import with `tfjs: minimal`: its types are those of its values, loaders compile, and it is small."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY, Project
from tfjs_build.kernels import functions_of, kernels_of, table
from tfjs_build.stubs.describe import describe
from tfjs_build.stubs.minimal import describe_tfjs
from tfjs_build.stubs.render import render_runtime, render_stub, render_tfjs

from .publish import PIXELS, metadata
from .test_types import SETTINGS, compiled

DIGITS = ("Const", "MaxPool", "Mul", "Placeholder", "Reshape", "Softmax", "_FusedConv2D", "_FusedMatMul")
ALIASED = ("@tensorflow/tfjs-core/dist/ops/ops_for_converter", "@tensorflow/tfjs-backend-cpu/dist/shared")


def values(text: str) -> set[str]:
    """What a module exports that is no type."""
    lists = re.findall(r"^export \{([^}]*)\}", text, re.MULTILINE)
    named = {name.strip() for each in lists for name in each.split(",") if name.strip()}
    return named | set(re.findall(r"^export (?:declare )?(?:const|namespace) (\w+)", text, re.MULTILINE))


@pytest.mark.parametrize("backends", [("webgl",), ("webgpu", "wasm", "cpu")])
def test_types_are_declared_of_what_is_there(backends: tuple[str, ...]) -> None:
    files = render_tfjs(describe_tfjs(DIGITS, backends=backends))
    assert values(files["_tfjs.js"]) == values(files["_tfjs.d.ts"])
    assert ("setWasmPaths" in values(files["_tfjs.js"])) == ("wasm" in backends)


def test_it_has_all_that_the_runtime_takes() -> None:
    there = render_tfjs(describe_tfjs(DIGITS))["_tfjs.js"]
    runtime = render_runtime(tfjs="./_tfjs.js")["_runtime.js"]
    code = re.sub(r"/\*[\s\S]*?\*/|//.*", "", runtime)
    used = set(re.findall(r"\btf\.(\w+)(?:\.(\w+))?", code))
    assert len(used) > 10
    assert {name for name, _ in used} <= values(there)
    for name, member in used:
        if member and re.search(rf"^export const {name} = ", there, re.MULTILINE):
            assert re.search(rf"^export const {name} = \{{.*\b{member}\b", there, re.MULTILINE), f"tf.{name}.{member}"


@pytest.mark.parametrize("settings", SETTINGS)
def test_loaders_compile_with_it(node: Path, work: Path, settings: str) -> None:
    image = ("image", "image", [None, 8, 8, 1], "float32")
    described = metadata(
        [image],
        [("probs", "probs", [None, 2], "float32")],
        labels=["a", "b"],
        classify={"output": "probs", "softmax": False},
        pixels={"image": PIXELS},
    )
    files = render_tfjs(describe_tfjs(DIGITS, backends=("webgl", "wasm"))) | render_runtime(tfjs="./_tfjs.js")
    for name, asynchronous in (("now", False), ("later", True)):
        model = describe(name, "graph", {**described, "async": asynchronous}, public_url="")
        files |= render_stub(model, language="typescript", tfjs="./_tfjs.js")
    files["page.ts"] = (
        'import * as tf from "./_tfjs.js";\nimport { loadNow } from "./now.js";\n'
        "export async function run(): Promise<tf.Tensor<tf.Rank.R2>> {\n"
        "  const model: tf.GraphModel = (await loadNow()).model;\n"
        "  return tf.tidy(() => tf.mul(model.predict(tf.zeros([1, 8, 8, 1])) as tf.Tensor2D, 2));\n}\n"
    )
    (work / "src").mkdir()
    for name, text in files.items():
        (work / "src" / name).write_text(text, encoding="utf-8")
    assert compiled(node, work, settings, ["src"]) == ""


def test_complex_numbers_are_for_those_who_have_them() -> None:
    assert kernels_of(["Transpose"]) == ["Cast", "Identity", "Transpose"]
    assert {"Complex", "Real", "Imag"} <= {*kernels_of(["Transpose", "complex64"])}


def test_kernels_that_are_added_bring_their_functions() -> None:
    assert functions_of(["Relu"]) == ["relu", "scalar"]
    assert functions_of(["Relu"], ["TopK"]) == ["relu", "scalar", "topk"]


def test_the_best_backend_is_registered_first() -> None:
    assert [*describe_tfjs([], backends=["cpu", "wasm", "webgl", "webgpu"]).backends] == [
        "webgpu",
        "webgl",
        "wasm",
        "cpu",
    ]
    assert [*describe_tfjs([]).backends] == ["webgl", "cpu"]


def test_a_kernel_that_a_backend_lacks_is_left_out_there() -> None:
    backends = describe_tfjs(["Einsum"], backends=["webgl", "wasm"]).backends
    assert ["einsumConfig" in {kernel.name for kernel in kernels} for kernels in backends.values()] == [True, False]


def test_a_kernel_of_wasm_brings_those_that_its_code_calls() -> None:
    """A kernel of wasm is made ready when it is registered: called by another one, it would be no function."""
    backends = describe_tfjs(["SpaceToBatchND"], backends=["webgl", "wasm"]).backends
    called = {"padV2Config", "transposeConfig"}
    assert [called & {kernel.name for kernel in kernels} for kernels in backends.values()] == [set(), called]


def test_what_the_executor_names_is_always_there() -> None:
    """It takes `scalar` of its module by name, for the size of a table of words: Parcel refuses a module without."""
    assert functions_of([]) == ["scalar"]


def test_what_the_table_names_is_there(node: Path) -> None:
    known = table()
    modules = node / "node_modules" / "@tensorflow"
    for module, name in known["functions"].values():
        assert re.search(rf"\b{name}\b", (modules / "tfjs-core/dist" / module).read_text(encoding="utf-8"))
    for places in known["kernels"].values():
        for backend, (module, name) in places.items():
            path = modules / f"tfjs-backend-{backend}" / "dist" / "kernels" / f"{module}.js"
            assert f"export const {name}" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("aliased", "most"), [(False, 160_000), (True, 130_000)])
def test_a_page_with_the_digits_is_small(node: Path, work: Path, aliased: bool, most: int) -> None:
    project = Project(work)
    shutil.copy(REPOSITORY / "examples" / "digits" / "model" / "digits.keras", work / "digits.keras")
    model = {"source": "digits.keras", "labels": list("0123456789"), "inputs": {"image": {"pixels": [0, 16]}}}
    manifest = {"version": 1, "output": "public", "stubs": "src", "language": "javascript", "tfjs": "minimal"}
    project.manifest(json.dumps({**manifest, "backends": ["webgl"], "models": {"digits": model}}))
    assert project.run("build").code == 0
    page = work / "page.js"
    page.write_text(
        'import { loadDigits } from "./src/digits.js";\nglobalThis.digits = loadDigits;\n', encoding="utf-8"
    )
    alias = dict.fromkeys(ALIASED, str(work / "src" / "_tfjs_ops.js")) if aliased else {}
    command = ["node", str(node / "bundle.mjs"), str(work / "dist"), json.dumps({"alias": alias}), str(page)]
    (found,) = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert 100_000 < found["gzipped"] <= most
