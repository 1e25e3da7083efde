"""Operations at the borders of what they are defined for, which no comparison with finite numbers reaches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.keras.files import Json, functional, input_layer, layer, operation, tensor
from tests.unit.keras.to_graph.making import chain, converted, predicted
from tfjs_build.errors import RefusedError


def operated(class_name: str, shape: tuple[int | None, ...], *, dtype: str = "float32", **options: Any) -> Json:
    """Return a model of one operation on an input `x` of that shape (without the batch)."""
    entry = operation(class_name, "o", [tensor("x")])
    entry["config"].update(options)
    return functional("net", [input_layer("x", *shape, dtype=dtype), entry], ["x", 0, 0], ["o", 0, 0])


def transformed(**options: Any) -> Json:
    """Return a model of an ISTFT of 4 windows of 16 numbers."""
    entry = operation("ISTFT", "o", [[tensor("real"), tensor("imaginary")]])
    entry["config"].update({"fft_length": 16, **options})
    inputs = [input_layer(name, 4, 9) for name in ("real", "imaginary")]
    return functional("net", [*inputs, entry], [["real", 0, 0], ["imaginary", 0, 0]], ["o", 0, 0])


def test_a_row_without_numbers_has_no_median() -> None:
    x = np.array([[np.nan, 3.0, 1.0, np.nan], [np.nan] * 4, [2.0, np.nan, np.inf, 5.0]], np.float32)
    [y] = predicted(operated("Nanmedian", (4,), axis=-1), {"x": x})
    np.testing.assert_array_equal(y, np.array([2.0, np.nan, 5.0], np.float32))


def test_the_inverse_of_the_error_function_is_infinite_at_one() -> None:
    x = np.array([[-1.0, 0.0, 1.0, 1.5]], np.float32)
    with np.errstate(all="ignore"):
        [y] = predicted(operated("Erfinv", (4,)), {"x": x})
    np.testing.assert_array_equal(y, np.array([[-np.inf, 0.0, np.inf, np.nan]], np.float32))


def test_windows_that_leave_numbers_out_are_refused() -> None:
    with pytest.raises(RefusedError, match="leave numbers out"):
        converted(transformed(sequence_length=16, sequence_stride=16))
    converted(transformed(sequence_length=16, sequence_stride=16, window="hamming"))


def test_tiles_larger_than_what_an_image_can_be_mirrored_to_are_refused() -> None:
    entry = layer("ContrastLimitedAdaptiveHistogramEqualization", "l", tile_grid_size=[8, 8])
    with pytest.raises(RefusedError, match="too small for its tiles"):
        converted(chain(entry, shape=(3, 9, 1)))
    with pytest.raises(RefusedError, match="its results to integers"):
        converted(chain(entry, shape=(16, 16, 1), dtype="uint8"))


@pytest.mark.parametrize(("order", "mode"), [(3, "constant"), (1, "round")])
def test_coordinates_are_looked_up_as_keras_does_it_or_not_at_all(order: int, mode: str) -> None:
    entry = operation("MapCoordinates", "o", [tensor("x"), [[0.5], [0.5], [0.5]]])
    entry["config"].update({"order": order, "fill_mode": mode})
    model = functional("net", [input_layer("x", 4, 5), entry], ["x", 0, 0], ["o", 0, 0])
    with pytest.raises(RefusedError, match="order" if order == 3 else "fill_mode"):
        converted(model)
