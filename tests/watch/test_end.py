"""However a watch ends, everything ends with it; the dev server too."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tests.watch.watching import eventually, listen, watching

SERVER = """
import os, signal, subprocess, sys
child = subprocess.Popen(["sleep", "1000"])  # as npm starts node
def stop(number, frame):
    print("got", signal.Signals(number).name, flush=True)
    sys.exit(7)
for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(each, stop)
print("serving", flush=True)
line = sys.stdin.readline()
print("read", line.strip(), flush=True)
if line:
    sys.exit(5)
while True:
    signal.pause()
"""


def server(*, script: str = SERVER) -> list[str]:
    return [sys.executable, "-c", script]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it(project: Project, number: signal.Signals) -> None:
    with watching(project.root) as watch:
        watch.until("ready")
        assert watch.end(number) == 130
        assert watch.events[-1] == {"event": "stopped", "code": 130}
        assert watch.err == ""


@pytest.mark.full
def test_a_signal_ends_it_in_the_middle_of_the_first_build(project: Project) -> None:
    project.manifest(
        "version: 1\noutput: public\nmodels:\n"
        + "".join(f"  m{i}: {{source: training/net.keras}}\n" for i in range(40))
    )
    with watching(project.root) as watch:
        watch.until("written")
        assert watch.end(signal.SIGTERM) == 130
    assert project.run("build").code == 0


def test_nothing_is_left_of_it_when_it_is_killed(project: Project) -> None:
    with watching(project.root) as watch:
        watch.until("ready")
        watch.process.kill()
        watch.process.wait()
        assert watch.left_over() == []
    # What it had published counts, and what it had replaced goes.
    write_dense(project.root / "training" / "net.keras", seed=1)
    (written,) = project.run("build", "--json").of("written")
    assert {name for name in project.files() if name.startswith("public")} == {
        name for name in written["files"] if name.startswith("public")
    }


@pytest.mark.full
def test_a_killed_watch_leaves_no_replaced_shards_for_ever(project: Project) -> None:
    with watching(project.root) as watch:
        watch.until("ready")
        write_dense(project.root / "training" / "net.keras", seed=1)
        second = watch.until("written", model="net")
        eventually(lambda: len(list((project.root / "public/models/net").iterdir())) == 3)
        watch.process.kill()
        watch.process.wait()
    assert len(list((project.root / "public/models/net").iterdir())) == 3  # a page may have been reading the first
    assert project.run("build").code == 0
    assert {f"public/models/net/{path.name}" for path in (project.root / "public/models/net").iterdir()} == {
        name for name in second["files"] if name.startswith("public")
    }


def test_the_end_of_stdin_ends_it(project: Project) -> None:
    with watching(project.root) as watch:
        watch.until("ready")
        assert watch.end() == 0
        assert watch.events[-1] == {"event": "stopped", "code": 0}


def test_it_goes_on_where_stdin_never_was_open(project: Project) -> None:
    with watching(project.root, stdin=subprocess.DEVNULL) as watch:
        watch.until("ready")
        write_dense(project.root / "training" / "net.keras", seed=1)
        watch.until("written", model="net")
        assert watch.end(signal.SIGTERM) == 130


@pytest.mark.full
def test_the_end_of_its_parent_ends_it(project: Project) -> None:
    """As npm that is ended with SIGTERM, which leaves its children alone."""
    parent = [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:], check=False)"]
    with watching(project.root, prefix=parent, stdin=subprocess.DEVNULL) as watch:
        watch.until("ready")
        watch.process.kill()
        watch.until("stopped", code=0)


def test_the_dev_server_starts_after_the_first_build_and_gives_its_exit_code(project: Project) -> None:
    with watching(project.root, command=server()) as watch:
        watch.until("ready")
        assert watch.process.stdin is not None
        watch.process.stdin.write("hello\n")
        watch.process.stdin.flush()
        watch.until("stopped", code=5)
        assert watch.process.wait() == 5
        assert watch.err == "serving\nread hello\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_passed_on_to_the_dev_server(project: Project, number: signal.Signals) -> None:
    with watching(project.root, command=server()) as watch:
        watch.until("ready")
        assert watch.process.stdin is not None
        watch.process.stdin.close()
        write_dense(project.root / "training" / "net.keras", seed=1)
        watch.until("written", model="net")  # the end of stdin is the server's business
        eventually(lambda: "read" in watch.err_so_far)
        assert watch.end(number) == 7
        assert watch.events[-1] == {"event": "stopped", "code": 7}
        assert watch.err == f"serving\nread \ngot {number.name}\n"


@pytest.mark.full
def test_a_dev_server_that_ends_by_itself_takes_what_it_started_along(project: Project) -> None:
    script = "import subprocess; subprocess.Popen(['sleep', '1000'])"
    with watching(project.root, command=server(script=script)) as watch:
        watch.until("stopped", code=0)
        assert watch.process.wait() == 0


@pytest.mark.full
def test_a_killed_watch_takes_the_dev_server_along(project: Project) -> None:
    with watching(project.root, command=server()) as watch:
        watch.until("ready")
        eventually(lambda: "serving\n" in watch.err_so_far)
        watch.process.kill()
        watch.process.wait()
        assert watch.left_over() == []


def test_there_is_no_such_command(project: Project) -> None:
    with watching(project.root, command=["no-such-command"]) as watch:
        assert watch.until("failed")["message"] == "there is no command 'no-such-command'"
        watch.until("stopped", code=2)


@pytest.mark.full
def test_a_build_beside_it_is_waited_for_and_counts(project: Project) -> None:
    with watching(project.root) as watch:
        watch.until("ready")
        for seed in range(1, 4):
            write_dense(project.root / "training" / "net.keras", seed=seed)
            assert project.run("build").code == 0
            assert project.run("build", "--check").code == 0
        write_dense(project.root / "training" / "net.keras", seed=9)
        eventually(lambda: project.run("build", "--check").code == 0)
        assert watch.end() == 0
        assert watch.said("failed") == []
    assert project.run("build", "--check").code == 0


class Terminal:
    """A watch on a terminal of its own, and what a person would see there."""

    def __init__(self, root: Path, *arguments: str) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:  # pragma: no cover
            os.chdir(root)
            listen()
            os.execve(sys.executable, [sys.executable, "-m", "tfjs_build", "watch", *arguments], os.environ)
        self.screen = ""

    def until(self, text: str) -> None:
        while text not in self.screen:
            try:
                self.screen += os.read(self._terminal, 4096).decode()
            except OSError:
                raise AssertionError(f"it ended without {text!r}: {self.screen}") from None

    def type(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def wait(self) -> int:
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self._terminal)
        return code


def test_ctrl_c_on_a_terminal(project: Project) -> None:
    terminal = Terminal(project.root)
    terminal.until("watching 1 model")
    write_dense(project.root / "training" / "net.keras", seed=1)
    terminal.until(" at ")
    terminal.type(b"\x03")
    terminal.until("stopped")
    assert terminal.wait() == 130


@pytest.mark.full
def test_the_dev_server_has_the_terminal(project: Project) -> None:
    terminal = Terminal(project.root, "--", *server())
    terminal.until("serving")
    terminal.type(b"hello\n")
    terminal.until("read hello")
    assert terminal.wait() == 5
    terminal = Terminal(project.root, "--", *server())
    terminal.until("serving")
    terminal.type(b"\x03")
    terminal.until("got SIGINT")
    assert terminal.wait() == 7
