"""A page of Vite's dev server whose loaders import what `tfjs: minimal` makes: a model that needs other kernels, and
one that is new, find them there, and the page keeps one TensorFlow.js."""

from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.example import modules
from tests.browser.page import opened
from tests.support.keras_files import write_layers
from tests.watch.watching import Watching, eventually, watching

pytestmark = pytest.mark.full

PATIENCE_MS = 60_000
PAGE = """\
<!doctype html><title>minimal</title><link rel="icon" href="data:," />
<output id="shown"></output><script type="module" src="/src/page.js"></script>
"""
SCRIPT = """\
import * as tf from "./models/_tfjs.js";
import { loadFirst } from "./models/first.js";

await tf.setBackend("cpu");
globalThis.classes = new Set([tf.Tensor]);
const first = await loadFirst();
const show = async () => {
  const [tensor] = Object.values(first.predict(tf.tensor2d([[-2, 0, 2]])));
  globalThis.classes.add(tensor.constructor);
  const text = [...(await tensor.data())].map((value) => Math.round(value * 1000)).join(" ");
  document.querySelector("#shown").textContent = `${first.version}: ${text}`;
};
first.onReload(show);
await show();
"""


def write(path: Path, activation: str) -> None:
    """Save a model that is one activation, which needs a kernel of its name."""
    write_layers(path, (None, 3), {"class_name": "Activation", "name": "made", "activation": activation})


def project_of(folder: Path) -> Path:
    project = folder / "app"
    (project / "src").mkdir(parents=True)
    (project / "node_modules").symlink_to(modules())
    (project / "package.json").write_text('{"type": "module"}\n', encoding="utf-8")
    settings = 'export default { cacheDir: ".vite" };\n'  # node_modules is the example's
    (project / "vite.config.js").write_text(settings, encoding="utf-8")
    (project / "index.html").write_text(PAGE, encoding="utf-8")
    (project / "src" / "page.js").write_text(SCRIPT, encoding="utf-8")
    manifest(project, "first")
    write(project / "first.keras", "relu")
    return project


def manifest(project: Path, *models: str) -> None:
    top = {"version": 1, "output": "public/models", "stubs": "src/models", "language": "javascript"}
    lean = {"tfjs": "minimal", "backends": ["webgl", "cpu"]}
    listed = {name: {"source": f"{name}.keras", "format": "graph"} for name in models}
    (project / "tfjs.yaml").write_text(json.dumps({**top, **lean, "models": listed}), encoding="utf-8")


def address_of(watch: Watching) -> str:
    eventually(lambda: "Local" in watch.err_so_far)
    found = re.search(r"http://[\w.]+:\d+/", re.sub(r"\x1b\[[\d;]*m", "", watch.err_so_far))
    assert found is not None, watch.err_so_far
    return found[0]


def test_a_model_that_needs_other_kernels_finds_them_in_the_page(browser: Browser, tmp_path: Path) -> None:
    project = project_of(tmp_path)
    vite = [shutil.which("node") or "node", "node_modules/vite/bin/vite.js", "--host", "127.0.0.1"]
    with watching(project, command=[*vite, "--clearScreen", "false"]) as watch:
        watch.until("ready")
        with opened(browser, address_of(watch)) as watched:
            page = watched.page
            shown = page.locator("#shown")
            expect(shown).to_have_text(re.compile(": 0 0 2000$"), timeout=PATIENCE_MS)
            write(project / "first.keras", "tanh")
            version = watch.until("written", model="first")["version"]
            expect(shown).to_have_text(f"{version}: -964 0 964", timeout=PATIENCE_MS)
            write(project / "first.keras", "softplus")
            version = watch.until("written", model="first")["version"]
            expect(shown).to_have_text(f"{version}: 127 693 2127", timeout=PATIENCE_MS)
            assert page.evaluate("classes.size") == 1
            write(project / "second.keras", "sigmoid")
            manifest(project, "first", "second")
            watch.until("written", model="second")
            eventually(lambda: "cpu_Sigmoid" in (project / "src/models/_tfjs.js").read_text(encoding="utf-8"))
            page.reload()
            expect(shown).to_have_text(f"{version}: 127 693 2127", timeout=PATIENCE_MS)
            assert page.evaluate("classes.size") == 1
            assert (
                page.evaluate("""async () => {
                const second = await (await import("/src/models/second.js")).loadSecond();
                const values = await second.run(Float32Array.of(0, 1, 2));
                return [...Object.values(values)[0]].map((value) => Math.round(value * 1000)).join(" ");
            }""")
                == "500 731 881"
            )
            # Where a kernel is new, Vite bundles it and loads the page anew: requests under way then fail.
            assert [each for each in watched.troubles if each.startswith(("exception", "warning"))] == []
        watch.end(signal.SIGTERM)
