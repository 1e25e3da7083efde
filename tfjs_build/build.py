"""One build, from top to bottom: plan, convert what is stale, publish, remove what is no longer listed."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tfjs_build.bugs import InternalError
from tfjs_build.errors import ModelError, SourceError, TfjsBuildError
from tfjs_build.events import Emit, Fresh, Note, Progress, Stale, Started
from tfjs_build.paths import project_event
from tfjs_build.records import record
from tfjs_build.select import select
from tfjs_build.session import FAILED, Session, plan_all
from tfjs_build.shared import opened
from tfjs_build.sources.preparing import needs_preparing
from tfjs_build.state import StateFolder

if TYPE_CHECKING:
    from tfjs_build.children import Advanced, Ended
    from tfjs_build.job import Job
    from tfjs_build.model import Manifest, Model
    from tfjs_build.plan import Plan
    from tfjs_build.shared.client import SharedCache
    from tfjs_build.staged import Staged

_ATTEMPTS = 3


@record(frozen=True)
class BuildOptions:
    """`names` are the models to build, none meaning all; `jobs` is how many conversions may run at once; `dask` is the
    address of the cluster on which they run, None for this machine; `verbose` is whether what TensorFlow and the user's
    code print is shown."""

    names: Sequence[str] = ()
    force: bool = False
    jobs: int | None = None
    dask: str | None = None
    verbose: bool = False


class Conversions(Protocol):
    """What runs conversions: child processes, or a cluster. Closing it ends those that are under way."""

    def __enter__(self) -> Conversions: ...

    def __exit__(self, *error: object) -> None: ...

    def start(self, job: Job) -> None:
        """Begin a conversion."""
        ...

    def kill(self, model: str) -> None:
        """End a model's conversion, if one is under way."""
        ...

    def wait(self) -> list[Advanced | Ended]:
        """Return what has happened, as soon as anything has."""
        ...

    def dismiss(self) -> None:
        """Let go of what waits for a conversion: none follows."""
        ...


def build(manifest: Manifest, options: BuildOptions, emit: Emit) -> int:
    """Bring the output directory up to date; return the exit code. Raises UsageError for an unknown name."""
    emit(project_event(manifest))
    models = select(manifest, options.names)
    _tell_of_none(manifest, emit)
    folder = StateFolder(manifest.path)
    with folder.lock(waiting=lambda: emit(Note(None, "waiting for another tfjs-build in this project"))):
        session = Session(manifest, folder, emit, verbose=options.verbose)
        try:
            with opened(manifest, session.cache.folder, emit) as shared:
                _build(session, models, options, shared)
                if shared is not None:
                    shared.finish()
            if not options.names:
                session.remove_unlisted()
        finally:
            # Whatever was published before an interruption is recorded.
            session.discard()
            session.close()
    return session.code


def check(manifest: Manifest, names: Sequence[str], emit: Emit, *, dry_run: bool = False, force: bool = False) -> int:
    """Say which models are fresh or stale, writing nothing. Returns 1 where one is stale (`dry_run`: 0) or fails."""
    models = select(manifest, names)
    _tell_of_none(manifest, emit)
    session = Session(manifest, StateFolder(manifest.path), emit)
    stale = False
    for each in plan_all(session, models):
        if each.reasons or force:
            emit(Stale(each.model.name, each.reasons or ("--force",)))
            stale = True
        else:
            emit(Fresh(each.model.name, each.version or ""))
    listed = {model.name for model in manifest.models}
    for name in () if names else [name for name in session.state.models if name not in listed]:
        emit(Stale(name, (f"it is no longer in {manifest.path.name}: its files would be removed",)))
        stale = True
    return FAILED if stale and not dry_run else session.code


def _tell_of_none(manifest: Manifest, emit: Emit) -> None:
    if not manifest.models:
        emit(Note(None, f"no models in {manifest.path.name}"))


def _build(session: Session, models: Sequence[Model], options: BuildOptions, shared: SharedCache | None) -> None:
    """Prepare what is not there, plan the models, convert and publish those that are stale."""
    models = _prepared(session, models, options)
    for _ in range(_ATTEMPTS):
        plans = plan_all(session, models)
        stale = [each for each in plans if each.reasons or options.force]
        for each in plans:
            if each not in stale:
                session.fresh(each)
        # A source that was saved while we read it is converted again, as it is now.
        if shared is not None and not options.force:
            _take(session, stale, shared)
        if options.dask is not None:
            stale = _refuse_proofs(session, stale)
        models = _convert(session, stale, options, shared) if stale else []
        if not models:
            return
    for model in models:
        session.fail(model, SourceError("the source changes faster than it can be converted"))


def _prepared(session: Session, models: Sequence[Model], options: BuildOptions) -> Sequence[Model]:
    """Prepare the sources that need it, some at a time; return the models whose sources may be there."""
    needed = {model.source: model for model in reversed(models) if needs_preparing(model)}
    if not needed:
        return models
    from tfjs_build.children import Advanced, Children
    from tfjs_build.sources.preparing import Preparation, prepare

    waiting = [Preparation(model, session.folder.staging / model.name) for model in needed.values()]
    failed: dict[str, TfjsBuildError | InternalError] = {}
    with Children() as children:
        while waiting or len(children):
            while waiting and len(children) < (options.jobs or os.cpu_count() or 1):
                children.start(waiting.pop(), prepare)
            for message in children.wait():
                model = message.job.model
                if isinstance(message, Advanced):
                    session.emit(Progress(model.name, message.step, message.fraction))
                elif isinstance(message.outcome, (TfjsBuildError, InternalError)):
                    failed[model.source] = message.outcome
    for model in models:
        if model.source in failed:
            session.tell(model, failed[model.source])
    return [model for model in models if model.source not in failed]


def _take(session: Session, plans: Sequence[Plan], shared: SharedCache) -> None:
    """Have the local cache filled with what other machines have converted."""
    wanted = {}
    for each in plans:
        with contextlib.suppress(SourceError):  # which is told where the model is converted
            wanted[each.fingerprint.digest] = each.model.name
    shared.take(wanted)
    if shared.taken:
        session.cache.grown()


def _convert(session: Session, plans: Sequence[Plan], options: BuildOptions, shared: SharedCache | None) -> list[Model]:
    """Convert and publish, some at a time; return the models whose source changed meanwhile."""
    from tfjs_build.children import Advanced

    if shared is not None and options.dask is not None:
        shared.start()  # it is forked, and a client of Dask has threads
    waiting = list(reversed(plans))
    running: dict[str, tuple[Plan, float]] = {}
    changed = []

    def finish(each: Plan, outcome: Staged | TfjsBuildError | InternalError, begun: float, *, cached: bool) -> None:
        origin = None if not cached else "shared" if shared and each.fingerprint.digest in shared.taken else "local"
        if session.finish(each, outcome, begun, origin) and shared is not None:
            shared.give(each.fingerprint.digest)

    conversions, limit = _conversions(session, options)
    with conversions as children:
        while waiting or running:
            while waiting and len(running) < limit:
                each = waiting.pop()
                session.emit(Started(each.model.name))
                running[each.model.name] = each, time.monotonic()
                children.start(session.job(each))
                if (staged := session.prepare(each, cached=not options.force)) is not None:
                    children.kill(each.model.name)
                    finish(each, staged, running.pop(each.model.name)[1], cached=True)
            messages = children.wait() if running else []
            if not waiting:
                children.dismiss()
            for message in messages:
                name = message.job.model.name
                if isinstance(message, Advanced):
                    session.emit(Progress(name, message.step, message.fraction))
                    continue
                each, begun = running.pop(name)
                assert not isinstance(message.outcome, Path)  # as that of a preparation is
                if each.unchanged():
                    finish(each, message.outcome, begun, cached=False)
                else:
                    changed.append(each.model)
    return changed


def _refuse_proofs(session: Session, plans: Sequence[Plan]) -> list[Plan]:
    """Refuse the models that are to be run before they are published; return the others."""
    for each in plans:
        if each.model.verify.mode != "none":
            message = "`verify` runs on this machine what is built, and a cluster builds it elsewhere"
            session.fail(each.model, ModelError(message, hint="Build this model without `--dask`.", key="verify"))
    return [each for each in plans if each.model.verify.mode == "none"]


def _conversions(session: Session, options: BuildOptions) -> tuple[Conversions, int]:
    """Return what runs conversions, and how many at once. Raises UsageError for a cluster that cannot."""
    if options.dask is None:
        from tfjs_build.children import Children

        return Children(tensorflow=session.tensorflow), options.jobs or os.cpu_count() or 1
    from tfjs_build.cluster.client import Cluster

    cluster = Cluster(options.dask)
    return cluster, options.jobs or cluster.capacity
