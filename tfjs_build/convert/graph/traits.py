"""What of a node decides which kernel code a backend runs for it: its form, the type of its numbers, its rank.

tools/backends measures by these what each backend can do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from tfjs_build.convert.graph.dtypes import tfjs_dtype
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.portable import products
from tfjs_build.records import record


@record(frozen=True)
class Traits:
    """`form` is a word for what in attributes and inputs selects another kernel, empty for the plain one. `dtype` is
    TensorFlow.js's type of the numbers that are worked on. `rank` is the largest of all inputs and outputs, None where
    one is not known."""

    op: str
    form: str
    dtype: str
    rank: int | None


def traits(node: Node) -> Traits:
    """Return what selects the code that runs a node."""
    form = _FORMS.get(node.op)
    words = [form(node.inputs, node.attrs)] if form is not None else []
    if products.concerned(node):
        words.append("odd")
    if any(value.shape is not None and 0 in value.shape for value in (*node.inputs, *node.outputs)):
        words.append("empty")
    return Traits(node.op, " ".join(filter(None, words)), _dtype(node), _rank(node))


def _dtype(node: Node) -> str:
    place = _NUMBERS.get(node.op, 0)
    value = node.inputs[place] if place < len(node.inputs) else node.outputs[0]
    dtype = tfjs_dtype(value.dtype)
    return f"{dtype} to {tfjs_dtype(node.outputs[0].dtype)}" if node.op == "Cast" else dtype


def _rank(node: Node) -> int | None:
    ranks = [value.rank for value in (*node.inputs, *node.outputs)]
    return None if None in ranks else max((rank for rank in ranks if rank is not None), default=0)


# Where an op's numbers are, if not in its first input.
_NUMBERS: Final = {
    "Select": 1,
    "SelectV2": 1,
    "Split": 1,
    "Fill": 1,
    "ScatterNd": 1,
    "Conv2DBackpropInput": 2,
    "SparseToDense": 2,
}


def _operands(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> str:
    """Operands of different ranks: a scalar, a vector, or a smaller tensor beside a larger."""
    ranks = {value.rank for value in inputs if value.rank}
    return "" if len(ranks) < 2 or None in ranks else "vector" if 1 in ranks else "smaller"


def _strides(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> str:
    steps = inputs[3].known
    return "" if steps is not None and set(steps) <= {1} else "step"


def _batch_dims(_inputs: Sequence[Value], attrs: Mapping[str, Any]) -> str:
    return "batch_dims" if attrs.get("batch_dims") else ""


def _boxes(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> str:
    """Whether the n-th box is of the n-th image."""
    images = inputs[2].ints
    return "" if images is not None and images == tuple(range(len(images))) else "box indices"


def _depth(places: Value) -> str:
    """Whether places have more coordinates than a vector of a shader has."""
    depth = None if places.shape is None else places.shape[-1]
    return "deep" if (depth or 0) > 4 else ""


def _along(inputs: Sequence[Value], attrs: Mapping[str, Any]) -> str:
    """Along other axes than the last, which kernels bring to the end; backwards; keeping axes of size 1."""
    rank, axes = inputs[0].rank, inputs[1].ints
    words = ["vector"] if rank == 1 else []
    if rank and axes is not None and sorted(axis % rank for axis in axes) != list(range(rank - len(axes), rank)):
        words.append("moved")
    return " ".join(words + ["backwards"] * bool(attrs.get("reverse")) + ["kept"] * bool(attrs.get("keep_dims")))


def _transposed(_inputs: Sequence[Value], attrs: Mapping[str, Any]) -> str:
    first, second = (("transpose_a", "transpose_b"), ("adj_x", "adj_y"))["adj_x" in attrs or "adj_y" in attrs]
    return " ".join(word for word, key in (("first", first), ("second", second)) if attrs.get(key))


def _vector(inputs: Sequence[Value], _attrs: Mapping[str, Any]) -> str:
    return "vector" if inputs[0].rank == 1 else ""


def _mode(_inputs: Sequence[Value], attrs: Mapping[str, Any]) -> str:
    return str(attrs.get("mode", attrs.get("method", ""))).lower()


def _ending(_inputs: Sequence[Value], attrs: Mapping[str, Any]) -> str:
    parts = attrs.get("fused_ops") or ["noop"]
    return str(parts[-1])


def _window(inputs: Sequence[Value], attrs: Mapping[str, Any]) -> str:
    """Strides that exceed the kernel, explicit padding."""
    kernel, strides = inputs[1].static, attrs.get("strides") or []
    if attrs.get("padding") == "EXPLICIT":
        return "explicit"
    same = attrs.get("padding") == "SAME" and kernel is not None and len(strides) == 4
    if same and kernel is not None and any(kernel[axis] < strides[axis + 1] for axis in range(2)):
        return "strides exceed the kernel"
    return ""


def _fused_window(inputs: Sequence[Value], attrs: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_window(inputs, attrs), _ending(inputs, attrs))))


_Form = Callable[[Sequence[Value], Mapping[str, Any]], str]

_BROADCASTING: Final = (
    "Add AddV2 Atan2 BiasAdd Div DivNoNan Equal FloorDiv FloorMod Greater GreaterEqual Less LessEqual LogicalAnd"
    " LogicalOr Maximum Minimum Mod Mul NotEqual Pow Prelu RealDiv SelectV2 SquaredDifference Sub"
)

_ALONG: Final = "All Any ArgMax ArgMin Cumprod Cumsum Max Mean Min Prod Sum"

_FORMS: Final[dict[str, _Form]] = {
    **dict.fromkeys(_BROADCASTING.split(), _operands),
    "StridedSlice": _strides,
    "GatherV2": _batch_dims,
    "CropAndResize": _boxes,
    "GatherNd": lambda inputs, _attrs: _depth(inputs[1]),
    "ScatterNd": lambda inputs, _attrs: _depth(inputs[0]),
    **dict.fromkeys(_ALONG.split(), _along),
    **dict.fromkeys(("MatMul", "BatchMatMul", "BatchMatMulV2"), _transposed),
    **dict.fromkeys(("Softmax", "LogSoftmax", "Bincount", "DenseBincount"), _vector),
    "MirrorPad": _mode,
    "_FusedMatMul": _ending,
    **dict.fromkeys(("Conv2D", "DepthwiseConv2dNative"), _window),
    **dict.fromkeys(("_FusedConv2D", "FusedDepthwiseConv2dNative"), _fused_window),
}
