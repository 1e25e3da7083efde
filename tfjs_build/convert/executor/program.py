"""A published graph as steps in order, which run in NumPy: whole, or from one step on with what was computed before.

Values are forgotten after their last use, so that a run needs no more memory than the page does.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from tfjs_build.convert.dtypes import GRAPH_DEF
from tfjs_build.convert.executor.kernels import run as run_kernel
from tfjs_build.convert.executor.windows import Array
from tfjs_build.records import record

Values = dict[str, Sequence[Any]]
"""What nodes have given, by their names: an array for each output, or a list of arrays."""

Constants = Callable[[str], Array]
"""Gives the numbers of a weight, by its name."""

_TYPES: Final = {name: dtype for dtype, name in GRAPH_DEF.items()}
_MOST_TURNS: Final = 100_000


class UnsupportedError(Exception):
    """The graph has something that does not run here; the text says what."""


@record(frozen=True)
class Step:
    """A node: its inputs are (name of a node, which output), `last` the nodes that nothing reads behind it."""

    name: str
    op: str
    inputs: tuple[tuple[str, int], ...]
    attrs: Mapping[str, Any]
    last: tuple[str, ...]


class Program:
    """A graph, or a function of one. Raises UnsupportedError where it refers to what is not there."""

    def __init__(self, nodes: Sequence[Mapping[str, Any]], library: Mapping[str, Program], keep: Sequence[str]) -> None:
        self.library = library
        self.keep = tuple(keep)
        self.steps = _steps(nodes, {name for name, _ in map(_reference, keep)})
        self.constants = frozenset(step.name for step in self.steps if step.op == "Const")

    def run(self, feeds: Mapping[str, Array], constants: Constants) -> list[Array]:
        """Return what `keep` names, for what is fed by nodes' names."""
        return self.outputs(self.advance({}, 0, len(self.steps), feeds, constants))

    def outputs(self, values: Values) -> list[Array]:
        """Return what `keep` names, once all steps have run."""
        return [values[name][index] for name, index in map(_reference, self.keep)]

    def advance(
        self, values: Values, start: int, stop: int, feeds: Mapping[str, Array], constants: Constants
    ) -> Values:
        """Return the values that are there after the steps from `start` to `stop` (exclusive), given those before."""
        values = dict(values)
        for step in self.steps[start:stop]:
            values[step.name] = self._run(step, values, feeds, constants)
            for name in step.last:
                del values[name]
        return values

    def inputs(self, step: Step, values: Values) -> list[Any]:
        """Return what a step reads."""
        return [values[name][index] for name, index in step.inputs]

    def _run(self, step: Step, values: Values, feeds: Mapping[str, Array], constants: Constants) -> Sequence[Any]:
        if step.name in feeds:
            return (feeds[step.name],)
        if step.op == "Const":
            return (constants(step.name),)
        arrays = self.inputs(step, values)
        if step.op in _CONTROL:
            return _CONTROL[step.op](self, step, arrays, constants)
        try:
            return (
                (_LISTS[step.op](arrays, step.attrs),) if step.op in _LISTS else run_kernel(step.op, arrays, step.attrs)
            )
        except KeyError as error:
            raise UnsupportedError(f"{step.op} (node {step.name!r})") from error
        except (NotImplementedError, ValueError, IndexError, TypeError, AttributeError, ArithmeticError) as error:
            raise UnsupportedError(f"{step.op} (node {step.name!r}): {error}") from error

    def function(self, name: str, arrays: Sequence[Any], constants: Constants) -> list[Any]:
        """Return what a function of the library gives."""
        program = self.library[name]
        places = [step.name for step in program.steps if step.op == _ARGUMENT]
        order = {each: index for index, each in enumerate(program.arguments)}
        return program.run({each: arrays[order[each]] for each in places}, constants)

    arguments: tuple[str, ...] = ()
    """Of a function, the names of what it is given, in order."""


_ARGUMENT: Final = "_Argument"


def program_of(topology: Mapping[str, Any], outputs: Sequence[str]) -> Program:
    """Return a graph that model.json holds, ready to give the nodes `outputs`."""
    library: dict[str, Program] = {}
    for function in topology.get("library", {}).get("function", ()):
        signature = function["signature"]
        arguments = [each["name"] for each in signature.get("inputArg", ())]
        returned = function.get("ret", {})
        keep = [_in_function(returned[each["name"]]) for each in signature.get("outputArg", ())]
        nodes = [{"name": name, "op": _ARGUMENT} for name in arguments]
        nodes += [{**node, "input": list(map(_in_function, node.get("input", ())))} for node in function["nodeDef"]]
        program = Program(nodes, library, keep)
        program.arguments = tuple(arguments)
        library[signature["name"]] = program
    return Program(topology["node"], library, outputs)


def _in_function(reference: str) -> str:
    """Return a reference as graphs write it: a function's has the name of the output as well."""
    name, *rest = reference.split(":")
    return name if not rest else f"{name}:{rest[-1]}"


def _reference(text: str) -> tuple[str, int]:
    name, _, index = text.partition(":")
    return name, int(index or 0)


def _steps(nodes: Sequence[Mapping[str, Any]], kept: set[str]) -> tuple[Step, ...]:
    """Return the nodes that are needed, each behind those that it reads."""
    by_name = {node["name"]: node for node in nodes}
    order: dict[str, list[tuple[str, int]]] = {}
    begun: set[str] = set()
    waiting = sorted(kept, reverse=True)
    while waiting:
        name = waiting[-1]
        if name in order:
            waiting.pop()
            continue
        if name not in by_name:
            raise UnsupportedError(f"there is no node {name!r}")
        inputs = [_reference(each) for each in by_name[name].get("input") or () if not each.startswith("^")]
        lacking = [each for each, _ in inputs if each not in order]
        if not lacking:
            order[name] = inputs
            waiting.pop()
        elif name in begun:
            raise UnsupportedError(f"a cycle through {name!r}")
        else:
            begun.add(name)
            waiting += dict.fromkeys(reversed(lacking))
    final: dict[str, str] = {}
    for name, inputs in order.items():
        final |= {each: name for each, _ in inputs}
        final.setdefault(name, name)
    last: dict[str, list[str]] = {}
    for name, reader in final.items():
        if name not in kept:
            last.setdefault(reader, []).append(name)
    return tuple(
        Step(
            name,
            by_name[name]["op"],
            tuple(inputs),
            {key: _attribute(value) for key, value in (by_name[name].get("attr") or {}).items()},
            tuple(last.get(name, ())),
        )
        for name, inputs in order.items()
    )


def _attribute(value: Mapping[str, Any]) -> Any:
    """Return an attribute of JSON as our ops have it."""
    for kind, content in value.items():
        if kind == "list":
            return [each for key in ("s", "i", "f", "b", "type") for each in _items(key, content.get(key) or ())]
        if kind in ("i", "f", "b", "s", "type"):
            return _items(kind, [content])[0]
        if kind == "func":
            return content["name"]
        if kind == "shape":
            return [int(dim.get("size", 0)) for dim in content.get("dim", ())]
    return None


def _items(kind: str, items: Sequence[Any]) -> list[Any]:
    if kind == "s":
        return [base64.b64decode(item).decode("utf-8", "replace") for item in items]
    if kind == "i":
        return [int(item) for item in items]
    if kind == "type":
        return [_TYPES.get(item, item) for item in items]
    return list(items)


def _branch(program: Program, step: Step, arrays: list[Any], constants: Constants) -> Sequence[Any]:
    name = step.attrs["then_branch" if bool(np.all(arrays[0])) else "else_branch"]
    return program.function(name, arrays[1:], constants)


def _loop(program: Program, step: Step, arrays: list[Any], constants: Constants) -> Sequence[Any]:
    for _ in range(_MOST_TURNS):
        if not bool(np.all(program.function(step.attrs["cond"], arrays, constants)[0])):
            return arrays
        arrays = program.function(step.attrs["body"], arrays, constants)
    raise UnsupportedError(f"{step.op} (node {step.name!r}): more than {_MOST_TURNS} turns")


_CONTROL: Final[Mapping[str, Callable[[Program, Step, list[Any], Constants], Sequence[Any]]]] = {
    "If": _branch,
    "StatelessIf": _branch,
    "While": _loop,
    "StatelessWhile": _loop,
}


def _written(arrays: list[Any], _attrs: Mapping[str, Any]) -> list[Any]:
    items, index, item = list(arrays[0]), int(arrays[1]), arrays[2]
    items += [None] * (index + 1 - len(items))
    items[index] = item
    return items


_LISTS: Final[Mapping[str, Callable[[list[Any], Mapping[str, Any]], Any]]] = {
    "TensorListReserve": lambda arrays, _attrs: [None] * int(arrays[1]),
    "TensorListFromTensor": lambda arrays, _attrs: list(arrays[0]),
    "TensorListSetItem": _written,
    "TensorListGetItem": lambda arrays, _attrs: arrays[0][int(arrays[1])],
    "TensorListLength": lambda arrays, _attrs: np.asarray(len(arrays[0]), np.int32),
    "TensorListPushBack": lambda arrays, _attrs: [*arrays[0], arrays[1]],
    "TensorListStack": lambda arrays, _attrs: np.stack(arrays[0]),
    "EmptyTensorList": lambda _arrays, _attrs: [],
}
