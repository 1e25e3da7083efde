"""Shapes and types of ops, with sizes that are not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer import infer
from tfjs_build.convert.graph.infer.shapes import broadcast, common, merge, window
from tfjs_build.convert.graph.ir import Dims, Value


def value(shape: Dims, dtype: str = "float32") -> Value:
    return Builder().input("x", shape, dtype)


def ints(*numbers: int) -> Value:
    return Builder().const(list(numbers), "int32")


def scalar(number: int) -> Value:
    return Builder().const(number, "int32")


def matrix(*numbers: int) -> Value:
    return Builder().const(np.reshape(numbers, (-1, 2)), "int32")


X: Dims = (None, 8, 9, 3)
CONV = {"strides": [1, 2, 2, 1], "padding": "SAME"}
WHOLE_FIRST = {"begin_mask": 1, "end_mask": 1}
NEW_SECOND = {**WHOLE_FIRST, "new_axis_mask": 2}
FLOATS = {"element_dtype": "float32"}


@pytest.mark.parametrize(
    ("op", "inputs", "attrs", "shapes"),
    [
        ("AddV2", [value(X), value((3,))], {}, [X]),
        ("AddV2", [value((None, 1)), value((1, 5))], {}, [(None, 5)]),
        ("AddV2", [value(None), value((3,))], {}, [None]),
        ("Equal", [value((2, 1)), value((3,))], {}, [(2, 3)]),
        ("Bucketize", [value((None, 3))], {"boundaries": [0.0]}, [(None, 3)]),
        ("InTopKV2", [value((None, 5)), value((None,), "int32"), scalar(2)], {}, [(None,)]),
        ("MatrixDiagV3", [value((None, 3)), scalar(-2), scalar(-1), scalar(-1), scalar(0)], {}, [(None, 5, 5)]),
        ("MatrixDiagV3", [value((2, 3)), ints(0, 1), scalar(-1), scalar(-1), scalar(0)], {}, [None]),
        ("MatrixDiagPartV3", [value((None, 4, 6)), scalar(-1), scalar(0)], {}, [(None, 3)]),
        ("MatrixDiagPartV3", [value((None, 4, 6)), scalar(3), scalar(0)], {}, [(None, 3)]),
        ("MatrixDiagPartV2", [value((4, None)), scalar(0), scalar(0)], {}, [(None,)]),
        ("ResizeArea", [value(X), ints(4, 5)], {}, [(None, 4, 5, 3)]),
        ("ScaleAndTranslate", [value(X), ints(4, 5), value((2,)), value((2,))], {}, [(None, 4, 5, 3)]),
        (
            "ExtractImagePatches",
            [value(X)],
            {"ksizes": [1, 2, 3, 1], "strides": [1, 2, 2, 1], "rates": [1, 1, 1, 1], "padding": "VALID"},
            [(None, 4, 4, 18)],
        ),
        ("Conv2D", [value(X), value((3, 3, 3, 7))], CONV, [(None, 4, 5, 7)]),
        ("Conv2D", [value(X), value((3, 3, 3, 7))], {**CONV, "padding": "VALID"}, [(None, 3, 4, 7)]),
        (
            "Conv2D",
            [value(X), value((3, 3, 3, 7))],
            {**CONV, "padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 1, 2, 0, 0, 0]},
            [(None, 4, 5, 7)],
        ),
        ("Conv2D", [value((None, None, None, 3)), value((3, 3, 3, 7))], CONV, [(None, None, None, 7)]),
        (
            "Conv2D",
            [value((None, 3, 8, 9)), value((3, 3, 3, 7))],
            {**CONV, "strides": [1, 1, 2, 2], "data_format": "NCHW"},
            [(None, 7, 4, 5)],
        ),
        ("DepthwiseConv2dNative", [value(X), value((3, 3, 3, 2))], CONV, [(None, 4, 5, 6)]),
        ("Conv2DBackpropInput", [ints(2, 8, 9, 4), value((3, 3, 4, 3)), value(X)], CONV, [(2, 8, 9, 4)]),
        ("MaxPool", [value(X)], {**CONV, "ksize": [1, 2, 2, 1]}, [(None, 4, 5, 3)]),
        ("MatMul", [value((None, 4)), value((4, 5))], {}, [(None, 5)]),
        ("MatMul", [value((4, None)), value((5, 4))], {"transpose_a": True, "transpose_b": True}, [(None, 5)]),
        ("BatchMatMulV2", [value((None, 2, 3, 4)), value((2, 4, 5))], {}, [(None, 2, 3, 5)]),
        ("Einsum", [value((None, 3, 4)), value((4, 5))], {"equation": "bij,jk->bik"}, [(None, 3, 5)]),
        ("Einsum", [value((None, 2, 3)), value((3, 5))], {"equation": "...i,ij->...j"}, [(None, 2, 5)]),
        ("Mean", [value(X), ints(1, -2)], {"keep_dims": True}, [(None, 1, 1, 3)]),
        ("Sum", [value(X), ints(1, 2)], {}, [(None, 3)]),
        ("ArgMax", [value(X), scalar(-1)], {"output_type": "int32"}, [(None, 8, 9)]),
        ("ConcatV2", [value((None, 2)), value((None, 3)), scalar(1)], {}, [(None, 5)]),
        ("ConcatV2", [value((None, 2)), value((4, None)), scalar(1)], {}, [(4, None)]),
        ("Pack", [value((2, 3)), value((2, None))], {"axis": 1}, [(2, 2, 3)]),
        ("Unpack", [value((2, 3))], {"axis": 1, "num": 3}, [(2,)] * 3),
        ("Split", [scalar(1), value((None, 6))], {"num_split": 3}, [(None, 2)] * 3),
        ("SplitV", [value((None, 6)), ints(2, -1), scalar(1)], {"num_split": 2}, [(None, 2), (None, 4)]),
        ("Slice", [value((None, 6)), ints(0, 2), ints(-1, 3)], {}, [(None, 3)]),
        ("StridedSlice", [value(X), ints(0, 1), ints(0, 7), ints(1, 2)], WHOLE_FIRST, [(None, 3, 9, 3)]),
        (
            "StridedSlice",
            [value(X), ints(0, 0), ints(0, 0), ints(1, 1)],
            {"ellipsis_mask": 1, "shrink_axis_mask": 2},
            [(None, 8, 9)],
        ),
        ("StridedSlice", [value((4, 5)), *[ints(0, 0)] * 2, ints(1, 1)], NEW_SECOND, [(4, 1, 5)]),
        ("GatherV2", [value((9, 4)), value((None, 3), "int32"), scalar(0)], {}, [(None, 3, 4)]),
        ("GatherV2", [value((2, 9, 4)), value((2, 3), "int32"), scalar(1)], {"batch_dims": 1}, [(2, 3, 4)]),
        ("Transpose", [value(X), ints(0, 3, 1, 2)], {}, [(None, 3, 8, 9)]),
        ("Squeeze", [value((None, 1, 3, 1))], {"squeeze_dims": [1]}, [(None, 3, 1)]),
        ("ExpandDims", [value((None, 3)), scalar(-1)], {}, [(None, 3, 1)]),
        ("Tile", [value((None, 3)), ints(2, 2)], {}, [(None, 6)]),
        ("Pad", [value((None, 3)), Builder().const([[0, 0], [1, 2]], "int32")], {}, [(None, 6)]),
        ("OneHot", [value((None,), "int32"), scalar(4), value(()), value(())], {}, [(None, 4)]),
        ("Range", [scalar(1), scalar(8), scalar(2)], {}, [(4,)]),
        ("TopKV2", [value((None, 9)), scalar(3)], {}, [(None, 3), (None, 3)]),
        ("FusedBatchNormV3", [value(X), *[value((3,))] * 4], {}, [X, (3,), (3,), (3,), (3,), (3,)]),
        ("ResizeBilinear", [value(X), ints(4, 5)], {}, [(None, 4, 5, 3)]),
        ("TensorListGetItem", [value((), "variant"), scalar(0), ints(-1, 4)], FLOATS, [(None, 4)]),
        ("L2Loss", [value(X)], {}, [()]),
        ("SpaceToBatchND", [value(X), ints(2, 3), value((2, 2), "int32")], {}, [(None, None, None, 3)]),
        ("SpaceToBatchND", [value((4, 8, 9, 3)), value((2,), "int32"), matrix(0, 0, 0, 0)], {}, [(None, None, None, 3)]),
        ("SpaceToBatchND", [value((4, 8, 9, 3)), ints(2, 3), matrix(1, 1, 0, 0)], {}, [(24, 5, 3, 3)]),
        ("BatchToSpaceND", [value((24, 5, 3, 3)), ints(2, 3), value((2, 2), "int32")], {}, [(4, None, None, 3)]),
        ("BatchToSpaceND", [value((24, 5, 3, 3)), ints(2, 3), matrix(1, 1, 0, 0)], {}, [(4, 8, 9, 3)]),
        ("Pad", [value((2, None, 3)), matrix(0, 1, 2, 2, 0, 0)], {}, [(3, None, 3)]),
        ("BroadcastTo", [value((1, 4)), value((3,), "int32")], {}, [(None, None, 4)]),
        ("UniqueV2", [value((5, 7)), ints(1)], {}, [(None, None), (7,)]),
        ("CropAndResize", [value(X), value((None, 4)), value((6,), "int32"), ints(2, 3)], {}, [(6, 2, 3, 3)]),
        ("TensorListStack", [value((), "variant"), ints(-1, 4)], {**FLOATS, "num_elements": 6}, [(6, None, 4)]),
    ],
)  # fmt: skip
def test_shapes(op: str, inputs: list[Value], attrs: dict[str, Any], shapes: list[Dims]) -> None:
    assert [shape for shape, _ in infer(op, inputs, attrs)] == shapes


def test_types() -> None:
    assert infer("Cast", [value((2,))], {"DstT": "int64"}) == [((2,), "int64")]
    assert infer("Shape", [value((2,))], {}) == [((1,), "int32")]
    assert infer("Where", [value((2, 3), "bool")], {}) == [((None, 2), "int64")]
    assert infer("Complex", [value((2,)), value((2,))], {}) == [((2,), "complex64")]


def test_what_the_source_knows_fills_what_a_rule_leaves_open() -> None:
    assert infer("Relu", [value((None, None))], {}, [((None, 4), "float32")]) == [((None, 4), "float32")]
    assert infer("Unheard", [value((2,))], {}, [((5,), "int32")]) == [((5,), "int32")]
    with pytest.raises(KeyError):
        infer("Unheard", [value((2,))], {})


def test_arithmetic_on_shapes() -> None:
    assert broadcast((None,), (1,)) == (None,)
    assert broadcast((None,), (4,)) == (4,)
    assert merge((None, 2), (3, None)) == (3, 2)
    assert common((3, 2), (3, 4)) == (3, None)
    assert common((3,), (3, 4)) is None
    sizes = [window(n, 3, 2, 1, "SAME", (0, 0)) for n in range(1, 6)]
    assert sizes == [int(np.ceil(n / 2)) for n in range(1, 6)]
