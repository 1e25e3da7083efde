"""One toolchain tried from its scaffolder to its page, and what came of it."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from tests.toolchains.dev import faults_of_dev
from tests.toolchains.environment import DATE
from tests.toolchains.model import fault
from tests.toolchains.npm import compiled
from tests.toolchains.page import faults_of_page
from tests.toolchains.project import CommandError, Project
from tests.toolchains.toolchain import Toolchain

_SOURCES = ("attempt.py", "dev.py", "environment.py", "model.py", "npm.py", "page.py", "project.py")
_SHOWN_ONLY = ("title", "packages", "settings", "remarks")


@dataclass
class Attempt:
    """What became of a toolchain: `faults` by what was tried ("make", a command, or a base), none if it went well."""

    versions: list[str] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing went wrong."""
        return not any(self.faults.values())


def digest(toolchain: Toolchain, environment: Mapping[str, str]) -> str:
    """Hash all that an attempt depends on: the recipe, the project's files with the loaders that tfjs-build makes, and
    what tries them."""
    parts = {key: value for key, value in dataclasses.asdict(toolchain).items() if key not in _SHOWN_ONLY}
    whole = hashlib.sha256(repr((DATE, sorted(parts.items()))).encode())
    with TemporaryDirectory() as folder:
        project = Project(toolchain, Path(folder), environment)
        project.add_model(plugin=True)
        if toolchain.plugin:
            whole.update(b"".join(path.read_bytes() for path in sorted((compiled() / "dist").glob("*.js"))))
        made = [path for path in project.root.rglob("*") if path.is_file() and ".tfjs-build" not in path.parts]
        for path in (*sorted(made), *(Path(__file__).with_name(name) for name in _SOURCES)):
            whole.update(f"\n{path.name}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def attempt(
    toolchain: Toolchain, folder: Path, environment: Mapping[str, str], browser: Browser, say: Callable[[str], None]
) -> Attempt:
    """Try a toolchain in `folder`, and `say` a line for each step."""
    project = Project(toolchain, folder, environment)
    made = Attempt()

    def step(name: str, done: str, body: Callable[[], list[str]]) -> None:
        start = time.monotonic()
        try:
            found = body()
        except CommandError as error:
            found = [str(error)]
        made.faults[name] = found
        said = f"FAILED: {name}: {'; '.join(found)}" if found else done
        say(f"{toolchain.name}: {said} ({time.monotonic() - start:.0f} s)")

    step("make", "made", lambda: _make(project, made))
    if made.good:
        for command in toolchain.check:
            step(command, f"quiet under `{command}`", partial(_check, project, command))
        if toolchain.dev:
            step("dev", "developed, follows the model", lambda: faults_of_dev(browser, project))
        for base in toolchain.bases:
            done = "gives the prediction" if toolchain.run else f"built, sees the prediction at {base}"
            step(base, done, partial(_see, project, base, browser))
    return made


def _make(project: Project, made: Attempt) -> list[str]:
    project.scaffold()
    project.add_model(plugin=True)
    project.install(plugin=True)
    made.versions = project.versions()
    return []


def _check(project: Project, command: str) -> list[str]:
    project.command(command)
    return []


def _see(project: Project, base: str, browser: Browser) -> list[str]:
    if project.toolchain.run:
        return fault(project.run())
    if project.toolchain.plugin:
        project.clean()  # the build has the plugin make it
    else:
        project.command("tfjs-build build")
    return faults_of_page(browser, project.build(base), base, project.folder / "host")
