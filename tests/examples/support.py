"""Runs an example as a user would, in a copy, and opens its page at phone and desktop size, light and dark."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from tests.browser.page import Watched, opened
from tests.support.printed import Printed
from tests.support.project import REPOSITORY
from tests.toolchains.npm import compiled

EXAMPLES = REPOSITORY / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/package.json"))
MADE = ("node_modules", "dist", "out", ".next", ".tfjs-build", "models", "next-env.d.ts", "tsconfig.tsbuildinfo")
"""What is not the example's own: installed, or made by its scripts."""
SIZES: dict[str, tuple[int, int]] = {"phone": (390, 844), "desktop": (1280, 800)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_ADDRESS = re.compile(r"http://(?:localhost|127\.0\.0\.1):\d+/?")


def copied(name: str, folder: Path, *, linked: bool = True) -> Path:
    """Copy an example to `folder`/NAME, beside copies of the examples that have the models it uses; return it.

    The copy uses the example's node_modules, which are installed if they are missing: by a link, or, where a bundler
    follows none out of the project, by a folder of the same files.
    """
    compiled()
    modules = EXAMPLES / name / "node_modules"
    if not (modules / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=EXAMPLES / name, check=True)
    for each in NAMES:
        shutil.copytree(EXAMPLES / each, folder / each, ignore=_made)
    own = folder / name / "node_modules"
    if linked:
        own.symlink_to(modules)
    else:
        shutil.copytree(modules, own, symlinks=True, copy_function=_same)
        (own / "tfjs-build").unlink()
        (own / "tfjs-build").symlink_to(compiled())
    return folder / name


def _same(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


def _made(folder: str, names: list[str]) -> set[str]:
    # `model` holds sources, which are the example's own; `models` what is made of them.
    return {name for name in names if name in MADE}


def environment() -> dict[str, str]:
    """Return an environment in which npm scripts find this checkout's command."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "NEXT_TELEMETRY_DISABLED": "1", "NO_COLOR": "1", "BROWSER": "none"}


def npm(project: Path, *arguments: str) -> str:
    """Run npm in an example; return what it printed on both."""
    done = subprocess.run(
        ["npm", "--silent", *arguments],
        cwd=project,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


class Started(Printed):
    """A server that runs, and where it is."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(process)
        self.url = self.until(_ADDRESS)[0]


@contextmanager
def started(project: Path, *arguments: str, script: str = "start") -> Iterator[Started]:
    """Run `npm run SCRIPT -- ARGUMENT …` in an example until it tells an address; end it with all its processes."""
    command = ["npm", "--silent", "run", script, *(["--", *arguments] if arguments else [])]
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        server = None
        try:
            server = Started(process)
            yield server
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            if server is not None:
                server.end()


@contextmanager
def looked_at(
    browser: Browser, url: str, size: str, scheme: Literal["light", "dark"], picture: Path | None = None
) -> Iterator[Watched]:
    """Open a page at a size of `SIZES`; when the test is done with it, it may not be wider than the screen.

    `picture` is where a screenshot of it is written then, the whole page.
    """
    with opened(browser, url, size=SIZES[size], scheme=scheme, touch=size == "phone") as watched:
        yield watched
        wide = watched.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} pixels wider than the screen"
        if picture is not None:
            picture.parent.mkdir(parents=True, exist_ok=True)
            watched.page.screenshot(path=picture, full_page=True)
