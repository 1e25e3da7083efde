"""The watch itself: one loop that waits, looks, and carries out what the state machine says.

All decisions are the machine's, all publishing is the session's; threads (watchdog's, and those that wait for stdin and
for the dev server) do nothing but wake the loop.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tfjs_build import manifest as manifests
from tfjs_build.bugs import InternalError
from tfjs_build.children import Advanced, Children
from tfjs_build.errors import ManifestError, TfjsBuildError, UsageError
from tfjs_build.events import Emit, Note, Progress, Ready, Reloaded, Started, Waiting
from tfjs_build.paths import project_event
from tfjs_build.records import record
from tfjs_build.select import select
from tfjs_build.session import Session
from tfjs_build.sources.detect import probe
from tfjs_build.sources.preparing import Preparation, needs_preparing, prepare
from tfjs_build.state import StateFolder
from tfjs_build.watch.command import DevServer, dev_server
from tfjs_build.watch.eyes import Eyes
from tfjs_build.watch.inputs import Picture, model_paths, picture, template_paths, watched_paths
from tfjs_build.watch.lifeline import Lifeline
from tfjs_build.watch.machine import NEVER, Abandon, Build, Command, Machine, Probe, Tell

if TYPE_CHECKING:
    from tfjs_build.children import Outcome
    from tfjs_build.model import Manifest, Model
    from tfjs_build.plan import Plan
    from tfjs_build.sources.complete import Finding

KEEP_SECONDS = 30.0
"""How long a replaced shard stays: a page may be about to read it."""

LOCK_SECONDS = 0.1
"""How soon to try again where another process holds the lock."""

LOOK_SECONDS = 0.02
"""The least time between two looks, however many events come."""

_BY_WEIGHT: Sequence[Finding] = ("complete", "likely", "doubtful", "incomplete", "missing")

_MANIFEST = ""
"""What the machine calls the manifest; no model has an empty name."""


@record(frozen=True)
class WatchOptions:
    """`names` are the models to watch, none meaning all; `poll`: do without the operating system's events;
    `verbose`: show what TensorFlow and the user's code print; `loaders`: where stubs go if the manifest names no folder
    for them."""

    names: Sequence[str] = ()
    poll: bool = False
    verbose: bool = False
    loaders: Path | None = None


@record(frozen=True)
class _Running:
    plan: Plan
    begun: float


@dataclass
class _Seen:
    """The paths that something depends on, and how they looked when last seen."""

    paths: list[Path] = field(default_factory=list)
    picture: Picture = field(default_factory=dict)


class Watch:
    """A watch under way."""

    def __init__(
        self, session: Session, options: WatchOptions, report_manifest: Callable[[ManifestError | UsageError], None]
    ) -> None:
        self.session, self.options, self.emit = session, options, session.emit
        self.machine = Machine()
        self.children = Children(warm=True, tensorflow=session.tensorflow)
        self.limit = os.cpu_count() or 1
        self.waiting: deque[Plan] = deque()
        self.running: dict[str, _Running] = {}
        self.unprepared: list[str] = []
        """Models that are to be built once their sources are prepared."""
        self.preparing: dict[str, str] = {}
        """Sources that are being prepared, by the model whose child does it."""
        self.unpreparable: set[str] = set()
        """Models whose sources could not be prepared; that may have to do with the network."""
        self.lock: IO[bytes] | None = None
        self.discards: deque[tuple[float, str]] = deque()
        self.models: dict[str, Model] = {}
        self.seen: dict[str, _Seen] = {}
        self.ready = False
        self._report_manifest = report_manifest
        self._watched = -NEVER
        self._woken, self._wake = multiprocessing.Pipe(duplex=False)
        self._is_woken = False
        self._looked = 0.0
        self._templates = _Seen()
        self._waited = False
        self.eyes = Eyes(self.wake, poll=options.poll)

    def wake(self) -> None:
        """Make the loop go round; from any thread."""
        if not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(OSError):  # it is over
                self._wake.send_bytes(b"!")

    def run(self, lifeline: Lifeline, server: Callable[[], DevServer] | None) -> int:
        """Watch until something ends it; return the exit code. `server` starts the command, once there is a build."""
        started: DevServer | None = None
        try:
            self._begin()
            while lifeline.code is None:
                self._round()
                if not self.ready and not self.machine.is_busy() and not self.waiting:
                    self.ready = True
                    self.session.runtime()  # imports Jinja, before the first save needs it
                    self.emit(Ready())
                    started = server() if server is not None else None
                lifeline.look()
                if started is not None and (code := started.ended()) is not None:
                    return code
        finally:
            if started is not None:
                started.stop(lifeline.signals)
            self._end()
        return lifeline.code if started is None or started.code is None else started.code

    def _begin(self) -> None:
        self.emit(project_event(self.session.manifest))
        now = time.monotonic()
        self.machine.add(_MANIFEST, now, build=False)
        self.seen[_MANIFEST] = _look_at([self.session.manifest.path])
        self._templates = _look_at(template_paths(self.session.manifest))
        for model in select(self.session.manifest, self.options.names):
            self._add(model, now)
        self._watch_folders()

    def _end(self) -> None:
        """Leave what a build would leave, and nothing running."""
        self.eyes.close()
        with self.children:
            self.running.clear()
        if self.lock is None:
            self.lock = self.session.folder.try_lock()
            if self.lock is not None:
                self.session.state = self.session.folder.load()
        if self.lock is not None:  # whoever has it otherwise, a build say, discards what was replaced
            self.session.discard()
            self.session.close()
            self.lock.close()

    def _round(self) -> None:
        """Wait for something to happen, then do what it calls for."""
        now = time.monotonic()
        until = min(self.machine.wake_at(), self._looked + self.eyes.seconds, self._next_discard())
        for message in self.children.wait(max(0.0, until - now) if until < NEVER else None, [self._woken]):
            if isinstance(message, Advanced):
                self.emit(Progress(message.job.model.name, message.step, message.fraction))
            elif (name := message.job.model.name) in self.preparing:
                self._prepared(self.preparing.pop(name), message.outcome)
            elif name in self.running:
                self._ended(self.running.pop(name), message.outcome)
        now = time.monotonic()
        if (self._is_woken and now - self._looked >= LOOK_SECONDS) or now - self._looked >= self.eyes.seconds:
            self._sleep_again()
            self._look(now)
        elif self._is_woken:
            time.sleep(LOOK_SECONDS - (now - self._looked))
            return
        self._do(self.machine.due(time.monotonic()))
        self._fill()
        self._discard(time.monotonic())
        self._release()

    def _sleep_again(self) -> None:
        self._is_woken = False
        while self._woken.poll():
            self._woken.recv_bytes()

    # What is seen

    def _look(self, now: float) -> None:
        """Take a picture of everything, and tell the machine what has changed."""
        self._looked = now
        changed = False
        for name, seen in list(self.seen.items()):
            if (new := picture(seen.paths)) != seen.picture:
                if (model := self.models.get(name)) is not None and model.code is not None:
                    seen.paths = watched_paths(model)  # what is imported may have changed
                    new = picture(seen.paths)
                seen.picture = new
                changed = True
                self._do(self.machine.changed(name, now))
        if (new := picture(self._templates.paths)) != self._templates.picture:
            self._templates.picture = new
            self.session.forget_templates()
            for name in self.models:
                self._do(self.machine.changed(name, now))
        if changed or now - self._watched >= self.eyes.seconds:
            self._watch_folders()

    def _watch_folders(self) -> None:
        self._watched = time.monotonic()
        paths = [path for seen in (*self.seen.values(), self._templates) for path in seen.paths]
        self.eyes.watch(paths, self.session.manifest.root)
        if self.eyes.problem is not None:
            self.emit(Note(None, f"the system gives no notice of changes here ({self.eyes.problem}): polling"))
            self.eyes.problem = None

    def _add(self, model: Model, now: float) -> None:
        self.models[model.name] = model
        seen = self.seen[model.name] = _look_at(watched_paths(model))
        age = time.time() - max((key.mtime_ns for key in seen.picture.values() if key), default=0) / 1e9
        self.machine.add(model.name, now, build=True, changed=now - max(0.0, age))

    # What is done

    def _do(self, commands: Sequence[Command]) -> None:
        for command in commands:
            now = time.monotonic()
            if command.name not in self.machine and not isinstance(command, Abandon):
                continue  # what came before it in the list has read the manifest, which does not list it any more
            if isinstance(command, Probe):
                self._do(self.machine.probed(command.name, self._probe(command.name), now))
            elif isinstance(command, Tell):
                self._tell(command)
            elif isinstance(command, Abandon):
                self._abandon(command.name)
            elif command.name == _MANIFEST:
                self._reload()
            else:
                self._build(command)

    def _probe(self, name: str) -> Finding:
        if name == _MANIFEST:
            return probe(self.session.manifest.path)
        model = self.models[name]
        findings = [
            probe(path, model.input_format if str(path) == model.source else None) for path in model_paths(model)
        ]
        return max(findings, key=_BY_WEIGHT.index, default="likely")

    def _tell(self, command: Tell) -> None:
        if command.name == _MANIFEST:
            self.emit(Note(None, f"{self.session.manifest.path.name} is gone: the last one stays in force"))
            return
        source = self.session.manifest.root
        shown = os.path.relpath(self.models[command.name].source, source)
        if command.finding == "missing":
            text = f"{shown} is gone: what was published stays, until it is back"
        else:
            text = f"waiting for {shown}: it is not complete yet"
        self.emit(Waiting(command.name, command.finding, text))

    def _build(self, command: Build) -> None:
        """Plan a model, and begin its conversion if it is stale; its source is prepared first, if it has to be."""
        now = time.monotonic()
        if not self._locked():
            self.machine.ended(command.name, now, again=now + LOCK_SECONDS)
            return
        model = self.models[command.name]
        self.unpreparable.discard(model.name)
        if needs_preparing(model):
            self.unprepared.append(model.name)
            return
        if self.preparing.pop(model.name, None) is not None:  # another process was faster
            self.children.kill(model.name)
        self._plan(model)

    def _plan(self, model: Model) -> None:
        try:
            each = self.session.compare(model)
        except TfjsBuildError as error:
            self._failed(model, error)
            return
        if not each.reasons:
            before = set(self.session.state.replaced)
            self.session.fresh(each)
            self._keep(set(self.session.state.replaced) - before)
            self.machine.ended(model.name, time.monotonic(), published=True)
        else:
            self.waiting.append(each)

    def _fill(self) -> None:
        """Begin as many conversions as there are cores, and beside them, as they cost next to nothing, preparations."""
        for name in list(self.unprepared):
            model = self.models[name]
            if model.source not in self.preparing.values() and len(self.preparing) < self.limit:
                self.preparing[name] = model.source
                self.children.start(Preparation(model, self.session.folder.staging / name), prepare)
        while self.waiting and len(self.running) < self.limit:
            each = self.waiting.popleft()
            name = each.model.name
            begun = time.monotonic()
            self.emit(Started(name))
            self.children.start(self.session.job(each))
            self.running[name] = _Running(each, begun)
            if (staged := self.session.prepare(each)) is not None:
                self.children.kill(name)
                self._ended(self.running.pop(name), staged, "local")
        self.children.rest()  # memory that is for a blink of a watch's day

    def _prepared(self, source: str, outcome: Outcome) -> None:
        """A source is prepared, or could not be: go on with the models that are made from it."""
        names = [name for name in self.unprepared if self.models[name].source == source]
        self.unprepared = [name for name in self.unprepared if name not in names]
        for name in names:
            if isinstance(outcome, (TfjsBuildError, InternalError)):
                self.unpreparable.add(name)
                self.session.tell(self.models[name], outcome)
                self.machine.ended(name, time.monotonic(), told=True)
            else:
                self._plan(self.models[name])

    def _ended(self, running: _Running, outcome: Outcome, cache: str | None = None) -> None:
        """A conversion is over, or is in a cache: publish it, unless its source has changed since it was planned."""
        each, name = running.plan, running.plan.model.name
        now = time.monotonic()
        if not each.unchanged():
            self._do(self.machine.changed(name, now))  # which has it abandoned
        elif isinstance(outcome, TfjsBuildError):
            self._failed(each.model, outcome)
        else:
            assert not isinstance(outcome, Path)
            before = set(self.session.state.replaced)
            published = self.session.finish(each, outcome, running.begun, cache)
            self._keep(set(self.session.state.replaced) - before)
            self.machine.ended(name, time.monotonic(), published=published)

    def _failed(self, model: Model, error: TfjsBuildError) -> None:
        """A conversion failed, or could not begin; that is told, unless the source has just changed or may yet."""
        now = time.monotonic()
        seen = self.seen[model.name]
        if (new := picture(seen.paths)) != seen.picture:
            seen.picture = new
            self._do(self.machine.changed(model.name, now))  # which has it abandoned
            return
        if self.machine.is_believed(model.name, now):
            self.session.fail(model, error)
        self.machine.ended(model.name, now)

    def _abandon(self, name: str) -> None:
        self.waiting = deque(each for each in self.waiting if each.model.name != name)
        self.running.pop(name, None)
        self.unprepared = [each for each in self.unprepared if each != name]
        self._end_preparations()
        if name not in self.preparing:
            self.children.kill(name)
        self.machine.ended(name, time.monotonic())

    def _end_preparations(self) -> None:
        """End those for models that are gone, or are made from another source now; what else changes is no reason to
        begin a download anew."""
        for name, source in list(self.preparing.items()):
            if name not in self.models or self.models[name].source != source:
                del self.preparing[name]
                self.children.kill(name)

    # The manifest

    def _reload(self) -> None:
        """Take over a changed manifest; faults are reported, and the last good one stays in force."""
        now = time.monotonic()
        try:
            new = manifests.load(self.session.manifest.path, loaders=self.options.loaders)
            models = select(new, self.options.names)
        except (ManifestError, UsageError) as error:
            self._report_manifest(error)
            self.machine.ended(_MANIFEST, now)
            return
        if not self._locked():
            self.machine.ended(_MANIFEST, now, again=now + LOCK_SECONDS)
            return
        old, self.session.manifest = self.session.manifest, new
        self.session.forget_templates()
        self._templates = _look_at(template_paths(new))
        wanted = {model.name: model for model in models}
        for name in [name for name in self.models if name not in wanted]:
            self._do(self.machine.remove(name))
            del self.models[name], self.seen[name]
        again, self.unpreparable = self.unpreparable, set()
        same = _is_same_project(old, new)
        for name, model in wanted.items():
            if name not in self.models:
                self._add(model, now)
            elif not same or name in again or not _is_same_model(self.models[name], model):
                self.models[name] = model
                self.seen[name] = _look_at(watched_paths(model))
                self._do(self.machine.changed(name, now))
            else:
                self.models[name] = model  # it may stand elsewhere now
        self._end_preparations()
        before = set(self.session.state.replaced)
        if not self.options.names:
            self.session.remove_unlisted()
        self._keep(set(self.session.state.replaced) - before)
        self.session.save()
        self._watch_folders()
        self.emit(Reloaded(str(new.path)))
        self.emit(project_event(new))
        self.machine.ended(_MANIFEST, time.monotonic(), published=True)

    # The lock, and what is replaced

    def _locked(self) -> bool:
        """Hold the lock, if no other process does. What that one published counts."""
        if self.lock is None:
            self.lock = self.session.folder.try_lock()
            if self.lock is None:
                if not self._waited:
                    self.emit(Note(None, "waiting for another tfjs-build in this project"))
                self._waited = True
                return False
            self._waited = False
            self.session.state = self.session.folder.load()
        return True

    def _release(self) -> None:
        """Let others build while nothing is to be done here."""
        if self.lock is not None and not self.running and not self.waiting and not self.unprepared:
            self.session.close()
            self.lock.close()
            self.lock = None

    def _keep(self, replaced: set[str]) -> None:
        until = time.monotonic() + KEEP_SECONDS
        self.discards.extend((until, file) for file in sorted(replaced))

    def _next_discard(self) -> float:
        return self.discards[0][0] if self.discards else NEVER

    def _discard(self, now: float) -> None:
        if self._next_discard() > now or not self._locked():
            return
        due = []
        while self._next_discard() <= now:
            due.append(self.discards.popleft()[1])
        # What came back into use and was replaced again is kept for its own time.
        kept = {file for _, file in self.discards}
        self.session.discard([file for file in due if file not in kept])
        self.session.save()


def watch(
    manifest: Manifest,
    options: WatchOptions,
    emit: Emit,
    report_manifest: Callable[[ManifestError | UsageError], None],
    command: Sequence[str] = (),
    *,
    stdout_to_stderr: bool = False,
) -> int:
    """Watch a manifest's models until something ends it; return the exit code.

    `command` is started after the first build and ends the watch when it ends. Raises UsageError for an unknown name,
    or where there is no such command.
    """
    select(manifest, options.names)
    _start_server_of_forks()
    session = Session(manifest, StateFolder(manifest.path), emit, verbose=options.verbose)
    each = Watch(session, options, report_manifest)
    lifeline = Lifeline(each.wake, read_stdin=not command)
    return each.run(
        lifeline, (lambda: dev_server(command, each.wake, stdout_to_stderr=stdout_to_stderr)) if command else None
    )


def _start_server_of_forks() -> None:
    """Start it before there are threads, so that it imports while the first build begins."""
    if sys.platform != "win32":
        from multiprocessing import forkserver

        multiprocessing.set_forkserver_preload(["tfjs_build.watch.warm"])
        forkserver.ensure_running()


def _look_at(paths: list[Path]) -> _Seen:
    return _Seen(paths, picture(paths))


def _is_same_project(a: Manifest, b: Manifest) -> bool:
    """Whether what a model's output depends on is the same, apart from the models' own options."""
    return replace(a, models=()) == replace(b, models=())


def _is_same_model(a: Model, b: Model) -> bool:
    """Whether two entries say the same, wherever they stand."""
    return replace(a, location=b.location, locations=b.locations) == b
