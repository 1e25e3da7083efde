"""Follows a page of docs/ in an empty folder: gives its commands, writes its files, opens what it serves.

- `sh`: the commands, one after the other; `cd` lasts. A command that serves goes on until the next `sh` block that is
  not said to come `meanwhile`, as in a second terminal; the last one's address is opened in Chromium when something is
  to be seen there.
- A file (a path in the first line, or `<!-- follow: file PATH -->`) is written, in place of what is there.
- `ts`, `js` and `css` without a path go on with the last file of such a kind; `yaml` without a path goes into
  tfjs.yaml, `json` into package.json.
- `console` is a command after `$ `, and what it prints, where `…` stands for anything.
- `python` of a script is the one that has TensorFlow.
- `<!-- follow: shows REGEX -->`: the page that is served shows it now, and nothing has gone wrong in it.
- `<!-- follow: once TEXT -->`: it has asked for no address with the text more often than once.
- `<!-- follow: reload -->`: it is loaded anew; `<!-- follow: offline -->`: the server is stopped before.
- `<!-- follow: workflow PATH -->`: the next block is a workflow of GitHub Actions, whose commands are given.
- `<!-- follow: after PAGE -->`: this page goes on where that one ended, so that one is followed first.
- `<!-- follow: do COMMAND -->`: what a reader does by hand, as a shell's command.
- `<!-- follow: only REASON -->`: the next block is looked at by something else, which the reason names.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Browser, Playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.page import Watched, launch, opened
from tests.conversion import oracle
from tests.docs.markdown import Block, Said, read
from tests.docs.packages import Packages, tensorflow_js
from tests.support.printed import Printed
from tests.support.project import REPOSITORY

PATIENCE = 180.0
_SERVES = re.compile(
    r"^(npm start|npm run (dev|preview|serve|start|watch)"
    r"|npx (vite|serve|http-server|next|ng|astro|nuxt)( (dev|start|serve|preview))?"
    r"|tfjs-build watch|npx tfjs-build watch|python3? -m http\.server)\b(?! build)"
)
_ADDRESS = re.compile(r"http://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::\]):(\d+)(/[\w/-]*)?")
_TFJS = re.compile(r"^https://[^/]+/npm/@tensorflow/tfjs@[\d.]+/dist/tf\.fesm\.min\.js$")
"""Where pages without a bundler have TensorFlow.js from; nothing is downloaded here."""
GOES_ON = {"ts": (".ts", ".tsx", ".mts"), "js": (".js", ".mjs"), "css": (".css",), "tsx": (".tsx",)}
"""Endings of the files that a block without a path goes on with, by its language."""

_ABOUT_THE_NEXT = ("file", "meanwhile", "only", "workflow")
_OF_THE_PAGE = ("once", "reload", "offline")
WORDS = ("after", "do", "shows", *_ABOUT_THE_NEXT, *_OF_THE_PAGE)
"""What can be said behind `follow:`."""


class UnfollowedError(Exception):
    """A page is not as it says; the message has its place and what happened."""


class Follower:
    """Follows pages in `folder`, which has `training/` with models, as the pages say.

    `kept` is a folder for what pages were when they ended from which others go on: each of them is followed once.
    """

    def __init__(self, folder: Path, packages: Packages, browser: Browser, kept: Path) -> None:
        self.folder = self.here = folder
        self._packages, self._browser, self._kept = packages, browser, kept
        self._last: Path | None = None
        self._servers: list[_Server] = []

    def follow(self, page: str) -> None:
        """Follow a page to its end. Raises UnfollowedError."""
        try:
            self._page(page)
        finally:
            self._stop()

    def _page(self, page: str) -> None:
        told: list[Said] = []
        for each in read(page):
            if isinstance(each, Said):
                if each.word == "after":
                    self._go_on_from(each.rest)
                elif each.word == "shows":
                    self._shows(each)
                elif each.word in _OF_THE_PAGE:
                    self._of(each).tell(each)
                elif each.word == "do":
                    self._shell(each, each.rest)
                elif each.word in _ABOUT_THE_NEXT:
                    told.append(each)
                else:
                    raise UnfollowedError(f"{each}: nobody knows what `{each.word}` is")
                continue
            words = {said.word: said.rest for said in told}
            told = []
            if "only" not in words:
                self._block(each, words)

    def _go_on_from(self, page: str) -> None:
        kept = self._kept / page
        if not kept.exists():
            self._page(page)
            self._stop()
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(self.folder, kept / "folder", symlinks=True)
            (kept / "here").write_text(str(self.here), encoding="utf-8")
            (kept / "was").write_text(str(self.folder), encoding="utf-8")
        else:
            here, was = (Path((kept / name).read_text(encoding="utf-8")) for name in ("here", "was"))
            shutil.copytree(kept / "folder", self.folder, symlinks=True, dirs_exist_ok=True)
            self.here = self.folder / here.relative_to(was)
            for program in self.here.glob(".venv/bin/*"):  # whose first lines name the folder that they were made in
                if not program.is_symlink() and str(was).encode() in (text := program.read_bytes()):
                    program.write_bytes(text.replace(str(was).encode(), str(self.folder).encode()))

    def _block(self, block: Block, words: Mapping[str, str]) -> None:
        path = words.get("file") or words.get("workflow") or block.path
        if block.language == "sh":
            if "meanwhile" not in words:
                self._stop()
            self._shell(block, block.text)
        elif block.language == "console":
            self._console(block)
        elif path is not None:
            self._last = self.here / path
            self._last.parent.mkdir(parents=True, exist_ok=True)
            self._last.write_text(block.text, encoding="utf-8")
            if "workflow" in words:
                for job in yaml.safe_load(block.text)["jobs"].values():
                    self._run(block, "\n".join(step["run"] for step in job["steps"] if "run" in step))
        elif block.language == "yaml":
            self._merge(
                block, self.here / "tfjs.yaml", yaml.safe_load, lambda value: yaml.safe_dump(value, sort_keys=False)
            )
        elif block.language == "json":
            self._merge(block, self.here / "package.json", json.loads, lambda value: json.dumps(value, indent=2))
        elif self._last is not None and self._last.suffix in GOES_ON.get(block.language, ()):
            with self._last.open("a", encoding="utf-8") as file:
                file.write("\n" + block.text)
        else:
            raise UnfollowedError(f"{block}: a block that nobody runs: neither a file nor a command")

    def _merge(self, block: Block, file: Path, load: Any, dump: Any) -> None:
        before = load(file.read_text(encoding="utf-8")) if file.exists() else {}
        file.write_text(dump(merged(before, load(block.text))), encoding="utf-8")

    def _shell(self, at: Block | Said, text: str) -> None:
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        served = lines.pop() if lines and _SERVES.match(lines[-1]) else None
        if lines:
            self._run(at, "\n".join(lines))
        if served is not None:
            command = self._packages.command(" ".join(shlex.split(served, comments=True)))
            self._servers.append(_Server(at, command, self.here, self._environment(), self._browser))

    def _run(self, at: Block | Said, script: str) -> str:
        asked = (" && ".join(map(self._given, line.split(" && "))) for line in script.splitlines())
        commands = "\n".join(asked)
        whole = f"set -e\n{commands}\nprintf '\\n%s' \"$PWD\"\n"
        done = subprocess.run(
            ["bash", "-c", whole],
            cwd=self.here,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise UnfollowedError(f"{at}: gave {done.returncode}: {script}\n{done.stdout}{done.stderr}")
        said, _, here = done.stdout.rpartition("\n")
        self.here = Path(here)
        return said + done.stderr

    def _given(self, command: str) -> str:
        return self._packages.command(re.sub(r"^python (?=\w+\.py$)", f"{oracle.python()} -W ignore ", command))

    def _console(self, block: Block) -> None:
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            said = self._run(block, command)
            pattern = r"\s+".join(re.escape(word).replace("…", r".*?") for word in expected.split())
            if not re.search(pattern, said, re.DOTALL):
                raise UnfollowedError(f"{block}: `{command}` printed\n{said}\ninstead of\n{expected}")

    def _shows(self, said: Said) -> None:
        self._of(said).shows(said)

    def _of(self, said: Said) -> _Server:
        if not self._servers:
            raise UnfollowedError(f"{said}: nothing is served")
        return self._servers[-1]

    def _stop(self) -> None:
        while self._servers:
            self._servers.pop().close()

    def _environment(self) -> dict[str, str]:
        return self._packages.environment()


class _Server:
    """A command that serves, and the page in Chromium."""

    def __init__(
        self, at: Block | Said, command: str, folder: Path, environment: Mapping[str, str], browser: Browser
    ) -> None:
        self._at, self._command = at, command
        self._process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,  # a watch ends with its standard input
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._printed = Printed(self._process)
        self._browser = browser
        self._page: Watched | None = None
        self._closes: list[Any] = []

    def shows(self, said: Said) -> None:
        """The page shows what the regular expression finds in its text."""
        if self._page is None:
            opening = opened(self._browser, "about:blank", size=(900, 700))
            self._page = opening.__enter__()
            self._closes.append(opening)
            self._page.page.route(_TFJS, lambda route: route.fulfill(path=tensorflow_js()))
            self._page.page.goto(self._address(), wait_until="commit", timeout=PATIENCE * 1000)
        page = self._page.page
        try:
            page.wait_for_function(
                "(source) => new RegExp(source).test(document.body?.innerText ?? '')",
                arg=said.rest,
                timeout=PATIENCE * 1000,
                polling=50,
            )
        except PlaywrightTimeoutError:
            shown = page.evaluate("document.body?.innerText")
            faults = "\n".join([*self._page.troubles, *self._printed.lines[-40:]])
            raise UnfollowedError(f"{said}: the page shows {shown!r}, not {said.rest!r}\n{faults}") from None
        # A dev server may load the page anew when it meets a package, and a browser asks for an icon by itself:
        # requests that came to nothing do not count, and what code says or throws does.
        said_or_thrown = [each for each in self._page.troubles if each.startswith(("error: ", "exception: "))]
        if troubles := [each for each in said_or_thrown if "Failed to load resource" not in each]:
            raise UnfollowedError(f"{said}: the page has trouble: {troubles}")

    def tell(self, said: Said) -> None:
        """What is to be done with the page that is open, or was seen of it."""
        if self._page is None:
            raise UnfollowedError(f"{said}: no page is open")
        if said.word == "once":
            asked = [address for address in self._page.addresses if said.rest in address]
            if not asked or len(asked) != len(set(asked)):
                raise UnfollowedError(f"{said}: asked for {asked}")
            return
        if said.word == "offline":
            self._end()
        self._page.page.reload()

    def close(self) -> None:
        """Close the page, and end the command with all that it started."""
        for each in self._closes:
            each.__exit__(None, None, None)
        self._end()

    def _end(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(timeout=20)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.wait()
        self._printed.end()
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _address(self) -> str:
        try:
            found = self._printed.until(_ADDRESS, PATIENCE)
        except AssertionError:
            raise UnfollowedError(f"{self._at}: `{self._command}` told no address:\n{self._printed.text}") from None
        return f"http://localhost:{found[1]}{found[2] or '/'}"


def chromium(playwright: Playwright) -> Browser:
    """Start the machine's Chromium, with a camera that shows a test picture."""
    return launch(playwright, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def merged(value: Any, other: Any) -> Any:
    """Return a value with another put into it: mappings key by key, all else in its place."""
    if isinstance(value, dict) and isinstance(other, dict):
        return {**value, **{key: merged(value.get(key), each) for key, each in other.items()}}
    return other


def training(folder: Path) -> None:
    """Make `training/`, the folder that the pages take models from: those of examples/digits."""
    source = REPOSITORY / "examples" / "digits" / "model"
    subprocess.run(["cp", "-r", str(source), str(folder / "training")], check=True)
