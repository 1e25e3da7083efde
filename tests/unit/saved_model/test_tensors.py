"""TensorProtos: raw bytes, lists, numbers that repeat, and files that lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.saved_model.making import TYPES, tensor
from tfjs_build.convert.saved_model.messages import message_class
from tfjs_build.convert.saved_model.tensors import constant, dims, dtype_name
from tfjs_build.errors import SourceError


def proto(dtype: str, shape: tuple[int, ...], **fields: Any) -> Any:
    result = message_class("TensorProto")(dtype=TYPES[dtype], **fields)
    result.tensor_shape.SetInParent()
    for size in shape:
        result.tensor_shape.dim.add(size=size)
    return result


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (proto("float32", (2, 2), float_val=[1, 2, 3, 4]), np.array([[1, 2], [3, 4]], np.float32)),
        (proto("float32", (3,), float_val=[1, 2]), np.array([1, 2, 2], np.float32)),
        (proto("int32", (2, 2), int_val=[5]), np.full((2, 2), 5, np.int32)),
        (proto("int64", (), int64_val=[2**40]), np.array(2**40)),
        (proto("float32", (3,)), np.zeros(3, np.float32)),
        (proto("float16", (2,), half_val=[0x3800, 0xC000]), np.array([0.5, -2], np.float16)),
        (proto("bfloat16", (2,), half_val=[0x3FC0, 0xC040]), np.array([1.5, -3], np.float32)),
        (proto("bfloat16", (1,), tensor_content=b"\xc0\x3f"), np.array([1.5], np.float32)),
        (proto("bool", (2,), bool_val=[True, False]), np.array([True, False])),
        (proto("uint8", (2,), int_val=[1, 255]), np.array([1, 255], np.uint8)),
        (proto("complex64", (1,), scomplex_val=[1, -2]), np.array([1 - 2j], np.complex64)),
        (proto("string", (2,), string_val=[b"a", b"\xff"]), np.array([b"a", b"\xff"], object)),
        (proto("string", (2,)), np.array([b"", b""], object)),
        (proto("float32", (0,)), np.zeros(0, np.float32)),
        (tensor(np.arange(4)), np.arange(4)),
    ],
)
def test_read(given: Any, expected: Any) -> None:
    result = constant(given, "c").array()
    assert result.dtype == expected.dtype or given.dtype == TYPES["int32"]
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(
    "given",
    [
        proto("float32", (3,), tensor_content=b"1234"),
        proto("float32", (1,), float_val=[1, 2]),
    ],
)
def test_numbers_that_do_not_fit(given: Any) -> None:
    with pytest.raises(SourceError, match="The constant layer/c is damaged"):
        constant(given, "layer/c").array()


def test_a_constant_that_would_fill_the_memory() -> None:
    with pytest.raises(SourceError, match="claims to have 1,000,000,000,000 elements"):
        constant(proto("float32", (10**6, 10**6), float_val=[0]), "c")


def test_types_and_shapes() -> None:
    assert dtype_name(1) == dtype_name(101) == "float32"  # the second is a reference to one
    with pytest.raises(SourceError, match="number 99"):
        dtype_name(99)
    shape = message_class("TensorShapeProto")()
    shape.dim.add(size=-1)
    shape.dim.add(size=3)
    assert dims(shape) == (None, 3)
    shape.unknown_rank = True
    assert dims(shape) is None
