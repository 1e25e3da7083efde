"""Tries `tfjs: minimal` with bundlers, plain and with an alias: `python -m tests.toolchains.minimal [NAME…]`.

Each project is the toolchain's own, with other packages and two lines more in tfjs.yaml; for the alias, what
files/minimal/NAME has is copied over it. It is built for production, opened, and its JavaScript counted, for the table
in docs/size.md.
"""

from __future__ import annotations

import gzip
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp

from playwright.sync_api import Browser, sync_playwright

from tests.browser.page import launch
from tests.conversion.markdown import table
from tests.support.project import REPOSITORY
from tests.toolchains.environment import DATE, TFJS, environment
from tests.toolchains.page import faults_of_page
from tests.toolchains.project import CommandError, Project
from tests.toolchains.toolchain import FILES, Toolchain
from tests.toolchains.toolchains import TOOLCHAINS
from tools.sections import write_section

CACHE = REPOSITORY / ".cache" / "toolchains"
DOCUMENT = REPOSITORY / "docs" / "size.md"
BACKENDS = ("webgl", "cpu")
PACKAGES = tuple(
    f"@tensorflow/tfjs-{name}" for name in ("core", "converter", *(f"backend-{name}" for name in BACKENDS))
)
ALIAS = FILES / "minimal"
ROLLUP = Toolchain(
    name="rollup",
    title="Rollup",
    packages=("rollup",),
    predict="",
    install=("rollup", *(f"@rollup/plugin-{name}" for name in ("alias", "commonjs", "node-resolve", "terser"))),
    build="npm run build",
    output="public",
)
NAMES = ("esbuild", "vite-vanilla", "rollup", "webpack", "next-webpack", "next-turbopack", "parcel", "angular")


class MinimalProject(Project):
    """A toolchain's project with `tfjs: minimal`."""

    tensorflow = tuple(f"{package}@{TFJS}" for package in PACKAGES)

    def add_model(self, *, plugin: bool = False) -> None:
        """Add the project's own files, changed."""
        super().add_model(plugin=plugin)
        manifest = self.root / "tfjs.yaml"
        manifest.write_text(f"{manifest.read_text()}tfjs: minimal\nbackends: [{', '.join(BACKENDS)}]\n")
        if self.toolchain.predict:
            predict = self.root / self.toolchain.predict
            predict.write_text(predict.read_text().replace('"@tensorflow/tfjs"', '"./models/_tfjs"'))
        self.command("tfjs-build build")


def main(*asked: str) -> int:
    """Try toolchains and write the table; return 1 where something is wrong with one."""
    variables = environment(CACHE, newest=False)
    known = {each.name: each for each in (*TOOLCHAINS, ROLLUP)}
    rows: list[tuple[str, ...]] = []
    code = 0
    with sync_playwright() as driver, launch(driver) as browser:
        for name in asked or NAMES:
            folder = Path(mkdtemp(prefix=f"minimal-{name}-"))
            found = _tried(MinimalProject(known[name], folder, variables), browser)
            shutil.rmtree(folder)
            sys.stdout.write(f"{name}: {found}\n")
            sys.stdout.flush()
            code = code or int(any("wrong" in each for each in found))
            rows.append((known[name].title, *found))
    if not asked:
        text = f"Packages of {DATE}; all JavaScript of a site of one small model, on {' and '.join(BACKENDS)}, gzipped."
        head = ("bundler", "version", "minimal", "minimal, with the alias")
        write_section(DOCUMENT, "bundlers", f"{text}\n\n{table(head, rows)}")
    return code


def _tried(project: MinimalProject, browser: Browser) -> tuple[str, ...]:
    try:
        project.scaffold()
        project.add_model()
        project.install()
        versions = " ".join(project.versions())
    except CommandError as error:
        return "", f"wrong: {error}", ""
    plain = _seen(project, browser)
    alias = ALIAS / project.toolchain.name
    if not alias.is_dir():
        return versions, plain, "has no such option"
    shutil.copytree(alias, project.root, dirs_exist_ok=True)
    return versions, plain, _seen(project, browser)


def _seen(project: MinimalProject, browser: Browser) -> str:
    """The bytes of a site whose page shows the prediction, or what is wrong."""
    output = project.root / project.toolchain.output
    for path in output.rglob("*.js"):
        path.unlink()  # not every bundler does
    try:
        project.build("/")
    except CommandError as error:
        return f"wrong: {error}"
    if faults := faults_of_page(browser, output, "/", project.folder / "host"):
        return f"wrong: {'; '.join(faults)}"
    return f"{sum(_gzipped(path) for path in output.rglob('*.js')) / 1000:.0f} KB"


def _gzipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
