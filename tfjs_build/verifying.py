"""One run of `verify`, from top to bottom: prepare each model in a child, run it, tell what came of it; or serve it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfjs_build import children
from tfjs_build.bugs import InternalError
from tfjs_build.errors import ModelError, TfjsBuildError, UsageError
from tfjs_build.events import Emit, Event, Note, Untried, Verified
from tfjs_build.fs import link_or_copy
from tfjs_build.model import Backend
from tfjs_build.paths import Layout, folders_of
from tfjs_build.records import record
from tfjs_build.select import select
from tfjs_build.session import DONE, FAILED, Session
from tfjs_build.state import StateFolder
from tfjs_build.verify.devices import Machine
from tfjs_build.verify.prepare import prepare
from tfjs_build.verify.prepared import Loaders, Prepared, Request
from tfjs_build.verify.site import Site
from tfjs_build.verify.verification import Verification
from tfjs_build.verify.wanting import tensorflowjs_in, wanted
from tfjs_build.workplace import work_folder

if TYPE_CHECKING:
    from tfjs_build.model import Manifest, Model
    from tfjs_build.plan import Plan
    from tfjs_build.verify.project import TensorFlowJs

NOT_TRIED: Final = 4
"""The exit code where nothing is wrong, and something could not be tried."""

_WORK: Final = "verify-"


@record(frozen=True)
class VerifyOptions:
    """`names` are the models to verify, none meaning all; `backends` those to try, none meaning the manifest's;
    `browser` is the program to take. `serve`: wait for devices that open a page, at the address `host`."""

    names: Sequence[str] = ()
    backends: Sequence[Backend] = ()
    browser: Path | None = None
    serve: bool = False
    host: str | None = None
    port: int = 0
    verbose: bool = False


def verify(manifest: Manifest, options: VerifyOptions, emit: Emit) -> int:
    """Verify what is published; return the exit code. Raises UsageError."""
    models = select(manifest, options.names)
    if not models:
        emit(Note(None, f"no models in {manifest.path.name}"))
        return DONE
    modules = tensorflowjs_in(folders_of(manifest))
    told = _Told(emit)
    folder = StateFolder(manifest.path)
    # Nothing is written that others read, so that a watch may go on beside.
    session = Session(manifest, folder, told, verbose=options.verbose)
    with (
        work_folder(folder, _WORK) as work,
        _open(modules, options) as site,
        Machine(site, work / "browsers", options.browser) as machine,
    ):
        verifications = _verifications(session, models, modules, machine, work)
        backends = wanted(options.backends or manifest.backends, modules)
        if options.serve:
            from tfjs_build.verify.serving import serve

            if not options.backends and manifest.backends is None:
                backends.remove("cpu")  # which is for machines: a phone takes minutes
            serve(verifications, site, backends, options.host, told)
        else:
            _all(verifications, machine, backends, told)
    return max(session.code, FAILED if told.failed else NOT_TRIED if told.untried else DONE)


def _all(verifications: Iterator[Verification], machine: Machine, backends: Sequence[Backend], emit: Emit) -> None:
    for verification in verifications:
        for backend in backends:
            for event in verification.on(backend, machine):
                emit(event)


def _verifications(
    session: Session, models: Sequence[Model], modules: TensorFlowJs, machine: Machine, work: Path
) -> Iterator[Verification]:
    """Prepare the models in a child, each while the one before it is run; what is wrong with one is told."""
    waiting = (each for model in models if (each := _request(session, model, modules, work)) is not None)
    with children.Children(tensorflow=session.tensorflow) as pool:
        request = next(waiting, None)
        if request is not None:
            pool.start(request, prepare)
        while request is not None:
            outcome = _outcome(pool)
            ended, request = request, next(waiting, None)
            if request is not None:
                pool.start(request, prepare)
            if isinstance(outcome, (TfjsBuildError, InternalError)):
                session.tell(ended.model, outcome)
                continue
            assert isinstance(outcome, Prepared)
            for note in outcome.notes:
                session.emit(Note(ended.model.name, note))
            if outcome.lacking:
                session.emit(Untried(ended.model.name, None, outcome.lacking))
            yield Verification(outcome, ended.model.verify, machine)


def _outcome(pool: children.Children) -> object:
    """Wait for what a child ends with."""
    while True:
        for message in pool.wait():
            if isinstance(message, children.Ended):
                return message.outcome


def _request(session: Session, model: Model, modules: TensorFlowJs, work: Path) -> Request | None:
    """Return what is to be prepared of a model, with its files as they are now; None where it is not published."""
    layout = Layout(session.manifest, model.name)
    if not layout.index.is_file():
        session.fail(model, ModelError("it is not published", hint="`tfjs-build build` publishes it."))
        return None
    plan, lacking = _planned(session, model)
    for reason in session.reasons(plan) if plan else ():
        session.emit(Note(model.name, f"it is stale: {reason}. What is published is run"))
    folder = work / "models" / model.name
    published = folder / "published"
    published.mkdir(parents=True)
    for path in (layout.index, *layout.folder.glob("*.bin")):
        with contextlib.suppress(FileNotFoundError):  # a watch replaces it: the loader says what is missing
            link_or_copy(path, published / path.name)
    parity = model.verify.mode != "smoke"
    return Request(
        model=model,
        source=plan.source if plan else None,
        lacking=lacking if parity else "",
        labels=plan.labels if plan else None,
        published=published,
        staging=folder,
        loaders=Loaders(session.manifest.templates, modules.tfjs.address),
        parity=parity,
        tensorflow=session.tensorflow.place() if parity and plan and session.tensorflow.is_there() else None,
    )


def _planned(session: Session, model: Model) -> tuple[Plan | None, str]:
    """Return a model's plan, or why there is none: its source may be on another machine."""
    try:
        return session.compare(model), ""
    except ModelError as error:
        return None, f"its numbers are not compared with those of its source: {error.message}"


def _open(modules: TensorFlowJs, options: VerifyOptions) -> Site:
    host = options.host if options.serve and options.host else "127.0.0.1"
    try:
        return Site(modules, host, options.port if options.serve else 0)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{options.port}: {error.strerror}") from error


class _Told:
    """Hands events on, and notes what they mean for the exit code."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.failed = self.untried = False

    def __call__(self, event: Event) -> None:
        self.failed |= isinstance(event, Verified) and not event.ok
        self.untried |= isinstance(event, Untried)
        self._emit(event)
