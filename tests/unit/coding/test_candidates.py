"""The ways to store a weight: each larger and nearer than the one before."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.coding.graphs import weight
from tfjs_build.coding.candidates import candidates, range_for
from tfjs_build.convert.codings import Affine, affine, rounded


@pytest.mark.parametrize("spread", [1e-6, 1.0, 1e6])
def test_each_is_larger_and_nearer(spread: float) -> None:
    numbers = (np.random.default_rng(0).standard_normal((64, 64)) * spread).astype(np.float32)
    found = candidates(weight("kernel", numbers), numbers)
    assert [each.nbytes for each in found] == [4096, 8192, 16384]
    assert found[0].noise > found[1].noise > found[2].noise == 0
    assert found[-1].coding is None


def test_what_float16_holds_is_float16() -> None:
    numbers = np.random.default_rng(0).standard_normal((64, 64)).astype(np.float16).astype(np.float32)
    second = candidates(weight("kernel", numbers), numbers)[1]
    assert second.coding is not None
    assert (second.coding.dtype, second.noise) == ("float16", 0)


def test_a_few_far_numbers_do_not_widen_the_range() -> None:
    numbers = np.random.default_rng(0).standard_t(4, 1 << 16).astype(np.float32)
    low, high = float(numbers.min()), float(numbers.max())
    plain = Affine("uint8", *affine(low, high, "uint8"), np.dtype(np.float32))
    narrow = range_for(numbers)

    def noise(coding: Affine) -> float:
        return float(np.square(rounded(coding, numbers) - numbers).mean())

    assert noise(narrow) < 0.9 * noise(plain)
    assert 0.0 in rounded(narrow, np.zeros(1, np.float32))


def test_a_range_beside_zero_stays_whole() -> None:
    numbers = np.linspace(3, 4, 1000, dtype=np.float32)
    narrow = range_for(numbers)
    assert np.abs(rounded(narrow, numbers) - numbers).max() <= 0.51 / 255
