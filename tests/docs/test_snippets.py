"""The examples of the reference: manifests are read, TypeScript is checked and run in Chromium, Python is run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from playwright.sync_api import Browser, Playwright

from tests.browser.page import launch, opened, served
from tests.docs.digits import bundle, digits
from tests.docs.follow import merged
from tests.docs.markdown import Block, pages, read
from tests.docs.sorts import FOLLOWED
from tests.toolchains.npm import compiled
from tests.toolchains.packages import packages
from tfjs_build.manifest import parse

BLOCKS = [
    each for page in pages() if page not in FOLLOWED for each in read(page) if isinstance(each, Block) and each.language
]
ELSEWHERE = {
    "sh": "tests/unit/test_docs.py reads every command",
    "json": "tests/unit/test_docs.py: events, model.json and scripts",
}
"""Languages that something else looks at."""

LEAST = {"version": 1, "output": "public/models", "models": {"digits": {"source": "digits.keras"}}}
CONTEXT = """\
const canvas = document.createElement("canvas");
canvas.width = canvas.height = 8;
canvas.getContext("2d")!.fillRect(0, 0, 8, 8);
const file = (await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve)))!;
const image = new Float32Array(64), pixels = new Float32Array(64);
const token = "a token", url = undefined, onProgress = () => {}, signal = new AbortController().signal;
const signed = async (url: string) => url;
"""
CONFIGURATION = re.compile(r"^(import .* from \"(vite|tfjs-build/vite)\"|devServer:)", re.MULTILINE)
"""What is of a bundler's configuration, and for no page."""


def of(*languages: str) -> list[Block]:
    """Return the blocks in some languages."""
    return [each for each in BLOCKS if each.language in languages]


def test_every_block_is_looked_at() -> None:
    tried = {"yaml", "ts", "js", "python"}
    assert {str(each) for each in BLOCKS if each.language not in tried | set(ELSEWHERE)} == set()
    assert of("yaml")
    assert of("python")


@pytest.mark.parametrize("block", of("yaml"), ids=str)
def test_a_manifest_is_one(block: Block, tmp_path: Path) -> None:
    shown = yaml.safe_load(block.text)
    text = block.text if {*LEAST} <= {*shown} else yaml.safe_dump(merged(LEAST, shown))
    assert parse(text, tmp_path / "tfjs.yaml").models


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    images = np.zeros((2, 8, 8, 1), np.float32)
    model = SimpleNamespace(predict=lambda given: np.zeros((len(given), 10), np.float32))
    exec(compile(block.text, str(block), "exec"), {"images": images, "model": model})
    with np.load(tmp_path / "samples.npz") as samples:
        assert sorted(samples) == ["image", "probs"]


def functions() -> Iterator[tuple[Block, str, str]]:
    """Yield each piece of a page's code: its block, what it imports, and the rest."""
    for block in of("ts", "js"):
        if CONFIGURATION.search(block.text) or "declare module" in block.text or block.page in ("size.md",):
            continue
        lines = block.text.splitlines()
        imports = [line for line in lines if line.startswith("import ")]
        if len(imports) == len(lines):
            continue  # the two ways to import a model, by one name: tests/npm/test_direct.py
        yield block, "\n".join(imports), "\n".join(line for line in lines if line not in imports)


@pytest.fixture(scope="module")
def project() -> Path:
    """A project with a module that has each piece of code as a function."""
    folder = digits("docs-snippets")
    names = []
    for block, imports, rest in functions():
        name = f"{block.page.removesuffix('.md')}_{block.line}"
        names.append(name)
        # Models of the page are those of tfjs.yaml, whichever way they are imported.
        imported = re.sub(r'"tfjs:digits"', '"./models/digits"', imports)
        loaded = "" if "const digits" in rest else "const digits = await loadDigits();\n"
        loader = (
            ""
            if "loadDigits " in imported or "loadDigits," in imported
            else "import { loadDigits } from './models/digits';\n"
        )
        module = f"{loader}{imported}\nexport async function run() {{\n{CONTEXT}{loaded}{rest}\n}}\n"
        (folder / "src" / f"{name}.ts").write_text(module, encoding="utf-8")
    listed = "".join(f'import {{ run as {name} }} from "./{name}";\n' for name in names)
    calls = "".join(f'  await {name}().then(() => done.push("{name}"));\n' for name in names)
    main = f"{listed}const done: string[] = [];\ntry {{\n{calls}}} catch (error) {{ done.push(String(error)); }}\n"
    (folder / "src" / "main.ts").write_text(f"{main}document.title = done.join(' ');\n", encoding="utf-8")
    return folder


@pytest.mark.full
def test_typescript_is_right(project: Path) -> None:
    options = ["--strict", "--noEmit", "--skipLibCheck", "--target", "es2022", "--module", "esnext"]
    more = ["--moduleResolution", "bundler", "--lib", "es2022,dom,dom.iterable", "src/main.ts"]
    tsc = packages() / ".bin" / "tsc"
    done = subprocess.run([tsc, *options, *more], cwd=project, capture_output=True, text=True)
    assert done.stdout == ""


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser for the page."""
    with launch(playwright) as chromium:
        yield chromium


@pytest.mark.full
def test_typescript_runs(project: Path, browser: Browser) -> None:
    head = '<!doctype html><link rel="icon" href="data:," /><title></title>'
    page = f'{head}<canvas></canvas><script type="module" src="/main.js"></script>'
    (project / "public" / "index.html").write_text(page, encoding="utf-8")
    bundle(project)
    expected = [f"{block.page.removesuffix('.md')}_{block.line}" for block, _, _ in functions()]
    with served(project / "public") as url, opened(browser, url) as watched:
        watched.page.wait_for_function("document.title !== ''", timeout=120_000)
        assert watched.page.title().split(" ") == expected
        assert [each for each in watched.troubles if each.startswith(("error", "exception"))] == []


def test_configurations_name_what_the_package_has() -> None:
    exported = {path.stem for path in (compiled() / "dist").glob("*.js")}
    found = {name for block in BLOCKS for name in re.findall(r"[\"']tfjs-build/(\w+)[\"']", block.text)}
    assert found
    assert found <= exported
