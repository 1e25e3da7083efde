"""One model on some backends: run, and compared with what is expected of it. What comes of each is an event.

What is expected are the source's numbers. Of a quantized model, the same without quantization is held against them, by
the tolerance; what is published is held against itself on cpu, and what quantizing costs is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tfjs_build.events import Note, Untried, Verified
from tfjs_build.samples import Group
from tfjs_build.verify import judge
from tfjs_build.verify.devices import NotTriedError, Ran, RunError
from tfjs_build.verify.prepared import PLAIN, PUBLISHED, UNQUANTIZED
from tfjs_build.verify.wire import unpack

if TYPE_CHECKING:
    from tfjs_build.model import Verify
    from tfjs_build.verify.judge import Difference
    from tfjs_build.verify.prepared import Prepared, Variant

TRUSTED = "cpu"
"""The backend whose numbers are those of the model itself: plain loops of doubles in JavaScript."""


class Runs(Protocol):
    """What runs models: this machine, or a device that has opened the page."""

    def run(self, prepared: Prepared, variant: Variant, backend: str) -> Ran:
        """Run a variant of a model; raises NotTriedError, RunError."""
        ...

    def called(self, backend: str) -> str:
        """What runs a backend, in words."""
        ...


class Verification:
    """A model that is being verified: what it gave on which backend is known once."""

    def __init__(self, prepared: Prepared, options: Verify, trusted: Runs) -> None:
        """`trusted` runs it on cpu, where that is needed to know what is expected."""
        self.prepared, self.options, self._trusted = prepared, options, trusted
        self._expected: Sequence[Group] | None = None
        self._own: Sequence[Group] | None = None
        self._doubted = False

    def on(self, backend: str, runs: Runs) -> Iterator[Verified | Untried | Note]:
        """Verify the model on a backend; once, tell what its samples do not prove."""
        model = self.prepared.model
        try:
            ran = runs.run(self.prepared, self._variant(PUBLISHED), backend)
        except NotTriedError as error:
            yield Untried(model, backend, error.message, error.hint or None)
            return
        except RunError as error:
            yield self._verified(backend, runs, None, problems=[str(error)])
            return
        try:
            yield self._judged(backend, runs, ran)
            yield from self._doubts()
        except NotTriedError as error:
            yield Untried(model, backend, f"its numbers are not compared: {error.message}", error.hint or None)
        except RunError as error:
            yield self._verified(backend, runs, ran, problems=[f"what it is compared with does not run: {error}"])

    def _judged(self, backend: str, runs: Runs, ran: Ran) -> Verified:
        prepared = self.prepared
        half = bool(ran.about.get("half"))
        tolerance = max(self.options.tolerance, judge.HALF_FLOAT_TOLERANCE) if half else self.options.tolerance
        broken = judge.broken_promises(prepared.promised, ran.outputs)
        if broken:
            return self._verified(backend, runs, ran, problems=broken)
        expected = self._expectation()
        if expected is None:  # smoke
            return self._verified(backend, runs, ran, problems=self._not_finite(backend, ran))
        if not prepared.quantized:
            return self._verified(backend, runs, ran, judge.differences(expected, ran.outputs, tolerance))
        unquantized = prepared.variant(UNQUANTIZED)
        if unquantized is None:  # there is no source to convert: both errors in one, which the tolerance is not for
            conversion, cost = judge.differences(expected, ran.outputs, float("inf")), []
        else:
            bare = runs.run(prepared, unquantized, backend)
            conversion = judge.differences(expected, bare.outputs, tolerance)
            cost = judge.differences(bare.outputs, ran.outputs, float("inf"))
        problems = [f"{each.name}: {each.problem}" for each in cost if each.problem]
        if backend != TRUSTED:
            itself = judge.differences(self._on_cpu(), ran.outputs, tolerance)
            problems += [f"{each.name}: {_told(each)} than on cpu" for each in itself if each.problem]
        return self._verified(backend, runs, ran, conversion, cost, problems)

    def _doubts(self) -> Iterator[Note]:
        if self._doubted:
            return
        self._doubted = True
        names = judge.indifferent(self._expected or ())
        if names:
            text = f"{', '.join(names)} is nearly the same for all samples, so that comparing it proves little"
            yield Note(self.prepared.model, f"{text}: `verify: {{ inputs: samples.npz }}` gives others")

    def _expectation(self) -> Sequence[Group] | None:
        prepared = self.prepared
        if self._expected is None and prepared.expected is not None:
            self._expected = unpack(prepared.expected.read_bytes())[1]
        plain = prepared.variant(PLAIN)
        if self._expected is None and plain is not None:
            self._expected = self._trusted.run(prepared, plain, TRUSTED).outputs
        return self._expected

    def _on_cpu(self) -> Sequence[Group]:
        """Return what the published model gives where its numbers are easiest to trust."""
        if self._own is None:
            self._own = self._trusted.run(self.prepared, self._variant(PUBLISHED), TRUSTED).outputs
        return self._own

    def _not_finite(self, backend: str, ran: Ran) -> list[str]:
        """Return the outputs that are not finite here, and are on cpu."""
        names = judge.non_finite(ran.outputs)
        if not names or backend == TRUSTED:
            return [f"{name} is not finite; `verify: {{ inputs: samples.npz }}` gives other inputs" for name in names]
        usual = judge.non_finite(self._on_cpu())
        return [f"{name} is not finite, and is on cpu" for name in names if name not in usual]

    def _variant(self, name: str) -> Variant:
        found = self.prepared.variant(name)
        assert found is not None
        return found

    def _verified(
        self,
        backend: str,
        runs: Runs,
        ran: Ran | None,
        differences: Sequence[Difference] = (),
        cost: Sequence[Difference] = (),
        problems: Sequence[str] = (),
    ) -> Verified:
        prepared = self.prepared
        wrong = [*(f"{each.name}: {_told(each)}" for each in differences if each.problem), *problems]
        about = ran.about if ran else {}
        return Verified(
            model=prepared.model,
            backend=backend,
            device=runs.called(backend),
            ok=not wrong,
            mode="parity" if differences else "smoke",
            version=prepared.version,
            samples=len(ran.outputs) if ran else 0,
            problems=wrong,
            outputs=[_as_json(each) for each in differences],
            quantization=[_as_json(each) for each in cost] or None,
            reference=prepared.reference or None,
            first_ms=round(ran.first, 2) if ran else None,
            next_ms=round(ran.next, 2) if ran and ran.next is not None else None,
            half_floats=bool(about.get("half")),
            renderer=about.get("renderer"),
            tfjs=about.get("version"),
        )


def _told(each: Difference) -> str:
    if each.problem != "too far off":
        return each.problem
    return f"off by {each.absolute:.2g}, {each.relative:.2g} of the largest number"


def _as_json(each: Difference) -> dict[str, Any]:
    return {
        "output": each.name,
        "absolute": each.absolute,
        "relative": each.relative if each.relative != float("inf") else None,
        "argmax": None if each.rows is None else [each.agreeing, each.rows],
    }
