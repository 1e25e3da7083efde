"""Quantization: which weights, and that TensorFlow.js's formula gives back what it may."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.codings import affine
from tfjs_build.convert.quantize import choose, encode
from tfjs_build.errors import ModelError
from tfjs_build.model import Quantize, QuantizeDtype


def weight(values: NDArray[np.generic], name: str = "dense/kernel") -> Weight:
    flat = values.reshape(-1)
    return Weight(name, values.shape, values.dtype.name, lambda: iter(np.array_split(flat, 3)))


def stored(values: NDArray[np.generic], dtype: str) -> tuple[NDArray[np.float64], list[str], dict[str, object]]:
    """Encode and decode as tfjs-core's `decodeWeights` does."""
    notes: list[str] = []
    encoded = encode(weight(values), dtype, notes)  # type: ignore[arg-type]
    data = b"".join(encoded.blocks())
    assert len(data) == encoded.nbytes
    quantization = encoded.entry.get("quantization")
    if quantization is None:
        return np.frombuffer(data, values.dtype).astype(np.float64), notes, dict(encoded.entry)
    levels = np.frombuffer(data, quantization["dtype"]).astype(np.float64)
    return levels * quantization.get("scale", 1) + quantization.get("min", 0), notes, dict(encoded.entry)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize(
    ("low", "high"), [(-1, 1), (0, 1), (-3, 0), (5, 6), (-7, -6), (-0.001, 1000), (1e6, 1e6 + 1), (-3e38, 3e38)]
)
def test_affine_is_off_by_half_a_step_at_most(dtype: str, low: float, high: float) -> None:
    values = np.random.default_rng(1).uniform(low, high, 5000).astype(np.float32)
    values[:2] = low, high
    back, notes, entry = stored(values, dtype)
    step = entry["quantization"]["scale"]  # type: ignore[index]
    assert not notes
    # Where the range holds zero, nudging moves the ends by half a step more.
    slack = 1.0 if low < 0 < high else 0.5
    assert np.max(np.abs(back - values)) <= slack * step * (1 + 1e-3)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_zero_stays_zero(dtype: str) -> None:
    values = np.array([-0.337, 0.0, 0.9173], np.float32)
    back, _, _ = stored(values, dtype)
    assert back[1] == 0


def test_a_constant_weight_is_exact() -> None:
    for value in (0.0, 0.125, -3.5, 1e-42):
        back, notes, _ = stored(np.full(7, value, np.float32), "uint8")
        assert np.array_equal(back.astype(np.float32), np.full(7, value, np.float32))
        assert not notes


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_a_dtype_cannot_hold_stay_float32(dtype: str, bad: float) -> None:
    values = np.array([1, bad, 3], np.float32)
    back, notes, entry = stored(values, dtype)
    assert np.array_equal(back, values, equal_nan=True)
    assert "quantization" not in entry
    assert notes == [f"weight 'dense/kernel' has NaN or infinite values: kept as float32 instead of {dtype}"]


@pytest.mark.parametrize("asked", [None, "uint8", "uint16", "float16"])
@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(-128, 127, "uint8"), (-8, 7, "uint8"), (-255, 255, "uint16"), (0, 65535, "uint16")]
)
def test_whole_numbers_are_stored_as_integers(asked: str | None, low: int, high: int, dtype: str) -> None:
    values = np.random.default_rng(1).integers(low, high + 1, (50, 7)).astype(np.float32)
    values[0, :2] = low, high
    notes: list[str] = []
    encoded = encode(replace(weight(values), integers=(low, high)), asked, notes)  # type: ignore[arg-type]
    data = b"".join(encoded.blocks())
    assert len(data) == encoded.nbytes == values.size * np.dtype(dtype).itemsize
    assert encoded.entry["quantization"] == {"dtype": dtype, "original_dtype": "float32", "scale": 1, "min": low}
    np.testing.assert_array_equal(np.frombuffer(data, dtype).astype(np.float32) + low, values.reshape(-1))
    assert not notes


def test_float16() -> None:
    values = np.array([0.1, -2.5, 65504, 1e-9], np.float32)
    back, notes, entry = stored(values, "float16")
    assert np.array_equal(back, values.astype(np.float16))
    assert not notes
    back, notes, entry = stored(np.array([1e5, 0.5], np.float32), "float16")
    assert back[0] == 1e5
    assert notes == ["weight 'dense/kernel' has values beyond float16's range: kept as float32"]
    assert "quantization" not in entry


def test_an_empty_weight_has_no_bytes() -> None:
    back, notes, entry = stored(np.zeros((0, 4), np.float32), "uint8")
    assert back.size == 0
    assert not notes
    assert entry == {"name": "dense/kernel", "shape": [0, 4], "dtype": "float32"}


def test_strings_are_length_prefixed() -> None:
    texts = np.array([b"", b"ab", "ü".encode()], object)
    encoded = encode(Weight("vocabulary", (3,), "string", lambda: iter((texts,))), None, [])
    assert b"".join(encoded.blocks()) == b"\0\0\0\0" + b"\2\0\0\0ab" + b"\2\0\0\0\xc3\xbc"


WHOLE: dict[str, list[float]] = {
    "integers of a quantized kernel": [-127, 0, 5, 127],
    "none is zero": [1000, 1001, 1255],
    "a constant": [7, 7],
    "the ends of uint16": [-32768, 0, 1, 32767],
}


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("values", WHOLE.values(), ids=WHOLE)
def test_whole_numbers_are_stored_as_they_are(values: list[float], dtype: str) -> None:
    array = np.array(values, np.float32)
    back, notes, entry = stored(array, dtype)
    assert np.array_equal(back, array)
    fits = max(values) - min(values) <= np.iinfo(dtype).max
    kept = dtype if fits else "uint16"
    quantization = {"dtype": kept, "original_dtype": "float32", "scale": 1, "min": min(values)}
    assert entry["quantization"] == quantization
    assert notes == (
        []
        if fits
        else [
            "weight 'dense/kernel' has whole numbers that uint8 would round: stored as uint16, which does not",
        ]
    )


def test_whole_numbers_of_two_kinds_keep_the_dtype() -> None:
    """A mask that is added to scores: affine levels hold both numbers."""
    array = np.array([-10000, 0, 0, -10000], np.float32)
    back, notes, entry = stored(array, "uint8")
    assert np.array_equal(back.astype(np.float32), array)
    assert entry["quantization"]["dtype"] == "uint8"  # type: ignore[index]
    assert not notes


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16"])
def test_whole_numbers_too_far_apart_stay_float32(dtype: str) -> None:
    array = np.array([-60001, 3, 60001], np.float32)
    back, notes, entry = stored(array, dtype)
    assert np.array_equal(back, array)
    assert "quantization" not in entry
    assert notes == [f"weight 'dense/kernel' has whole numbers that {dtype} would round: kept as float32"]


def test_whole_numbers_that_float16_would_round() -> None:
    array = np.array([0, 2047, 2049, 30001], np.float32)
    back, notes, entry = stored(array, "float16")
    assert np.array_equal(back, array)
    assert entry["quantization"] == {"dtype": "uint16", "original_dtype": "float32", "scale": 1, "min": 0}
    assert notes == [
        "weight 'dense/kernel' has whole numbers that float16 would round: stored as uint16, which does not"
    ]
    back, notes, entry = stored(np.array([0, 2048, 4096], np.float32), "float16")
    assert entry["quantization"] == {"dtype": "float16", "original_dtype": "float32"}
    assert not notes


def test_large_numbers_are_not_counted_as_whole() -> None:
    """Beyond 2**24 every float32 is whole: a mask of -1e9 is quantized as any other weight."""
    array = np.array([-1e9, 0, -3e8], np.float32)
    back, notes, entry = stored(array, "uint8")
    assert entry["quantization"]["dtype"] == "uint8"  # type: ignore[index]
    assert not notes
    assert np.max(np.abs(back - array)) <= 1e9 / 255


def named(*names: str, dtype: str = "float32", shape: tuple[int, ...] = (2, 2)) -> list[Weight]:
    return [weight(np.zeros(shape, dtype), name) for name in names]


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_vectors_and_scalars_are_left_alone_unless_a_pattern_names_them(dtype: QuantizeDtype) -> None:
    few = [
        *named("dense/bias", shape=(64,)),
        *named("scale", shape=()),
        *named("norm/variance", shape=(1, 1, 64)),
    ]
    weights = [
        *few,
        *named("dense/kernel"),
        *named("embeddings", shape=(9, 1)),
        *named("conv/kernel", shape=(1, 1, 3, 4)),
    ]
    kernels = {"dense/kernel": dtype, "embeddings": dtype, "conv/kernel": dtype}
    assert choose(Quantize({dtype: True}), weights) == kernels
    assert choose(Quantize({dtype: True, "float16": ("*bias",)}), weights) == {"dense/bias": "float16", **kernels}
    assert choose(Quantize({dtype: ("*",)}), weights) == {each.name: dtype for each in weights}
    assert choose(Quantize({dtype: ("norm/*",)}), weights) == {"norm/variance": dtype}


def test_float16_is_for_vectors_too() -> None:
    weights = named("dense/bias", shape=(64,)) + named("scale", shape=())
    assert choose(Quantize({"float16": True}), weights) == {"dense/bias": "float16", "scale": "float16"}


def test_only_float32_is_quantized() -> None:
    weights = named("a") + named("b", dtype="int32") + named("c", dtype="bool")
    assert choose(Quantize({"uint8": True}), weights) == {"a": "uint8"}


def test_a_pattern_beats_true_and_crosses_slashes() -> None:
    weights = named("conv/kernel", "head/dense/kernel", "head/dense/bias")
    rules = Quantize({"uint8": ("*dense/*",), "float16": True})
    assert choose(rules, weights) == {
        "conv/kernel": "float16",
        "head/dense/kernel": "uint8",
        "head/dense/bias": "uint8",
    }


def test_a_pattern_that_matches_nothing_names_what_there_is() -> None:
    with pytest.raises(ModelError) as caught:
        choose(Quantize({"uint8": ("dence/*",)}), named("dense/kernel", "dense/bias"))
    assert str(caught.value) == (
        "quantize: the pattern 'dence/*' matches no weight\nThe weights are: dense/kernel, dense/bias"
    )


def test_two_dtypes_for_one_weight() -> None:
    rules = Quantize({"uint8": ("dense/*",), "uint16": ("*/kernel",)})
    with pytest.raises(ModelError, match=r"weight 'dense/kernel' is claimed twice: by 'dense/\*' \(uint8\) and by"):
        choose(rules, named("dense/kernel"))
    with pytest.raises(ModelError, match="both claim every weight"):
        choose(Quantize({"uint8": True, "uint16": True}), named("a"))


def test_affine_of_a_range_too_narrow_for_a_step() -> None:
    assert affine(1e-320, 2e-320, "uint8") == (1.0, 1e-320)
