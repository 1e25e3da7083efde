"""One build, from top to bottom: plan, convert what is stale, publish, remove what is no longer listed.

The core only emits events; what becomes of them is the reporters' business.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfjs_build import publish
from tfjs_build.bugs import InternalError, write_bug_report
from tfjs_build.errors import ModelError, SourceError, TfjsBuildError
from tfjs_build.events import Emit, Failed, Fresh, Note, Progress, Removed, Stale, Started, Written
from tfjs_build.fs import sha256_bytes
from tfjs_build.job import Job
from tfjs_build.plan import Plan, plan
from tfjs_build.select import select
from tfjs_build.staged import Staged, Stubs
from tfjs_build.state import State, StateFolder

if TYPE_CHECKING:
    from tfjs_build.convert.model_json import Metadata
    from tfjs_build.manifest.model import Manifest, Model

DONE, FAILED, BUG = 0, 1, 3
_ATTEMPTS = 3


@dataclass(frozen=True)
class BuildOptions:
    """`names` are the models to build, none meaning all; `jobs` is how many conversions may run at once."""

    names: Sequence[str] = ()
    force: bool = False
    jobs: int | None = None


def build(manifest: Manifest, options: BuildOptions, emit: Emit) -> int:
    """Bring the output directory up to date; return the exit code. Raises UsageError for an unknown name."""
    models = select(manifest, options.names)
    folder = StateFolder(manifest.path)
    with folder.lock(waiting=lambda: emit(Note(None, "waiting for another tfjs-build in this project"))):
        session = _Session(manifest, options, folder, folder.load(), emit)
        try:
            session.build(models)
            if not options.names:
                session.remove_unlisted()
        finally:
            # Whatever was published before an interruption is recorded.
            folder.save(session.state)
    return session.code


def check(manifest: Manifest, names: Sequence[str], emit: Emit, *, dry_run: bool = False, force: bool = False) -> int:
    """Say which models are fresh or stale, writing nothing. Returns 1 where one is stale (`dry_run`: 0) or fails."""
    models = select(manifest, names)
    state = StateFolder(manifest.path).load()
    plans, code = _plan_all(manifest, models, state, emit)
    for each in plans:
        if each.reasons or force:
            emit(Stale(each.model.name, each.reasons or ("--force",)))
            code = code if dry_run else FAILED
        else:
            emit(Fresh(each.model.name, each.version or ""))
    listed = {model.name for model in manifest.models}
    for name in () if names else [name for name in state.models if name not in listed]:
        emit(Stale(name, (f"it is no longer in {manifest.path.name}: its files would be removed",)))
        code = code if dry_run else FAILED
    return code


def _plan_all(manifest: Manifest, models: Sequence[Model], state: State, emit: Emit) -> tuple[list[Plan], int]:
    templates = template_hashes(manifest)
    plans, code = [], DONE
    for model in models:
        try:
            plans.append(plan(manifest, model, state, templates))
        except ModelError as error:
            emit(failed(model, error))
            code = FAILED
    return plans, code


def template_hashes(manifest: Manifest) -> dict[str, str]:
    """Return the SHA-256 of each stub template's content, by name; empty where no stubs are wanted."""
    if manifest.stubs is None:
        return {}
    from tfjs_build.stubs import template_contents

    return {name: sha256_bytes(content) for name, content in template_contents(manifest)}


@dataclass
class _Session:
    """A build under way, with the state that it updates."""

    manifest: Manifest
    options: BuildOptions
    folder: StateFolder
    state: State
    emit: Emit
    code: int = DONE
    runtime: Mapping[str, str] | None = None

    def build(self, models: Sequence[Model]) -> None:
        """Plan the models, convert and publish those that are stale."""
        for _ in range(_ATTEMPTS):
            plans, code = _plan_all(self.manifest, models, self.state, self.emit)
            self._worse(code)
            stale = [each for each in plans if each.reasons or self.options.force]
            for each in plans:
                if each not in stale:
                    self.emit(Fresh(each.model.name, each.version or ""))
            # A source that was saved while we read it is converted again, as it is now.
            models = self._convert(stale) if stale else []
            if not models:
                return
        for model in models:
            self._fail(model, SourceError("the source changes faster than it can be converted"))

    def remove_unlisted(self) -> None:
        """Remove the outputs of models that the manifest no longer lists."""
        listed = {model.name for model in self.manifest.models}
        for name in [name for name in self.state.models if name not in listed]:
            files = publish.remove(self.manifest, name, self.state)
            self.emit(Removed(name, files))

    def _convert(self, plans: Sequence[Plan]) -> list[Model]:
        """Convert and publish; return the models whose source changed meanwhile."""
        from tfjs_build.children import run_all

        by_name = {each.model.name: each for each in plans}
        begun: dict[str, float] = {}
        changed = []

        def started(job: Job) -> None:
            begun[job.model.name] = time.monotonic()
            self.emit(Started(job.model.name))

        def progress(job: Job, step: str, fraction: float) -> None:
            self.emit(Progress(job.model.name, step, fraction))

        limit = self.options.jobs or os.cpu_count() or 1

        def running(job: Job) -> None:
            self._prepare(by_name[job.model.name])

        with contextlib.closing(
            run_all([self._job(each) for each in plans], limit, started, running, progress)
        ) as outcomes:
            for job, outcome in outcomes:
                each = by_name[job.model.name]
                if not each.unchanged():
                    changed.append(each.model)
                elif isinstance(outcome, TfjsBuildError):
                    self._fail(each.model, outcome)
                elif isinstance(outcome, InternalError):
                    self._bug(each.model, outcome)
                else:
                    self._publish(each, outcome, begun[each.model.name])
        return changed

    def _job(self, each: Plan) -> Job:
        staging = self.folder.staging / each.model.name
        return Job(each.model, each.source, each.labels, staging)

    def _prepare(self, each: Plan) -> None:
        """Do what publishing needs while the conversion goes on; what fails here fails again there, and is told."""
        with contextlib.suppress(ModelError):
            _ = each.fingerprint
            self._runtime()

    def _runtime(self) -> Mapping[str, str]:
        """Return the stubs' runtime module, rendered once; imports Jinja."""
        if self.runtime is None:
            from tfjs_build.stubs import runtime_files

            self.runtime = runtime_files(self.manifest) if self.manifest.stubs else {}
        return self.runtime

    def _rendered(self, name: str, published: Metadata) -> Stubs:
        if self.manifest.stubs is None:
            return Stubs({}, {})
        from tfjs_build.stubs import stub_files

        return Stubs(stub_files(self.manifest, name, published.format, published.raw), self._runtime())

    def _publish(self, each: Plan, staged: Staged, begun: float) -> None:
        model = each.model
        try:
            rendered = self._rendered(model.name, staged.metadata)
            files = publish.publish(
                self.manifest, model.name, staged, rendered, each.fingerprint, self.state, self.folder.staging
            )
        except ModelError as error:
            self._fail(model, error)
            return
        for note in staged.notes:
            self.emit(Note(model.name, note))
        seconds = round(time.monotonic() - begun, 3)
        version = staged.metadata.version
        self.emit(Written(model.name, staged.metadata.format, version, files, staged.nbytes, seconds))

    def _fail(self, model: Model, error: TfjsBuildError) -> None:
        self.emit(failed(model, error))
        self._worse(FAILED)

    def _bug(self, model: Model, error: InternalError) -> None:
        log = write_bug_report(self.folder.logs, error.report)
        self.emit(failed(model, ModelError(f"a bug in tfjs-build: {error}", hint=f"Please report it, with {log}")))
        self._worse(BUG)

    def _worse(self, code: int) -> None:
        self.code = max(self.code, code)


def failed(model: Model | None, error: TfjsBuildError) -> Failed:
    """Return the event of a failure; a model's is placed at its entry in the manifest."""
    place = model.location if model is not None else None
    return Failed(
        model=model.name if model is not None else None,
        message=error.message,
        file=str(place.file) if place else None,
        line=place.line if place else None,
        column=place.column if place else None,
        hint=error.hint or None,
    )
