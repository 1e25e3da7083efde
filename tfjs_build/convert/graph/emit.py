"""The finished graph as TensorFlow.js reads it: a GraphDef in JSON, weights, and the nodes behind the signature.

1. Inputs and outputs are named by their signature's keys where those are free. An output has a node of its own: one
   that is an input, a constant, repeated, or not the first output of its node gets an Identity. So has a function's,
   but for an input that is handed through: the executor knows an output by its node alone.
2. Constants are weights, under the name of the variable that they come from. Equal ones are one weight.
3. All names in the graph and its functions are different: the executor keeps weights and nodes in one namespace.
4. Only attributes that the executor reads are written, in the type that it reads them as.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tfjs_build.convert.artifacts import Signature, TensorSpec, Weight
from tfjs_build.convert.dtypes import GRAPH_DEF
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.dtypes import numpy_dtype, tfjs_dtype
from tfjs_build.convert.graph.ir import Array, Constant, Dims, Graph, Node, Port, Value
from tfjs_build.convert.graph.names import Names
from tfjs_build.convert.graph.op_defs import op_def
from tfjs_build.convert.graph.ops import tfjs_op
from tfjs_build.records import record

_SMALL_BYTES = 4096
_INT32 = np.iinfo(np.int32)


@record(frozen=True)
class Emitted:
    """A graph as model.json holds it: `asynchronous` says whether only `executeAsync` can run it."""

    topology: dict[str, Any]
    weights: tuple[Weight, ...]
    signature: Signature
    asynchronous: bool
    initializer: dict[str, Any] | None


def emit(graph: Graph, initializer: Graph | None = None) -> Emitted:
    """Return what model.json holds of `graph` and of `initializer`, the graph that fills its hash tables."""
    graph = _own_outputs(graph, function=False)
    writer = _Writer(graph, initializer)
    topology = writer.graph_def(graph)
    first = None if initializer is None else writer.graph_def(initializer)
    if writer.functions:
        topology["library"] = {"function": writer.functions}
    ops = (tfjs_op(node.op) for node in graph.nodes())
    return Emitted(
        topology,
        tuple(writer.weights.values()),
        Signature(tuple(map(writer.spec, graph.inputs)), tuple(map(writer.spec, graph.outputs))),
        any(op is not None and op.asynchronous for op in ops),
        first,
    )


def _own_outputs(graph: Graph, *, function: bool) -> Graph:
    """Give each output a node of its own."""
    seen: set[Node] = set()
    ports = []
    for port in graph.outputs:
        value, node = port.value, port.value.node
        handed_through = node.op == "Placeholder" and function
        if node in seen or node.op == "Const" or value.index or (node.op == "Placeholder" and not handed_through):
            value = Node(Builder(), "Identity", (value,), {}, port.name, [(value.shape, value.dtype)]).outputs[0]
        seen.add(value.node)
        ports.append(Port(port.name, value))
    return Graph(graph.inputs, ports)


class _Writer:
    """Collects names, weights and functions while graphs are written."""

    def __init__(self, graph: Graph, initializer: Graph | None) -> None:
        self.names = Names(port.name for port in (*graph.inputs, *graph.outputs))
        self.weights: dict[str, Weight] = {}
        self.functions: list[dict[str, Any]] = []
        self._node_names: dict[Any, str] = {}
        self._weight_names: dict[Any, str] = {}
        self._keys: dict[int, int] = {}
        self._numbers: dict[Any, int] = {}
        for port in (*graph.inputs, *graph.outputs):
            name = self.names.exactly(port.name) or self.names.unique(port.name)
            self._node_names[_node_key(port.value.node)] = name
        # Variables come before nodes: their names are what patterns in a manifest match.
        for each in (graph, initializer):
            for node in each.walk() if each is not None else ():
                constant = node.outputs[0].constant if node.outputs else None
                if constant is not None and constant.name:
                    self.weight(node)

    def spec(self, port: Port) -> TensorSpec:
        """Return the signature's entry for an input or output."""
        value = port.value
        return TensorSpec(port.name, self.name(value.node), value.shape, tfjs_dtype(value.dtype))

    def name(self, node: Node) -> str:
        """Return the unique name of a node."""
        if node.op == "Const":
            return self.weight(node)
        key = _node_key(node)
        if key not in self._node_names:
            self._node_names[key] = self.names.unique(node.name)
        return self._node_names[key]

    def weight(self, node: Node) -> str:
        """Return the name of the weight that holds a constant."""
        constant: Constant = node.attrs["value"]
        key = self._weight_key(constant)
        if key not in self._weight_names:
            name = self.names.unique(constant.name or node.name)
            self._weight_names[key] = name
            dtype = tfjs_dtype(constant.dtype)
            self.weights[name] = Weight(name, constant.shape, dtype, _Blocks(constant), constant.integers)
        return self._weight_names[key]

    def _weight_key(self, constant: Constant) -> int:
        """Return what two constants with the same numbers have in common, as far as can be told without reading."""
        waiting = [constant]
        while waiting:  # not by recursion: folded constants may come of each other in thousands
            each = waiting[-1]
            read = each.origin[1] if each.origin is not None and each.nbytes > _SMALL_BYTES else ()
            lacking = [other for other in read if id(other) not in self._keys]
            if not lacking:
                # Numbered, as a key inside a key would be hashed as often as there are ways to it.
                self._keys.setdefault(id(each), self._numbers.setdefault(self._made_key(each), len(self._numbers)))
                waiting.pop()
            waiting += lacking
        return self._keys[id(constant)]

    def _made_key(self, constant: Constant) -> Any:
        if constant.nbytes <= _SMALL_BYTES:
            array = constant.array()
            data = array.tobytes() if array.dtype != object else repr(array.tolist())
            return constant.name, tfjs_dtype(constant.dtype), array.dtype.str, array.shape, data
        if constant.origin is not None:
            op, inputs, attrs, index = constant.origin
            return op, tuple(self._keys[id(each)] for each in inputs), repr(sorted(attrs.items())), index
        return id(constant)

    def graph_def(self, graph: Graph) -> dict[str, Any]:
        """Return a graph as GraphDef."""
        return {"node": self._nodes(graph), "versions": {"producer": 0, "minConsumer": 0}}

    def _nodes(self, graph: Graph) -> list[dict[str, Any]]:
        written: dict[str, dict[str, Any]] = {}
        for node in graph.nodes():
            name = self.name(node)
            if name not in written:
                written[name] = self._node(node, name)
        return list(written.values())

    def _node(self, node: Node, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": name, "op": node.op}
        if node.inputs:
            entry["input"] = [self._reference(value) for value in node.inputs]
        attrs = self._const_attrs(node) if node.op == "Const" else self._attrs(node, name)
        if attrs:
            entry["attr"] = attrs
        return entry

    def _reference(self, value: Value) -> str:
        name = self.name(value.node)
        return f"{name}:{value.index}" if value.index else name

    def _const_attrs(self, node: Node) -> dict[str, Any]:
        constant: Constant = node.attrs["value"]
        dtype = GRAPH_DEF[tfjs_dtype(constant.dtype)]
        return {"dtype": {"type": dtype}, "value": {"tensor": {"dtype": dtype, "tensorShape": _shape(constant.shape)}}}

    def _attrs(self, node: Node, name: str) -> dict[str, Any]:
        if node.op == "Placeholder":
            given = node.outputs[0]
            return {"dtype": {"type": GRAPH_DEF[tfjs_dtype(given.dtype)]}, "shape": {"shape": _shape(given.shape)}}
        op = tfjs_op(node.op)
        if op is None:
            raise KeyError(node.op)
        known = op_def(node.op)
        defaults = known.defaults if known else {}
        attrs = {}
        for key, kind in op.attrs.items():
            value = node.attrs.get(key, defaults.get(key))
            if key == "N":
                value = len(node.inputs) - node.op.startswith("Concat")  # one input of these is the axis
            elif kind == "dtype" and not op.asynchronous:
                value = node.outputs[0].dtype  # in every such op it is the type of what the op gives
            encoded = self._attr(value, kind, f"{name}_{key}")
            if encoded is not None:
                attrs[key] = encoded
        return attrs

    def _attr(self, value: Any, kind: str, name: str) -> dict[str, Any] | None:
        if value is None or (kind == "dtype" and not isinstance(value, str)):
            return None
        if kind == "func":
            return {"func": {"name": self._function(value, name)}}
        if kind == "dtype":
            return {"type": GRAPH_DEF[tfjs_dtype(value)]}
        if kind == "shape":
            return {"shape": _shape(value)}
        if kind == "bool":
            return {"b": bool(value)}
        if kind == "string":
            return {"s": _base64(value)}
        if kind == "string[]":
            return {"list": {"s": [_base64(item) for item in value]}}
        if kind == "number":
            return {"f": value} if isinstance(value, float) else {"i": int(value)}
        if kind == "number[]":
            floats = any(isinstance(item, float) for item in value)
            return {"list": {"f" if floats else "i": list(value)}}
        raise TypeError(f"an attribute of type {kind}")

    def _function(self, graph: Graph, name: str) -> str:
        """Write a function of a loop or branch into the library and return its name."""
        graph = _own_outputs(graph, function=True)
        name = self.names.unique(name)
        inputs = [port.value.node for port in graph.inputs]
        arguments = [{"name": self.name(node), "type": GRAPH_DEF[tfjs_dtype(node.outputs[0].dtype)]} for node in inputs]
        taken = {argument["name"] for argument in arguments}
        nodes = [node for node in self._nodes(graph) if node["name"] not in taken]
        results = [(self.names.unique(f"{name}/{port.name}"), port.value) for port in graph.outputs]
        self.functions.append(
            {
                "signature": {
                    "name": name,
                    "inputArg": arguments,
                    "outputArg": [
                        {"name": result, "type": GRAPH_DEF[tfjs_dtype(value.dtype)]} for result, value in results
                    ],
                },
                "nodeDef": nodes,
                "ret": {result: f"{self.name(value.node)}:0" for result, value in results},
            }
        )
        return name


def _node_key(node: Node) -> Any:
    """Return what makes a node the same in the graph and in its initializer: a hash table is known by its name."""
    return ("table", node.attrs["shared_name"]) if node.op == "HashTableV2" else node


def _shape(dims: Dims) -> dict[str, Any]:
    if dims is None:
        return {"unknownRank": True}
    return {"dim": [{"size": -1 if size is None else size} for size in dims]} if dims else {}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


@record(frozen=True)
class _Blocks:
    """Reads a constant in blocks, in TensorFlow.js's type."""

    constant: Constant

    def __call__(self) -> Iterator[Array]:
        return _as_tfjs(self.constant.blocks(), self.constant.dtype)


def _as_tfjs(blocks: Iterable[Array], dtype: str) -> Iterator[Array]:
    """Bring blocks into TensorFlow.js's type; integers beyond int32 are clipped, as the stock converter does."""
    target = numpy_dtype(tfjs_dtype(dtype))
    for block in blocks:
        if target == np.int32 and block.dtype.itemsize >= 4 and block.dtype != np.int32:
            block = np.clip(block, _INT32.min, _INT32.max)
        with np.errstate(over="ignore"):
            yield block.astype(target, copy=False)
