"""Models that a page imports directly, as `tfjs:NAME` or `….keras?tfjs`: Vite's dev server and builds, in Chromium."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.example import EXAMPLE, copy
from tests.browser.page import served
from tests.browser.test_watch_page import train
from tests.npm.developing import CONFIG
from tests.npm.test_vite import PATIENCE_MS, VITE, build, developing, opened, overlay
from tests.support.project import REPOSITORY

SOURCE = EXAMPLE / "model" / "digits.keras"
FILE = "../model/digits.keras?tfjs"
LISTED = "version: 1\noutput: public/models\nmodels:\n  digits: { source: model/digits.keras }\n"


@pytest.fixture
def project(package: Path, tmp_path: Path) -> Path:
    """A copy of the example with the plugin, without a manifest, and with a page that imports nothing yet."""
    made = copy(tmp_path / "digits")
    (made / "tfjs.yaml").unlink()
    for path in (made / "src").iterdir():
        path.unlink()
    (made / "index.html").write_text('<!doctype html><p id="out"></p><script type="module" src="src/main.ts"></script>')
    (made / "vite.config.ts").write_text(CONFIG.format(plugin=package / "dist" / "vite.js"))
    return made


def script(project: Path, *models: str) -> None:
    """Write the page's script: it predicts with all `models`, and shows the versions of those that do."""
    lines = ['import * as tf from "@tensorflow/tfjs";']  # on the CPU: programs for a GPU would take their time
    lines += [f"import load{i} from {json.dumps(name)};" for i, name in enumerate(models)]
    loads = ", ".join(f"load{i}()" for i in range(len(models)))
    (project / "src" / "main.ts").write_text(
        "\n".join(lines)
        + f"""
await tf.setBackend("cpu");
const models = await Promise.all([{loads}]);
async function show(): Promise<void> {{
  const shown = models.map(async (model) => {{
    const [values] = Object.values(await model.run(new Float32Array(64).fill(0.5)));
    return `${{model.version}}:${{values.length}}`;
  }});
  document.querySelector("#out")!.textContent = (await Promise.all(shown)).join(" ");
}}
for (const model of models) model.onReload(() => void show());
await show();
"""
    )


def versions(page: Page, count: int) -> list[str]:
    """Return the versions that a page shows, once it does."""
    expect(page.locator("#out")).to_have_text(re.compile(rf"^([0-9a-f]{{16}}:10 ?){{{count}}}$"), timeout=PATIENCE_MS)
    return [text.removesuffix(":10") for text in page.locator("#out").inner_text().split()]


def complaint(page: Page, *words: str) -> str:
    """Wait until Vite's overlay says all of the words, and return what it says."""
    for word in words:
        page.wait_for_function(
            "word => document.querySelector('vite-error-overlay')?.shadowRoot.textContent.includes(word)",
            arg=word,
            timeout=PATIENCE_MS,
        )
    said = overlay(page)
    assert ".tfjs-build" not in said
    return said


def save(target: Path, *, output: str = "probs") -> None:
    """Save the example's network, with another name for its output."""
    with zipfile.ZipFile(SOURCE) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json":
                data = data.replace(b'"name": "probs"', f'"name": "{output}"'.encode())
            archive.writestr(name, data)


def test_a_model_of_the_manifest(browser: Browser, project: Path, command: Path) -> None:
    source, manifest = project / "model" / "digits.keras", project / "tfjs.yaml"
    manifest.write_text(LISTED)
    source.write_bytes(b"no model")
    script(project, "tfjs:digits")
    with developing(project, command) as server, opened(browser, server.url) as page:
        # What is broken at first is told, and its page loaded anew when it is right.
        said = complaint(page, "[plugin:vite:import-analysis] digits: ", "src/main.ts")
        assert str(project / "model") not in said
        shutil.copy(SOURCE, source)
        (first,) = versions(page, 1)
        expect(page.locator("vite-error-overlay")).to_have_count(0)

        # A save goes into the open page.
        page.evaluate("document.body.dataset.loaded = 'once'")
        train(project, 1)
        expect(page.locator("#out")).not_to_contain_text(first, timeout=PATIENCE_MS)
        assert page.evaluate("document.body.dataset.loaded") == "once"
        assert not (project / "src" / "models").exists()

        # A model that is not there, until the manifest lists it.
        script(project, "tfjs:other")
        complaint(page, "tfjs.yaml lists no model other. It has: tfjs:digits", "src/main.ts:2:20")
        manifest.write_text(LISTED + "  other: { source: model/digits.keras, quantize: uint8 }\n")
        versions(page, 1)

        script(project, "tfjs:digits/in-worker")
        complaint(page, "`worker: true` in tfjs.yaml makes them.")
        manifest.write_text("worker: true\n" + LISTED)
        versions(page, 1)
        declared = (project / "src" / "tfjs-models.d.ts").read_text()
        assert 'declare module "tfjs:digits/in-worker" {' in declared
        assert "tfjs:other" not in declared  # it is gone


def test_a_models_file(browser: Browser, project: Path, command: Path) -> None:
    source = project / "model" / "digits.keras"
    script(project, FILE)
    with developing(project, command) as server, opened(browser, server.url) as page:
        (first,) = versions(page, 1)
        page.evaluate("document.body.dataset.loaded = 'once'")
        train(project, 1)
        expect(page.locator("#out")).not_to_contain_text(first, timeout=PATIENCE_MS)
        assert page.evaluate("document.body.dataset.loaded") == "once"
        (second,) = versions(page, 1)

        # What is wrong with the query is mended in the source.
        script(project, f"{FILE}&quantise=uint8")
        said = complaint(
            page, "model/digits.keras: unknown key `quantise`", "Did you mean `quantize`?", "src/main.ts:2:20"
        )
        assert "tfjs.yaml" not in said
        script(project, f"{FILE}&quantize=uint8")
        (small,) = versions(page, 1)
        assert small != second

        # A file that is not there, and one that is broken: two at once, of which one is told.
        (project / "model" / "broken.keras").write_bytes(b"no model")
        script(project, "../model/gone.keras?tfjs", "../model/broken.keras?tfjs")
        complaint(page, "src/main.ts")
        save(project / "model" / "broken.keras")
        complaint(page, "source not found: model/gone.keras", "src/main.ts:2:20")
        save(project / "model" / "gone.keras")
        assert versions(page, 2) == [first, first]

        # The same file twice, and files of the same name: each is what it is.
        other = project / "src" / "nets" / "digits.keras"
        other.parent.mkdir()
        shutil.copy(source, other)
        script(
            project,
            FILE,
            f"{FILE}&quantize=uint8",
            "./nets/digits.keras?tfjs",
            "./nets/../nets/digits.keras?tfjs&labels=digits.txt",
        )
        complaint(page, "digits.txt", "src/main.ts:5:20")
        (other.parent / "digits.txt").write_text("".join(f"{n}\n" for n in range(10)))
        found = versions(page, 4)
        assert found[:3] == [second, small, second]
        assert found[3] not in found[:3]
        train(project, 2)
        expect(page.locator("#out")).not_to_contain_text(re.compile(f"^{second}|{small}"), timeout=PATIENCE_MS)
        after = versions(page, 4)
        assert after[2:] == found[2:]

        # Another signature loads the page anew, and says why.
        page.evaluate("document.body.dataset.loaded = 'once'")
        save(other, output="odds")
        server.until(r'digits-\d+ has changed, and pages that use it load anew: a new output "odds"')
        page.wait_for_function("document.body.dataset.loaded !== 'once'", timeout=PATIENCE_MS)
        assert versions(page, 4)[:2] == after[:2]


@pytest.mark.parametrize("base", ["/", "/sub/", "./"])
def test_a_build_has_the_models(browser: Browser, project: Path, command: Path, base: str) -> None:
    (project / "tfjs.yaml").write_text(LISTED)
    script(project, "tfjs:digits", FILE)
    folder = {"/": "site", "/sub/": "site/sub", "./": "site/any/where"}[base]
    done = build(project, command, "--base", base, "--outDir", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((project / folder / "tfjs").glob("digits-*/model.json"))) == 1
    with served(project / "site") as url, opened(browser, url + folder.removeprefix("site").lstrip("/")) as page:
        versions(page, 2)


def test_builds_that_fail_and_builds_for_servers(project: Path, command: Path) -> None:
    source = project / "model" / "digits.keras"
    script(project, f"{FILE}&quantise=uint8")
    done = build(project, command)
    assert done.returncode != 0
    for words in ("model/digits.keras: unknown key `quantise`", "Did you mean `quantize`?", "src/main.ts:2:20"):
        assert words in done.stderr
    source.write_bytes(b"no model")
    script(project, FILE)
    done = build(project, command)
    assert done.returncode != 0
    assert "model/digits.keras: " in done.stderr
    assert "src/main.ts:2:20" in done.stderr
    assert ".tfjs-build" not in done.stderr
    assert not (project / "dist").exists()
    shutil.copy(SOURCE, source)
    done = build(project, command, "--ssr", "src/main.ts")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in (project / "dist").iterdir()] == ["main.js"]


CHECKED = """\
import * as tf from "@tensorflow/tfjs";
import loadAgain, { digitsLabels, loadDigits, type Digits } from "tfjs:digits";
import loadFile, { type Digits as FromFile } from "../model/digits.keras?tfjs";
import loadSmall from "../model/digits.keras?tfjs&quantize=uint8";
import loadNear from "./nets/digits.keras?tfjs";
import "./nets/near";
const digits: Digits = await loadDigits();
const again: Digits = await loadAgain();
const file: FromFile = await loadFile();
const probs: tf.Tensor2D = digits.predict(tf.zeros<tf.Rank.R4>([1, 8, 8, 1])).probs;
const label: "zero" | "one" = digitsLabels[0];
for (const model of [file, await loadSmall(), await loadNear()]) {
WRONG  model.predict(tf.zeros<tf.Rank.R2>([1, 64]));
}
WRONG again.predict(new Int32Array(64));
console.log(probs, label);
"""
WRONG = "  // @ts-expect-error a tensor of another rank, an array of another type\n"
OLDER = [REPOSITORY / "runtime", REPOSITORY / "tests" / "toolchains"]
"""Projects with TypeScript 5 and 6."""


def test_types_are_exact_and_no_obstacle_in_a_fresh_clone(
    project: Path, command: Path, request: pytest.FixtureRequest
) -> None:
    labels = "labels: [zero, one, two, three, four, five, six, seven, eight, nine]"
    (project / "tfjs.yaml").write_text(LISTED.replace(" }", f", {labels} }}"))
    source = project / "src" / "main.ts"
    for name in ("nets", "more"):
        (project / "src" / name).mkdir()
        shutil.copy(SOURCE, project / "src" / name / "digits.keras")
        (project / "src" / name / "near.ts").write_text('import load from "./digits.keras?tfjs";\nvoid load();\n')
    source.write_text(CHECKED.replace("WRONG", WRONG))
    done = build(project, command)
    assert done.returncode == 0, done.stdout + done.stderr

    # Relative imports by the same words mean several files to TypeScript: it has no types for them, which is said.
    source.write_text('import "./nets/near";\nimport "./more/near";\n')
    done = build(project, command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"src/(nets|more)/digits.keras: TypeScript cannot tell it from src/(more|nets)/", done.stdout)
    assert 'declare module "*/digits.keras?tfjs";' in (project / "src" / "tfjs-models.d.ts").read_text()

    source.write_text(CHECKED.replace("WRONG", WRONG))
    older = (
        [path for folder in OLDER if (path := folder / "node_modules").exists()] if request.config.option.all else []
    )
    for modules in [project / "node_modules", *older]:
        assert compile(project, modules) == ""
    shutil.rmtree(project / ".tfjs-build")
    source.write_text(CHECKED.replace("WRONG", ""))
    assert compile(project, project / "node_modules") == ""


def compile(project: Path, modules: Path) -> str:
    """Return what TypeScript has to say of a project."""
    compiler = modules / "typescript" / "bin" / "tsc"
    return subprocess.run([VITE[0], compiler, "-p", "."], cwd=project, capture_output=True, text=True).stdout
