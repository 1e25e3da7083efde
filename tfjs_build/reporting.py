"""One run of `report`, from top to bottom: measure each model in a child, write the page, tell what is in it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfjs_build import children
from tfjs_build.bugs import InternalError
from tfjs_build.errors import ModelError, TfjsBuildError, os_error_text
from tfjs_build.events import Emit, Event, Failed, Note, Progress, Reported
from tfjs_build.fs import read_or_none, write_own
from tfjs_build.names import RUNTIME, identifiers
from tfjs_build.paths import Layout
from tfjs_build.records import record
from tfjs_build.report import history
from tfjs_build.report.browser import open_page
from tfjs_build.report.committed import committed
from tfjs_build.report.facts import Facts
from tfjs_build.report.history import Comparison, Version, by_layer, compared, remember
from tfjs_build.report.measured import Request, measure
from tfjs_build.report.page import render
from tfjs_build.report.page_code import page_code
from tfjs_build.report.published import gzipped
from tfjs_build.report.view import ModelView, model_view
from tfjs_build.select import select
from tfjs_build.session import DONE, FAILED, Session
from tfjs_build.state import StateFolder
from tfjs_build.workplace import work_folder

if TYPE_CHECKING:
    from tfjs_build.model import Manifest, Model
    from tfjs_build.plan import Plan

_WORK: Final = "report-"
_TOLD: Final = 3
"""Reasons that are told of a stale model; the page has all."""

_DEFAULT_MANIFEST: Final = "tfjs.yaml"
_DEFAULT_BACKENDS: Final = ("webgl", "webgpu", "wasm")


@record(frozen=True)
class ReportOptions:
    """`names` are the models to report on, none meaning all; `open` is whether the page is opened, `curve` whether
    codings are tried."""

    names: Sequence[str] = ()
    open: bool = False
    curve: bool = True
    verbose: bool = False


@record(frozen=True)
class _Asked:
    """What is asked of a child about a model, and why that is stale, if it is."""

    request: Request
    stale: Sequence[str]


def report(manifest: Manifest, options: ReportOptions, emit: Emit) -> int:
    """Report on what is published; return the exit code. Raises UsageError."""
    models = select(manifest, options.names)
    if not models:
        emit(Note(None, f"no models in {manifest.path.name}"))
        return DONE
    told = _Told(emit)
    folder = StateFolder(manifest.path)
    # Nothing is written that others read, so that a watch may go on beside.
    session = Session(manifest, folder, told, verbose=options.verbose)
    views: list[ModelView] = []
    with work_folder(folder, _WORK) as work:
        for asked, facts in _measured(session, models, work, options.curve):
            views.append(_view(session, asked, facts, len(views) + 1))
    if views:
        page = page_of(folder, manifest)
        _write(page, render(manifest.path.name, views, told.failed))
        for view in views:
            emit(_reported(view, page))
        emit(Note(None, f"the page is {Layout(manifest, '').relative(page)}"))
        if options.open and not open_page(page):
            emit(Failed(None, "there is no browser here that could be opened", hint=f"Open {page} in one."))
            session.worse(FAILED)
    return session.code


def page_of(folder: StateFolder, manifest: Manifest) -> Path:
    """Return where the page lies: two manifests in one folder have one each."""
    named = "" if manifest.path.name == _DEFAULT_MANIFEST else f"{manifest.path.name}."
    return folder.path / f"{named}report.html"


def _measured(session: Session, models: Sequence[Model], work: Path, curve: bool) -> Iterator[tuple[_Asked, Facts]]:
    """Yield what is known of each model; what is wrong with one is told."""
    with children.Children(tensorflow=session.tensorflow) as pool:
        for model in models:
            asked = _asked(session, model, work, curve)
            if asked is None:
                continue
            pool.start(asked.request, measure)
            outcome = _outcome(pool, session.emit)
            if isinstance(outcome, Facts):
                yield asked, outcome
            else:
                assert isinstance(outcome, (TfjsBuildError, InternalError))
                session.tell(model, outcome)


def _outcome(pool: children.Children, emit: Emit) -> object:
    """Wait for what a child ends with; tell how far it is."""
    while True:
        for message in pool.wait():
            if isinstance(message, children.Ended):
                return message.outcome
            emit(Progress(message.job.model.name, message.step, message.fraction))


def _asked(session: Session, model: Model, work: Path, curve: bool) -> _Asked | None:
    """Return what is to be found out about a model; None where it is not published, which is told."""
    layout = Layout(session.manifest, model.name)
    if not layout.index.is_file():
        session.fail(model, ModelError("it is not published", hint="`tfjs-build build` publishes it."))
        return None
    plan: Plan | None = None
    lacking = ""
    try:
        plan = session.compare(model)
    except ModelError as error:  # the source may be on another machine
        lacking = f"the source cannot be read: {error.message}"
    stale = session.reasons(plan) if plan else ()
    if stale:
        more = f"; and {len(stale) - _TOLD} more reasons" if len(stale) > _TOLD else ""
        text = f"it is stale: {'; '.join(stale[:_TOLD])}{more}. The report is about what is published"
        session.emit(Note(model.name, text))
    request = Request(
        model=model,
        index=layout.index,
        staging=work / model.name,
        source=plan.source if plan else None,
        lacking=lacking,
        fresh=plan is not None and not stale,
        backends=session.manifest.backends,
        tensorflow=session.job(plan).tensorflow if plan else None,
        curve=curve,
        kept=_folder(session) / f"{model.name}.codings.json",
    )
    return _Asked(request, stale)


def _folder(session: Session) -> Path:
    return session.folder.path / "report"


def _view(session: Session, asked: _Asked, facts: Facts, number: int) -> ModelView:
    name, manifest = asked.request.model.name, session.manifest
    now = _version(facts)
    versions = remember(_folder(session) / f"{manifest.path.name}.history.json", name, now)
    return model_view(
        name,
        number,
        facts,
        stale=asked.stale,
        backends=manifest.backends,
        code=page_code(manifest.backends or _DEFAULT_BACKENDS),
        loader=_loader(Layout(manifest, name)),
        minimal=manifest.minimal is not None,
        comparison=_comparison(asked.request.index, now, versions),
        versions=versions,
    )


def _version(facts: Facts) -> Version:
    down = facts.download
    return Version(
        version=facts.version,
        seen=time.strftime("%Y-%m-%d"),
        model_json=down.model_json,
        weights=down.weights,
        gzip=down.weights_gzip,
        layers=by_layer({weight.name: weight.nbytes for weight in facts.weights}),
        ops=facts.ops,
    )


def _comparison(index: Path, now: Version, versions: Sequence[history.Version]) -> Comparison | None:
    """Compare with the last commit's version; where that is the same one, or there is none, with the one that reports
    saw before."""
    before = committed(index)
    if before is not None and before.version != now.version:
        return compared("the last commit", before, now)
    earlier = next((each for each in versions if each.version != now.version), None)
    return None if earlier is None else compared("the report before", earlier, now)


def _loader(layout: Layout) -> tuple[int, int] | None:
    """Return the bytes of a model's loader and of the runtime, as they lie there and gzipped; None where there are
    none."""
    if layout.stubs is None:
        return None
    file = identifiers(layout.name).file
    module = ".ts" if layout.manifest.language == "typescript" else ".js"
    found = [read_or_none(layout.stubs / name) for name in (f"{file}{module}", f"{RUNTIME}.js")]
    texts = [text for text in found if text is not None]
    return (sum(map(len, texts)), sum(gzipped([text]) for text in texts)) if len(texts) == len(found) else None


def _write(page: Path, content: bytes) -> None:
    """Write the page; raises TfjsBuildError."""
    try:
        write_own(page, content)
    except OSError as error:
        raise TfjsBuildError(os_error_text(error, str(page))) from error


def _reported(view: ModelView, page: Path) -> Reported:
    facts = view.facts
    return Reported(
        model=view.name,
        page=str(page),
        version=facts.version,
        format=facts.format,
        stale=list(view.stale),
        inputs=[dict(each) for each in facts.inputs],
        outputs=[dict(each) for each in facts.outputs],
        download=asdict(facts.download),
        weights=[asdict(each) for each in facts.weights],
        ops=dict(facts.ops),
        kernels=[asdict(each) for each in facts.launches],
        lacks=[asdict(each) for each in facts.lacks],
        code=[asdict(each) for each in view.code],
        curve=[asdict(each) for each in facts.curve],
        notes=list(facts.notes),
        changes=None if view.comparison is None else asdict(view.comparison),
        versions=[asdict(each) for each in view.versions],
    )


class _Told:
    """Hands events on, and notes which models failed, and why."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.failed: dict[str, str] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Failed) and event.model is not None:
            self.failed[event.model] = event.message
        self._emit(event)
