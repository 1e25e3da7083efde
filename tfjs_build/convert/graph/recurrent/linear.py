"""What goes into a gate: products with constant kernels, and biases, added up.

Sums, cuts along the last axis and the work that was done on the whole sequence before the loop are followed down to the
tensors that are multiplied: the state, a sequence from outside, or the state after the reset.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Node, Value
from tfjs_build.convert.graph.recurrent.turns import Loop
from tfjs_build.convert.graph.slices import slice_axes
from tfjs_build.records import record

SUMS: Final = frozenset({"Add", "AddV2"})


@record(frozen=True)
class Sequence:
    """A tensor outside the loop whose entries along `axis` (0 or 1) are read in order, or from the last on. In steps
    where `mask` is false, whose steps are on `mask_axis`, zeros are read."""

    tensor: Value
    axis: int
    backwards: bool = False
    mask: Value | None = None
    mask_axis: int = 1

    @property
    def is_mask(self) -> bool:
        """Whether it says which steps count: what is read then is 1 in those that do not."""
        return self.tensor.dtype == "bool"

    @property
    def width(self) -> int:
        """How many numbers a step has; 0 where that is not known."""
        shape = self.tensor.shape
        return (shape[2] or 0) if shape is not None and len(shape) == 3 else 0


Source: TypeAlias = 'Sequence | Literal["state", "reset"]'
"""What a kernel is multiplied with: the step of a sequence, the state, or the state times a gate."""


@record(frozen=True)
class Term:
    """The columns from `start` to `stop` of a product with a constant matrix."""

    source: Source
    kernel: Value
    start: int
    stop: int


@record(frozen=True)
class Bias:
    """The entries from `start` to `stop` of a constant vector."""

    vector: Value
    start: int
    stop: int


Parts: TypeAlias = "tuple[Term | Bias, ...]"


class Tracer:
    """Follows sums inside a loop, in which `state` is multiplied, and perhaps `reset`: the state after a gate."""

    def __init__(self, loop: Loop, state: Value, reset: Value | None = None) -> None:
        self.loop = loop
        self.sources = {state: "state"} if reset is None else {state: "state", reset: "reset"}

    def parts(self, value: Value) -> Parts | None:
        """Return what adds up to a matrix [batch, units], None where it is made of other things."""
        width = value.shape[-1] if value.shape and len(value.shape) == 2 else None
        return None if width is None else self._inside(value, 0, width)

    def _inside(self, value: Value, start: int, stop: int) -> Parts | None:
        node = value.node
        if value.constant is not None:
            return _bias(value, start, stop)
        if node.op in SUMS or node.op == "BiasAdd":
            return _joined(*(self._inside(each, start, stop) for each in node.inputs))
        cut = columns(value)
        if cut is not None:
            return self._inside(cut[0], cut[1] + start, cut[1] + stop)
        if node.op == "MatMul" and _is_plain(node):
            left, kernel = node.inputs
            source: Source | None = self.sources.get(left)  # type: ignore[assignment]  # of two words
            tensor = self.loop.sequence(left)
            if source is None and tensor is not None:
                source = sequence_of(tensor, 0)
            return None if source is None else (Term(source, kernel, start, stop),)
        tensor = self.loop.sequence(value)
        return None if tensor is None else _outside(tensor, 0, False, start, stop)


def _joined(*parts: Parts | None) -> Parts | None:
    joined: Parts = ()
    for each in parts:
        if each is None:
            return None
        joined += each
    return joined


def _bias(value: Value, start: int, stop: int) -> Parts | None:
    return (Bias(value, start, stop),) if value.rank == 1 and value.shape and value.shape[0] != 1 else None


def _is_plain(node: Node) -> bool:
    kernel = node.inputs[1]
    turned = node.attrs.get("transpose_a") or node.attrs.get("transpose_b")
    return not turned and kernel.constant is not None and kernel.rank == 2


def columns(value: Value) -> tuple[Value, int] | None:
    """Return the matrix that a value is columns of, and the first of them."""
    node = value.node
    width = value.shape[-1] if value.shape else None
    if width is None or value.rank != 2:
        return None
    if node.op == "Split" and node.inputs[0].ints and axis_of(node.inputs[0].ints[0], 2) == 1:
        return node.inputs[1], width * value.index
    if node.op == "SplitV" and node.inputs[2].ints and axis_of(node.inputs[2].ints[0], 2) == 1:
        sizes = node.inputs[1].ints
        return (node.inputs[0], sum(sizes[: value.index])) if sizes and -1 not in sizes else None
    if node.op == "Slice" and node.inputs[1].ints and node.inputs[2].ints:
        begin, size = node.inputs[1].ints, node.inputs[2].ints
        return (node.inputs[0], begin[1]) if begin[0] == 0 and size[0] == -1 else None
    return _strided(node) if node.op == "StridedSlice" else None


def _strided(node: Node) -> tuple[Value, int] | None:
    source, begin, end, strides = node.inputs
    if source.rank != 2 or source.shape is None or begin.ints is None or end.ints is None or strides.ints is None:
        return None
    rows, cut = slice_axes(2, begin.ints, end.ints, strides.ints, node.attrs)[:2]
    size = source.shape[1]
    if not rows.whole or size is None or cut.new or cut.drop or not cut.known or cut.step != 1:
        return None
    return source, range(size)[cut.start : cut.stop].start


def _outside(value: Value, axis: int, backwards: bool, start: int, stop: int) -> Parts | None:
    """Follow what was done to a whole sequence [steps, batch, columns], or [batch, steps, columns], before the loop."""
    node = value.node
    if value.rank != 3:
        return None
    if node.op == "BiasAdd" or node.op in SUMS:
        for whole, vector in (node.inputs, node.inputs[::-1]):
            if vector.constant is not None and vector.rank == 1:
                return _joined(_outside(whole, axis, backwards, start, stop), _bias(vector, start, stop))
        return None
    if (turned := _turned(value, axis)) is not None:
        before, axis, flips = turned
        return _outside(before, axis, backwards != flips, start, stop)
    product = node.inputs[0].node if node.op == "Reshape" else None
    bias: Parts = ()
    if product is not None and product.op == "BiasAdd":
        found = _bias(product.inputs[1], start, stop) if product.inputs[1].constant is not None else None
        if found is None:
            return None
        product, bias = product.inputs[0].node, found
    if product is None or product.op != "MatMul" or not _is_plain(product):
        return None
    flat, kernel = product.inputs
    source = flat.node.inputs[0] if flat.node.op == "Reshape" and flat.rank == 2 else None
    if source is None or source.rank != 3 or source.shape is None or value.shape is None:
        return None
    if source.shape[:2] != value.shape[:2] or source.shape[2] != kernel.shape[0]:  # type: ignore[index]  # a matrix
        return None
    return (Term(sequence_of(source, axis, backwards), kernel, start, stop), *bias)


def sequence_of(tensor: Value, axis: int, backwards: bool = False) -> Sequence:
    """Return a sequence as what it was before it was turned around."""
    truths = tensor.dtype == "bool"
    found = Sequence(tensor, axis, backwards)
    while (turned := _turned(tensor, axis)) is not None:
        tensor, axis, flips = turned
        backwards = backwards != flips
        # What is true or not is reversed as numbers 0 and 1, which are no place to stop at.
        if not truths or tensor.dtype == "bool":
            found = Sequence(tensor, axis, backwards)
    return found


def _turned(value: Value, axis: int) -> tuple[Value, int, bool] | None:
    """Return what a sequence is that was transposed or reversed: its tensor, the axis of its steps, whether they are in
    the other order."""
    node = value.node
    if node.op == "Cast" and (node.inputs[0].dtype, value.dtype) in (("bool", "int32"), ("int32", "bool")):
        return node.inputs[0], axis, False
    if node.op == "NotEqual" and node.inputs[0].dtype == "int32" and node.inputs[1].node.op == "ZerosLike":
        return node.inputs[0], axis, False  # as `decompose` spells such a cast
    if node.op == "Transpose" and node.inputs[1].ints == (1, 0, 2):
        return node.inputs[0], 1 - axis, False
    reversed_ = node.inputs[1].ints if node.op == "ReverseV2" and value.rank == 3 else None
    if reversed_ is not None and {axis_of(each, 3) for each in reversed_} == {axis}:
        return node.inputs[0], axis, True
    return None
