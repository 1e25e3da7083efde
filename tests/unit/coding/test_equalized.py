"""Scales moved between layers: where that is exact, and where it is worth it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.coding.graphs import classifier, pictures, weight
from tfjs_build.coding import coded as module
from tfjs_build.coding.coded import Coded, coded
from tfjs_build.coding.equalized import equalized, pairs, worthwhile
from tfjs_build.coding.trial import Trial
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.model import QuantizeDtype

KERNELS = frozenset({"first/kernel", "depth/kernel", "dense/kernel"})


def trial_of(artifacts: ModelArtifacts) -> Trial:
    return Trial(artifacts, artifacts.signature, pictures(2))


def test_no_number_of_the_graph_changes() -> None:
    trial = trial_of(classifier(spread=8))
    assert [(pair.first, pair.second) for pair in pairs(trial)] == [("first/kernel", "depth/kernel")]
    own = {name: trial.weight(name) for name in KERNELS}
    moved = equalized(trial, KERNELS)
    assert set(moved) == {"first/kernel", "depth/kernel"}
    assert trial.differences(moved).largest == 0
    before, after = (np.abs(each["first/kernel"]).max((0, 1, 2)) for each in (own, moved))
    assert after.max() / after.min() < 0.05 * before.max() / before.min()


@pytest.mark.parametrize("activation", ["Relu6", "Sigmoid", "Tanh", "Elu"])
def test_not_through_what_is_no_multiple(activation: str) -> None:
    assert pairs(trial_of(classifier(activation=activation))) == []


def test_a_wrong_pair_would_be_seen() -> None:
    """What the test above is good for: through ReLU6 the same scales change the outputs."""
    moved = equalized(trial_of(classifier(spread=8)), KERNELS)
    assert trial_of(classifier(activation="Relu6", spread=8)).differences(moved).largest > 0.01


def test_what_others_keep_is_left_alone() -> None:
    trial = trial_of(classifier(spread=8))
    assert equalized(trial, KERNELS - {"depth/kernel"}) == {}


def test_whole_numbers_stay_whole() -> None:
    artifacts = classifier(spread=8)
    rng = np.random.default_rng(0)
    weights = [
        weight(each.name, (rng.integers(-127, 128, each.shape) * 0.01).astype(np.float32))
        if each.name == "first/kernel"
        else each
        for each in artifacts.weights
    ]
    assert equalized(trial_of(replace(artifacts, weights=weights)), KERNELS) == {}


def test_only_where_it_lowers_the_error() -> None:
    stored = frozenset({"first/kernel", "dense/kernel"})
    assert worthwhile(trial_of(classifier(spread=8)), KERNELS, stored)
    assert worthwhile(trial_of(classifier()), KERNELS, stored) == {}


def test_a_build_with_8_bits_is_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    def built() -> Coded:
        artifacts = classifier(spread=8)
        asked: dict[str, QuantizeDtype] = dict.fromkeys(KERNELS, "uint8")
        return coded(artifacts, asked, None, artifacts.signature, pictures, [], lambda _done: None)

    def error(found: Coded) -> float:
        assert found.cost.differences is not None
        return found.cost.differences.largest

    with_scales = error(built())
    monkeypatch.setattr(module, "worthwhile", lambda *_given: {})
    assert with_scales < 0.6 * error(built())
