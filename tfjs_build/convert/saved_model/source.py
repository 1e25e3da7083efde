"""A decoded file as typed values: the main graph and its functions, in one shape.

The readers see a `Body` (nodes by name, arguments, results), whether it is a GraphDef or a FunctionDef. What OpDefs
say matters: files leave out attributes that are at their default, and a function refers to outputs by argument name
(`node:outname:1`), whose place among all outputs only the OpDef tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tfjs_build.convert.graph.ir import Dims
from tfjs_build.convert.graph.op_defs import OpDef, Output, op_def
from tfjs_build.convert.saved_model.checks import MOST_TENSORS, check_defaults, check_node
from tfjs_build.convert.saved_model.tensors import dims, dtype_name
from tfjs_build.errors import SourceError
from tfjs_build.records import record

_NUMBER: Final = re.compile("[0-9]{1,9}")
"""The position of an output: there is no op with more."""


@record(frozen=True)
class Function:
    """A function as an attribute names it."""

    name: str


class SourceNode:
    """One node of the file. `controls` are the names of nodes that must run before. It is checked when it is looked
    into: a file may have nodes that nothing needs."""

    __slots__ = ("_attrs", "_inputs", "_op_defs", "_proto", "controls", "name", "op")

    def __init__(self, proto: Any, op_defs: OpDefs) -> None:
        self.name: str = proto.name
        self.op: str = proto.op
        references = list(proto.input)
        self._inputs = [reference for reference in references if not reference.startswith("^")]
        self.controls = [reference[1:] for reference in references if reference.startswith("^")]
        self._proto = proto
        self._op_defs = op_defs
        self._attrs: dict[str, Any] | None = None

    @property
    def inputs(self) -> list[str]:
        """References to the tensors that it reads. Raises SourceError for a node that does not match its op."""
        if self._attrs is None:
            self._attrs = self._checked()
        return self._inputs

    @property
    def attrs(self) -> dict[str, Any]:
        """Attributes as Python values, with the defaults that the file left out. Raises SourceError for a node that is
        none of its op."""
        if self._attrs is None:
            self._attrs = self._checked()
        return self._attrs

    def _checked(self) -> dict[str, Any]:
        described = self._op_defs.get(self.op)
        attrs = dict(described.defaults) if described else {}
        fields: dict[str, str | None] = {}
        for key, value in self._proto.attr.items():
            attrs[key] = attr_value(value)
            fields[key] = value.WhichOneof("value")
        check_node(self.op, self.name, len(self._inputs), attrs, fields)
        return attrs

    @property
    def output_shapes(self) -> list[Dims]:
        """The shapes that whoever wrote the file knew of its outputs, none where they are not there."""
        shapes = self.attrs.get("_output_shapes")
        return [each if isinstance(each, tuple) else None for each in shapes] if isinstance(shapes, list) else []

    @property
    def tensor(self) -> Any:
        """The TensorProto of a Const."""
        return self._proto.attr["value"].tensor

    def outputs(self) -> list[tuple[Output, int]] | None:
        """Return the output arguments with the number of tensors of each, None for an op that is not described."""
        described = self._op_defs.get(self.op)
        if described is None:
            return None
        return [(output, self._count(output)) for output in described.outputs]

    def _count(self, output: Output) -> int:
        if not output.count:
            return 1
        count = self.attrs.get(output.count)
        if isinstance(count, (list, tuple)):
            return len(count)
        if isinstance(count, int) and count > MOST_TENSORS:  # by a description of the op that the file brings itself
            raise SourceError(f"{self.op} ({self.name}) claims to have {count:,} outputs.")
        return count if isinstance(count, int) else 0

    def output_dtypes(self) -> list[str] | None:
        """Return the type of each output tensor, None where it is not known."""
        outputs = self.outputs()
        if outputs is None:
            return None
        dtypes: list[str] = []
        for output, count in outputs:
            dtype = self.attrs.get(output.dtype, output.dtype)
            if isinstance(dtype, (list, tuple)):
                dtypes += [str(item) for item in dtype]
            else:
                dtypes += [str(dtype)] * count
        return dtypes


class OpDefs:
    """OpDefs by op: the file's own, else the table's."""

    def __init__(self, protos: Any = ()) -> None:
        self._protos = {proto.name: proto for proto in protos}
        self._decoded: dict[str, OpDef | None] = {}

    def get(self, op: str) -> OpDef | None:
        """Return the description of `op`, None where there is none. Raises SourceError for one that it cannot be."""
        if op not in self._decoded:
            proto = self._protos.get(op)
            self._decoded[op] = op_def(op) if proto is None else _op_def(proto)
        return self._decoded[op]


def _op_def(proto: Any) -> OpDef:
    """Return what a file says of an op: of what TensorFlow's have, it can only tell other defaults."""
    known = op_def(proto.name)
    if known is not None and known.attrs:
        given = {attr.name: attr.default_value for attr in proto.attr if attr.HasField("default_value")}
        defaults = {key: attr_value(value) for key, value in given.items()}
        check_defaults(proto.name, defaults, {key: value.WhichOneof("value") for key, value in given.items()})
        return OpDef(known.outputs, known.defaults | defaults)
    outputs = tuple(
        Output(
            arg.name,
            arg.type_attr or arg.type_list_attr or dtype_name(arg.type),
            arg.number_attr or arg.type_list_attr,
        )
        for arg in proto.output_arg
    )
    defaults = {attr.name: attr_value(attr.default_value) for attr in proto.attr if attr.HasField("default_value")}
    return OpDef(outputs, defaults)


def attr_value(proto: Any) -> Any:
    """Return an AttrValue as a Python value: types by name, shapes as tuples, functions as `Function`."""
    kind = proto.WhichOneof("value")
    if kind == "s":
        return proto.s.decode("utf-8", "surrogateescape")
    if kind == "type":
        return dtype_name(proto.type) if proto.type else None
    if kind == "shape":
        return dims(proto.shape)
    if kind == "func":
        return Function(proto.func.name)
    if kind == "list":
        values = proto.list
        if len(values.type):
            return [dtype_name(number) for number in values.type]
        if len(values.shape):
            return [dims(shape) for shape in values.shape]
        if len(values.func):
            return [Function(function.name) for function in values.func]
        if len(values.s):
            return [item.decode("utf-8", "surrogateescape") for item in values.s]
        return list(values.i) or list(values.f) or list(values.b)
    if kind in ("i", "f", "b"):
        return getattr(proto, kind)
    return None  # a tensor is read where it is needed; a placeholder or nothing says nothing


class Body:
    """A main graph or a function: `args` are names and types, `results` references, `runs` the nodes that run though
    no result needs them (None for the main graph, which has no such). `producer` is the version of the main graph."""

    def __init__(
        self,
        name: str,
        nodes: Mapping[str, SourceNode],
        args: list[tuple[str, str]],
        results: list[str],
        runs: list[str] | None,
        producer: int = 0,
    ) -> None:
        self.name = name
        self.nodes = nodes
        self.producer = producer
        self.args = args
        self.results = results
        self.runs = runs
        self.loops: Any = None
        """What `handlers/frames.py` finds in the body, once."""
        self.gates: dict[tuple[str, int], frozenset[tuple[tuple[str, int], int]]] = {}
        """What `handlers/switches.py` finds in the body, value by value."""
        self._offsets: dict[tuple[str, str], int] = {}
        self._arg_names: Final = {name for name, _ in args}

    def resolve(self, reference: str) -> tuple[str, int]:
        """Return node (or argument) and output position of a reference: `node`, `node:1`, `node:outname:1`."""
        name, *rest = reference.split(":")
        if name in self._arg_names or not rest:
            return name, 0
        if len(rest) == 1 and _NUMBER.fullmatch(rest[0]):
            return name, int(rest[0])
        number = int(rest[1]) if len(rest) > 1 and _NUMBER.fullmatch(rest[1]) else 0
        return name, self._offset(name, rest[0]) + number

    def behind_identities(self, reference: str) -> tuple[str, int]:
        """Return node and output of what a reference stands for, whatever identities are in between. Raises SourceError
        where these lead to one another."""
        place = self.resolve(reference)
        seen: set[str] = set()
        while (node := self.nodes.get(place[0])) is not None and node.op == "Identity":
            if node.name in seen:
                raise SourceError(f"Identity ({node.name}) depends on itself.")
            seen.add(node.name)
            place = self.resolve(node.inputs[0])
        return place

    def op_of(self, reference: str) -> str:
        """Return the op of the node that a reference names, nothing where there is no such node."""
        node = self.nodes.get(self.resolve(reference)[0])
        return "" if node is None else node.op

    def _offset(self, name: str, output: str) -> int:
        key = (name, output)
        if key not in self._offsets:
            self._offsets[key] = self._find_offset(name, output)
        return self._offsets[key]

    def _find_offset(self, name: str, output: str) -> int:
        node = self.nodes.get(name)
        if node is None:
            raise SourceError(f"The function {self.name} refers to the node {name}, which it does not have.")
        outputs = node.outputs()
        position = 0
        for described, count in outputs or ():
            if described.name == output:
                return position
            position += count
        if outputs is None:
            return 0  # an op without a description: it is refused by name, whatever its outputs
        raise SourceError(f"{node.op} ({name}) has no output named {output}.")


def main_body(graph: Any, op_defs: OpDefs) -> Body:
    """Return a GraphDef."""
    nodes = {proto.name: SourceNode(proto, op_defs) for proto in graph.node}
    return Body("the main graph", nodes, [], [], None, graph.versions.producer)


class Library:
    """The functions of a file, decoded when they are called for."""

    def __init__(self, protos: Any, op_defs: OpDefs) -> None:
        self._protos = {proto.signature.name: proto for proto in protos}
        self._op_defs = op_defs
        self._bodies: dict[str, Body] = {}

    def body(self, name: str) -> Body:
        """Return the function `name`. Raises SourceError if the file has none of that name."""
        if name not in self._bodies:
            proto = self._protos.get(name)
            if proto is None:
                raise SourceError(f"The graph calls the function {name}, which the file does not have.")
            nodes = {node.name: SourceNode(node, self._op_defs) for node in proto.node_def}
            args = [(arg.name, dtype_name(arg.type) if arg.type else "") for arg in proto.signature.input_arg]
            results = [proto.ret[arg.name] for arg in proto.signature.output_arg]
            self._bodies[name] = Body(name, nodes, args, results, list(proto.control_ret.values()))
        return self._bodies[name]
