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


@pytest.mark.parametrize(("side", "op"), [("left", "LowerBound"), ("right", "UpperBound")])
def test_numbers_of_any_rank_are_searched_for_in_a_vector(side: str, op: str) -> None:
    entry = operation("SearchSorted", "o", [[-1.0, 0.0, 2.0], tensor("x")])
    entry["config"]["side"] = side
    found = converted(functional("net", [input_layer("x", 4, 5), entry], ["x", 0, 0], ["o", 0, 0]))
    assert found.topology is not None
    assert [node["op"] for node in found.topology["node"] if "Bound" in node["op"]] == [op]
    assert [(spec.shape, spec.dtype) for spec in found.signature.outputs] == [((None, 4, 5), "int32")]


def test_windows_that_leave_numbers_out_are_refused() -> None:
    with pytest.raises(
        RefusedError,
        match="sequence_stride=16 is not supported with this window of sequence_length=16: some places are in no",
    ):
        converted(transformed(sequence_length=16, sequence_stride=16))
    converted(transformed(sequence_length=16, sequence_stride=16, window="hamming"))


def test_tiles_larger_than_what_an_image_can_be_mirrored_to_are_refused() -> None:
    entry = layer("ContrastLimitedAdaptiveHistogramEqualization", "l", tile_grid_size=[8, 8])
    with pytest.raises(
        RefusedError, match=r"tile_grid_size=\(8, 8\) is not supported for images of 3 × 9, which are too small for it"
    ):
        converted(chain(entry, shape=(3, 9, 1)))
    with pytest.raises(
        RefusedError, match="expects float32, got int32: of integers Keras cuts off the results' fractions"
    ):
        converted(chain(entry, shape=(16, 16, 1), dtype="uint8"))


@pytest.mark.parametrize(("order", "mode"), [(3, "constant"), (1, "round")])
def test_coordinates_are_looked_up_as_keras_does_it_or_not_at_all(order: int, mode: str) -> None:
    entry = operation("MapCoordinates", "o", [tensor("x"), [[0.5], [0.5], [0.5]]])
    entry["config"].update({"order": order, "fill_mode": mode})
    model = functional("net", [input_layer("x", 4, 5), entry], ["x", 0, 0], ["o", 0, 0])
    with pytest.raises(
        RefusedError,
        match="order=3 is not supported, only 0 and 1 are"
        if order == 3
        else "fill_mode='round' is not supported, only",
    ):
        converted(model)


def between(class_name: str, **options: Any) -> Json:
    """Return a model of one operation on two inputs of shapes [2, 1] and [3]."""
    entry = operation(class_name, "o", [tensor("a"), tensor("b")])
    entry["config"].update(options)
    entry["module"] = "keras.src.quantizers.quantizers" if class_name.startswith("FakeQuant") else entry["module"]
    inputs = [input_layer(name, *shape) for name, shape in (("a", (1,)), ("b", (3,)))]
    return functional("net", [*inputs, entry], [["a", 0, 0], ["b", 0, 0]], ["o", 0, 0])


A, B = np.array([[1.0], [3.0]], np.float32), np.array([[2.0, 8.0, 27.0], [1.0, np.inf, 5.0]], np.float32)


@pytest.mark.parametrize("num", [1, 2, 5])
@pytest.mark.parametrize("axis", [0, -1, 1])
@pytest.mark.parametrize("endpoint", [True, False])
def test_numbers_between_tensors(num: int, axis: int, endpoint: bool) -> None:
    with np.errstate(all="ignore"):
        [y] = predicted(between("Linspace", num=num, axis=axis, endpoint=endpoint), {"a": A, "b": B})
        expected = np.linspace(A, B, num, axis=axis, endpoint=endpoint)
    finite = np.isfinite(expected)
    np.testing.assert_allclose(y[finite], expected[finite], rtol=1e-5)
    ends = np.moveaxis(y, axis, 0)
    np.testing.assert_array_equal(ends[0], np.broadcast_to(A, (2, 3)))
    if endpoint and num > 1:
        np.testing.assert_array_equal(ends[-1], B)


def test_powers_between_tensors() -> None:
    a, b = A, np.abs(np.where(np.isinf(B), 4.0, B))
    [y] = predicted(between("Logspace", num=4, base=2), {"a": a, "b": b})
    np.testing.assert_allclose(y, np.logspace(a, b, 4, base=2), rtol=1e-4)
    [y] = predicted(between("Geomspace", num=4, axis=-1), {"a": -a, "b": -b})
    np.testing.assert_allclose(y, np.geomspace(-a, -b, 4, axis=-1), rtol=1e-4)


@pytest.mark.parametrize(
    ("class_name", "options", "reason"),
    [
        ("Linspace", {"num": 0}, "num=0 is not supported, only 1 and more are"),
        ("Linspace", {"dtype": "int32"}, "dtype='int32' is not supported, only floats are"),
        ("Linspace", {"retstep": True}, "retstep=True is not supported, only False is"),
        ("Logspace", {"axis": 3}, "axis=3 is out of range for a result of rank 3"),
    ],
)
def test_other_ranges_are_refused(class_name: str, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        converted(between(class_name, **options))


def test_a_shape_filled_with_a_tensor() -> None:
    model = operated("Full", (3,))
    model["config"]["layers"][1]["config"]["shape"] = [4, 2, 3]
    [y] = predicted(model, {"x": B})
    np.testing.assert_array_equal(y, np.broadcast_to(B, (4, 2, 3)))
    [y] = predicted(operated("Array", (3,), dtype="int32"), {"x": np.array([[1.5, -2.5, 3.0]], np.float32)})
    np.testing.assert_array_equal(y, [[1, -2, 3]])


@pytest.mark.parametrize("axis", [None, 0])
def test_numbers_rounded_to_levels(axis: int | None) -> None:
    entry = operation("FakeQuantWithMinMaxVars", "o", [tensor("x"), [-1.1, -3.0], [1.0, 2.0]])
    if axis is None:
        entry = operation("FakeQuantWithMinMaxVars", "o", [tensor("x"), -3.0, 2.0])
    entry["module"] = "keras.src.quantizers.quantizers"
    entry["config"].update(num_bits=3, narrow_range=False, axis=axis)
    model = functional("net", [input_layer("x", 4), entry], ["x", 0, 0], ["o", 0, 0])
    x = np.array([[-9.0, -0.4, 0.2, 0.9], [-2.0, -0.4, 0.3, 9.0]], np.float32)
    [y] = predicted(model, {"x": x})
    low, high = (np.array([[-1.1], [-3.0]]), np.array([[1.0], [2.0]])) if axis == 0 else (-3.0, 2.0)
    step = (high - low) / 7
    zero = np.round(-low / step)
    np.testing.assert_allclose(y, (np.clip(np.floor(x / step + zero + 0.5), 0, 7) - zero) * step, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("class_name", "options", "reason"),
    [
        ("Argmax", {"axis": []}, r"expects 1 constant integers, got \[\]"),
        ("Argmax", {"axis": 1 << 40}, "expects constant integers as axes and sizes, got 1099511627776"),
        ("Digitize", {"bins": 3}, "expects a list of numbers, got 3"),
        ("Percentile", {"q": 101}, "expects constants from 0 to 100 as `q`, got 101"),
        ("Repeat", {"repeats": [1, -1]}, "expects 0 to 16777216 as `repeats`, got -1"),
        (
            "STFT",
            {"sequence_length": 9, "sequence_stride": 2, "fft_length": 8},
            "sequence_length=9 is not supported with fft_length=8",
        ),
        ("ExtractSequences", {"sequence_length": 4, "sequence_stride": 0}, "as `sequence_stride`, got 0"),
    ],
)
def test_arguments_that_no_operation_takes_are_refused(class_name: str, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        converted(operated(class_name, (16,), **options))
