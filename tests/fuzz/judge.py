"""One execution: a build of one project in this process, with what may happen then told from what must not.

A build is refused cleanly, or it is done and what it published is fresh. It changes nothing outside of `output`,
`stubs` and `.tfjs-build`, meets no error of ours, prints no traceback and no warning, and does not run out of memory.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tests.fuzz import sent
from tfjs_build import children, cli
from tfjs_build.answers import receive, send
from tfjs_build.children import Advanced, Ended
from tfjs_build.convert.tensorflow import service
from tfjs_build.errors import TfjsBuildError
from tfjs_build.filenames import STATE_FOLDER
from tfjs_build.manifest import load

Result = Literal["done", "refused", "found"]

PROJECT = "project"
_CHANGES = frozenset(["os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"])
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_MEMORY = re.compile(r"of memory|cannot allocate|unable to allocate|File too large", re.IGNORECASE)
_FRAME = re.compile(r'File ".*?/(tfjs_build/[^"]*|tests/fuzz/[^"]*)", line (\d+), in (\S+)\n\s+(.*)')
_MOST_TEXT = 4_000
_CHECKED = 4
"""Of what is published, one in so many is also checked for being fresh."""


class Verdict(NamedTuple):
    """What became of an execution. Of what must not happen, `key` says what it is and where in the code, the same for
    all that have one cause, and `text` tells more."""

    result: Result
    key: str = ""
    text: str = ""


class Judge:
    """Builds projects below one folder, which is empty before and after."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.outside: list[str] = []
        self.building = False
        self.printed = root.with_name(f"{root.name}.printed")

    def prepare(self) -> None:
        """Turn this process into one that only builds: no network, nothing written elsewhere, no child processes."""
        cli.parser = functools.cache(cli.parser)
        children.Children = _InProcess  # type: ignore[misc, assignment]
        service.Service.place = lambda _: None  # type: ignore[assignment, method-assign]  # nobody starts TensorFlow
        os.environ.pop("TFJS_BUILD_CACHE", None)
        os.environ["XDG_CACHE_HOME"] = str(self.root / "cache")
        os.environ["NO_COLOR"] = "1"
        sys.dont_write_bytecode = True
        warnings.simplefilter("error")
        output = os.open(self.printed, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        sys.argv = ["tfjs-build", "build"]
        sys.addaudithook(self._watch)

    def build(self, files: Mapping[str, bytes]) -> Verdict:
        """Build a project of these files, by their paths in it."""
        if "message" in files:
            return self._receive(files["message"])
        try:
            return self._build(files)
        finally:
            os.chdir(self.root.parent)
            tempfile.tempdir = None
            shutil.rmtree(self.root)

    def _receive(self, message: bytes) -> Verdict:
        try:
            fault = sent.judge(message)
        except BaseException:
            return found("escaped", traceback.format_exc())
        return Verdict("done") if fault is None else Verdict("found", f"message: {fault[:30]}", fault)

    def _build(self, files: Mapping[str, bytes]) -> Verdict:
        project = self.root / PROJECT
        unpacked = self.root / "unpacked"
        shutil.rmtree(self.root, ignore_errors=True)  # what a process that was killed has left
        unpacked.mkdir(parents=True)
        tempfile.tempdir = str(unpacked)
        write(project, files)
        for place in (self.root, project):
            (place / "mine.txt").write_bytes(b"mine")
        os.chdir(project)
        self.outside.clear()
        before = _tree(self.root)
        code, printed, escaped = self._run("build")
        if escaped:
            return found("escaped", escaped)
        if code == cli.BUG:
            logs = sorted((project / STATE_FOLDER / "logs").glob("bug-*.log"))
            return found("bug", logs[0].read_text(encoding="utf-8") if logs else printed)
        if code not in (0, 1, 2):
            return Verdict("found", f"exit code {code}", printed)
        if "Traceback" in printed:
            return found("traceback", printed)
        if _MEMORY.search(printed):
            return Verdict(
                "found", "memory: " + re.sub(r"[\d.]+|'[^']*'|\"[^\"]*\"|`[^`]*`", "…", printed)[:120], printed
            )
        if code and not printed.strip():
            return Verdict("found", "refused without a word", "")
        writes = [os.path.realpath(folder) for folder in (STATE_FOLDER, *self._written())]
        changed = [path for path in _changes(before, _tree(self.root)) if not _is_below(path, writes)]
        changed += [path for path in self.outside if not _is_below(os.path.realpath(path), writes)]
        if changed:
            return Verdict("found", "a file outside", f"{changed}")
        if code:
            return Verdict("refused", "", printed)
        if sum(map(len, files.values())) % _CHECKED:
            return Verdict("done")
        code, printed, escaped = self._run("build", "--check")
        if code or escaped:
            return found("not fresh", escaped or printed)
        return Verdict("done")

    def _run(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command; return its exit code, what it printed, and the traceback that it ended with, if any."""
        os.ftruncate(1, 0)
        os.lseek(1, 0, os.SEEK_SET)
        code, escaped = 0, ""
        self.building = True
        try:
            code = cli.main(arguments)
        except BaseException:
            escaped = traceback.format_exc()
        finally:
            self.building = False
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(ValueError, OSError):
                stream.flush()
        return code, self.printed.read_text(encoding="utf-8", errors="replace"), escaped

    def _written(self) -> Iterator[str]:
        """Return where the manifest lets a build write, besides its state."""
        with contextlib.suppress(TfjsBuildError):
            manifest = load(Path("tfjs.yaml"))
            yield str(manifest.output)
            if manifest.stubs is not None:
                yield str(manifest.stubs)
            if manifest.cache is not None:
                yield manifest.cache.place

    def _watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.building:
            return
        if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec"):
            raise OSError(111, "not from here")
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING:
                self._refuse_outside(path)
        elif event in _CHANGES and (event in ("os.rename", "os.link") or arguments[-1] == -1):
            for path in arguments:  # what else there is, is relative to an open folder
                self._refuse_outside(path)

    def _refuse_outside(self, path: object) -> None:
        if not isinstance(path, (str, bytes)) or path in (b"/dev/null", "/dev/null"):
            return
        absolute = os.path.realpath(os.path.dirname(os.path.abspath(os.fsdecode(path))))  # noqa: PTH100, PTH120
        if not (absolute + os.sep).startswith((str(self.root) + os.sep, str(self.root.parent) + os.sep)):
            self.outside.append(os.fsdecode(path))
            raise PermissionError(13, os.strerror(13), os.fsdecode(path))


class _InProcess:
    """Stands in for `Children`: conversions run here, and end in the same ways."""

    def __init__(self, *, warm: bool = False, tensorflow: object = None) -> None:  # noqa: ARG002 -- as that of Children
        self._ended: list[Advanced | Ended] = []

    def expect(self, jobs: Sequence[Any]) -> None:
        """Import nothing: all is imported."""

    def __len__(self) -> int:
        return len(self._ended)

    def __contains__(self, model: str) -> bool:
        return any(each.job.model.name == model for each in self._ended)

    def __enter__(self) -> _InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.clear()

    def start(self, job: Any, work: Any = None) -> None:
        """Convert, now, as a child does."""
        sent: Any = _Sent()
        send(sent, ("done", children._done(sent, job, work)))
        outcome: Any = receive(sent)[-1]
        self._ended.append(Ended(job, outcome))

    def dismiss(self) -> None:
        """Nobody waits here."""

    def kill(self, model: str) -> None:
        """Forget a conversion."""
        self._ended = [each for each in self._ended if each.job.model.name != model]

    def wait(self, *_: object) -> list[Advanced | Ended]:
        """Return all that have ended."""
        ended, self._ended = self._ended, []
        return ended


class _Sent:
    """Stands in for the two ends of a pipe: keeps what is sent last."""

    data = b""

    def send_bytes(self, data: bytes) -> None:
        """Keep an answer."""
        self.data = data

    def recv_bytes(self, _most: int) -> bytes:
        """Return it."""
        return self.data

    def recv(self) -> None:
        """Return: whoever waits for the end of the parent waits no longer."""


def found(what: str, report: str) -> Verdict:
    """Return a finding with a traceback; the last of our frames in it is what tells it from others."""
    blocks = report.split("\nThe above exception was the direct cause")
    while len(blocks) > 1 and "UnforeseenError" in blocks[-1]:  # which stands for the error before it
        report = blocks[-2]
        blocks.pop()
    frames = _FRAME.findall(report)
    last = report.rstrip().rsplit("\n", 1)[-1]
    error = last.partition(":")[0].strip()
    if "Error" not in error:
        error = re.sub(r"[\d.]+|'[^']*'|`[^`]*`", "…", last)[:80]
    file, _, function, line = frames[-1] if frames else ("?", "", "?", "")
    return Verdict("found", f"{what}: {error} in {file} {function}: {line}", report[-_MOST_TEXT:])


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their paths below a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _tree(root: Path) -> dict[str, bytes | None]:
    """Return what is below a folder: files with their content, folders, and links with where they lead."""
    found: dict[str, bytes | None] = {}
    for folder, folders, files in os.walk(root):
        for name in folders:
            found[os.path.join(folder, name)] = None  # noqa: PTH118
        for name in files:
            path = os.path.join(folder, name)  # noqa: PTH118
            with contextlib.suppress(OSError):
                found[path] = os.fsencode(os.readlink(path)) if os.path.islink(path) else Path(path).read_bytes()  # noqa: PTH114, PTH115
    return found


def _changes(before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]) -> list[str]:
    missing = object()
    return [path for path in {*before, *after} if before.get(path, missing) != after.get(path, missing)]


def _is_below(path: str, places: Sequence[str]) -> bool:
    """Whether a path is one of these folders, in one of them, or a folder that they are in."""
    return any(f"{path}/".startswith(f"{place}/") or f"{place}/".startswith(f"{path}/") for place in places)
