"""From a file's graphs to ours: operator by operator, each by its rule, as far as the outputs need them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.dtypes import input_dtype, is_tensor
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.convert.graph.names import clean
from tfjs_build.convert.graph.unsupported import places
from tfjs_build.convert.tflite import rules
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.held import Held
from tfjs_build.convert.tflite.model import Model, Operator, Signature, Subgraph, Tensor
from tfjs_build.convert.tflite.registry import rule_of
from tfjs_build.convert.tflite.settle import ANY, Span, common_scale, is_same, settled, span_of
from tfjs_build.convert.tflite.tensors import constant_of, dtype_of, grid_of
from tfjs_build.errors import ModelError, RefusedError, SourceError, UnforeseenError

assert rules  # importing it enters what operators mean

_DEFAULT: Final = "serving_default"
_MOST_OPERATORS: Final = 200_000
"""How many are built of one file: its graphs can call each other, and so be many more than they look."""

_OWN: Final = frozenset({"UNIDIRECTIONAL_SEQUENCE_LSTM"})
"""Operators whose activation is inside."""

_CONTROL: Final = ("cond_subgraph_index", "body_subgraph_index", "then_subgraph_index", "else_subgraph_index")


def convert(model: Model, signature: str | None) -> ModelArtifacts:
    """Return the artifacts of one signature: of the one that is named, else of `serving_default`, the only one, or the
    file's first graph. Raises SourceError or RefusedError."""
    chosen = _choose(model, signature)
    subgraph = model.subgraphs[0 if chosen is None else chosen.subgraph]
    _refuse_unknown(model, 0 if chosen is None else chosen.subgraph)
    b = Builder()
    names = _names(subgraph, chosen)
    inputs = []
    for place, name in zip(subgraph.inputs, names[0], strict=True):
        tensor = subgraph.tensors[place]
        dtype = dtype_of(tensor)
        input_dtype(name, dtype)  # refuses what no page can feed
        inputs.append(Port(name, b.input(name, tensor.shape, dtype)))
    values = _Graphs(model).build(0 if chosen is None else chosen.subgraph, b, [port.value for port in inputs])
    outputs = [Port(name, value) for name, value in zip(names[1], values, strict=True)]
    if not outputs:
        raise SourceError(f"{model.path} has a graph without outputs")
    for port in outputs:
        if not is_tensor(port.value.dtype):
            raise RefusedError(f"the output {port.name} has the dtype {port.value.dtype}, which TensorFlow.js lacks")
    return compile_graph(Graph(inputs, outputs), generated_by="TensorFlow Lite")


def _choose(model: Model, wanted: str | None) -> Signature | None:
    known = {each.key: each for each in model.signatures}
    if wanted is not None:
        if wanted not in known:
            raise SourceError(
                f"{model.path} has no signature {wanted!r}",
                hint=f"It has {', '.join(map(repr, sorted(known)))}."
                if known
                else "Leave `signature` out: it has none.",
                key="signature",
            )
        return known[wanted]
    if len(known) > 1 and _DEFAULT not in known:
        raise SourceError(
            f"{model.path} has several signatures: {', '.join(map(repr, sorted(known)))}",
            hint="Say which one is meant with `signature`.",
            key="signature",
        )
    return known.get(_DEFAULT) or next(iter(known.values()), None)


def _names(subgraph: Subgraph, signature: Signature | None) -> tuple[list[str], list[str]]:
    """Return what inputs and outputs are called: in the signature, or as tensors. All differ."""

    def called(tensors: Sequence[int], pairs: Sequence[tuple[int, str]]) -> list[str]:
        given: dict[int, list[str]] = defaultdict(list)
        for place, name in pairs:
            given[place].append(name)
        wishes = [given[place].pop(0) if given[place] else _plain(subgraph.tensors[place].name) for place in tensors]
        return _different(wishes)

    return (
        called(subgraph.inputs, signature.inputs if signature else ()),
        called(subgraph.outputs, signature.outputs if signature else ()),
    )


def _different(wishes: Sequence[str]) -> list[str]:
    """Return the names, those that others had before with a number behind them."""
    found: dict[str, None] = {}
    for wish in wishes:
        name, number = wish, 0
        while name in found:
            number += 1
            name = f"{wish}_{number}"
        found[name] = None
    return list(found)


def _plain(name: str) -> str:
    """Return a tensor's name without what the converter adds to that of an input or output."""
    return name.split(";", maxsplit=1)[0].removeprefix(f"{_DEFAULT}_").removesuffix(":0") or "tensor"


def _refuse_unknown(model: Model, start: int) -> None:
    """Raise RefusedError where operators are needed that there is no rule for: for all of them at once."""
    lacking: dict[str, list[str]] = defaultdict(list)
    waiting, seen = [start], set[int]()
    while waiting:
        place = waiting.pop()
        if place in seen or not 0 <= place < len(model.subgraphs):
            continue
        seen.add(place)
        subgraph = model.subgraphs[place]
        for operator in _needed(subgraph):
            if rule_of(operator) is None:
                kind = f"the custom operator {operator.name}" if operator.is_custom else operator.name
                lacking[kind].append(_name_of(operator, subgraph) or "without outputs")
            waiting += [operator.options[key] for key in _CONTROL if key in operator.options]
    if lacking:
        named = "; ".join(f"{kind} ({places(names)})" for kind, names in sorted(lacking.items()))
        raise RefusedError(
            f"tfjs-build does not convert these operators of TensorFlow Lite: {named}",
            hint="List the model that the file was made from, if there is one: the Keras file, or the SavedModel's "
            "folder. Or end the model before them, and do the rest in the page.",
        )


def _needed(subgraph: Subgraph) -> list[Operator]:
    """Return the operators that the outputs need, in their order."""
    wanted = set(subgraph.outputs)
    found = []
    for operator in reversed(subgraph.operators):
        if wanted.intersection(operator.outputs):
            wanted.update(operator.inputs)
            found.append(operator)
    return found[::-1]


def _name_of(operator: Operator, subgraph: Subgraph) -> str:
    return clean(_plain(subgraph.tensors[operator.outputs[0]].name)) if operator.outputs else ""


class _Graphs:
    """Builds the graphs of a file."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._running: list[int] = []
        self._left = _MOST_OPERATORS

    def _subgraph(self, place: int) -> Subgraph:
        if not 0 <= place < len(self.model.subgraphs):
            raise SourceError(f"{self.model.path} is damaged: it refers to the graph {place}, which it does not have")
        return self.model.subgraphs[place]

    def handed(self, place: int) -> list[bool]:
        """Return for each input of a graph whether the output of its place is it. Raises SourceError."""
        subgraph = self._subgraph(place)
        outputs = [*subgraph.outputs, *[-1] * len(subgraph.inputs)]
        return [given == result for given, result in zip(subgraph.inputs, outputs, strict=False)]

    def build(self, place: int, b: Builder, values: Sequence[Value]) -> list[Value]:
        """Return the outputs of a graph for these inputs. Raises SourceError or RefusedError."""
        subgraph = self._subgraph(place)
        if place in self._running:
            raise SourceError(f"{self.model.path} is damaged: its graph {place} calls itself")
        if len(values) != len(subgraph.inputs):
            raise SourceError(
                f"{self.model.path} is damaged: its graph {place} takes {len(subgraph.inputs)} tensors, and is given "
                f"{len(values)}"
            )
        self._running.append(place)
        try:
            return _Run(self, subgraph, b, dict(zip(subgraph.inputs, values, strict=True))).outputs()
        finally:
            self._running.pop()

    def count(self) -> None:
        """Count an operator that is built. Raises SourceError where there are too many."""
        self._left -= 1
        if self._left < 0:
            raise SourceError(f"{self.model.path} comes to more than {_MOST_OPERATORS:,} operators")


class _Run:
    """One graph that is being built: the values of its tensors, and what is known of their numbers."""

    def __init__(self, host: _Graphs, subgraph: Subgraph, b: Builder, values: dict[int, Value]) -> None:
        self.host = host
        self.subgraph = subgraph
        self.b = b
        self.held = {place: Held(value) for place, value in values.items()}
        self.spans: dict[int, Span] = {}

    def outputs(self) -> list[Value]:
        for operator in _needed(self.subgraph):
            self.host.count()
            with self.b.scoped(_name_of(operator, self.subgraph)):
                self._operate(operator)
        return [self._held(place, "the graph").real(self.b) for place in self.subgraph.outputs]

    def _operate(self, operator: Operator) -> None:
        tensors, name = self.subgraph.tensors, operator.name
        inputs = [None if place < 0 else tensors[place] for place in operator.inputs]
        outputs = [tensors[place] for place in operator.outputs]
        label = f"{name} ({outputs[0].name})"
        given = [None if place < 0 else self._held(place, label) for place in operator.inputs]
        floats = [place for place, held in zip(operator.inputs, given, strict=True) if held and _is_float(held)]
        scale = common_scale(name, [self.held[place] for place in floats])
        if scale != 1:
            given = [held and Held(held.value) for held in given]
        results = self._made(Call(self.b, operator, given, inputs, outputs, self.host))
        if len(results) < len(outputs):
            raise SourceError(f"{label} is damaged: it has {len(outputs)} outputs, where {len(results)} can be")
        span = span_of(name, [self.spans.get(place, ANY) for place in floats])
        activation = operator.options.get("fused_activation_function", 0) if name not in _OWN else 0
        for place, tensor, value in zip(operator.outputs, outputs, results, strict=False):
            made, grid = Held(value), grid_of(tensor)
            if _is_float(made):
                made, self.spans[place] = Held(value, scale), span
                if activation or not is_same(name, [grid_of(tensors[each]) for each in floats], grid):
                    made, self.spans[place] = settled(self.b, made, activation, grid, span, label)
            self.held[place] = made

    def _made(self, call: Call) -> list[Value]:
        build = rule_of(call.operator)
        assert build is not None  # which `_refuse_unknown` has seen to
        try:
            made = build(call)
        except (ModelError, MemoryError, RecursionError):
            raise
        except Exception as error:
            raise UnforeseenError(call.label) from error
        return [made] if isinstance(made, Value) else list(made)

    def _held(self, place: int, reader: str) -> Held:
        if place not in self.held:
            tensor = self.subgraph.tensors[place]
            if tensor.data is not None or 0 in tensor.shape:
                value = self.b.const(constant_of(tensor, f"the constant {tensor.name}"))
            elif tensor.is_variable:
                value = _zeros(self.b, tensor)
            else:
                raise SourceError(f"{reader} is damaged: it reads the tensor {tensor.name}, which nothing computes")
            self.held[place] = Held(value)
        return self.held[place]


def _is_float(held: Held) -> bool:
    return held.value.dtype == "float32"


def _zeros(b: Builder, tensor: Tensor) -> Value:
    """Return a state as it is before the first call: each prediction stands for itself."""
    sizes = [1 if size is None else size for size in tensor.shape]
    return b.const(np.zeros(sizes, numpy_dtype(dtype_of(tensor))))
