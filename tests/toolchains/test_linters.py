"""Generated files are quiet under linters and formatters, whatever rules are on, and have no directive that one calls
unused."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.toolchains.npm import compiled
from tests.toolchains.packages import packages
from tests.unit.stubs.publish import PIXELS, metadata
from tfjs_build.model import Language
from tfjs_build.stubs.describe import StubModel, describe
from tfjs_build.stubs.render import render_runtime, render_stub, render_worker, render_worker_runtime

pytestmark = pytest.mark.full

TFJS = "@tensorflow/tfjs"
LANGUAGES: tuple[Language, ...] = ("typescript", "javascript")

ESLINT = """
import js from "@eslint/js";
import tseslint from "typescript-eslint";

const rules = {
  none: [],
  recommended: [js.configs.recommended, ...tseslint.configs.recommended],
  all: [
    js.configs.all,
    ...tseslint.configs.all,
    { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  ],
};

export default [
  { files: ["**/*.ts"], languageOptions: { parser: tseslint.parser } },
  ...rules[process.env.RULES],
  { linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" } },
];
"""

TSCONFIG = {
    "compilerOptions": {
        "strict": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "target": "es2022",
        "lib": ["es2022", "dom"],
        "types": [],
        "allowJs": True,
        "checkJs": True,
        "skipLibCheck": True,
        "noEmit": True,
    },
    "include": [*LANGUAGES],
}


def models() -> list[StubModel]:
    """Models with few and many inputs, outputs and labels, with short and long names of all of them."""
    image = ("image", "image", [None, 224, 224, 3], "float32")
    long = "a_long_name_of_an_output_that_a_network_gives"
    photos = metadata(
        [image],
        [("probs", "probs", [None, 10], "float32"), (long, "Identity:0", [None, None, None, 16], "float32")],
        labels=[f"label {index}" for index in range(12)],
        classify={"output": "probs", "softmax": True},
        pixels={"image": PIXELS},
    )
    net = metadata(
        [("x", "x", [None, 3], "float32")],
        [("y", "y", [None, 2], "float32")],
        labels=["yes", 'a "no"'],
        classify={"output": "y", "softmax": False},
    )
    boxes = metadata(
        [image, ("threshold", "t", [], "float32")], [("boxes", "b", [None, 4], "int32")], asynchronous=True
    )
    return [
        describe("photos-of-everything", "layers", photos, public_url="/models"),
        describe("net", "graph", net, public_url="/models"),
        describe("boxes", "graph", boxes, public_url="/models"),
        describe("constant", "graph", metadata([], [("y", "y", [2], "float32")]), public_url="/models"),
    ]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the loaders in both languages, and settings of the linters."""
    folder = tmp_path_factory.mktemp("linted")
    for language in LANGUAGES:
        (folder / language).mkdir()
        files = render_runtime(tfjs=TFJS) | render_worker_runtime(tfjs=TFJS)
        for model in models():
            files |= render_stub(model, language=language, tfjs=TFJS)
            files |= render_worker(model, language=language, tfjs=TFJS, backends=["wasm"], wasm=f"{TFJS}-backend-wasm")
        for name, text in files.items():
            (folder / language / name).write_text(text, encoding="utf-8")
    declare(folder / "typescript" / "tfjs-models.d.ts")
    (folder / "node_modules").symlink_to(packages())
    (folder / "eslint.config.mjs").write_text(ESLINT, encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps(TSCONFIG), encoding="utf-8")
    (folder / "package.json").write_text('{ "type": "module" }', encoding="utf-8")
    return folder


def declare(file: Path) -> None:
    """Write types of imports as plugins do, in a fresh clone: what they name is not there."""
    module = compiled() / "dist" / "declarations.js"
    exported = {"constants": ["loadNet", "netLabels"], "loader": "loadNet", "types": ["Net"]}
    for name, source in (("tfjs:net", None), ("*/net.keras?tfjs", "training/net.keras")):
        declared = {"name": name, "target": str(file.parent / "gone" / "net.js"), "exported": exported}
        each = json.dumps(declared | ({"source": source} if source else {}))
        code = f"(await import({json.dumps(module.as_uri())})).declare({json.dumps(str(file))}, {each}, () => false)"
        subprocess.run(["node", "--input-type=module", "-e", code], check=True)


def said(project: Path, *command: str, **environment: str) -> str:
    """Run a tool on the loaders; return what it printed if it was not content."""
    done = subprocess.run(
        [str(project / "node_modules" / ".bin" / command[0]), *command[1:]],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize("rules", ["none", "recommended", "all"])
def test_eslint_is_quiet(project: Path, rules: str) -> None:
    assert said(project, "eslint", "--max-warnings=0", *LANGUAGES, RULES=rules) == ""


def test_oxlint_is_quiet(project: Path) -> None:
    assert said(project, "oxlint", "--deny-warnings", "--report-unused-disable-directives", *LANGUAGES) == ""


def test_oxlint_is_quiet_with_all_rules(project: Path) -> None:
    # No file can hide from the rule against hiding.
    assert said(project, "oxlint", "--deny=all", "--allow=unicorn/no-abusive-eslint-disable", *LANGUAGES) == ""


def test_biome_is_quiet(project: Path) -> None:
    assert said(project, "biome", "ci", "--error-on-warnings", *LANGUAGES) == ""


def test_prettier_would_break_the_same_lines(project: Path) -> None:
    assert said(project, "prettier", "--check", *LANGUAGES) == ""


def test_checked_javascript_is_quiet(project: Path) -> None:
    assert said(project, "tsc", "--project", ".") == ""
