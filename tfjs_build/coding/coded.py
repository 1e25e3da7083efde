"""The weights of a model as its `quantize` has them, and what that costs in its outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from tfjs_build.coding.candidates import Candidate, candidates, range_for
from tfjs_build.coding.choice import Upgrade, chosen, upgrades
from tfjs_build.coding.compensation import compensated
from tfjs_build.coding.trial import Array, Differences, Trial, array_of
from tfjs_build.convert.artifacts import BLOCK_BYTES
from tfjs_build.convert.codings import Affine, Coding, Float16, levels_of, rounded
from tfjs_build.convert.executor.program import UnsupportedError
from tfjs_build.convert.quantize import Encoded, coding_of, encode, is_vector
from tfjs_build.errors import ModelError
from tfjs_build.records import record
from tfjs_build.sizes import size_text

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts, Signature, Weight
    from tfjs_build.model import Auto, QuantizeDtype
    from tfjs_build.samples import Group

LARGEST_BYTES: Final = 256 << 20
"""Weights of more bytes, as float32, are not run here: that takes several times as much memory."""

_SMALL: Final = 1024
"""Numbers of a weight below which it stays float32: biases and scales are no download, and much depends on each."""

_SLIGHT: Final = 0.02
"""Part of the bytes that the smallest weights may be to get 16 bits without being looked at: depthwise kernels, which
8 bits spoil the most."""

_NOISE_ALONE: Final = 1e-3
"""Power of the rounding noise, as a part of a weight's own, up to which 8 bits do where the graph is not run: 30 dB."""


@record(frozen=True)
class Plan:
    """How weights are stored: codings by name, and the numbers that are rounded otherwise than each to the nearest."""

    codings: Mapping[str, Coding]
    numbers: Mapping[str, Array]


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
    given = {weight.name: weight for weight in artifacts.weights}
    fixed: dict[str, Coding] = {}
    for name, dtype in asked.items():
        if given[name].integers is None and given[name].size:
            coding = coding_of(given[name], dtype, notes)
            if coding is not None:
                fixed[name] = coding
    fitted = auto is not None or any(coding.dtype == "uint8" for coding in fixed.values())
    trial, reason = _trial(artifacts, signature, lambda: samples(_FITTED if fitted else 1))

    def planned(trial: Trial | None) -> tuple[Plan, Differences | None]:
        if auto is not None:
            free = [weight for weight in artifacts.weights if weight.name not in asked and _is_free(weight)]
            plan = _Auto(auto, free, fixed, artifacts.weights, trial, progress).plan()
        else:
            plan = Plan(fixed, {}) if trial is None else _improved(fixed, trial)
        return plan, None if trial is None else trial.differences(_numbers(trial.weights, plan))

    try:
        plan, differences = planned(trial)
    except UnsupportedError as error:  # with other weights a graph may do what it has not done before
        reason = f"it does not run here: {error}"
        plan, differences = planned(None)
    weights = [_with(weight, plan.numbers.get(weight.name)) for weight in artifacts.weights]
    encoded = [encode(weight, plan.codings.get(weight.name), notes) for weight in weights]
    before = sum(weight.size * np.dtype(_stored(weight)).itemsize for weight in artifacts.weights)
    return Coded(encoded, Cost(before, sum(each.nbytes for each in encoded), differences, reason))


def told(cost: Cost, codings: Sequence[Encoded], most: float, wire: int | None = None) -> str:
    """Say what quantization saves and costs, with a warning where an output is off by more than `most`; and how many
    bytes go over the `wire`, where the weights are compressed."""
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
    return f"warning: {seen}, more than `warn_error` ({percent(most)}); {sizes}"


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


def _stored(weight: Weight) -> str:
    return weight.dtype if weight.dtype != "string" else "uint8"


def _is_free(weight: Weight) -> bool:
    """Whether the coding of a weight is a question: it is no vector, no whole numbers, and not small."""
    return weight.dtype == "float32" and weight.integers is None and weight.size >= _SMALL and not is_vector(weight)


def _with(weight: Weight, numbers: Array | None) -> Weight:
    if numbers is None:
        return weight
    flat = (numbers.astype(np.float32) if weight.dtype == "float32" else numbers).reshape(-1)
    return replace(weight, blocks=lambda: iter(np.array_split(flat, max(1, flat.nbytes // BLOCK_BYTES))))


def _numbers(weights: Mapping[str, Weight], plan: Plan) -> dict[str, Array]:
    """Return what a page has for the weights that are stored."""
    return {
        name: plan.numbers[name] if name in plan.numbers else rounded(coding, array_of(weights[name]))
        for name, coding in plan.codings.items()
    }


def _halves(trial: Trial) -> tuple[slice, slice]:
    """Return which samples what is changed is fitted to, and which it is judged by: others, if there are several."""
    half = max(1, len(trial.feeds) // 2)
    return slice(half), slice(half, None) if len(trial.feeds) > 1 else slice(None)


def _improved(fixed: Mapping[str, Coding], trial: Trial) -> Plan:
    """Return codings of the same dtypes with narrower ranges, or with numbers whose errors cancel, if one or the other
    lowers the error."""
    bytes_ = {name for name, coding in fixed.items() if coding.dtype == "uint8"}
    narrow = {name: _narrower(coding, trial.weights[name]) for name, coding in fixed.items()}
    if narrow == fixed and not bytes_:
        return Plan(fixed, {})
    fit, judge = _halves(trial)
    rounding = {name: narrow[name] for name in bytes_ if levels_of(trial.weights[name]) is None}
    plans = [Plan(fixed, {}), Plan(narrow, {}), Plan(narrow, dict(compensated(trial, rounding, fit)))]
    return min(plans, key=lambda plan: trial.differences(_numbers(trial.weights, plan), judge).power)


def _narrower(coding: Coding, weight: Weight) -> Coding:
    if not isinstance(coding, Affine) or coding.dtype != "uint8" or coding.scale == 1 or levels_of(weight) is not None:
        return coding
    numbers = array_of(weight)
    return range_for(float(numbers.min()), float(numbers.max()), numbers)


class _Auto:
    """Chooses codings for `free` weights."""

    def __init__(
        self,
        auto: Auto,
        free: Sequence[Weight],
        fixed: Mapping[str, Coding],
        weights: Sequence[Weight],
        trial: Trial | None,
        progress: Progress,
    ) -> None:
        self.auto = auto
        self.trial = trial
        self.progress = progress
        self.weights = {weight.name: weight for weight in weights}
        self.fixed = dict(fixed)
        self.candidates: dict[str, list[Candidate]] = {}
        for weight in free:
            self._add(weight)
        self._spare_the_slight()
        self.base = sum(
            encode(weight, self.fixed.get(name), []).nbytes
            for name, weight in self.weights.items()
            if name not in self.candidates
        )
        self.numbers: dict[str, Array] = {}
        if trial is not None:
            fit, _ = _halves(trial)
            rounding = {name: each[0].coding for name, each in self.candidates.items() if each[0].coding is not None}
            narrow = {name: coding for name, coding in rounding.items() if coding.dtype == "uint8"}
            for number, (name, numbers) in enumerate(compensated(trial, narrow, fit)):
                self.numbers[name] = numbers.astype(np.float32)
                self.progress(number / len(narrow) / 2)

    def plan(self) -> Plan:
        """Return the codings; raises ModelError where they cannot be small enough."""
        if not self.candidates:
            return Plan(self.fixed, {})
        powers = self._by_noise() if self.trial is None else self._by_outputs(self.trial)
        ways = upgrades(self.candidates, powers)
        if self.auto.size is not None:
            return self._within_size(ways, self.auto.size)
        if self.trial is None:
            return self._of(ways[: self._quiet(ways, powers)])
        return self._within_error(ways, self.trial)

    def _add(self, weight: Weight) -> None:
        exact = levels_of(weight)
        if exact is not None:
            self.fixed[weight.name] = exact
            return
        numbers = array_of(weight)
        if not np.isfinite(numbers).all():
            return
        whole = coding_of(weight, "uint16", []) if bool((np.rint(numbers) == numbers).all()) else None
        if whole is not None and isinstance(whole, Affine) and whole.scale == 1:
            self.fixed[weight.name] = whole
        else:
            self.candidates[weight.name] = candidates(weight, numbers)

    def _spare_the_slight(self) -> None:
        """Take 8 bits from among what the smallest weights may have, as long as they are a small part of all."""
        total = sum(each[0].nbytes for each in self.candidates.values())
        slight = 0
        for name in sorted(self.candidates, key=lambda name: (self.candidates[name][0].nbytes, name)):
            slight += self.candidates[name][0].nbytes
            if slight > _SLIGHT * total:
                break
            self.candidates[name] = self.candidates[name][1:]

    def _by_outputs(self, trial: Trial) -> dict[str, float]:
        def rounding(name: str, coding: Coding | None) -> Callable[[], Array]:
            if name in self.numbers:
                return lambda: self.numbers[name]
            return lambda: trial.weight(name) if coding is None else rounded(coding, trial.weight(name))

        others = {name: rounding(name, each[0].coding) for name, each in self.candidates.items()}
        found: dict[str, float] = {}
        fit, _ = _halves(trial)
        for name, power in trial.each_alone(others, slice(fit.start, 1)):
            found[name] = power
            self.progress((1 + len(found) / len(others)) / 2)
        # What no output shows, for these samples, may matter for others.
        least = min((power for power in found.values() if power > 0), default=1.0)
        return {name: found.get(name, 0.0) or least for name in self.candidates}

    def _by_noise(self) -> dict[str, float]:
        return {
            name: each[0].noise / (float(np.square(array_of(self.weights[name]), dtype=np.float64).mean()) or 1.0)
            for name, each in self.candidates.items()
        }

    def _quiet(self, ways: Sequence[Upgrade], powers: Mapping[str, float]) -> int:
        loud = [at for at, way in enumerate(ways) if way.index == 1 and powers[way.name] > _NOISE_ALONE]
        return max(loud, default=-1) + 1

    def _of(self, done: Sequence[Upgrade]) -> Plan:
        codings = {name: each.coding for name, each in chosen(self.candidates, done).items() if each.coding is not None}
        numbers = {name: each for name, each in self.numbers.items() if codings.get(name, Float16()).dtype == "uint8"}
        return Plan({**self.fixed, **codings}, numbers)

    def _within_error(self, ways: Sequence[Upgrade], trial: Trial) -> Plan:
        """Return the first plan, going up, that is near enough."""
        low, high = 0, len(ways)
        while low < high:
            middle = (low + high) // 2
            if trial.differences(_numbers(self.weights, self._of(ways[:middle]))).largest <= self.auto.error:
                high = middle
            else:
                low = middle + 1
        return self._of(ways[:high])

    def _within_size(self, ways: Sequence[Upgrade], size: int) -> Plan:
        least = self.base + sum(each[0].nbytes for each in self.candidates.values())
        if least > size:
            raise ModelError(
                f"quantize: `size: {size_text(size)}` cannot be kept: in the fewest bits its weights take "
                f"{size_text(least)}",
                key="quantize",
            )
        fitting = sum(self.base + way.nbytes <= size for way in ways)
        return self._of(ways[:fitting])
