"""The steps of bringing models up to date, shared by one-shot builds and the watch: plan, publish, remove, record.

Who calls them decides when, and where a conversion runs. Only events leave; what becomes of them is the reporters'
business.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tfjs_build import publish
from tfjs_build.bugs import InternalError, write_bug_report
from tfjs_build.cache import Cache
from tfjs_build.convert import model_json
from tfjs_build.demand import Demand
from tfjs_build.errors import (
    ModelError,
    NoTensorFlowError,
    PublishError,
    SourceError,
    TfjsBuildError,
    os_error_text,
)
from tfjs_build.events import Emit, Failed, Fresh, Note, Removed, Written
from tfjs_build.fingerprint import Fingerprint, without_loaders
from tfjs_build.fs import read_or_none, remove_own, sha256_bytes
from tfjs_build.job import Job, Proof
from tfjs_build.kernels import DEFAULT_BACKENDS, lacking
from tfjs_build.labels import check_labels
from tfjs_build.paths import Layout, folders_of
from tfjs_build.plan import Plan, plan
from tfjs_build.sizes import size_text
from tfjs_build.sources.opening import may_run_in_tensorflow, refuse_unavailable, runs_in_tensorflow
from tfjs_build.staged import Staged, Stubs

if TYPE_CHECKING:
    from tfjs_build.convert.tensorflow.service import Service
    from tfjs_build.model import Manifest, Model
    from tfjs_build.state import StateFolder

DONE, FAILED, BUG = 0, 1, 3


class Session:
    """A manifest's models and the state of what was published. `code` is the exit code so far.

    Whoever publishes holds the lock of `folder`.
    """

    def __init__(self, manifest: Manifest, folder: StateFolder, emit: Emit, *, verbose: bool = False) -> None:
        self.manifest, self.folder, self.emit = manifest, folder, emit
        self.state = folder.load()
        self.cache = Cache(folder.path / "cache")
        self.code = DONE
        self.verbose = verbose
        self._templates: Mapping[str, str] | None = None
        self._runtime: Mapping[str, str] | None = None
        self._demand: Demand | None = None
        self._told_of_tfjs = False
        self._told_of_tensorflow = False
        self._tensorflow: Service | None = None

    def plan(self, model: Model) -> Plan | None:
        """Compare a model with what is published; None where that failed, which is told."""
        try:
            return self.compare(model)
        except ModelError as error:
            self.fail(model, error)
        except OSError as error:
            self.fail(model, SourceError(os_error_text(error, model.source)))
        except Exception:  # noqa: BLE001 -- a bug of ours, and the other models are none the worse for it
            self.bug(model, InternalError(traceback.format_exc()))
        return None

    def compare(self, model: Model) -> Plan:
        """Compare a model with what is published; raises SourceError, and RefusedError for what is not available: what
        was published before it was asked for is no answer. Nothing is downloaded."""
        each = plan(self.manifest, model, self.state, self.templates(), self.shared)
        refuse_unavailable(model, each.source)
        return each

    def reasons(self, each: Plan) -> Sequence[str]:
        """Return why a model is stale, for those who only look. Where tfjs.yaml names no `stubs`, a plugin may have
        said where loaders go, or `--loaders`: what is about these alone is no reason."""
        if self.manifest.stubs is not None or not each.reasons:
            return each.reasons
        published = model_json.read(read_or_none(Layout(self.manifest, each.model.name).index) or b"")
        known = self.state.models.get(each.model.name)
        if published is None or known is None or Fingerprint.of(known.fields).digest != published.fingerprint:
            return each.reasons
        return each.fingerprint.differences(without_loaders(known.fields))

    def templates(self) -> Mapping[str, str]:
        """Return the SHA-256 of each stub template's content, by name; empty where no stubs are wanted."""
        if self._templates is None:
            if self.manifest.stubs is None:
                self._templates = {}
            else:
                from tfjs_build.stubs import template_contents

                self._templates = {name: sha256_bytes(data) for name, data in template_contents(self.manifest)}
        return self._templates

    def forget_templates(self) -> None:
        """Read the templates again when they are next needed."""
        self._templates = self._runtime = self._demand = None

    def job(self, each: Plan) -> Job:
        """Return what is to be converted for a plan."""
        staging = self.folder.staging / each.model.name
        place = None
        if runs_in_tensorflow(each.model, each.source) or (
            may_run_in_tensorflow(each.model, each.source) and self.tensorflow.is_there()
        ):
            place = self.tensorflow.place()
        proof = None
        if each.model.verify.mode != "none":
            manifest = self.manifest
            proof = Proof(folders_of(manifest), manifest.templates, manifest.backends)
            if place is None and each.model.verify.mode == "parity" and self.tensorflow.is_there():
                place = self.tensorflow.place()
        return Job(each.model, each.source, each.labels, self.manifest.backends, staging, place, proof)

    @property
    def tensorflow(self) -> Service:
        """What starts TensorFlow, should a conversion ask for it; who runs the conversions ends it."""
        if self._tensorflow is None:
            from tfjs_build.convert.tensorflow.service import Service

            self._tensorflow = Service(self.manifest.root, verbose=self.verbose)
        return self._tensorflow

    def prepare(self, each: Plan, *, cached: bool = True) -> Staged | None:
        """Do what publishing needs while the conversion goes on; return what the cache holds, which makes the
        conversion needless, unless it is not to be asked (`cached`). What fails here fails again where it is
        needed, and is told there."""
        with contextlib.suppress(ModelError):
            staging = self.folder.staging / f"{each.model.name}.cached"
            cached &= each.model.verify.mode == "none"  # what is published is run first
            staged = self.cache.get(each.fingerprint.digest, staging) if cached else None
            if self.manifest.stubs is not None and self._runtime is None:
                from tfjs_build.stubs import compile_templates

                compile_templates(self.manifest)
                self.shared()
            return staged
        return None

    def runtime(self) -> Mapping[str, str]:
        """Return the stubs' runtime module, rendered once; imports Jinja."""
        if self._runtime is None:
            from tfjs_build.stubs import runtime_files

            self._runtime = runtime_files(self.manifest) if self.manifest.stubs else {}
        return self._runtime

    def shared(self) -> Mapping[str, str]:
        """Return the modules that all stubs share, as the published models want them; imports Jinja."""
        return {**self.runtime(), **self.demand.files()}

    @property
    def demand(self) -> Demand:
        """What the published models need of TensorFlow.js, by the state of now."""
        if self._demand is None or self._demand.state is not self.state:
            self._demand = Demand(self.manifest, self.state, self._demand)
        return self._demand

    def finish(
        self, each: Plan, outcome: Staged | TfjsBuildError | InternalError, begun: float, cache: str | None = None
    ) -> bool:
        """Publish what a conversion made, or tell why it failed; return whether it was published.

        `begun` is when it began, on `time.monotonic`'s clock; `cache` is which cache it came from, if any.
        """
        if isinstance(outcome, (InternalError, TfjsBuildError)):
            self.tell(each.model, outcome)
            return False
        return self._publish(each, outcome, begun, cache)

    def tell(self, model: Model, error: TfjsBuildError | InternalError) -> None:
        """Tell of what a child ended with."""
        if isinstance(error, InternalError):
            self.bug(model, error)
        else:
            self.fail(model, error)

    def remove_unlisted(self) -> None:
        """Remove the outputs of models that the manifest no longer lists."""
        listed = {model.name for model in self.manifest.models}
        removed = False
        for name in [name for name in self.state.models if name not in listed]:
            try:
                files = publish.remove(self.manifest, name, self.state)
            except (PublishError, OSError) as error:
                text = os_error_text(error) if isinstance(error, OSError) else error.message
                self.emit(not_removed(name, PublishError(text)))
                self.worse(FAILED)
                continue
            self.emit(Removed(name, files))
            removed = True
        if removed and self.manifest.minimal is not None:
            self._share()

    def _share(self) -> None:
        """Bring what the stubs share up to date, as no model is published that would."""
        try:
            publish.share(self.manifest, self.shared(), self.state, self.folder.staging)
        except PublishError as error:
            self.emit(failed(None, error))
            self.worse(FAILED)

    def fresh(self, each: Plan) -> None:
        """Tell that a model is as it should be, and record it where the state does not know it."""
        if not each.recorded:
            try:
                publish.record_again(self.manifest, each.model.name, each.fingerprint, self.state)
            except PublishError as error:
                self.emit(Note(each.model.name, error.message))
        self.emit(Fresh(each.model.name, each.version or ""))

    def discard(self, files: Iterable[str] | None = None) -> None:
        """Delete replaced shards: these, or all. Those that cannot be deleted are left for the next time."""
        try:
            publish.discard(self.manifest, self.state, files)
        except PublishError as error:
            self.emit(Note(None, error.message))

    def save(self) -> None:
        """Record what was published."""
        self.folder.save(self.state)

    def close(self) -> None:
        """Record what was published, keep the cache within its bounds, and delete what conversions left. Who calls it
        has the lock."""
        try:
            self.save()
        except TfjsBuildError as error:
            self.emit(failed(None, error))
            self.worse(FAILED)
        self.cache.prune()
        remove_own(self.folder.staging)

    def fail(self, model: Model, error: TfjsBuildError) -> None:
        """Tell of a failure; how TensorFlow is installed, once."""
        if isinstance(error, NoTensorFlowError):
            if self._told_of_tensorflow:
                error = NoTensorFlowError(error.message, key=error.key)
            self._told_of_tensorflow = True
        self.emit(failed(model, error))
        self.worse(FAILED)

    def bug(self, model: Model, error: InternalError) -> None:
        """Report an unexpected error, and keep the report in a file."""
        log = write_bug_report(self.folder.logs, error.report)
        self.fail(model, ModelError(f"a bug in tfjs-build: {error}", hint=f"Please report it, with {log}"))
        self.worse(BUG)

    def worse(self, code: int) -> None:
        """Raise the exit code."""
        self.code = max(self.code, code)

    def _publish(self, each: Plan, staged: Staged, begun: float, cache: str | None) -> bool:
        model = each.model
        try:
            _check_size(model, staged.nbytes)
            check_labels(model, staged.metadata.signature, staged.metadata.labels)
            self.cache.put(each.fingerprint.digest, staged)
            rendered = self._rendered(model.name, staged)
            files = publish.publish(
                self.manifest, model.name, staged, rendered, each.fingerprint, self.state, self.folder.staging
            )
        except ModelError as error:
            self.fail(model, error)
            return False
        except OSError as error:  # beside what was to be written, which is a PublishError
            self.fail(model, PublishError(os_error_text(error, self.manifest.output)))
            return False
        try:
            self.folder.record(self.state, model.name)  # before it is told: nobody is to know more than we do
        except TfjsBuildError as error:
            self.emit(Note(model.name, error.message))
        for note in (*staged.notes, *staged.proofs):
            self.emit(Note(model.name, note))
        self._tell_of_tfjs()
        seconds = round(time.monotonic() - begun, 3)
        version = staged.metadata.version
        self.emit(Written(model.name, staged.metadata.format, version, files, staged.nbytes, seconds, cache))
        return True

    def _tell_of_tfjs(self) -> None:
        """Tell once which backends the loaders have where the manifest does not say, which lack a kernel that it asks
        for, and which loaders are another manifest's."""
        if self.manifest.minimal is None or self._told_of_tfjs:
            return
        self._told_of_tfjs = True
        if self.manifest.backends is None:
            text = (
                "`tfjs: minimal` has webgl and cpu, as TensorFlow.js itself does: `backends` says which the site wants"
            )
            self.emit(Note(None, text))
        for backend in self.manifest.backends or DEFAULT_BACKENDS:
            if names := lacking(backend, self.manifest.minimal.kernels):
                text = f"The {backend} backend of TensorFlow.js does not have, of `kernels`: {', '.join(names)}"
                self.emit(Note(None, text))
        for stub in publish.strangers(self.manifest):
            text = (
                f"{stub} imports _tfjs.js, which has no kernels for it: it is not of {self.manifest.path.name}. "
                "Give each manifest a folder of its own for `stubs`"
            )
            self.emit(Note(None, text))

    def _rendered(self, name: str, staged: Staged) -> Stubs:
        if self.manifest.stubs is None:
            return Stubs({}, {})
        from tfjs_build.stubs import stub_files

        stub = stub_files(self.manifest, name, staged.metadata.format, staged.metadata.raw)
        needs = self.demand.needs_of(staged.model_json)
        return Stubs(stub, {**self.runtime(), **self.demand.files({name: needs or ()})}, needs)


def plan_all(session: Session, models: Sequence[Model]) -> list[Plan]:
    """Plan several models; those that fail are told of and left out."""
    return [each for model in models if (each := session.plan(model)) is not None]


def failed(model: Model | None, error: TfjsBuildError) -> Failed:
    """Return the event of a failure; a model's is placed at the key that is to blame, or else at its entry."""
    place = model.locations.get(getattr(error, "key", ""), model.location) if model is not None else None
    return Failed(
        model=model.name if model is not None else None,
        message=error.message,
        file=str(place.file) if place else None,
        line=place.line if place else None,
        column=place.column if place else None,
        hint=error.hint or None,
    )


def not_removed(name: str | None, error: PublishError) -> Failed:
    """Return the event of a failure to remove a model's files, which may be listed no more; None for those of none."""
    return replace(failed(None, error), model=name)


def _check_size(model: Model, nbytes: int) -> None:
    if model.max_size is not None and nbytes > model.max_size:
        raise ModelError(
            f"the download would be {size_text(nbytes)}, more than max_size ({size_text(model.max_size)})",
            hint="`quantize: float16` halves it, `quantize: uint8` quarters it"
            f"{', `compress: gzip` takes off a little' if model.compress == 'none' else ''}; or raise `max_size`.",
            key="max_size",
        )
