"""Kernels that are rounded so that the errors cancel."""

from __future__ import annotations

import numpy as np

from tests.unit.coding.graphs import classifier, pictures
from tfjs_build.coding.candidates import range_for
from tfjs_build.coding.compensation import compensated
from tfjs_build.coding.trial import Trial
from tfjs_build.convert.codings import Affine, rounded


def codings(trial: Trial) -> dict[str, Affine]:
    """Return codings in uint8 of what has rows and columns: the kernel of single channels would drown all others."""
    names = [name for name, each in trial.weights.items() if each.size > 1000]
    arrays = {name: trial.weight(name).astype(np.float32) for name in names}
    return {name: range_for(each) for name, each in arrays.items()}


def test_outputs_are_nearer_for_other_samples_as_well() -> None:
    better = 0
    for seed in range(5):
        artifacts = classifier(seed)
        trial = Trial(artifacts, artifacts.signature, pictures(8))
        found = codings(trial)
        plain = {name: rounded(coding, trial.weight(name)) for name, coding in found.items()}
        other = plain | dict(compensated(trial, found, slice(4)))
        seen = slice(4, None)
        better += trial.differences(other, seen).power < 0.8 * trial.differences(plain, seen).power
    assert better >= 3


def test_numbers_are_levels_of_the_coding() -> None:
    artifacts = classifier()
    trial = Trial(artifacts, artifacts.signature, pictures(2))
    found = codings(trial)
    made = dict(compensated(trial, found, slice(2)))
    assert any("dense" in name for name in made)
    for name, numbers in made.items():
        assert np.array_equal(rounded(found[name], numbers.astype(np.float32)), numbers.astype(np.float32))
        assert np.abs(numbers - trial.weight(name)).max() > 0


def test_the_same_each_time() -> None:
    artifacts = classifier()
    first, second = (
        dict(compensated(trial, codings(trial), slice(2)))
        for trial in (Trial(artifacts, artifacts.signature, pictures(2)) for _ in range(2))
    )
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)
