"""Says where a source computes with less precision than TensorFlow.js, which has float32 alone."""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.ir import Graph

_HALF: Final = ("float16", "bfloat16")

# Ops that round nothing, or only where numbers come in.
_EXACT_NAMES: Final = (
    "BroadcastTo Cast ConcatV2 Const ExpandDims Fill Gather GatherNd GatherV2 Identity Max MaxPool Maximum Min Minimum"
    " Neg OnesLike Pack Pad PadV2 Placeholder Relu Relu6 Reshape ReverseV2 Select SelectV2 Slice Split SplitV Squeeze"
    " StatelessIf StatelessWhile StridedSlice Tile Transpose Unpack ZerosLike"
)
_EXACT: Final = frozenset(_EXACT_NAMES.split())


def precision_notes(graph: Graph) -> list[str]:
    """Return a note for a graph, as its source wrote it, that computes in half precision."""
    for node in graph.walk():
        dtype = next((value.dtype for value in node.outputs if value.dtype in _HALF), None)
        if dtype is not None and node.op not in _EXACT:
            return [
                f"The source computes in {dtype} ({node.name}), TensorFlow.js in float32: its results are more exact,"
                " and differ from the source's by what that rounds."
            ]
    return []
