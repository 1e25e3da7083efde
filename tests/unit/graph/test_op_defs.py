"""What is known of TensorFlow's ops: a frozen graph says nothing of its own."""

from __future__ import annotations

import tfjs_build.convert.graph.decompose  # noqa: F401  # fills the rules
from tfjs_build.convert.graph.decompose.registry import RULES
from tfjs_build.convert.graph.op_defs import op_def

NOT_TENSORFLOWS = {"FusedDepthwiseConv2dNative", "LogicalXor"}


def test_every_op_that_is_spelled_in_others_is_described() -> None:
    assert {op for op in RULES if op_def(op) is None} == NOT_TENSORFLOWS


def test_inputs_of_a_list_come_as_often_as_there_are_tensors() -> None:
    known = op_def("ConcatV2")
    assert known is not None
    assert known.input_dtypes(4) == ["T", "T", "T", "int32"]
    known = op_def("GatherV2")
    assert known is not None
    assert known.input_dtypes(3) == ["Tparams", "int32", "int32"]
