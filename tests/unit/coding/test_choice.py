"""Which weights get more bits first."""

from __future__ import annotations

from tfjs_build.coding.candidates import Candidate
from tfjs_build.coding.choice import chosen, upgrades


def of(size: int, noise: float = 1.0) -> list[Candidate]:
    return [Candidate(None, size, noise), Candidate(None, 2 * size, noise / 1e4), Candidate(None, 4 * size, 0.0)]


def test_what_saves_most_for_each_byte_comes_first() -> None:
    ways = upgrades({"large": of(1000), "small": of(10), "loud": of(100)}, {"large": 1.0, "small": 0.5, "loud": 9.0})
    assert [(way.name, way.index) for way in ways[:3]] == [("loud", 1), ("small", 1), ("large", 1)]
    assert len(ways) == 6
    assert [way.nbytes for way in ways] == sorted(way.nbytes for way in ways)
    assert ways[0].nbytes == 1000 + 10 + 200
    assert ways[-1].nbytes == 4 * 1110


def test_each_weight_goes_up_step_by_step() -> None:
    ways = upgrades({"a": of(10), "b": of(10)}, {"a": 1e9, "b": 1.0})
    for name in ("a", "b"):
        assert [way.index for way in ways if way.name == name] == [1, 2]


def test_without_noise_nothing_is_gained() -> None:
    ways = upgrades({"exact": of(10, 0.0), "other": of(1000)}, {"exact": 0.0, "other": 1e-12})
    assert [way.name for way in ways[:2]] == ["other", "other"]


def test_the_choice_after_some_steps() -> None:
    candidates = {"a": of(10), "b": of(20)}
    ways = upgrades(candidates, {"a": 9.0, "b": 1.0})
    found = chosen(candidates, ways[:1])
    assert (found["a"].nbytes, found["b"].nbytes) == (20, 20)
