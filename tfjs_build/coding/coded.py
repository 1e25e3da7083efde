"""The weights of a model as its `quantize` has them, and what that costs in its outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from tfjs_build.coding.automatic import Automatic
from tfjs_build.coding.equalized import worthwhile
from tfjs_build.coding.plan import Plan, improved, numbers_of
from tfjs_build.coding.trial import Array, Differences, Trial, array_of
from tfjs_build.convert.artifacts import BLOCK_BYTES
from tfjs_build.convert.executor.program import UnsupportedError
from tfjs_build.convert.quantize import Encoded, coding_of, encode, is_vector
from tfjs_build.records import record
from tfjs_build.sizes import size_text

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts, Signature, Weight
    from tfjs_build.convert.codings import Coding
    from tfjs_build.model import Auto, QuantizeDtype
    from tfjs_build.samples import Group

LARGEST_BYTES: Final = 256 << 20
"""Weights of more bytes, as float32, are not run here: that takes several times as much memory."""

_SMALL: Final = 1024
"""Numbers of a weight below which it stays float32: biases and scales are no download, and much depends on each."""


@record(frozen=True)
class Cost:
    """What quantization saves and costs: bytes of all weights as they were and as they are, and how far the outputs are
    off, None where that could not be seen, for `reason`."""

    before: int
    after: int
    differences: Differences | None
    reason: str = ""


@record(frozen=True)
class Coded:
    """Weights ready to be written, and what their codings cost."""

    weights: Sequence[Encoded]
    cost: Cost


@record(frozen=True)
class Planned:
    """Weights with the numbers that are to be stored, in which codings, and what that costs."""

    weights: Sequence[Weight]
    plan: Plan
    differences: Differences | None


Progress = Callable[[float], None]

_FITTED: Final = 4
"""How many samples are run where something is fitted to half of them, and judged by the others."""


def coded(
    artifacts: ModelArtifacts,
    asked: Mapping[str, QuantizeDtype],
    auto: Auto | None,
    signature: Signature,
    samples: Callable[[int], Sequence[Group]],
    notes: list[str],
    progress: Progress,
) -> Coded:
    """Return the weights of a model in codings: those `asked` for by name, and, with `auto`, those that are chosen for
    the others. `samples` gives so many inputs to try. Raises ModelError where a size cannot be kept."""
    artifacts = _held(artifacts)
    fixed = _codings(artifacts.weights, asked, notes)
    fitted = auto is not None or "uint8" in asked.values()
    trial, reason = _trial(artifacts, signature, lambda: samples(_FITTED if fitted else 1))

    def planned(trial: Trial | None) -> Planned:
        given = {weight.name: weight for weight in artifacts.weights}
        free = [name for name, weight in given.items() if name not in asked and _is_free(weight)] if auto else []
        codings = fixed
        if trial is not None and fitted:
            bytes_ = frozenset(free) | {name for name, coding in fixed.items() if coding.dtype == "uint8"}
            moved = worthwhile(trial, _movable(artifacts.weights, fixed), bytes_)
            given |= {name: _with(given[name], numbers) for name, numbers in moved.items()}
            trial = trial.moved(given)
            codings = fixed | _codings([given[name] for name in moved], asked, [])
        if auto is not None:
            chooser = Automatic(auto, [given[name] for name in free], codings, list(given.values()), trial, progress)
            plan = chooser.plan()
        else:
            plan = Plan(codings, {}) if trial is None else improved(codings, trial)
        differences = None if trial is None else trial.differences(numbers_of(given, plan))
        return Planned([_with(weight, plan.numbers.get(name)) for name, weight in given.items()], plan, differences)

    try:
        found = planned(trial)
    except UnsupportedError as error:  # with other weights a graph may do what it has not done before
        reason = f"it does not run here: {error}"
        found = planned(None)
    encoded = [encode(weight, found.plan.codings.get(weight.name), notes) for weight in found.weights]
    before = sum(encode(weight, None, []).nbytes for weight in artifacts.weights)
    return Coded(encoded, Cost(before, sum(each.nbytes for each in encoded), found.differences, reason))


def _codings(weights: Sequence[Weight], asked: Mapping[str, QuantizeDtype], notes: list[str]) -> dict[str, Coding]:
    """Return the codings of weights that were asked for; adds to `notes` what is otherwise."""
    found = {}
    for weight in weights:
        if weight.name in asked and weight.integers is None and weight.size:
            coding = coding_of(weight, asked[weight.name], notes)
            if coding is not None:
                found[weight.name] = coding
    return found


def _movable(weights: Sequence[Weight], fixed: Mapping[str, Coding]) -> frozenset[str]:
    """Return the kernels that may have other scales: what has 8 bits or as many as it likes."""
    return frozenset(
        weight.name
        for weight in weights
        if weight.dtype == "float32"
        and not is_vector(weight)
        and (weight.name not in fixed or fixed[weight.name].dtype == "uint8")
    )


def told(cost: Cost, codings: Sequence[Encoded], most: float, wire: int | None = None, hint: str = "") -> str:
    """Say what quantization saves and costs, with a warning, and what to do about it, where an output is off by more
    than `most`; and how many bytes go over the `wire`, where the weights are compressed."""
    floats = [each.entry for each in codings if each.entry["dtype"] == "float32"]
    kinds = Counter(str(entry.get("quantization", entry)["dtype"]) for entry in floats)
    stored = ", ".join(f"{count} as {kind}" for kind, count in sorted(kinds.items()))
    compressed = "" if wire is None else f", {size_text(wire)} compressed"
    sizes = f"{size_text(cost.before)} of weights are {size_text(cost.after)}{compressed} ({stored})"
    if cost.differences is None:
        return f"{sizes}; what that costs could not be seen: {cost.reason}"
    worst = cost.differences.worst
    if not worst.largest:
        return f"{sizes}; no output changes"
    seen = f"`{worst.output}` is off by up to {percent(worst.largest)} of its largest number"
    if worst.largest <= most:
        return f"{sizes}; {seen}"
    return f"warning: {seen}, more than `warn_error` ({percent(most)}){hint}; {sizes}"


def percent(part: float) -> str:
    """Return a part for people: "0.42 %"."""
    number = 100 * part
    return f"{number:.0f} %" if number >= 10 else f"{number:.2g} %"


def _held(artifacts: ModelArtifacts) -> ModelArtifacts:
    """Return a model with its weights in memory, if it is one to be run here: they are read many times."""
    if _nbytes(artifacts) > LARGEST_BYTES:
        return artifacts
    return replace(artifacts, weights=[_with(weight, array_of(weight)) for weight in artifacts.weights])


def _nbytes(artifacts: ModelArtifacts) -> int:
    return sum(weight.size * 4 for weight in artifacts.weights)


def _trial(
    artifacts: ModelArtifacts, signature: Signature, samples: Callable[[], Sequence[Group]]
) -> tuple[Trial | None, str]:
    if _nbytes(artifacts) > LARGEST_BYTES:
        return None, f"its weights are more than {size_text(LARGEST_BYTES)}"
    try:
        return Trial(artifacts, signature, samples()), ""
    except UnsupportedError as error:
        return None, f"it does not run here: {error}"
    except MemoryError:
        return None, "there is not enough memory to run it here"


def _is_free(weight: Weight) -> bool:
    """Whether the coding of a weight is a question: it is no vector, no whole numbers, and not small."""
    return weight.dtype == "float32" and weight.integers is None and weight.size >= _SMALL and not is_vector(weight)


def _with(weight: Weight, numbers: Array | None) -> Weight:
    if numbers is None:
        return weight
    flat = (numbers.astype(np.float32) if weight.dtype == "float32" else numbers).reshape(-1)
    return replace(weight, blocks=lambda: iter(np.array_split(flat, max(1, flat.nbytes // BLOCK_BYTES))))
