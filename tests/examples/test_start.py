"""examples/start.mjs: installs what an example lacks, and no more; starts it, and ends with it."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.examples.support import EXAMPLES, Started, copied, environment
from tests.support.project import REPOSITORY
from tests.toolchains.npm import NPM

ECHO = """
const [what, ...rest] = process.argv.slice(2);
console.log(JSON.stringify(rest));
if (what === "wait") {
  process.on("SIGINT", () => process.exit(7));
  console.log("http://localhost:1/");
  setInterval(() => {}, 1000);
} else process.exit(Number(what));
"""

STANDS_FOR_PYTHON = """#!/bin/sh
# Does what start.mjs asks a Python for, and notes it; ENSUREPIP and PIP are exit codes.
here="$(dirname "$0")"
case "$*" in
  *"import ensurepip"*) exit ${ENSUREPIP:-0} ;;
  "-c "*) exit 0 ;;
esac
echo "$*" >> "$NOTES"
case "$*" in
  "-m venv --clear "*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  "-m pip "*) touch "$here/tfjs-build" && exit ${PIP:-0} ;;
esac
"""


class Checkout:
    """A folder like a clone of the repository, with an example that takes no time."""

    def __init__(self, root: Path) -> None:
        self.examples = root / "examples"
        self.example = self.examples / "echo"
        self.environment = self.examples / ".venv"
        self._notes = root / "notes"
        self._programs = root / "programs"
        for folder in (self.example / "node_modules", root / "npm" / "src", root / "npm" / "dist", self._programs):
            folder.mkdir(parents=True)
        shutil.copy(EXAMPLES / "start.mjs", self.examples)
        (root / "pyproject.toml").touch()
        self.source, self.compiled = root / "npm" / "src" / "bin.ts", root / "npm" / "dist" / "bin.js"
        for name in ("package-lock.json", "node_modules/.package-lock.json"):
            (root / "npm" / name).parent.mkdir(exist_ok=True)
            for folder in (self.example, root / "npm"):
                (folder / name).write_text('{"lockfileVersion": 3, "packages": {}}')
        (root / "npm" / "package.json").write_text(
            json.dumps({"scripts": {"build": "node -e \"fs.writeFileSync('dist/bin.js', 'new')\""}})
        )
        (self.example / "package.json").write_text(json.dumps({"scripts": {"start": "node echo.mjs"}}))
        (self.example / "echo.mjs").write_text(ECHO)
        self.source.touch()
        self.compiled.touch()
        python = self._programs / "python3"
        python.write_text(STANDS_FOR_PYTHON)
        python.chmod(0o755)

    @property
    def notes(self) -> list[str]:
        """What Python was asked for, without names of folders."""
        text = self._notes.read_text(encoding="utf-8") if self._notes.exists() else ""
        return [re.sub(r"/\S+", "…", line) for line in text.splitlines()]

    def env(self, **more: str) -> dict[str, str]:
        """An environment with this Python and no other: node and npm, and what the scripts call."""
        for program in ("node", "npm", "sh", "dirname", "mkdir", "cp", "touch"):
            link = self._programs / program
            if not link.is_symlink():
                link.symlink_to(str(shutil.which(program)))
        kept = {key: value for key, value in os.environ.items() if key not in ("TFJS_BUILD", "INIT_CWD", "PYTHONPATH")}
        return kept | {"PATH": str(self._programs), "NOTES": str(self._notes), "NO_COLOR": "1"} | more

    def start(self, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """Run start.mjs."""
        return subprocess.run(
            ["node", str(self.examples / "start.mjs"), *arguments],
            cwd=cwd or self.examples,
            env=self.env(**more),
            capture_output=True,
            text=True,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a clone")  # with a space, as people have them


@pytest.mark.parametrize(
    "arguments", [(), ("nothing",), ("../npm",), ("__proto__",)], ids=["none", "unknown", "elsewhere", "proto"]
)
def test_an_unknown_example_is_one_line(checkout: Checkout, arguments: tuple[str, ...]) -> None:
    done = checkout.start(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    what = f"no example is called {arguments[0]}" if arguments else "which example?"
    assert done.stderr == f"examples: {what} (echo)\n"


def test_arguments_and_exit_code_are_passed_on(checkout: Checkout) -> None:
    (checkout.examples / "here.png").touch()
    done = checkout.start("echo", "3", "here.png", "two words", "--flag", "$HOME", 'quoted "word"', "gone.png")
    passed = [str(checkout.examples / "here.png"), "two words", "--flag", "$HOME", 'quoted "word"', "gone.png"]
    assert json.loads(done.stdout.splitlines()[-1]) == passed
    assert done.returncode == 3


def test_files_are_those_of_where_npm_was_called(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "mine.png").touch()
    done = checkout.start("echo", "0", "mine.png", INIT_CWD=str(tmp_path))
    assert json.loads(done.stdout.splitlines()[-1]) == [str(tmp_path / "mine.png")]


def test_a_second_start_installs_nothing(checkout: Checkout) -> None:
    installs = ["-m venv --clear …", "-m pip install --quiet --disable-pip-version-check --editable …"]
    first = checkout.start("echo", "0")
    assert first.returncode == 0
    assert "a Python environment" in first.stderr
    assert [re.sub("….*", "…", note) for note in checkout.notes] == installs
    second = checkout.start("echo", "0")
    assert second.returncode == 0
    assert second.stderr == ""
    assert len(checkout.notes) == len(installs)


def test_a_half_made_environment_does_not_count(checkout: Checkout) -> None:
    failed = checkout.start("echo", "0", PIP="9")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "-m pip install" in failed.stderr.splitlines()[-1]
    # What was to be installed last is there, though not all of it.
    assert (checkout.environment / "bin" / "tfjs-build").exists()
    done = checkout.start("echo", "0")
    assert done.returncode == 0
    assert len(checkout.notes) == 4


def test_an_environment_is_made_anew_when_other_packages_are_asked_for(checkout: Checkout) -> None:
    assert checkout.start("echo", "0").returncode == 0
    after = (checkout.environment / "installed").stat().st_mtime + 1
    os.utime(checkout.examples.parent / "pyproject.toml", (after, after))
    assert checkout.start("echo", "0").returncode == 0
    assert len(checkout.notes) == 4


def test_a_python_that_cannot_make_environments(checkout: Checkout) -> None:
    done = checkout.start("echo", "0", ENSUREPIP="1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == [
        "examples: python3 cannot make environments: on Debian and Ubuntu, apt install python3-venv"
    ]
    assert checkout.notes == []


def test_the_environment_of_the_checkout_will_do(checkout: Checkout) -> None:
    command = checkout.examples.parent / ".venv" / "bin" / "tfjs-build"
    command.parent.mkdir(parents=True)
    command.touch()
    assert checkout.start("echo", "0").returncode == 0
    assert checkout.notes == []


def test_the_package_of_npm_is_compiled_when_its_sources_are_newer(checkout: Checkout) -> None:
    after = checkout.compiled.stat().st_mtime + 1
    assert checkout.start("echo", "0").returncode == 0
    assert checkout.compiled.read_text() == ""
    os.utime(checkout.source, (after - 2, after - 2))
    checkout.compiled.unlink()
    done = checkout.start("echo", "0")
    assert done.returncode == 0
    assert "the package of npm/, compiled" in done.stderr
    assert checkout.compiled.read_text() == "new"


@pytest.mark.full
def test_ctrl_c_ends_it(checkout: Checkout) -> None:
    with running(["node", str(checkout.examples / "start.mjs"), "echo", "wait"], checkout.env()) as process:
        Started(process)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) in (7, 130)
        ended(process.pid)


@pytest.mark.full
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGHUP])  # Ctrl-C, and a terminal that is closed
def test_a_server_ends_with_all_its_processes(tmp_path: Path, how: signal.Signals) -> None:
    copied("static", tmp_path / "examples")
    for name in ("start.mjs", "package.json"):
        shutil.copy(EXAMPLES / name, tmp_path / "examples")
    for path in (NPM, REPOSITORY / ".venv", REPOSITORY / "pyproject.toml"):
        (tmp_path / path.name).symlink_to(path)
    with running(["npm", "--silent", "run", "static"], environment(), cwd=tmp_path / "examples") as process:
        server = Started(process)
        assert server.url
        assert len(left(process.pid)) > 3
        os.killpg(process.pid, how)
        assert process.wait(30) != 0
        ended(process.pid)
    assert not any("Traceback" in line or line.lstrip().startswith("at ") for line in server.lines), server.text


@contextmanager
def running(command: list[str], env: dict[str, str], cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a session of its own; nothing of it is left in the end."""
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            for each in left(process.pid):
                os.kill(each, signal.SIGKILL)


def ended(session: int) -> None:
    """All processes of a session end; whose parent was quicker does so by itself."""
    for each in left(session):
        try:
            handle = os.pidfd_open(each)
        except ProcessLookupError:
            continue
        readable, _, _ = select.select([handle], [], [], 30)
        os.close(handle)
        assert readable, each


def left(session: int) -> list[int]:
    """Return the processes of a session that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, owner = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it has just ended
            continue
        if int(owner) == session and state != "Z":
            found.append(int(stat.parent.name))
    return found
