"""The graph: values that know the node that makes them, constants read on demand, functions as graphs of their own.

A graph is what its outputs reach: there is no list of nodes to keep in order, and what nothing reaches is gone.
Passes do not change nodes; they build new ones (`rewrite.py`), through the same `Builder` that readers and layers use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.artifacts import BLOCK_BYTES
from tfjs_build.convert.graph.dtypes import INTEGER, numpy_dtype

if TYPE_CHECKING:
    from tfjs_build.convert.graph.op_calls import OpCalls

Array: TypeAlias = NDArray[Any]
Dims: TypeAlias = "tuple[int | None, ...] | None"
"""A shape: None where a size is free, None itself where the rank is."""

Known: TypeAlias = "tuple[int | None, ...]"
"""The numbers of a small integer tensor, as far as they are known."""

KNOWN_LIMIT: Final = 64
"""Most elements of an integer tensor whose numbers are followed one by one: shapes, axes, paddings."""

_CACHED_BYTES: Final = 1 << 16


class Constant:
    """A tensor whose numbers are known when converting, though perhaps not yet read.

    `name` is that of the variable that it comes from, None for others. `blocks` are flat arrays in C order which
    together hold every element; where the source has no such stream, they are cut from `array()`. `origin` tells what
    a folded constant was computed from (op, constants, attributes, which output), so that equal ones can be told.
    `integers` marks floats that are whole numbers, from the first of the two to the second: they are published as such.
    """

    __slots__ = ("_array", "_blocks", "_read", "dtype", "integers", "name", "origin", "shape")

    def __init__(
        self,
        shape: tuple[int, ...],
        dtype: str,
        read: Callable[[], Array],
        *,
        name: str | None = None,
        blocks: Callable[[], Iterator[Array]] | None = None,
        origin: tuple[str, Sequence[Constant], Mapping[str, Any], int] | None = None,
        integers: tuple[int, int] | None = None,
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.name = name
        self._read = read
        self.origin = origin
        self.integers = integers
        self._blocks = blocks
        self._array: Array | None = None

    @classmethod
    def of(
        cls, array: Array, dtype: str, *, name: str | None = None, integers: tuple[int, int] | None = None
    ) -> Constant:
        """Return a constant that holds `array`."""
        constant = cls(array.shape, dtype, lambda: array, name=name, integers=integers)
        constant._array = array
        return constant

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64)) if self.shape else 1

    @property
    def nbytes(self) -> int:
        """Size in bytes (of the references, for strings)."""
        return self.size * numpy_dtype(self.dtype).itemsize

    def named(self, name: str | None) -> Constant:
        """Return the same tensor under the name of a variable."""
        if name is None or name == self.name:
            return self
        copy = Constant(
            self.shape,
            self.dtype,
            self.array,
            name=name,
            blocks=self._blocks,
            origin=self.origin,
            integers=self.integers,
        )
        copy._array = self._array
        return copy

    @property
    def waits(self) -> bool:
        """Whether it is folded from others, and not computed yet."""
        return self.origin is not None and self._array is None

    def item(self) -> Any:
        """Return the number, or string, of what must have one alone; raises IndexError where it has others, or none."""
        if self.size != 1:
            raise IndexError(f"a single value is expected, got the shape {list(self.shape)}")
        return self.array().item()

    def array(self) -> Array:
        """Return the tensor; small ones are kept once read."""
        if self._array is not None:
            return self._array
        array = np.asarray(self._read()).reshape(self.shape)
        if array.nbytes <= _CACHED_BYTES:
            self._array = array
        return array

    def blocks(self) -> Iterator[Array]:
        """Yield the tensor as flat arrays of about `BLOCK_BYTES` at most."""
        if self._blocks is not None and self._array is None:
            yield from self._blocks()
            return
        flat = self.array().reshape(-1)
        step = max(1, BLOCK_BYTES // max(1, flat.itemsize))
        for start in range(0, flat.size, step):
            yield flat[start : start + step]


class Value:
    """One output of a node. Arithmetic on values builds nodes: `x * 0.5 + y` reads like the formula."""

    __slots__ = ("dtype", "index", "known", "node", "shape")
    __array_ufunc__ = None  # `array * value` is ours, not an array of values

    def __init__(self, node: Node, index: int, shape: Dims, dtype: str) -> None:
        self.node = node
        self.index = index
        self.shape = shape
        self.dtype = dtype
        self.known: Known | None = None

    @property
    def constant(self) -> Constant | None:
        """The constant that this value is, or None."""
        return self.node.attrs["value"] if self.node.op == "Const" else None

    @property
    def rank(self) -> int | None:
        """Number of dimensions, None where it is not known."""
        return None if self.shape is None else len(self.shape)

    @property
    def static(self) -> tuple[int, ...] | None:
        """The shape where every size is known, else None."""
        if self.shape is None or None in self.shape:
            return None
        return self.shape  # type: ignore[return-value]

    @property
    def ints(self) -> tuple[int, ...] | None:
        """The numbers of a small integer tensor where all are known, else None."""
        if self.known is None or None in self.known:
            return None
        return self.known  # type: ignore[return-value]

    def __add__(self, other: Operand) -> Value:
        return self.node.builder.AddV2(self, other)

    def __radd__(self, other: Operand) -> Value:
        return self.node.builder.AddV2(other, self)

    def __sub__(self, other: Operand) -> Value:
        return self.node.builder.Sub(self, other)

    def __rsub__(self, other: Operand) -> Value:
        return self.node.builder.Sub(other, self)

    def __mul__(self, other: Operand) -> Value:
        return self.node.builder.Mul(self, other)

    def __rmul__(self, other: Operand) -> Value:
        return self.node.builder.Mul(other, self)

    def __truediv__(self, other: Operand) -> Value:
        return self.node.builder.RealDiv(self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return self.node.builder.RealDiv(other, self)

    def __neg__(self) -> Value:
        return self.node.builder.Neg(self)

    def __repr__(self) -> str:
        suffix = f":{self.index}" if self.index else ""
        return f"%{self.node.name}{suffix}"


Operand: TypeAlias = "Value | Array | float | bool | str | bytes | Sequence[Any]"
"""What a builder takes for an input: a value, or what it makes a constant of."""


class Node:
    """One operation. `attrs` are plain Python values; `Const` holds a `Constant`, loops and branches hold graphs.

    `name` is a readable wish (unique names are given on emission); its path says which layer the node comes from.
    """

    __slots__ = ("attrs", "builder", "inputs", "name", "op", "outputs")

    def __init__(
        self,
        builder: OpCalls,
        op: str,
        inputs: Sequence[Value],
        attrs: Mapping[str, Any],
        name: str,
        specs: Sequence[tuple[Dims, str]],
    ) -> None:
        self.builder = builder
        self.op = op
        self.inputs = tuple(inputs)
        self.attrs = attrs
        self.name = name
        self.outputs = tuple(Value(self, index, shape, dtype) for index, (shape, dtype) in enumerate(specs))

    @property
    def graphs(self) -> list[tuple[str, Graph]]:
        """The functions that the node runs, by attribute."""
        return [(key, value) for key, value in self.attrs.items() if isinstance(value, Graph)]

    def __repr__(self) -> str:
        outputs = ", ".join(repr(value) for value in self.outputs)
        types = ", ".join(_type(value) for value in self.outputs)
        inputs = ", ".join(repr(value) for value in self.inputs)
        attrs = ", ".join(f"{key}={_attr(value)}" for key, value in self.attrs.items())
        return f"{outputs}: {types} = {self.op}({inputs}){f' {{{attrs}}}' if attrs else ''}"


class Port(NamedTuple):
    """A named input or output of a graph."""

    name: str
    value: Value


class Graph:
    """What a model or a function computes: named outputs from named inputs (values of `Placeholder` nodes)."""

    __slots__ = ("inputs", "outputs")

    def __init__(self, inputs: Sequence[Port], outputs: Sequence[Port]) -> None:
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)

    def nodes(self, after: Mapping[Node, Sequence[Node]] | None = None) -> list[Node]:
        """Return the nodes that the outputs reach, and the inputs, each after what it needs.

        `after` names nodes that must come before others besides. Raises ValueError if there is no such order.
        """
        order: list[Node] = []
        done: set[Node] = set()
        path: set[Node] = set()
        for port in (*self.inputs, *self.outputs):
            stack: list[tuple[Node, int]] = [(port.value.node, 0)]
            while stack:
                node, position = stack.pop()
                if node in done:
                    continue
                others = after.get(node, ()) if after else ()
                if position == 0:
                    if node in path:
                        raise ValueError(f"{node.name} depends on itself")
                    path.add(node)
                if position < len(node.inputs) + len(others):
                    stack.append((node, position + 1))
                    inputs = len(node.inputs)
                    first = node.inputs[position].node if position < inputs else others[position - inputs]
                    if first not in done:
                        stack.append((first, 0))
                else:
                    done.add(node)
                    order.append(node)
        return order

    def uses(self) -> Counter[Value]:
        """Count how often each value is read, by a node or as an output."""
        counts = Counter(value for node in self.nodes() for value in node.inputs)
        counts.update(port.value for port in self.outputs)
        return counts

    def walk(self) -> Iterator[Node]:
        """Yield the nodes of this graph and of all functions inside it."""
        for node in self.nodes():
            yield node
            for _, graph in node.graphs:
                yield from graph.walk()

    def __str__(self) -> str:
        lines = [f"inputs: {', '.join(f'{port.name}={port.value!r}' for port in self.inputs)}"]
        for node in self.nodes():
            lines.append(f"  {node!r}")
            for key, graph in node.graphs:
                lines.append(f"    {key}:")
                lines += [f"      {line}" for line in str(graph).splitlines()]
        lines.append(f"outputs: {', '.join(f'{port.name}={port.value!r}' for port in self.outputs)}")
        return "\n".join(lines)


def known_of(constant: Constant) -> Known | None:
    """Return the numbers of a small integer scalar, vector or matrix (paddings), None for any other constant."""
    if constant.dtype not in INTEGER or len(constant.shape) > 2 or constant.size > KNOWN_LIMIT:
        return None
    return tuple(int(number) for number in constant.array().reshape(-1))


def _type(value: Value) -> str:
    dims = "…" if value.shape is None else ",".join("?" if size is None else str(size) for size in value.shape)
    known = ""
    if value.known is not None and value.node.op != "Const":
        known = f" known ({','.join('?' if number is None else str(number) for number in value.known)})"
    return f"{value.dtype}[{dims}]{known}"


def _attr(value: object) -> str:
    if isinstance(value, Graph):
        return "<graph>"
    if isinstance(value, Constant):
        if value.size <= 8 and value.name is None:
            return str(value.array().tolist())
        return f"<{value.name or 'constant'}>"
    return repr(value)
