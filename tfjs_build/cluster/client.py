"""A Dask cluster as a build sees it: conversions are started, awaited and killed as those in child processes are.

Each has a thread here that sends the source to a worker, waits for the conversion, and fetches the result. Where a
worker dies, all of it goes to another one, a few times at most.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import queue
import secrets
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjs_build import __version__
from tfjs_build.bugs import InternalError
from tfjs_build.children import Advanced, Ended
from tfjs_build.cluster import desk
from tfjs_build.convert import model_json
from tfjs_build.convert.compression import Compressed, held
from tfjs_build.convert.shards import Shard, compressed_name, shard_name
from tfjs_build.errors import ModelError, SourceError, TfjsBuildError, UsageError
from tfjs_build.fingerprint import CONVERSION_REVISION
from tfjs_build.fs import sha256_file
from tfjs_build.staged import Staged

if TYPE_CHECKING:
    from tfjs_build.job import Job

ATTEMPTS = 3
PATIENCE_SECONDS = 60.0
"""How long a cluster may be without a worker that could be tried."""

_CONNECT_SECONDS = 5
_END_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 5.0
_BLOCK = 4 * 1024 * 1024
_MOST_AT_ONCE = 64
_INSTALL = 'pip install "tfjs-build[dask]"'
_SAME = f"The scheduler and every worker need the same tfjs-build: {_INSTALL}"


class _LostError(Exception):
    """A worker is gone, with what it had."""


class _KilledError(Exception):
    """Nobody waits for the conversion any more."""


@dataclass
class _Running:
    job: Job
    token: str
    killed: threading.Event = field(default_factory=threading.Event)
    address: str | None = None
    future: Any = None


class Cluster:
    """The conversions under way on a cluster, one a model; closing cancels them all. `capacity` is how many the workers
    run at once."""

    def __init__(self, address: str) -> None:
        """Connect; raises UsageError for a cluster that is out of reach, has no workers, or another tfjs-build."""
        try:
            import distributed
        except ImportError as error:
            raise UsageError(
                f"`--dask` needs the package {error.name}, which is not installed", hint=f"Run: {_INSTALL}"
            ) from error
        _silence()
        self._topic = f"tfjs-build-{secrets.token_hex(8)}"
        self._messages: queue.SimpleQueue[tuple[str, Advanced | Ended]] = queue.SimpleQueue()
        self._running: dict[str, _Running] = {}
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._at: Counter[str] = Counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._client: Any = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, asyncio.TimeoutError) as error:
            raise UsageError(
                f"cannot reach the Dask scheduler at {address}: {str(error) or type(error).__name__}",
                hint="`--dask` takes the address that `dask scheduler` prints, such as tcp://10.0.0.5:8786.",
            ) from error
        try:
            self._check(address)
            self._client.subscribe_topic(self._topic, self._told)
            self.capacity = max(1, min(sum(self._threads_of_workers().values()), _MOST_AT_ONCE))
        except BaseException:
            self._client.close()
            raise

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, model: str) -> bool:
        return model in self._running

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        for model in list(self._running):
            self.kill(model)
        until = time.monotonic() + _END_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        with contextlib.suppress(OSError, RuntimeError):
            self._client.close(timeout=_END_SECONDS)

    def start(self, job: Job) -> None:
        """Begin a conversion."""
        running = _Running(job, f"{self._topic}.{secrets.token_hex(8)}")
        self._running[job.model.name] = running
        thread = threading.Thread(target=self._drive, args=(running,), daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def kill(self, model: str) -> None:
        """Give a conversion up, if one is under way; its thread ends it on the worker."""
        running = self._running.pop(model, None)
        if running is not None:
            running.killed.set()

    def dismiss(self) -> None:
        """Do nothing: the workers are the cluster's."""

    def wait(self, timeout: float | None = None) -> list[Advanced | Ended]:
        """Return what has happened, as soon as anything has; nothing where the time (seconds) is up."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                left = None if until is None else max(0.0, until - time.monotonic())
                token, message = self._messages.get(timeout=left)
            except queue.Empty:
                return []
            running = self._running.get(message.job.model.name)
            if running is None or running.token != token:  # it was killed
                continue
            if isinstance(message, Ended):
                del self._running[message.job.model.name]
            return [message]

    def _check(self, address: str) -> None:
        """Raise UsageError where the workers cannot do what is asked."""
        try:
            # A task has a cluster that grows by demand start a worker.
            self._client.submit(desk.versions, pure=False).result(timeout=PATIENCE_SECONDS)
            found = self._client.run(desk.versions, on_error="return")
        except (TimeoutError, asyncio.TimeoutError) as error:
            raise UsageError(
                f"no worker of the Dask cluster at {address} took a task in {PATIENCE_SECONDS:g} s"
            ) from error
        except Exception as error:
            raise UsageError(f"the Dask cluster at {address} cannot convert: {error}", hint=_SAME) from error
        for worker, answer in list(found.items()):
            if not isinstance(answer, BaseException):
                continue
            if worker in self._threads_of_workers():
                raise UsageError(f"the Dask worker {worker} cannot convert: {answer}", hint=_SAME)
            del found[worker]  # it has died since
        ours = (__version__, CONVERSION_REVISION)
        others = {worker: tuple(theirs) for worker, theirs in found.items() if tuple(theirs) != ours}
        if others:
            raise UsageError(desk.differing(ours, others))

    def _told(self, event: tuple[float, Any]) -> None:
        token, step, fraction = event[1]
        for running in list(self._running.values()):
            if running.token == token:
                self._messages.put((token, Advanced(running.job, step, fraction)))

    def _drive(self, running: _Running) -> None:
        """Have a model converted, whatever happens, and tell how that ended: what a thread does."""
        try:
            outcome: Staged | TfjsBuildError | InternalError = self._converted(running)
        except _KilledError:
            return
        except TfjsBuildError as error:
            outcome = error
        except OSError as error:
            outcome = ModelError(f"the Dask cluster cannot be reached any more: {error}")
        except Exception:  # noqa: BLE001 -- a bug of ours, which the build reports
            outcome = InternalError(traceback.format_exc())
        self._messages.put((running.token, Ended(running.job, outcome)))

    def _converted(self, running: _Running) -> Staged | TfjsBuildError | InternalError:
        try:
            files = dict(running.job.source.files)
            _places(running.job)
            hashes = {name: sha256_file(path) for name, path in files.items()}
        except OSError as error:
            return SourceError(f"cannot read {error.filename}: {error.strerror}")
        lost: dict[str, float] = {}
        times = 0
        while times < ATTEMPTS:
            address = self._worker(running, lost)
            try:
                return self._convert_at(address, running, files, hashes)
            except _LostError:
                lost[address] = time.monotonic()
                times += 1
            finally:
                with self._lock:
                    self._at[address] -= 1
        return ModelError(
            f"the conversion was lost {ATTEMPTS} times, with the Dask workers {', '.join(lost)}",
            hint="They may be out of memory. Without `--dask` it runs on this machine.",
        )

    def _worker(self, running: _Running, lost: Mapping[str, float]) -> str:
        """Choose the worker with the fewest of our conversions a thread, waiting for one if need be; one of those that
        were `lost`, by when, if it has been there again for a while."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            now = time.monotonic()
            threads = {
                address: count
                for address, count in self._threads_of_workers().items()
                if now - lost.get(address, 0.0) > _AGAIN_SECONDS
            }
            if threads:
                with self._lock:
                    address: str = min(sorted(threads), key=lambda each: (self._at[each] + 1) / max(1, threads[each]))
                    self._at[address] += 1
                return address
            if now > until:
                raise ModelError(f"the Dask cluster has had no worker left for {PATIENCE_SECONDS:g} s")
            self._pause(running)

    def _convert_at(
        self, address: str, running: _Running, files: dict[str, Path], hashes: dict[str, str]
    ) -> Staged | TfjsBuildError | InternalError:
        """Send the source, convert, fetch the result; raises _LostError where the worker is lost."""
        try:
            if not self._send(address, running, files, hashes):
                return SourceError("the source was changed while it was sent to a Dask worker")
            reply = self._result(address, running, self._request(running, files, hashes))
            if reply.is_lost:
                raise _LostError
            return self._fetch(address, running, reply) if reply.error is None else reply.error
        finally:
            with contextlib.suppress(_LostError, ModelError, OSError):
                self._run(address, desk.forget, running.token)

    def _send(self, address: str, running: _Running, files: dict[str, Path], hashes: dict[str, str]) -> bool:
        """Send the files that the worker does not have, in blocks; False where one is another by now."""
        absent = set(self._run(address, desk.missing, sorted(set(hashes.values()))))
        wanted = {hashes[name]: path for name, path in files.items() if hashes[name] in absent}
        whole = sum(path.stat().st_size for path in wanted.values()) or 1
        sent = 0
        for sha256, path in wanted.items():
            offset = 0
            with path.open("rb") as file:
                while (block := file.read(_BLOCK)) or not offset:
                    self._look(running)
                    self._run(address, desk.store, running.token, sha256, offset, block)
                    offset += len(block)
                    sent += len(block)
                    if not block:
                        break
                    progress = Advanced(running.job, "sending", min(1.0, sent / whole))
                    self._messages.put((running.token, progress))
            if not self._run(address, desk.seal, running.token, sha256):
                return False
        return True

    def _request(self, running: _Running, files: dict[str, Path], hashes: dict[str, str]) -> desk.Request:
        root, reference = _root(running.job)
        places = _places(running.job)
        by_place = {places[name]: hashes[name] for name in files}
        job = _portable(running.job, places)
        return desk.Request(running.token, job, by_place, reference, str(root), __version__, CONVERSION_REVISION)

    def _result(self, address: str, running: _Running, request: desk.Request) -> desk.Reply:
        """Run the task on the worker; raises _LostError where that is gone."""
        future = self._client.submit(
            desk.convert,
            request,
            workers=[address],
            allow_other_workers=False,
            pure=False,
            key=f"tfjs-build-{request.token}",
        )
        try:
            while True:
                try:
                    reply: desk.Reply = future.result(timeout=_LOOK_SECONDS)
                    return reply
                except (TimeoutError, asyncio.TimeoutError):  # two until Python 3.11
                    self._look(running)
                    if address not in self._threads_of_workers():
                        raise _LostError from None
                except Exception as error:
                    if (
                        future.status in ("cancelled", "lost")
                        or _is_of_a_loss(error)
                        or address not in self._threads_of_workers()
                    ):
                        raise _LostError from error
                    raise
        finally:
            future.cancel()

    def _fetch(self, address: str, running: _Running, reply: desk.Reply) -> Staged:
        """Fetch the shards into the staging folder, each checked by its hash, or by that of what comes out of it."""
        metadata = model_json.unsealed(reply.model_json)
        staging = running.job.staging
        staging.mkdir(parents=True, exist_ok=True)
        if {name: sha256 for name, sha256, _ in reply.shards} != metadata.shards:
            raise ModelError("a Dask worker sent other shards than its model.json names")
        if [name for name, _ in reply.compressed] != list(metadata.compressed):
            raise ModelError("a Dask worker sent other compressed shards than its model.json names")
        shards = {}
        for name, sha256, size in reply.shards:
            if name != shard_name(sha256):
                raise ModelError(f"a Dask worker sent a shard by the name of {name!r}")
            if self._copy(address, running, staging / name, size) != sha256:
                raise ModelError("a Dask worker sent a shard whose content has another hash than it said")
            shards[name] = Shard(name, staging / name, sha256, size)
        compressed = []
        for name, size in reply.compressed:
            path = staging / compressed_name(name)
            self._copy(address, running, path, size)
            if held(path) != metadata.shards[name]:
                raise ModelError("a Dask worker sent a compressed shard that is not that of its name")
            compressed.append(Compressed(shards[name], path, size))
        return Staged(metadata, list(shards.values()), reply.model_json, reply.notes, compressed)

    def _copy(self, address: str, running: _Running, path: Path, size: int) -> str:
        """Fetch a file of `size` bytes that is called as `path` is, and return its SHA-256."""
        digest, offset = hashlib.sha256(), 0
        with path.open("wb") as file:
            while offset < size:
                self._look(running)
                block: bytes = self._run(address, desk.read, running.token, path.name, offset, _BLOCK)
                if not block:
                    break
                digest.update(block)
                file.write(block)
                offset += len(block)
        return digest.hexdigest()

    def _run(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function of `desk` on a worker, beside its tasks; raises _LostError where the worker is gone."""
        if address not in self._threads_of_workers():  # else it would be waited for
            raise _LostError
        try:
            return self._client.run(function, *arguments, workers=[address])[address]
        except Exception as error:
            if _is_of_a_loss(error) or address not in self._threads_of_workers():
                raise _LostError from error
            if isinstance(error, OSError):
                raise ModelError(f"the Dask worker {address} cannot keep its files: {error}") from error
            raise

    def _threads_of_workers(self) -> Mapping[str, int]:
        """Return how many threads each worker has that is there now; raises OSError where the scheduler is gone."""
        try:
            found: Mapping[str, int] = self._client.nthreads()
        except Exception as error:
            raise OSError(" ".join(str(error).split()) or type(error).__name__) from error
        return found

    def _look(self, running: _Running) -> None:
        if running.killed.is_set():
            raise _KilledError

    def _pause(self, running: _Running) -> None:
        if running.killed.wait(0.2):
            raise _KilledError


def _is_of_a_loss(error: Exception) -> bool:
    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    return isinstance(error, (CommClosedError, KilledWorker))


def _silence() -> None:
    """Have Dask log nothing: what matters of it is told by us."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _root(job: Job) -> tuple[Path, str]:
    """Return the folder that all files of a source lie in, and the source's path in it."""
    path = job.source.path
    return (path, ".") if path.is_dir() else (path.parent, path.name)


def _places(job: Job) -> dict[str, str]:
    """Return where a source's files are in its folder, by their names; raises ModelError for one that is elsewhere."""
    root, _ = _root(job)
    places = {name: Path(os.path.relpath(path, root)).as_posix() for name, path in job.source.files.items()}
    for name, place in places.items():
        if place.startswith("../") or Path(place).is_absolute():
            raise ModelError(
                f"{job.source.files[name]} lies outside of {root}, and is not sent to a Dask worker",
                hint="Without `--dask` it is converted on this machine.",
            )
    return places


def _portable(job: Job, places: Mapping[str, str]) -> Job:
    """Return a job without paths of this machine: a source's files are where they are in its folder."""
    files = {name: Path(place) for name, place in places.items()}
    return replace(job, source=replace(job.source, files=files), staging=Path("staging"), tensorflow=None)
