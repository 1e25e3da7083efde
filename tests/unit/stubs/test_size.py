"""What the loaders' runtime adds to a page: it is minified, tree-shaken and compressed as a site does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tfjs_build.model import Language
from tfjs_build.stubs.describe import describe
from tfjs_build.stubs.render import render_runtime, render_stub, render_worker_runtime

from .publish import metadata

KB = 1024
TFJS = "@tensorflow/tfjs"
BUDGETS = {  # gzipped bytes, by what a stub takes of the runtime
    "createLoader graph": 5.5 * KB,
    "createLoader asyncGraph": 5.5 * KB,
    "createLoader layers": 5.75 * KB,
    "createLoader graph classifier": 6 * KB,
    "createLoader graph classifier pixels": 7.25 * KB,
    "createLoader graph reloading": 6 * KB,
    "_worker createLoader": 3.75 * KB,
}


@pytest.fixture(scope="module")
def sizes(node: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int]]:
    """Sizes by what is taken; see `size.mjs`."""
    folder = tmp_path_factory.mktemp("runtime")
    for name, text in (render_runtime(tfjs=TFJS) | render_worker_runtime(tfjs=TFJS)).items():
        (folder / name).write_text(text, encoding="utf-8")
    command = ["node", str(node / "size.mjs"), str(folder), *BUDGETS]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, dict[str, int]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("use", BUDGETS)
def test_the_runtime_is_small(use: str, sizes: dict[str, dict[str, int]]) -> None:
    assert sizes[use]["gzipped"] <= BUDGETS[use]


def test_what_a_page_does_not_use_is_left_out(sizes: dict[str, dict[str, int]]) -> None:
    graph = sizes["createLoader graph"]["gzipped"]
    for use in BUDGETS:
        alone = use in (
            "createLoader graph",
            "_worker createLoader",
        )  # a page with workers alone has nothing of the rest
        assert alone or sizes[use]["gzipped"] > graph


@pytest.mark.parametrize("language", ["typescript", "javascript"])
@pytest.mark.parametrize("production", [True, False])
def test_hot_reload_is_for_development_servers(node: Path, work: Path, language: Language, production: bool) -> None:
    model = describe(
        "net", "graph", metadata([("x", "x", [2], "float32")], [("y", "y", [2], "float32")]), public_url=""
    )
    files = render_runtime(tfjs=TFJS) | render_stub(model, language=language, tfjs=TFJS)
    for name, text in files.items():
        (work / name).write_text(text, encoding="utf-8")
    stub = work / ("net.ts" if language == "typescript" else "net.js")
    options = ["--bundle", "--minify", "--format=esm", "--external:@tensorflow/tfjs"]
    # As Vite does; where webpack builds for production, it has no `webpackHot`.
    words = {"hot": "undefined", "env": '{"PROD":true}', "env.PROD": "true"}
    defined = [f"--define:import.meta.{word}={value}" for word, value in words.items()] if production else []
    command = [str(node / "node_modules/.bin/esbuild"), str(stub), *options, *defined]
    page = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert ("stays at version" in page) is not production
    assert ("import.meta" in page) is not production
