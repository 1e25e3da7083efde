"""`verify` in the manifest: what was converted is run before it is published, in the child that has converted it.

A child keeps its Node and its browser for the conversions that follow; they end with it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tfjs_build.convert import model_json
from tfjs_build.errors import ModelError, UsageError
from tfjs_build.events import Note, Untried, Verified
from tfjs_build.fs import link_or_copy, remove_own
from tfjs_build.job import run as convert
from tfjs_build.verify.devices import Machine
from tfjs_build.verify.prepare import NO_FINGERPRINT, prepare
from tfjs_build.verify.prepared import Loaders, Request
from tfjs_build.verify.site import Site
from tfjs_build.verify.verification import Verification
from tfjs_build.verify.wanting import tensorflowjs_in, wanted

if TYPE_CHECKING:
    from tfjs_build.job import Job, Progress, Proof
    from tfjs_build.staged import Staged

_machines: Final[dict[int, Machine]] = {}
"""That of this process, by its number: a fork has none."""


def run_proven(job: Job, proof: Proof, progress: Progress) -> Staged:
    """Convert a source, and run what came of it. Raises ModelError and its kinds: for what is wrong with it, and where
    nothing could be tried."""
    staged = convert(job, progress)
    return replace(staged, proofs=_proofs(job, proof, staged, progress))


def _proofs(job: Job, proof: Proof, staged: Staged, progress: Progress) -> Sequence[str]:
    """Return what running a conversion has shown."""
    progress("verifying", 0.0)
    try:
        modules = tensorflowjs_in(proof.folders)
    except UsageError as error:
        raise ModelError(f"`verify`: {error.message}", hint=error.hint, key="verify") from error
    model = job.model
    work = job.staging.with_name(f"{job.staging.name}.verify")
    remove_own(work)
    published = work / "staged"
    published.mkdir(parents=True)
    for file in staged.files:
        link_or_copy(file.path, published / file.name)
    (published / "model.json").write_bytes(model_json.seal(staged.model_json, NO_FINGERPRINT))
    parity = model.verify.mode == "parity"
    loaders = Loaders(proof.templates, modules.tfjs.address)
    request = Request(
        model, job.source, "", job.labels, published, work, loaders, parity, job.tensorflow if parity else None
    )
    prepared = prepare(request)
    machine = _machines.get(os.getpid())
    if machine is None:
        site = Site(modules)
        machine = _machines[os.getpid()] = Machine(site, job.staging.with_name(f".browser-{os.getpid()}"))
    verification = Verification(prepared, model.verify, machine)
    backends = wanted(proof.backends, modules)
    found: list[Verified] = []
    notes = [*prepared.notes, *filter(None, [prepared.lacking])]
    for number, backend in enumerate(backends):
        progress("verifying", number / len(backends))
        for event in verification.on(backend, machine):
            if isinstance(event, Note):
                notes.append(event.message)
            elif isinstance(event, Untried):
                notes.append(f"not verified on {event.backend}: {event.message}")
            else:
                found.append(event)
    for event in found:
        if not event.ok:
            raise ModelError(
                f"it is wrong on {event.backend}: {'; '.join(event.problems)}",
                hint="What was published before stays. `tfjs-build verify` says more of what is published.",
                key="verify",
            )
    if not found:
        raise ModelError(f"`verify` could try nothing: {'; '.join(notes)}", key="verify")
    remove_own(work)
    return [f"verified on {', '.join(event.backend for event in found)}: {_summary(found)}", *notes]


def _summary(found: Sequence[Verified]) -> str:
    errors = [each["relative"] or 0.0 for event in found for each in event.outputs]
    if not errors:
        return "it runs"
    return f"off by at most {max(errors):.1e} of the largest number, beside {found[0].reference}"
