"""Weights in codings that were asked for, or chosen: sizes, errors, what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.coding.graphs import classifier, pictures, weight
from tfjs_build.coding.coded import Coded, coded, percent, told
from tfjs_build.coding.trial import Trial
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.codings import Affine, affine, rounded
from tfjs_build.convert.quantize import choose
from tfjs_build.errors import ModelError
from tfjs_build.model import Auto, Quantize, QuantizeDtype


def quantized(
    artifacts: ModelArtifacts,
    dtype: QuantizeDtype | None = None,
    auto: Auto | None = None,
    notes: list[str] | None = None,
) -> Coded:
    asked = choose(Quantize({dtype: True} if dtype else {}), artifacts.weights)
    return coded(
        artifacts, asked, auto, artifacts.signature, pictures, [] if notes is None else notes, lambda _done: None
    )


def dtypes(found: Coded) -> dict[str, str]:
    return {each.entry["name"]: each.entry.get("quantization", {}).get("dtype", "float32") for each in found.weights}


def error(found: Coded) -> float:
    assert found.cost.differences is not None
    return found.cost.differences.largest


@pytest.mark.parametrize("most", [0.3, 0.03, 0.003, 1e-5])
def test_auto_keeps_within_an_error(most: float) -> None:
    found = quantized(classifier(), auto=Auto(error=most))
    assert error(found) <= most
    assert found.cost.after == sum(each.nbytes for each in found.weights)


def test_a_smaller_error_takes_more_bytes() -> None:
    sizes = [quantized(classifier(), auto=Auto(error=most)).cost.after for most in (0.3, 0.01, 0.001, 1e-6)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_a_size_that_floats_do_not_fit_into_halves_the_small_weights() -> None:
    least = quantized(classifier(), auto=Auto(error=1.0)).cost.after
    found, other = (quantized(classifier(), auto=Auto(size=size)) for size in (least - 10, least))
    assert found.cost.after <= least - 10
    assert [dtypes(each)["dense/bias"] for each in (found, other)] == ["float16", "float32"]


def test_a_single_factor_is_not_halved() -> None:
    """float16 would make zero of it."""
    artifacts = classifier()
    factor = weight("factor", np.full((1,), 1e-9, np.float32))
    node = {"name": "factor", "op": "Const"}
    topology = {**artifacts.topology, "node": [*artifacts.topology["node"], node]}
    artifacts = replace(artifacts, topology=topology, weights=[*artifacts.weights, factor])
    least = quantized(artifacts, auto=Auto(error=1.0)).cost.after
    found = dtypes(quantized(artifacts, auto=Auto(size=least - 10)))
    assert (found["dense/bias"], found["factor"]) == ("float16", "float32")
    assert found["depth/kernel"] == "float16"


def test_auto_keeps_within_a_size_and_uses_it() -> None:
    whole = quantized(classifier(), auto=Auto(error=1e-9)).cost.before
    least = quantized(classifier(), "uint8").cost.after
    sizes = [int(whole * part) for part in (0.3, 0.5, 0.9)]
    found = [quantized(classifier(), auto=Auto(size=size)) for size in sizes]
    assert [each.cost.after <= size for each, size in zip(found, sizes, strict=True)] == [True] * 3
    assert all(least <= each.cost.after for each in found)
    errors = [error(each) for each in found]
    assert errors[2] < min(errors[:2])


def test_a_size_that_cannot_be_kept() -> None:
    with pytest.raises(ModelError, match=r"`size: 100 B` cannot be kept: in the fewest bits its weights take"):
        quantized(classifier(), auto=Auto(size=100))


def test_vectors_and_small_weights_stay_as_they_are() -> None:
    found = dtypes(quantized(classifier(), auto=Auto(error=0.5)))
    kept = [name for name, dtype in found.items() if dtype == "float32"]
    assert any("bias" in name for name in kept)
    assert any("depth" in name for name in kept)
    assert found["dense/kernel"] == "uint8"


def test_uint8_is_better_than_each_number_rounded_to_the_nearest() -> None:
    ratios = []
    for seed in range(4):
        artifacts = classifier(seed)
        found = quantized(artifacts, "uint8")
        trial = Trial(artifacts, artifacts.signature, pictures())
        arrays = {name: trial.weight(name).astype(np.float32) for name in dtypes(found)}
        plain = {
            name: rounded(_plain(arrays[name]), arrays[name])
            for name, dtype in dtypes(found).items()
            if dtype == "uint8"
        }
        assert found.cost.differences is not None
        ratios.append(found.cost.differences.power / trial.differences(plain).power)
    assert max(ratios) < 1.2
    assert np.mean(ratios) < 0.85


def _plain(numbers: Any) -> Affine:
    return Affine("uint8", *affine(float(numbers.min()), float(numbers.max()), "uint8"), np.dtype(np.float32))


def test_exact_levels_are_never_rounded_again() -> None:
    artifacts = classifier()
    coding = Affine("uint8", 0.01, -1.28, np.dtype(np.float32))
    levels = coding.decoded(np.random.default_rng(0).integers(0, 256, 48 * 16 * 10).astype(np.uint8))
    weights = [_with(each, levels) if each.name == "dense/kernel" else each for each in artifacts.weights]
    for auto, dtype in ((Auto(error=0.5), None), (None, "uint8")):
        found = quantized(_of(artifacts, weights), dtype, auto)  # type: ignore[arg-type]  # a dtype
        (kernel,) = (each for each in found.weights if each.entry["name"] == "dense/kernel")
        codes = np.frombuffer(b"".join(kernel.blocks()), np.uint8).astype(np.float64)
        told = kernel.entry["quantization"]
        assert np.array_equal((codes * told["scale"] + told["min"]).astype(np.float32), levels)


def _with(weight: Any, numbers: Any) -> Any:
    return replace(weight, blocks=lambda: iter((numbers,)))


def _of(artifacts: ModelArtifacts, weights: Sequence[Any]) -> ModelArtifacts:
    return replace(artifacts, weights=weights)


def test_what_cannot_be_run_is_chosen_by_its_own_noise() -> None:
    artifacts = replace(classifier(), format="layers")
    found = quantized(artifacts, auto=Auto(error=0.01))
    assert found.cost.differences is None
    assert set(dtypes(found).values()) >= {"uint8", "float32"}
    said = told(found.cost, found.weights, 0.05)
    assert said.endswith("what that costs could not be seen: it does not run here: a model of layers")


def test_what_is_said() -> None:
    found = quantized(classifier(), "float16")
    said = told(found.cost, found.weights, 0.05)
    assert "as float16" in said
    assert "`scores` is off by up to" in said
    assert said.startswith(f"{found.cost.before / 1024:.0f} KB of weights are")
    assert told(found.cost, found.weights, 1e-9).startswith("warning: `scores` is off by up to")


@pytest.mark.parametrize(("part", "text"), [(0.123, "12 %"), (0.0123, "1.2 %"), (0.00004, "0.004 %"), (0, "0 %")])
def test_percent(part: float, text: str) -> None:
    assert percent(part) == text
