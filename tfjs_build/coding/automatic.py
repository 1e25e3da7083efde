"""`quantize: auto`: which weights get how many bits, such that an error or a size is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from tfjs_build.coding.candidates import Candidate, candidates
from tfjs_build.coding.choice import Upgrade, chosen, upgrades
from tfjs_build.coding.compensation import compensated
from tfjs_build.coding.plan import Plan, halves, numbers_of
from tfjs_build.coding.trial import Array, Trial, array_of
from tfjs_build.convert.codings import Affine, Coding, Float16, levels_of, rounded
from tfjs_build.convert.quantize import coding_of, encode
from tfjs_build.errors import ModelError
from tfjs_build.sizes import size_text

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import Weight
    from tfjs_build.model import Auto

_SLIGHT: Final = 0.02
"""Part of the bytes that the smallest weights may be to get 16 bits without being looked at: depthwise kernels, which
8 bits spoil the most."""

_NOISE_ALONE: Final = 1e-3
"""Power of the rounding noise, as a part of a weight's own, up to which 8 bits do where the graph is not run: 30 dB."""

_MARGIN: Final = 2.0
"""What is seen on a few samples is less than what is there on many: so much of an error is kept free."""

_FEW: Final = 8
_TINY: Final = 2.0**-10
"""Weights of fewer numbers, or of none that is larger, stay float32 in any case: float16 makes small factors zero."""


class Automatic:
    """Chooses codings for the `free` among some weights, beside those that are fixed."""

    def __init__(
        self,
        auto: Auto,
        free: Sequence[Weight],
        fixed: Mapping[str, Coding],
        weights: Sequence[Weight],
        trial: Trial | None,
        progress: Callable[[float], None],
    ) -> None:
        self.auto = auto
        self.trial = trial
        self.progress = progress
        self.weights = {weight.name: weight for weight in weights}
        self.fixed = dict(fixed)
        self.candidates: dict[str, list[Candidate]] = {}
        for weight in free:
            self._add(weight)
        all_candidates = dict(self.candidates)
        self._spare_the_slight()
        if auto.size is not None and self._least() > auto.size:
            self.candidates = all_candidates
            self._halve_the_others()
        self.numbers: dict[str, Array] = {}
        if trial is not None:
            fit, _ = halves(trial)
            rounding = {name: each[0].coding for name, each in self.candidates.items() if each[0].coding is not None}
            narrow = {name: coding for name, coding in rounding.items() if coding.dtype == "uint8"}
            for number, (name, numbers) in enumerate(compensated(trial, narrow, fit)):
                self.numbers[name] = numbers.astype(np.float32)
                self.progress(number / len(narrow) / 2)

    def plan(self) -> Plan:
        """Return the codings; raises ModelError where they cannot be small enough."""
        if not self.candidates and self.auto.size is None:
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

    def _halve_the_others(self) -> None:
        """Store as float16 what is small: a size is asked for that cannot be kept otherwise."""
        for name, weight in self.weights.items():
            if (
                name in self.candidates
                or name in self.fixed
                or weight.dtype != "float32"
                or weight.integers is not None
            ):
                continue
            if weight.size >= _FEW and np.abs(array_of(weight)).max() >= _TINY:
                coding = coding_of(weight, "float16", [])
                if coding is not None:
                    self.fixed[name] = coding

    def _base(self) -> int:
        """Return the bytes of the weights that are not chosen among."""
        others = [weight for name, weight in self.weights.items() if name not in self.candidates]
        return sum(encode(weight, self.fixed.get(weight.name), []).nbytes for weight in others)

    def _least(self) -> int:
        return self._base() + sum(each[0].nbytes for each in self.candidates.values())

    def _by_outputs(self, trial: Trial) -> dict[str, float]:
        def rounding(name: str, coding: Coding | None) -> Callable[[], Array]:
            if name in self.numbers:
                return lambda: self.numbers[name]
            return lambda: trial.weight(name) if coding is None else rounded(coding, trial.weight(name))

        others = {name: rounding(name, each[0].coding) for name, each in self.candidates.items()}
        found: dict[str, float] = {}
        fit, _ = halves(trial)
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
            found = trial.differences(numbers_of(self.weights, self._of(ways[:middle])))
            if found.largest * _MARGIN <= self.auto.error:
                high = middle
            else:
                low = middle + 1
        return self._of(ways[:high])

    def _within_size(self, ways: Sequence[Upgrade], size: int) -> Plan:
        if self._least() > size:
            raise ModelError(
                f"quantize: `size: {size_text(size)}` cannot be kept: in the fewest bits its weights take "
                f"{size_text(self._least())}",
                key="quantize",
            )
        base = self._base()
        fitting = sum(base + way.nbytes <= size for way in ways)
        return self._of(ways[:fitting])
