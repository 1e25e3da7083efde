"""Codings beside each other: bytes, errors, and what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.coding.graphs import classifier
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.errors import Location
from tfjs_build.model import Auto, Model, Quantize
from tfjs_build.report import curve as curves
from tfjs_build.report.chart import chart, letters
from tfjs_build.report.curve import NoCurveError, codings, curve
from tfjs_build.report.facts import Point


def tried(
    kept: Path,
    artifacts: ModelArtifacts | None = None,
    quantize: Quantize | None = None,
    done: list[float] | None = None,
) -> list[Point]:
    """Return the curve of a small network."""
    model = Model("net", "net", Location(Path("tfjs.yaml"), 1, 1), quantize=quantize or Quantize({"uint8": True}))
    made = artifacts or classifier()
    return curve(model, made, made.signature, {}, kept, ([] if done is None else done).append)


def test_fewer_bytes_more_error(tmp_path: Path) -> None:
    done: list[float] = []
    found = {each.coding: each for each in tried(tmp_path / "kept.json", done=done)}
    assert sorted(found) == sorted(codings(Quantize()))
    assert found["none"].error == 0
    assert found["none"].nbytes == 4 * (3 * 3 * 3 * 48 + 3 * 3 * 48 + 7680 + 10 + 2)
    assert found["none"].nbytes > found["uint16"].nbytes > found["uint8"].nbytes
    assert 0 < found["uint16"].error < found["float16"].error < found["uint8"].error
    assert found["auto, error 0.1 %"].error <= 0.001
    assert all(each.gzip > 0 for each in found.values())
    assert [name for name, each in found.items() if each.now] == ["uint8"]
    assert list(found.values()) == sorted(found.values(), key=lambda each: (-each.nbytes, each.error))
    assert done == sorted(done)
    assert 0 <= done[0] <= done[-1] <= 1


def test_what_is_kept_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "report" / "net.codings.json"
    counted: list[str] = []

    def fake(label: str, *_: object) -> Point:
        counted.append(label)
        return Point(label, len(counted), 1, 0.5, "y", False)

    monkeypatch.setattr(curves, "_tried", fake)
    first = tried(kept)
    assert counted == list(codings(Quantize()))
    counted.clear()
    now = Quantize(auto=Auto(0.01))
    again = tried(kept, quantize=now)
    assert counted == []
    assert [replace(each, now=False) for each in again] == [replace(each, now=False) for each in first]
    assert [each.coding for each in again if each.now] == ["auto, error 1 %"]
    assert [each.coding for each in tried(kept, quantize=Quantize({"uint8": ("dense/*",)})) if each.now] == [
        "as in tfjs.yaml"
    ]
    assert counted == ["as in tfjs.yaml"]
    tried(kept, classifier(seed=1))
    assert len(counted) == 1 + len(codings(Quantize())), "other weights are tried"
    kept.write_text('{"of": 1}')
    tried(kept)
    assert len(counted) == 1 + 2 * len(codings(Quantize()))


def test_a_size_that_cannot_be_kept_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    too_small = Quantize(auto=Auto(size=100))
    monkeypatch.setattr(curves, "codings", lambda now: {"none": Quantize(), "as in tfjs.yaml": now})
    assert [(each.coding, each.now) for each in tried(tmp_path / "kept.json", quantize=too_small)] == [("none", False)]


def test_models_that_do_not_run(tmp_path: Path) -> None:
    layers = replace(classifier(), format="layers", topology={"model_config": {"config": {"layers": []}}})
    with pytest.raises(NoCurveError, match="a model of layers"):
        tried(tmp_path / "kept.json", layers)
    large = replace(classifier().weights[0], shape=(1 << 16, 1 << 11))
    with pytest.raises(NoCurveError, match="more than 256 MB"):
        tried(tmp_path / "kept.json", replace(classifier(), weights=[large]))


def points(*pairs: tuple[int, float]) -> Sequence[Point]:
    """Return codings of so many bytes and such errors."""
    return [Point(f"{nbytes} {error}", nbytes, nbytes, error, "y", False) for nbytes, error in pairs]


def test_marks_lie_on_the_chart() -> None:
    found = chart(points((1000, 0.0), (500, 1e-4), (250, 0.02), (260, 0.5)))
    assert [mark.letters for mark in found.marks] == ["a", "b", "c", "d"]
    assert all(0 <= mark.left <= 100 and 0 <= mark.bottom <= 100 for mark in found.marks)
    zero, small, middle, large = found.marks
    assert zero.bottom < small.bottom < middle.bottom < large.bottom
    assert large.left == pytest.approx(zero.left * 0.26)
    assert len(found.line.split()) == 3, "what is larger and further off is not on the line"
    assert [tick.text for tick in found.up] == ["0", "0.01 %", "0.1 %", "1 %", "10 %", "100 %"]


def test_marks_that_would_cover_each_other_are_one() -> None:
    found = chart(points((1000, 0.0), (250, 0.02), (252, 0.021)))
    assert [mark.letters for mark in found.marks] == ["a", "b c"]


def test_a_chart_of_one_point_and_of_no_bytes() -> None:
    assert len(chart(points((0, 0.0))).marks) == 1
    assert len(chart(points((10, 0.1))).marks) == 1
    assert letters(3) == ["a", "b", "c"]
