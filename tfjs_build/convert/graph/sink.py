"""Puts constant factors and offsets into the products behind them, as `affine.py` does with those before.

1. A factor, one number or one for each channel, goes through what is linear in it (views, padding with zeros, means,
   products with something computed, and, if it is positive, Relu and pooling) into the constant kernels of all products
   that read it: `(x · k) W = x (k W)`. A hard-swish loses its division, a normalization its scale.
2. An offset for each channel goes through views into the biases of products that pad nothing: `(x + b) W = x W + b W`.
3. Where one reader is no such product, the factor or offset stays where it is: nothing would be saved. So it does
   right behind a product, which takes it for nothing, before a kernel of whole numbers, which is published as integers,
   and before one that several products share, which would be published twice.
4. What a model does first with an input stays, since it tells in which range pixels are (`beginnings.py`).
5. A product whose result is read as it is and times a constant, as a gelu does, gives what is multiplied: its kernel
   takes the constant, and the other readers take the reciprocal, if that can go on into products behind them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Array, Constant, Graph, Node, Value
from tfjs_build.convert.graph.prepared import prepared
from tfjs_build.convert.graph.rewrite import Context, rewrite
from tfjs_build.records import record

_PRODUCTS: Final = frozenset({"Conv2D", "DepthwiseConv2dNative", "MatMul"})
_VIEWS: Final = frozenset({"Reshape", "Squeeze", "ExpandDims"})
_LINEAR: Final = _VIEWS | {"Mean", "AvgPool", "Pad", "Neg"}
_GROWING: Final = frozenset({"Relu", "LeakyRelu", "MaxPool"})
"""Linear in positive factors."""
_FACTORS: Final = frozenset({"Mul", "RealDiv"})
_SUMS: Final = frozenset({"AddV2", "Add", "BiasAdd"})


@record(frozen=True)
class _Goes:
    """What may be taken from a value and put into all that read it: a factor (for each `channel`, or only one number;
    of any sign, or only `positive`), and an `offset`."""

    factor: bool = False
    channel: bool = False
    positive: bool = True
    offset: bool = False

    def both(self, other: _Goes) -> _Goes:
        """What two readers take."""
        return _Goes(
            self.factor and other.factor,
            self.channel and other.channel,
            self.positive or other.positive,
            self.offset and other.offset,
        )

    def takes(self, factor: Array) -> bool:
        """Whether a factor goes."""
        return self.factor and (self.channel or factor.size == 1) and (not self.positive or bool((factor > 0).all()))


_NOTHING: Final = _Goes()
_ALL: Final = _Goes(factor=True, channel=True, positive=False, offset=True)


@record(frozen=True)
class _Pending:
    """What a new value lacks: the old one is `value · factor + offset`, each a scalar or a vector of channels."""

    factor: Value | None = None
    offset: Value | None = None


def sink(graph: Graph) -> Graph:
    """Return the graph with factors and offsets put into the products behind them."""
    if not any(node.op in _PRODUCTS for node in graph.nodes()):
        return graph
    scaled = _Scaled(graph)
    if scaled.found:
        graph = rewrite(graph, [scaled.rule])
    sunk = _Sunk(graph)
    return rewrite(graph, [sunk.rule]) if any(map(sunk.begins, graph.nodes())) else graph


def _goes(graph: Graph) -> dict[Value, _Goes]:
    """Return, for each value, what its readers take."""
    nodes = graph.nodes()
    kernels = Counter(id(value.constant) for node in nodes for value in node.inputs if value.constant is not None)
    found: dict[Value, _Goes] = defaultdict(lambda: _ALL)
    for port in graph.outputs:
        found[port.value] = _NOTHING
    for value in prepared(graph):
        found[value] = _NOTHING
    for node in reversed(nodes):
        for position, value in enumerate(node.inputs):
            if value.constant is None:
                found[value] = found[value].both(_taken(node, position, found, kernels))
    return found


def _taken(node: Node, position: int, found: Mapping[Value, _Goes], kernels: Mapping[int, int]) -> _Goes:
    """Return what a node takes of what it reads at a position."""
    if node.outputs[0].dtype != "float32":
        return _NOTHING
    if node.op in _PRODUCTS:
        return _of_product(node, kernels) if position == 0 else _NOTHING
    behind = found[node.outputs[0]]
    value = node.inputs[position]
    if position == 0 and node.op in _LINEAR | _GROWING:
        keeps = _keeps_channels(node)
        growing = node.op in _GROWING
        offset = behind.offset and keeps and node.op in _VIEWS
        return _Goes(behind.factor, behind.channel and keeps, behind.positive or growing, offset)
    if node.op == "Mul" and len(node.inputs) == 2:
        return _Goes(behind.factor, behind.channel and _same_channels(value, node), behind.positive)
    if behind.offset and node.op in _SUMS and _offset_of(node, position) is not None:
        return _Goes(behind.factor, behind.channel, behind.positive)
    return _NOTHING


def _of_product(node: Node, kernels: Mapping[int, int]) -> _Goes:
    kernel = node.inputs[1].constant
    if kernel is None or kernel.integers is not None or kernels[id(kernel)] > 1 or kernel.dtype != "float32":
        return _NOTHING
    if node.attrs.get("transpose_a") or node.attrs.get("transpose_b") or _first(node):
        return _NOTHING
    padded = node.op != "MatMul" and node.attrs.get("padding") != "VALID" and kernel.shape[:2] != (1, 1)
    explicit = node.attrs.get("padding") == "EXPLICIT" and any(node.attrs.get("explicit_paddings") or [])
    return _Goes(factor=True, channel=True, positive=False, offset=not padded and not explicit)


def _first(node: Node) -> bool:
    return str(node.attrs.get("data_format", "N")).startswith("NC")


def _keeps_channels(node: Node) -> bool:
    """Whether the last axis is the same before and after."""
    before, after = node.inputs[0].shape, node.outputs[0].shape
    if not before or not after or before[-1] is None or _first(node):
        return False
    if node.op == "Mean":
        axes = node.inputs[1].ints
        return axes is not None and all(axis % len(before) != len(before) - 1 for axis in axes)
    return node.op != "Pad" and before[-1] == after[-1]


def _same_channels(value: Value, node: Node) -> bool:
    shape, result = value.shape, node.outputs[0].shape
    return bool(shape and result) and shape[-1] is not None and shape[-1] == result[-1]  # type: ignore[index]


def _channels(constant: Value, other: Value) -> Value | None:
    """Return a constant operand that has one number, or one for each channel of the other, None for any else."""
    shape = constant.static
    if constant.constant is None or shape is None or constant.dtype != "float32" or other.shape is None:
        return None
    size = constant.constant.size
    each = bool(shape and other.shape) and size == shape[-1] == other.shape[-1]
    if len(shape) > len(other.shape) or not (size == 1 or each):
        return None
    return constant if np.isfinite(constant.constant.array()).all() else None


def _offset_of(node: Node, position: int) -> Value | None:
    """Return the constant that a sum adds to its input at a position."""
    if _first(node) or not _whole(node, position) or not _same_channels(node.inputs[position], node):
        return None
    return _channels(node.inputs[1 - position], node.inputs[position])


def _factor_of(node: Node, position: int) -> Value | None:
    """Return the constant that a product, or division, multiplies its input at a position with, or divides it by."""
    if node.op == "RealDiv" and position == 1:
        return None
    return _channels(node.inputs[1 - position], node.inputs[position])


def _inverse(b: Builder, value: Value) -> Value:
    return b.const(np.float32(1.0)) / value


def _factor_gone(node: Node, position: int, goes: _Goes) -> Value | None:
    """Return the constant factor, or divisor, of an input that all who read the result take."""
    if node.op not in _FACTORS or not goes.factor or not _whole(node, position):
        return None
    factor = _factor_of(node, position)
    if factor is None or factor.constant is None:
        return None
    with np.errstate(divide="ignore"):
        number = 1.0 / factor.constant.array() if node.op == "RealDiv" else factor.constant.array()
    return factor if np.isfinite(number).all() and goes.takes(number) else None


def _offset_gone(node: Node, position: int, goes: _Goes) -> Value | None:
    """Return the constant that is added to an input, and that all who read the result take."""
    return _offset_of(node, position) if node.op in _SUMS and goes.offset and _whole(node, position) else None


def _whole(node: Node, position: int) -> bool:
    """Whether an operand is computed, in floats, and has the shape of the result."""
    value, result = node.inputs[position], node.outputs[0]
    return value.constant is None and result.dtype == "float32" and value.shape == result.shape


def _behind_product(value: Value, uses: Mapping[Value, int]) -> bool:
    """Whether a value is what a product gives to nobody else, with constants applied: they are put into that one."""
    while uses[value] == 1:
        node = value.node
        if node.op in _PRODUCTS:
            return node.inputs[1].constant is not None
        computed = [each for each in node.inputs if each.constant is None]
        if len(computed) != 1 or node.op not in _VIEWS | _FACTORS | _SUMS:
            return False
        [value] = computed
    return False


class _Sunk:
    """The rule that takes factors and offsets away, carries them on, and puts them into kernels."""

    def __init__(self, graph: Graph) -> None:
        self.goes = _goes(graph)
        self.uses = graph.uses()
        self.pending: dict[Value, _Pending] = {}

    def begins(self, node: Node) -> bool:
        """Whether a factor or an offset is taken away at a node."""
        if len(node.inputs) != 2 or node.op not in _SUMS | _FACTORS:
            return False
        goes = self.goes[node.outputs[0]]
        return any(
            (_factor_gone(node, position, goes) or _offset_gone(node, position, goes)) is not None
            and not _behind_product(node.inputs[position], self.uses)
            for position in (0, 1)
        )

    def rule(self, context: Context, node: Node) -> Sequence[Value] | Value | None:
        carried = [self.pending.get(value) for value in node.inputs]
        if not any(carried):
            return self._taken_away(context, node, _Pending())
        first = carried[0] or _Pending()
        if node.op in _PRODUCTS:
            return _into_kernel(context, node, first)
        if node.op == "Mul" and carried[0] is not None and carried[1] is not None:
            factors = [each.factor for each in carried if each is not None and each.factor is not None]
            return self._kept(context, node, _Pending(_times(context.builder, *factors)))
        position = next(index for index, each in enumerate(carried) if each is not None)
        pending = carried[position]
        assert pending is not None
        taken = self._taken_away(context, node, pending, position)
        return self._kept(context, node, pending) if taken is None else taken

    def _taken_away(self, context: Context, node: Node, pending: _Pending, at: int | None = None) -> Value | None:
        """Leave a product with a constant out, or a sum, where all that read it take it."""
        result = node.outputs[0]
        if result.dtype != "float32" or len(node.inputs) != 2:
            return None
        goes = self.goes[result]
        for position in (0, 1) if at is None else (at,):
            value, b = node.inputs[position], context.builder
            if _behind_product(value, self.uses):
                continue
            factor = None if pending.offset is not None else _factor_gone(node, position, goes)
            if factor is not None:
                own = _flat(b, _inverse(b, factor) if node.op == "RealDiv" else factor)
                self.pending[result] = _Pending(own if pending.factor is None else _times(b, pending.factor, own))
                return context.new(value)
            offset = _offset_gone(node, position, goes)
            if offset is not None:
                offset = _flat(b, offset)
                whole = offset if pending.offset is None else b.AddV2(pending.offset, offset)
                self.pending[result] = _Pending(pending.factor, whole)
                return context.new(value)
        return None

    def _kept(self, context: Context, node: Node, pending: _Pending) -> Sequence[Value]:
        """Build a node of what lacks a factor; its results lack it, too."""
        given = [(value.shape, value.dtype) for value in node.outputs]
        built = context.builder.node(node.op, context.inputs(node), node.attrs, name=node.name, given=given)
        self.pending[node.outputs[0]] = pending
        return built


def _flat(b: Builder, value: Value) -> Value:
    return value if value.rank == 0 else b.Reshape(value, [] if value.constant and value.constant.size == 1 else [-1])


def _times(b: Builder, *factors: Value) -> Value:
    result = factors[0]
    for factor in factors[1:]:
        result = b.Mul(result, factor)
    return result


def _into_kernel(context: Context, node: Node, pending: _Pending) -> Value:
    """Return the product of what lacks a factor and an offset, with both in its kernel and behind it."""
    b = context.builder
    x, kernel, *rest = context.inputs(node)
    constant: Constant | None = kernel.constant
    sizes = kernel.static
    assert constant is not None and sizes is not None
    scaled = kernel
    if pending.factor is not None:
        spread = pending.factor
        axis = len(sizes) - 2
        if spread.shape != ():
            spread = b.Reshape(spread, [sizes[i] if i == axis else 1 for i in range(len(sizes))])
        scaled = _named(b, b.Mul(kernel, spread), constant)
    given = [(value.shape, value.dtype) for value in node.outputs]
    result = b.node(node.op, [x, scaled, *rest], node.attrs, name=node.name, given=given)[0]
    if pending.offset is None:
        return result
    return b.BiasAdd(result, _moved(b, node.op, pending.offset, kernel, sizes))


def _moved(b: Builder, op: str, offset: Value, kernel: Value, sizes: tuple[int, ...]) -> Value:
    """Return what an offset before a kernel adds to each channel behind it."""
    wide = b.AddV2(b.Reshape(offset, [-1]) if offset.shape else offset, np.zeros(sizes[-2], np.float32))
    if op == "DepthwiseConv2dNative":
        taps = b.Sum(kernel, [0, 1])
        return _unnamed(b, b.Reshape(b.Mul(taps, b.Reshape(wide, [-1, 1])), [-1]))
    taps = b.Sum(kernel, [0, 1]) if len(sizes) == 4 else kernel
    return _unnamed(b, b.Reshape(b.MatMul(b.Reshape(wide, [1, -1]), taps), [-1]))


def _unnamed(b: Builder, value: Value) -> Value:
    """Give a constant that was computed from a kernel no name of that kernel."""
    constant = value.constant
    if constant is None or constant.name is None:
        return value
    return b.const(Constant(constant.shape, constant.dtype, constant.array, origin=constant.origin))


def _named(b: Builder, value: Value, source: Constant) -> Value:
    if value.constant is None or source.name is None:
        return value
    return b.const(value.constant.named(source.name), name=source.name)


class _Scaled:
    """Rule 5: `x` and `x · c` are read, and `x` is a product: the product gives `x · c`, and `x` is that times 1/c."""

    def __init__(self, graph: Graph) -> None:
        self.goes = _goes(graph)
        self.readers: dict[Value, list[tuple[Node, int]]] = defaultdict(list)
        for node in graph.nodes():
            for position, value in enumerate(node.inputs):
                self.readers[value].append((node, position))
        self.read_outside = {port.value for port in graph.outputs}
        found = {value: self._scale(value) for value in self.readers if value.dtype == "float32"}
        self.found = {value: scale for value, scale in found.items() if scale is not None}
        self.scaled: dict[Value, Value] = {}

    def rule(self, context: Context, node: Node) -> Value | None:
        if node.op != "Mul" or not any(value in self.found for value in node.inputs):
            return None
        b = context.builder
        operands = []
        for position, value in enumerate(node.inputs):
            if value not in self.found:
                operands.append(context.new(value))
                continue
            scale = self.found[value]
            if value not in self.scaled:
                self.scaled[value] = b.Mul(context.new(value), scale)
            if _single(node, position) == scale:
                return self.scaled[value]
            operands.append(b.RealDiv(self.scaled[value], scale))
        return b.node("Mul", operands, node.attrs, name=node.name)[0]

    def _scale(self, x: Value) -> float | None:
        """Return the one number that `x` is multiplied with where it has to be, if all else that reads `x` takes its
        reciprocal on to products behind."""
        readers = self.readers[x]
        if len(readers) < 2 or x in self.read_outside or not self._from_product(x):
            return None
        scales = {
            number
            for node, at in readers
            if not self.goes[node.outputs[0]].factor and (number := _single(node, at)) is not None
        }
        if len(scales) != 1:
            return None
        [scale] = scales
        for node, at in readers:
            if node.op != "Mul" or not (_single(node, at) == scale or self._takes(node, at)):
                return None
        return scale

    def _takes(self, node: Node, position: int) -> bool:
        return _whole(node, position) and self.goes[node.outputs[0]].factor

    def _from_product(self, value: Value) -> bool:
        """Whether a value is what a product gives to nobody else, its bias added, seen otherwise or not: it can be
        scaled for nothing."""
        node = value.node
        while node.op in _VIEWS or (node.op in _SUMS and node.inputs[1].constant is not None):
            if len(self.readers[node.inputs[0]]) != 1 or node.inputs[0] in self.read_outside:
                return False
            node = node.inputs[0].node
        kernel = node.inputs[1].constant if node.op in _PRODUCTS else None
        return kernel is not None and kernel.integers is None


def _single(node: Node, position: int) -> float | None:
    """Return the positive number that a node multiplies an input with."""
    if node.op != "Mul":
        return None
    constant = node.inputs[1 - position].constant
    if constant is None or constant.size != 1:
        return None
    number = float(constant.item())
    return number if 0 < number < np.inf else None
