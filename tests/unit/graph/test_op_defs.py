"""What is known of TensorFlow's ops: a frozen graph says nothing of its own."""

from __future__ import annotations

from pathlib import Path

import tfjs_build.convert.graph.decompose  # noqa: F401  # fills the rules
from tfjs_build.convert.graph.decompose.registry import RULES
from tfjs_build.convert.graph.op_defs import op_def
from tools.op_strings import faults

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


def test_what_is_called_by_a_name_that_is_none_is_found() -> None:
    source = (
        'b.multi("Splitt", x)\nb.node("Sum", [x], {"keepdims": True, "_keep": True})\nb.multi("Split", x, num_split=2)'
    )
    assert list(faults(Path("rule.py"), source)) == [
        "rule.py:1:1: there is no op Splitt",
        "rule.py:2:1: Sum has no attribute keepdims",
    ]
