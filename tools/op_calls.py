"""Write `tfjs_build/convert/graph/op_calls.pyi`: what mypy sees of the ops that rules call on a builder.

    python tools/op_calls.py            (in an environment with TensorFlow)

Each op of op_defs.json that has one output is a method: its inputs are positional, named as TensorFlow names them, its
attributes are keywords of their types. A misspelt op or attribute, and an input too many, are errors of `make check`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tensorflow.core.framework import op_def_pb2
from tensorflow.python.framework import op_def_registry  # type: ignore[import-untyped]

GRAPH = Path(__file__).resolve().parent.parent / "tfjs_build" / "convert" / "graph"
TARGET = GRAPH / "op_calls.pyi"

TYPES = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "string": "str | bytes",
    "type": "str",
    "shape": "Sequence[int]",
    "tensor": "typing.Any",
    "func": "Graph",
}

HEAD = '''\
"""Ops as methods, written by tools/op_calls.py out of TensorFlow's own descriptions."""

# ruff: noqa
import typing
from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Graph, Operand, Value

class OpCalls:
    def multi(self, op: str, *inputs: Operand, **attrs: typing.Any) -> tuple[Value, ...]: ...
'''


def type_of(attr: op_def_pb2.OpDef.AttrDef) -> str:
    """Return the Python type of an attribute's value."""
    if attr.type.startswith("list("):
        return f"Sequence[{TYPES[attr.type[5:-1]]}]"
    return TYPES[attr.type]


def method(op: op_def_pb2.OpDef) -> str:
    """Return the declaration of an op. A type that its inputs tell and a number of inputs are not given, unless
    TensorFlow.js reads them."""
    counts = {arg.number_attr or arg.type_list_attr for arg in op.input_arg} - {""}
    if counts:
        inputs = ["*inputs: Operand"]
    else:
        inputs = [f"{arg.name}_: Operand" for arg in op.input_arg]
        inputs += ["/"] if inputs else []
    told = {name for arg in op.input_arg for name in (arg.type_attr, arg.number_attr, arg.type_list_attr)}
    read = _tfjs_ops().get(op.name, {"attrs": {}})["attrs"]
    attrs = [f"{attr.name}: {type_of(attr)} = ..." for attr in op.attr if attr.name not in told or attr.name in read]
    keywords = [*([] if counts else ["*"]), *attrs, *PRIVATE]
    return declaration(op.name, [*inputs, *keywords])


@cache
def _tfjs_ops() -> dict[str, Any]:
    ops: dict[str, Any] = json.loads((GRAPH / "ops_table.json").read_bytes())["ops"]
    return ops


def declaration(name: str, parameters: list[str]) -> str:
    """Return the line of a method."""
    return f"    def {name}({', '.join(['self', *parameters])}) -> Value: ..."


def methods_of_tfjs(known: set[str]) -> list[str]:
    """Return the declarations of ops that only TensorFlow.js has."""
    found = []
    for name, op in sorted(_tfjs_ops().items()):
        if name not in known and all(end is None for _, _, _, *rest in op["inputs"] for end in rest):
            inputs = [f"{each[0]}_: Operand" for each in op["inputs"]]
            attrs = [f"{attr}: {TFJS_TYPES[kind]} = ..." for attr, kind in op["attrs"].items() if kind in TFJS_TYPES]
            found.append(declaration(name, [*inputs, *(["/"] if inputs else []), "*", *attrs, *PRIVATE]))
    return found


TFJS_TYPES = {"bool": "bool", "number": "float", "string": "str", "dtype": "str", "number[]": "Sequence[int]"}

PRIVATE = ["_keep: bool = ..."]
"""What the builder itself reads, of any op."""


def main() -> None:
    """Write the stub."""
    names: dict[str, Any] = json.loads((GRAPH / "op_defs.json").read_bytes())
    ops = [op_def_registry.get(name) for name in names]
    single = [op for op in ops if op is not None and len(op.output_arg) == 1 and not op.output_arg[0].number_attr]
    lines = [*map(method, single), *methods_of_tfjs({op.name for op in ops if op is not None})]
    TARGET.write_text(HEAD + "".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8")


if __name__ == "__main__":
    main()
