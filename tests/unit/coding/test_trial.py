"""How far outputs are off."""

from __future__ import annotations

import numpy as np

from tfjs_build.coding.trial import difference

TRUE = np.array([1.0, -4.0, 2.0])


def test_the_largest_error_is_a_part_of_the_largest_number() -> None:
    found = difference("y", [TRUE], [TRUE + np.array([0.0, 0.0, 1.0])])
    assert np.isclose(found.largest, 0.25)
    assert np.isclose(found.power, 1 / 21)


def test_a_number_that_is_none_any_more_is_wholly_off() -> None:
    for none in (np.nan, np.inf):
        found = difference("y", [TRUE], [np.array([1.0, -4.0, none])])
        assert (found.largest, found.power) == (1.0, 1.0)
    same = np.array([np.inf, np.nan, 2.0])
    assert difference("y", [same], [same]).largest == 0
