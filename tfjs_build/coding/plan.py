"""Codings for all weights that were asked for: ranges and roundings that lower the error, if one does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tfjs_build.coding.candidates import range_for
from tfjs_build.coding.compensation import compensated
from tfjs_build.coding.trial import Array, Trial, array_of
from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.codings import Affine, Coding, levels_of, rounded
from tfjs_build.records import record


@record(frozen=True)
class Plan:
    """How weights are stored: codings by name, and the numbers that are rounded otherwise than each to the nearest."""

    codings: Mapping[str, Coding]
    numbers: Mapping[str, Array]


def numbers_of(weights: Mapping[str, Weight], plan: Plan) -> dict[str, Array]:
    """Return what a page has for the weights that are stored."""
    return {
        name: plan.numbers[name] if name in plan.numbers else rounded(coding, array_of(weights[name]))
        for name, coding in plan.codings.items()
    }


def halves(trial: Trial) -> tuple[slice, slice]:
    """Return which samples what is changed is fitted to, and which it is judged by: others, if there are several."""
    half = max(1, len(trial.feeds) // 2)
    return slice(half), slice(half, None) if len(trial.feeds) > 1 else slice(None)


def improved(fixed: Mapping[str, Coding], trial: Trial) -> Plan:
    """Return codings of the same dtypes with narrower ranges, or with numbers whose errors cancel, if one or the other
    lowers the error."""
    bytes_ = {name for name, coding in fixed.items() if coding.dtype == "uint8"}
    narrow = {name: _narrower(coding, trial.weights[name]) for name, coding in fixed.items()}
    if narrow == fixed and not bytes_:
        return Plan(fixed, {})
    fit, judge = halves(trial)
    rounding = {name: narrow[name] for name in bytes_ if levels_of(trial.weights[name]) is None}
    cancelled = {name: numbers.astype(np.float32) for name, numbers in compensated(trial, rounding, fit)}
    plans = [Plan(fixed, {}), Plan(narrow, {}), Plan(narrow, cancelled)]
    return min(plans, key=lambda plan: trial.differences(numbers_of(trial.weights, plan), judge).power)


def _narrower(coding: Coding, weight: Weight) -> Coding:
    if not isinstance(coding, Affine) or coding.dtype != "uint8" or coding.scale == 1 or levels_of(weight) is not None:
        return coding
    return range_for(array_of(weight))
