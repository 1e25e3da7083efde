"""Numbers that are computed when converting: resizing weights, packed integers, float8, windows, vocabularies."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.keras.files import layer
from tests.unit.keras.to_graph.making import chain, converted, described, numbers, predicted
from tfjs_build.convert.keras.to_graph import quantized, resizing, whole_numbers
from tfjs_build.convert.keras.to_graph.convert import Converter
from tfjs_build.errors import SourceError


@pytest.mark.parametrize(
    ("method", "antialias"),
    [
        ("bilinear", True),
        *((name, flag) for name in sorted({*resizing.METHODS} - {"bilinear", "nearest"}) for flag in (False, True)),
    ],
)
@pytest.mark.parametrize("target", [3, 7, 12])
def test_a_resized_image_of_one_colour_has_that_colour(method: str, antialias: bool, target: int) -> None:
    entry = layer("Resizing", "l", height=target, width=target, interpolation=method, antialias=antialias)
    x = numbers(1, 7, 7, 2)
    [y] = predicted(chain(entry, shape=(7, 7, 2)), {"x": np.full_like(x, 2.5)})
    np.testing.assert_allclose(y, np.full((1, target, target, 2), 2.5), rtol=1e-5)
    if target == 7 and method not in ("gaussian", "mitchellcubic"):
        [y] = predicted(chain(entry, shape=(7, 7, 2)), {"x": x})
        np.testing.assert_allclose(y, x, atol=1e-5)


def test_each_byte_holds_two_numbers_of_four_bits() -> None:
    packed = np.array([[0x21, -0x71]], np.int8)  # 1, 2 and -1, -8
    np.testing.assert_array_equal(whole_numbers.nibbles(packed, 4, 1), [[1, 2, -1, -8]])
    np.testing.assert_array_equal(whole_numbers.nibbles(packed, 3, 1), [[1, 2, -1]])
    np.testing.assert_array_equal(whole_numbers.nibbles(packed.T, 3, 0), [[1], [2], [-1]])
    np.testing.assert_array_equal(whole_numbers.nibbles(packed.view(np.uint8), 4, 1, signed=False), [[1, 2, 15, 8]])


def test_bfloat16_rounds_to_even() -> None:
    np.testing.assert_array_equal(
        quantized._as_bfloat16(np.array([1.0, 1.00390625, 1.01171875], np.float32)), [1, 1, 1.015625]
    )


def test_int8_layers_quantize_their_inputs_too() -> None:
    x = numbers(2, 4)
    kernel = np.arange(-6, 6).reshape(4, 3).astype(np.int8)
    scale = np.array([10.0, 20.0, 30.0], np.float32)
    policy = {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}}
    entry = layer("Dense", "l", units=3, use_bias=False, activation="linear", dtype=policy)
    [y] = predicted(chain(entry, shape=(4,)), {"x": x}, {"l": {"kernel": kernel, "kernel_scale": scale}})
    factor = 127 / (np.abs(x).max(1, keepdims=True) + 1e-7)
    np.testing.assert_allclose(y, np.round(x * factor) @ kernel / (scale * factor), rtol=1e-5)


def test_a_vocabulary_fills_a_table_behind_the_places_of_masked_and_unknown_words() -> None:
    entry = layer(
        "StringLookup",
        "l",
        vocabulary=["a", "b"],
        mask_token="",
        oov_token="[UNK]",
        num_oov_indices=1,
        output_mode="int",
    )
    model = chain(entry, shape=(3,), dtype="string")
    converter = Converter(described(model, {}))
    converter.convert()
    table = converter.tables["l/table"]
    assert (table.keys.array().tolist(), table.values.array().tolist()) == ([b"a", b"b", b""], [2, 3, 0])
    artifacts = converted(model)
    assert artifacts.asynchronous
    assert artifacts.initializer is not None


def test_a_vocabulary_that_is_nowhere() -> None:
    with pytest.raises(SourceError, match="its vocabulary is not in the file"):
        converted(chain(layer("StringLookup", "l", vocabulary=None), shape=(3,), dtype="string"))
