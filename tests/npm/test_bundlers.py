"""Models imported directly in builds of esbuild, Rollup and Rspack, opened in Chromium; `test_direct.py` has Vite's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.page import opened, served
from tests.toolchains.model import fault, source, write_model
from tests.toolchains.packages import packages

MANIFEST = (
    "version: 1\noutput: dist/sub/models\npublic_url: /models\nmodels:\n  tiny: { source: training/tiny.keras }\n"
)
PAGE = """\
<!doctype html>
<script type="importmap">{ "imports": { "@tensorflow/tfjs": "./tf.js" } }</script>
<output id="prediction"></output>
<script type="module" src="main.js"></script>
"""
MAIN = """\
import * as tf from "@tensorflow/tfjs";
import { loadTiny } from "tfjs:tiny";
import load from "../training/tiny.keras?tfjs";

await tf.setBackend("cpu");
const predictions = [];
for (const each of [loadTiny, load]) {
  const tiny = await each();
  predictions.push(Array.from((await tiny.run(Float32Array.of(1, 2, 3))).y));
  tiny.dispose();
}
document.querySelector("#prediction").textContent = JSON.stringify(predictions);
"""
BUILDS = {
    "esbuild": """\
import * as esbuild from "esbuild";
import tfjsBuild from "tfjs-build/esbuild";

const outdir = "dist/sub";
await esbuild.build({ entryPoints: ["src/main.js"], bundle: true, format: "esm", outdir, plugins: [tfjsBuild()] });
""",
    "rollup": """\
import { rollup } from "rollup";
import tfjsBuild from "tfjs-build/rollup";

const build = await rollup({ input: "src/main.js", external: ["@tensorflow/tfjs"], plugins: [tfjsBuild()] });
await build.write({ dir: "dist/sub", format: "es" });
""",
    "rspack": """\
import { rspack } from "@rspack/core";
import TfjsBuildPlugin from "tfjs-build/rspack";

const output = { path: `${process.cwd()}/dist/sub`, filename: "main.js" };
const jsc = { parser: { syntax: "typescript" } };
const module = { rules: [{ test: /[.]ts$/, loader: "builtin:swc-loader", options: { jsc } }] };
const plugins = [new TfjsBuildPlugin()];
rspack({ mode: "production", entry: "./src/main.js", output, module, plugins }, (error, stats) => {
  const { errors = [] } = stats?.toJson({ all: false, errors: true }) ?? {};
  for (const each of error ? [error] : errors) console.error(each.message);
  process.exitCode = error || errors.length ? 1 : 0;
});
""",
}


@pytest.fixture
def project(package: Path, tmp_path: Path) -> Path:
    """A project without a bundler, in which nothing was built."""
    made = tmp_path / "app"
    for folder in ("src", "dist/sub", "node_modules"):
        (made / folder).mkdir(parents=True)
    for each in packages().iterdir():
        (made / "node_modules" / each.name).symlink_to(each)
    (made / "node_modules" / "tfjs-build").symlink_to(package)
    (made / "node_modules" / "rollup").symlink_to(package / "node_modules" / "rollup")
    shutil.copy(packages() / "@tensorflow" / "tfjs" / "dist" / "tf.fesm.min.js", made / "dist" / "sub" / "tf.js")
    (made / "dist" / "sub" / "index.html").write_text(PAGE)
    (made / "src" / "main.js").write_text(MAIN)
    (made / "package.json").write_text('{ "type": "module" }')
    (made / "tfjs.yaml").write_text(MANIFEST)
    write_model(made)
    return made


def build(bundler: str, project: Path, command: Path, *, script: str = "build.js") -> subprocess.CompletedProcess[str]:
    """Run a bundler."""
    (project / script).write_text(BUILDS[bundler])
    environment = {**os.environ, "TFJS_BUILD": str(command)}
    return subprocess.run(["node", script], cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("bundler", BUILDS)
def test_a_build_has_what_is_imported(bundler: str, project: Path, command: Path, browser: Browser) -> None:
    done = build(bundler, project, command)
    assert done.returncode == 0, done.stdout + done.stderr
    with served(project / "dist") as url, opened(browser, f"{url}sub/") as watched:
        shown = watched.page.locator("#prediction")
        expect(shown).to_contain_text("[", timeout=30_000)
        assert fault(shown.inner_text(), times=2) == []


@pytest.mark.parametrize("above", [False, True])
def test_loaders_are_modules_in_a_project_of_commonjs(project: Path, command: Path, *, above: bool) -> None:
    # As `npm init` writes it. It says so of the project's own files; what is generated lies apart.
    (project / "package.json").write_text('{ "type": "commonjs" }')
    (project / "src" / "package.json").write_text('{ "type": "module" }')
    if above:
        shutil.copy(project / "package.json", project.parent)
        (project.parent / "node_modules").symlink_to(project / "node_modules")
        (project / "tfjs.yaml").unlink()
        (project.parent / "tfjs.yaml").write_text(
            MANIFEST.replace("output: ", "output: app/").replace("source: ", "source: app/")
        )
    done = build("rspack", project, command, script="build.mjs")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_module_of_webpack_names_a_loader_with_its_ending(project: Path, command: Path) -> None:
    # In modules, Rspack and webpack look for no ending that is left out.
    (project / "tfjs.yaml").write_text(MANIFEST.replace("models:\n", "stubs: src/models\nmodels:\n"))
    done = build("rspack", project, command)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("bundler", BUILDS)
def test_a_build_with_a_broken_model_fails_with_its_message(bundler: str, project: Path, command: Path) -> None:
    source(project).write_bytes(b"no model")
    done = build(bundler, project, command)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "tiny: training/tiny.keras" in said
    assert "tfjs.yaml:5:3" in said
    (project / "tfjs.yaml").unlink()
    (project / "src" / "main.js").write_text(
        MAIN.replace('import { loadTiny } from "tfjs:tiny";', "const loadTiny = load;")
    )
    done = build(bundler, project, command)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "training/tiny.keras: " in said
    assert "src/main.js:3:19" in said
