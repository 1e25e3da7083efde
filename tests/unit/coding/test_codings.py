"""Codings that hold numbers exactly: those of weights that have been quantized before."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.coding.graphs import weight
from tfjs_build.convert.codings import keeps, levels_of
from tfjs_build.convert.quantize import encode


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("low", "high"), [(-127, 127), (-8, 7), (0, 255), (-20, 200)])
def test_whole_numbers_times_a_scale_are_found(seed: int, low: int, high: int) -> None:
    rng = np.random.default_rng(seed)
    scale = np.float32(rng.uniform(1e-4, 3))
    whole = rng.integers(low, high + 1, (40, 40)).astype(np.float32)
    each = weight("kernel", whole * scale)
    found = levels_of(each)
    assert found is not None
    assert keeps(found, each)
    notes: list[str] = []
    entry = encode(each, "uint8", notes).entry
    assert entry["quantization"]["dtype"] == "uint8"
    assert notes == []


def test_few_levels_far_apart_are_found() -> None:
    numbers = np.resize(np.array([-0.25, 0.0, 0.75], np.float32), (32, 32))
    found = levels_of(weight("ternary", numbers))
    assert found is not None
    assert keeps(found, weight("ternary", numbers))


def test_other_numbers_are_not() -> None:
    rng = np.random.default_rng(0)
    assert levels_of(weight("kernel", rng.standard_normal((64, 64)).astype(np.float32))) is None
    few = np.resize(np.array([0.1, 0.31, 0.77, 5.123], np.float32), (32, 32))
    found = levels_of(weight("table", few))
    assert found is None or keeps(found, weight("table", few))
    assert levels_of(weight("short", np.ones(8, np.float32))) is None
    assert levels_of(weight("broken", np.full((32, 32), np.nan, np.float32))) is None
