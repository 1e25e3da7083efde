"""The one door through which nodes are made: shapes are inferred and what is constant is folded on the way.

An op is a method call under TensorFlow's own name (`b.MatMul(x, w, transpose_b=True)`), arithmetic on values works as
on numbers, and numbers, lists and arrays become constants of the right type: a layer or a decomposition reads like its
formula.

    b = Builder("gelu")
    y = 0.5 * x * (1.0 + b.Erf(x / 2**0.5))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from tfjs_build.convert.graph import fold
from tfjs_build.convert.graph.aliases import ALIASES
from tfjs_build.convert.graph.dtypes import FLOATING, INTEGER, is_tensor, literal_dtype, numpy_dtype
from tfjs_build.convert.graph.infer import RULES, infer
from tfjs_build.convert.graph.infer.shapes import merge, product
from tfjs_build.convert.graph.ir import (
    KNOWN_LIMIT,
    Array,
    Constant,
    Dims,
    Graph,
    Known,
    Node,
    Operand,
    Port,
    Value,
    known_of,
)
from tfjs_build.convert.graph.op_calls import OpCalls
from tfjs_build.convert.graph.op_defs import op_def
from tfjs_build.errors import MisfitError

# Folding may make a download larger than the op that it saves: what grows beyond this stays an op.
_GROWTH_BYTES: Final = 100_000

# Each fold may double what it reads, and many can follow each other: above this, what comes out may be twice as large
# as what the source holds of it, and no more.
_MOST_GROWN_BYTES: Final = 1 << 26

# Small results are computed at once; larger ones when their numbers are asked for.
_EAGER_BYTES: Final = 1 << 14

# What these give are numbers of their first input, and no others.
_MOVES: Final = frozenset({"ExpandDims", "Identity", "Reshape", "Reverse", "ReverseV2", "Squeeze", "Transpose"})


class Builder(OpCalls):
    """Makes nodes, named after the scope (the layer) that they belong to."""

    def __init__(self, scope: str = "") -> None:
        self.scope = scope

    @contextmanager
    def scoped(self, name: str) -> Iterator[None]:
        """Name the nodes that are made meanwhile after `name`, inside the present scope."""
        outer = self.scope
        self.scope = f"{outer}/{name}" if outer else name
        try:
            yield
        finally:
            self.scope = outer

    def input(self, name: str, shape: Dims, dtype: str) -> Value:
        """Return a new input of a graph."""
        return Node(self, "Placeholder", (), {}, name, [(shape, dtype)]).outputs[0]

    def const(self, value: Operand | Constant, dtype: str | None = None, *, name: str | None = None) -> Value:
        """Return a constant: of `dtype`, or float32, int32, bool or string as `value` suggests."""
        if isinstance(value, Value):
            return value
        try:
            constant = value if isinstance(value, Constant) else _constant(value, dtype)
        except OverflowError as error:  # no count of ours comes near: the source says it
            where = f"{self.scope}: " if self.scope else ""
            raise MisfitError(f"{where}{value!r:.60} is more than a number of {dtype or 'int32'} can be.") from error
        node = Node(
            self,
            "Const",
            (),
            {"value": constant},
            name or constant.name or self._named("Const"),
            [(constant.shape, constant.dtype)],
        )
        node.outputs[0].known = known_of(constant)
        return node.outputs[0]

    def graph(self, inputs: Sequence[Value], outputs: Sequence[Value]) -> Graph:
        """Return a function's graph: its inputs and outputs in order."""
        return Graph(
            [Port(value.node.name, value) for value in inputs],
            [Port(f"output_{index}", value) for index, value in enumerate(outputs)],
        )

    def multi(self, op: str, *inputs: Operand, **attrs: Any) -> tuple[Value, ...]:
        """Return all outputs of a new node, for ops that have several (`Split`, `TopKV2` …)."""
        return self.node(op, self._operands(op, inputs), attrs)

    def node(
        self,
        op: str,
        inputs: Sequence[Value],
        attrs: Mapping[str, Any],
        *,
        name: str | None = None,
        given: Sequence[tuple[Dims, str]] | None = None,
    ) -> tuple[Value, ...]:
        """Return the outputs of a new node, or of the constants that it comes to.

        `given` is what is known of the outputs from elsewhere. Raises KeyError for an op without a shape rule where it
        is not given, TypeError for an attribute that TensorFlow's op does not have, and MisfitError for inputs that do
        not go with each other.
        """
        if op in ALIASES:
            return (inputs[0],)
        _check_attrs(op, attrs)
        name = name or self._named(op)
        specs = _inferred(op, inputs, attrs, given, name) if op in RULES or given is not None else None
        folded = None if specs is None else self._fold(op, inputs, attrs, specs)
        if folded is not None:
            return tuple(self.const(constant, name=constant.name or name) for constant in folded)
        replaced = self.replace(op, inputs, attrs, name)
        if replaced is not None:
            for value, (shape, _) in zip(replaced, given or (), strict=False):
                value.shape = merge(value.shape, shape)
            return replaced
        if specs is None:
            raise KeyError(f"no shape rule for {op}")
        node = Node(self, op, inputs, attrs, name, specs)
        for value, known in zip(node.outputs, _partly_known(node), strict=False):
            value.known = known
            if known is not None and None not in known and value.static is not None:
                # The numbers are known though the inputs are not: the shape of a tensor, an axis of it.
                array = np.array(known, numpy_dtype(value.dtype)).reshape(value.static)
                if len(node.outputs) == 1:
                    return (self.const(Constant.of(array, value.dtype), name=name),)
        return node.outputs

    def replace(
        self, _op: str, _inputs: Sequence[Value], _attrs: Mapping[str, Any], _name: str
    ) -> tuple[Value, ...] | None:
        """Return what is built instead of a node: a builder that knows better than its caller overrides this."""
        return None

    def _named(self, op: str) -> str:
        return f"{self.scope}/{op}" if self.scope else op

    def _operands(self, op: str, inputs: Sequence[Operand]) -> list[Value]:
        """Make constants of what is not a value: of the type that TensorFlow's op has there, or of that of the tensors
        which share its type with it."""
        known = op_def(op)
        said = known.input_dtypes(len(inputs)) if known else ["T"] * len(inputs)
        said += [""] * (len(inputs) - len(said))
        given = {
            kind: value.dtype
            for kind, value in reversed(list(zip(said, inputs, strict=True)))
            if kind and isinstance(value, Value) and is_tensor(value.dtype)
        }
        result = []
        for kind, operand in zip(said, inputs, strict=True):
            result.append(self.const(operand, _literal(operand, given.get(kind, kind))))
        return result

    def _fold(
        self, op: str, inputs: Sequence[Value], attrs: Mapping[str, Any], specs: Sequence[tuple[Dims, str]]
    ) -> list[Constant] | None:
        """Return the outputs as constants where all inputs are, and folding does not swell the model."""
        if op not in fold.FOLD or attrs.get("_keep"):  # `_keep` marks a node that is there for its own sake
            return None
        known = [value.constant for value in inputs if value.node.op == "Const"]
        if not known or len(known) != len(inputs) or not all(is_tensor(dtype) for _, dtype in specs):
            return None
        constants = [constant for constant in known if constant is not None]
        read = sum(constant.nbytes for constant in constants)
        sizes = [product(shape) if shape is not None else None for shape, _ in specs]
        dtypes = [dtype for _, dtype in specs]
        source = max((c for c in constants if c.name), key=lambda c: c.size, default=None)
        name = source.name if source else None
        integers = constants[0].integers if op in _MOVES else None
        if None in sizes:
            if read > _EAGER_BYTES:
                return None
        else:
            written = sum(n * numpy_dtype(d).itemsize for n, d in zip(sizes, dtypes, strict=True) if n is not None)
            if written > max(_GROWTH_BYTES, 2 * read):
                return None
            if written > _MOST_GROWN_BYTES and written > 2 * _held(constants):
                return None
            if max(read, written) > _EAGER_BYTES:
                return [
                    Constant(
                        shape,  # type: ignore[arg-type]  # no size of it is None here
                        dtype,
                        _later(op, constants, attrs, dtype, index),
                        name=name,
                        origin=(op, constants, attrs, index),
                        integers=integers,
                    )
                    for index, (shape, dtype) in enumerate(specs)
                ]
        try:
            arrays = fold.evaluate(op, [constant.array() for constant in constants], attrs, dtypes)
        except (ValueError, IndexError, TypeError, ZeroDivisionError, OverflowError):
            return None  # left for TensorFlow.js, which may never reach it
        return [
            Constant.of(array, dtype, name=name, integers=integers) for array, dtype in zip(arrays, dtypes, strict=True)
        ]


def _held(constants: Sequence[Constant]) -> int:
    """Return how many bytes the source holds of what these constants were folded from."""
    waiting, seen, total = list(constants), set[int](), 0
    while waiting:
        constant = waiting.pop()
        if id(constant) not in seen:
            seen.add(id(constant))
            if constant.origin is None:
                total += constant.nbytes
            else:
                waiting += constant.origin[1]
    return total


def _literal(operand: Operand, wanted: str) -> str | None:
    """Return the type of a constant where the op has `wanted`: None where that is no type, or none of such numbers."""
    if isinstance(operand, Value):
        return None
    array = np.asarray(operand)
    if array.size == 0:  # of which NumPy says that it is made of floats
        return wanted if is_tensor(wanted) else "int32"
    allowed = {"i": INTEGER | FLOATING, "u": INTEGER | FLOATING, "f": FLOATING}.get(array.dtype.kind, frozenset())
    return wanted if wanted in allowed else None


def _check_attrs(op: str, attrs: Mapping[str, Any]) -> None:
    """Raise TypeError for a misspelt attribute, which the emitter would leave out without a word."""
    known = op_def(op)
    if known is None or not known.attrs:
        return
    for key in attrs:
        if key not in known.attrs and not key.startswith("_"):
            raise TypeError(f"{op} has no attribute {key!r}")


def _inferred(
    op: str, inputs: Sequence[Value], attrs: Mapping[str, Any], given: Sequence[tuple[Dims, str]] | None, name: str
) -> Sequence[tuple[Dims, str]]:
    try:
        return infer(op, inputs, attrs, given)
    except (ArithmeticError, IndexError, ValueError) as error:
        raise misfit(op, name, inputs) from error


def misfit(op: str, name: str, inputs: Sequence[Value]) -> MisfitError:
    """Return the error of an op that cannot take its inputs."""
    each = ", ".join(f"{value.dtype}[{_dims(value.shape)}]" for value in inputs)
    return MisfitError(f"{op} ({name}) cannot be applied to {each}.")


def _dims(shape: Dims) -> str:
    return "…" if shape is None else ", ".join("?" if size is None else str(size) for size in shape)


def _later(
    op: str, inputs: Sequence[Constant], attrs: Mapping[str, Any], dtype: str, index: int
) -> Callable[[], Array]:
    return lambda: _computed(Constant((), dtype, lambda: np.zeros(()), origin=(op, inputs, attrs, index)))


def _computed(target: Constant) -> Array:
    """Return what a folded constant comes to. Whatever others it was folded from are computed once each, though many
    read them, and are let go when all have."""
    order: list[Constant] = []
    waiting, seen = [(target, False)], set[int]()
    while waiting:
        constant, is_ready = waiting.pop()
        if is_ready:
            order.append(constant)
        elif constant.waits and id(constant) not in seen:
            seen.add(id(constant))
            waiting.append((constant, True))
            waiting += [(each, False) for each in constant.origin[1]] if constant.origin else []
    left = Counter(id(each) for constant in order if constant.origin for each in constant.origin[1])
    arrays: dict[int, Array] = {}
    for constant in order:
        assert constant.origin is not None  # which `waits` says
        op, inputs, attrs, index = constant.origin
        read = [arrays[id(each)] if id(each) in arrays else each.array() for each in inputs]
        dtypes = [constant.dtype] * (index + 1)  # all outputs of an op that is folded are of one type
        arrays[id(constant)] = fold.evaluate(op, read, attrs, dtypes)[index]
        for each in inputs:
            left[id(each)] -= 1
            if not left[id(each)]:
                arrays.pop(id(each), None)
    return arrays[id(target)]


def _constant(value: Operand, dtype: str | None) -> Constant:
    if isinstance(value, (str, bytes)):
        dtype = "string"
    if dtype is None:
        dtype = literal_dtype(np.asarray(value).dtype.kind) or "string"
    if dtype == "string":
        array = np.array(value, np.object_)
        flat = [
            item.encode("utf-8", "surrogateescape") if isinstance(item, str) else item
            for item in array.reshape(-1).tolist()
        ]
        strings = np.empty(array.shape, np.object_)
        strings.reshape(-1)[:] = flat
        return Constant.of(strings, dtype)
    with np.errstate(over="ignore"):  # what float32 has no number for is infinite, as it is in TensorFlow
        return Constant.of(np.asarray(value, numpy_dtype(dtype)), dtype)


def _partly_known(node: Node) -> list[Known | None]:
    """Return, for each output, the numbers that are known of it without running it."""
    value = node.outputs[0]
    if value.dtype not in INTEGER or value.rank is None or value.rank > 2:
        return []
    source = node.inputs[0] if node.inputs else None
    if source is None:
        return []
    if node.op in ("Shape", "ShapeN"):
        return [v.shape for v in node.inputs]
    if node.op == "Size":
        return [None if source.shape is None else (product(source.shape),)]
    if node.op == "Rank":
        return [None if source.shape is None else (len(source.shape),)]
    size = product(value.shape or ())
    if size is None or size > KNOWN_LIMIT or all(v.known is None for v in node.inputs):
        return []
    entries: list[tuple[Known, Dims]] = []
    for v in node.inputs:
        known = v.known if v.known is not None else _free_numbers(v)
        if known is None:
            return []
        entries.append((known, v.shape))
    results = fold.partly(node.op, [(known, shape) for known, shape in entries if shape is not None], node.attrs)
    return [] if results is None else list(results)


def _free_numbers(value: Value) -> Known | None:
    """Return the numbers of a small integer tensor of which none is known, None for other tensors."""
    size = product(value.static) if value.static is not None and value.dtype in INTEGER else None
    return (None,) * size if size and size <= KNOWN_LIMIT else None
