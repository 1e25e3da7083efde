"""What runs on a worker of a Dask cluster. `dask_worker` is the worker itself, which `Client.run` hands in.

In the worker's own folder, which it deletes at its end, `sources` has files by their SHA-256, for as long as there is
room, and `jobs` a folder for each conversion until its result has been read.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tfjs_build import __version__
from tfjs_build.bugs import InternalError
from tfjs_build.errors import ModelError, TfjsBuildError
from tfjs_build.fingerprint import CONVERSION_REVISION
from tfjs_build.fs import remove_own, sha256_file
from tfjs_build.job import Job
from tfjs_build.records import record

MOST_BYTES = 8 * 1024 * 1024 * 1024
"""Of sources on a worker; those that were not used for the longest time go first."""

_USED_SECONDS = 3600.0
_BOOT = "import sys; sys.path[:] = {path!r}; from tfjs_build.cluster.conversion import main; main()"

_running: dict[str, subprocess.Popen[bytes]] = {}


@record(frozen=True)
class Request:
    """What a worker is to convert: `files` maps paths relative to a folder to the SHA-256 of their content, `reference`
    is the source in there, and `shown` the folder that messages name for it. `version` and `revision` are those of the
    machine that asks."""

    token: str
    job: Job
    files: Mapping[str, str]
    reference: str
    shown: str
    version: str
    revision: int


@record(frozen=True)
class Reply:
    """What became of it: an error, or a model whose shards (name, SHA-256, size), and the `.gz` of those that are
    `compressed` (name of the shard, size), wait to be read. `is_lost` where the worker does not have the source any
    more, as one that was started anew."""

    error: TfjsBuildError | InternalError | None
    model_json: bytes = b""
    notes: Sequence[str] = ()
    shards: Sequence[tuple[str, str, int]] = ()
    compressed: Sequence[tuple[str, int]] = ()
    is_lost: bool = False


def versions() -> tuple[str, int]:
    """Return the version of tfjs-build here, and its conversion revision."""
    return __version__, CONVERSION_REVISION


def missing(hashes: Sequence[str], dask_worker: Any) -> list[str]:
    """Return which of these sources are not here; the others are used now."""
    folder = _folder(dask_worker, "sources")
    absent = []
    for sha256 in hashes:
        try:
            os.utime(folder / sha256)
        except OSError:
            absent.append(sha256)
    return absent


def store(token: str, sha256: str, offset: int, data: bytes, dask_worker: Any) -> None:
    """Write a block of a source that is on its way here."""
    part = _folder(dask_worker, "sources") / f"{sha256}.{token}.part"
    with part.open("r+b" if offset else "wb") as file:
        file.seek(offset)
        file.write(data)


async def seal(token: str, sha256: str, dask_worker: Any) -> bool:
    """Take a source in, all of whose blocks are here; False where it has another hash: it was changed on the way."""
    folder = _folder(dask_worker, "sources")
    part = folder / f"{sha256}.{token}.part"
    if await asyncio.to_thread(sha256_file, part) != sha256:
        part.unlink()
        return False
    part.replace(folder / sha256)
    _prune(folder, MOST_BYTES)
    return True


def convert(request: Request) -> Reply:
    """Convert, in a process of its own: the task that Dask runs."""
    from distributed import get_worker

    ours = versions()
    if ours != (request.version, request.revision):
        return Reply(ModelError(differing((request.version, request.revision), {get_worker().address: ours})))
    worker = get_worker()
    folder = _folder(worker, "jobs") / request.token
    source = folder / "source"
    try:
        for name, sha256 in request.files.items():
            _link(_folder(worker, "sources") / sha256, source / name)
    except FileNotFoundError:
        return Reply(None, is_lost=True)
    except OSError as error:
        return Reply(ModelError(f"cannot place the source on the worker: {error.strerror}: {error.filename}"))
    reference = str(source / request.reference)
    files = {name: source / path for name, path in request.job.source.files.items()}
    job = replace(
        request.job,
        source=replace(request.job.source, reference=reference, files=files),
        staging=folder / "staging",
    )

    def progress(step: str, fraction: float) -> None:
        worker.log_event(request.token.partition(".")[0], (request.token, step, fraction))

    outcome = _run(request.token, job, progress)
    shutil.rmtree(source, ignore_errors=True)
    if isinstance(outcome, InternalError):
        return Reply(outcome)
    if isinstance(outcome, TfjsBuildError):
        outcome.message = outcome.message.replace(str(source), request.shown)
        outcome.hint = outcome.hint.replace(str(source), request.shown)
        return Reply(outcome)
    for file in outcome.files:
        if file.path.name != file.name:
            (folder / "staging" / file.path.name).rename(folder / "staging" / file.name)
    return Reply(
        None,
        outcome.model_json,
        list(outcome.notes),
        [(shard.name, shard.sha256, shard.nbytes) for shard in outcome.shards],
        [(each.shard.name, each.nbytes) for each in outcome.compressed],
    )


def _run(token: str, job: Job, progress: Any) -> Any:
    code = _BOOT.format(path=sys.path)
    with spawn([sys.executable, "-c", code]) as process:
        _running[token] = process
        assert process.stdin is not None and process.stdout is not None
        asks = Connection(os.dup(process.stdin.fileno()), readable=False)
        tells = Connection(os.dup(process.stdout.fileno()), writable=False)
        process.stdin.close()
        try:
            asks.send(job)
            while True:
                kind, *rest = tells.recv()
                if kind == "done":
                    return rest[0]
                progress(*rest)
        except (EOFError, OSError):
            return ModelError("the conversion died on its Dask worker")
        finally:
            asks.close()
            tells.close()
            process.kill()
            _running.pop(token, None)


def spawn(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process with which we talk over stdin and stdout."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def read(token: str, name: str, offset: int, size: int, dask_worker: Any) -> bytes:
    """Return a block of a shard."""
    with (_folder(dask_worker, "jobs") / token / "staging" / name).open("rb") as file:
        file.seek(offset)
        return file.read(size)


def forget(token: str, dask_worker: Any) -> None:
    """End a conversion that may be under way, and delete what is left of it."""
    process = _running.get(token)
    if process is not None:
        process.kill()
    remove_own(_folder(dask_worker, "jobs") / token)
    for part in _folder(dask_worker, "sources").glob(f"*.{token}.part"):
        remove_own(part)


def differing(ours: tuple[str, int], theirs: Mapping[str, tuple[str, int]]) -> str:
    """Return what to say of workers with other versions than ours."""
    they = "; ".join(f"{address} has {_shown(found)}" for address, found in sorted(theirs.items()))
    return f"the Dask workers are to have the same tfjs-build as this machine, {_shown(ours)}: {they}"


def _shown(version: tuple[str, int]) -> str:
    return f"{version[0]} (conversion revision {version[1]})"


def _folder(worker: Any, name: str) -> Path:
    folder = Path(worker.local_directory) / "tfjs-build" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _prune(folder: Path, most: int) -> None:
    found = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append((state.st_mtime, state.st_size, path))
    for used, size, path in sorted(found, reverse=True):
        most -= size
        if most < 0 and time.time() - used > _USED_SECONDS:
            remove_own(path)
