"""Write op_defs.json and other_ops.json (tfjs_build/convert/graph): what TensorFlow's ops take, give and default to.

    python tools/tf_op_defs.py            (in an environment with TensorFlow)

Files say what their ops look like in `stripped_op_list`; the table serves those that do not (frozen graphs), and tells
the emitter what an attribute is that a file left out as default, and the builder of what type a number is that is given
for an input. op_defs.json holds the ops that TensorFlow.js has and those that the readers and passes know by name;
other_ops.json the outputs of all others of TensorFlow's own, which are refused: it is read only then.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tensorflow.core.framework import op_def_pb2, types_pb2
from tensorflow.python.framework import op_def_registry  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
CONVERT = ROOT / "tfjs_build" / "convert"
TARGET = CONVERT / "graph" / "op_defs.json"
OTHERS = CONVERT / "graph" / "other_ops.json"


def names() -> list[str]:
    """Return every op of TensorFlow that the package mentions."""
    files = [path for folder in ("graph", "saved_model") for path in (CONVERT / folder).rglob("*.py")]
    files = [path for path in files if path.name != "unsupported.py"]  # which names what is refused
    text = " ".join(path.read_text() for path in (*files, CONVERT / "graph" / "ops_table.json"))
    words = set(re.findall(r"_?[A-Z][A-Za-z0-9]+", text))
    return sorted(word for word in words if op_def_registry.get(word) is not None)


def others(known: list[str]) -> list[str]:
    """Return every other op that TensorFlow offers."""
    import tensorflow as tf

    public = (name for name in dir(tf.raw_ops) if op_def_registry.get(name) is not None)
    return sorted(set(public) - set(known))


def dtype(number: int) -> str:
    """Return the name of a type: float32, int64 …"""
    import tensorflow as tf

    return str(tf.as_dtype(number).name)


def default(value: Any) -> Any:
    """Return an attribute's default as JSON, None where it has none that JSON can say."""
    kind = value.WhichOneof("value")
    if kind == "s":
        return value.s.decode()
    if kind in ("i", "f", "b"):
        return getattr(value, kind)
    if kind == "type":
        return dtype(value.type) if value.type != types_pb2.DT_INVALID else None
    if kind == "list":
        return [item.decode() for item in value.list.s] or list(value.list.i) or list(value.list.f)
    if kind == "shape":
        return None if value.shape.unknown_rank else [dim.size for dim in value.shape.dim]
    return None


def places_only(attr: op_def_pb2.OpDef.AttrDef) -> bool:
    """Whether an attribute is a type that holds places or sizes: int32 or int64, perhaps int16 or uint16 besides."""
    allowed = {dtype(number) for number in attr.allowed_values.list.type}
    return attr.type == "type" and "int32" in allowed and allowed <= {"int16", "int32", "int64", "uint16"}


def takes(op: op_def_pb2.OpDef) -> list[list[str]]:
    """Return the inputs of an op: type or the attribute that says it, and the attribute that counts them.

    An attribute that no other input shares, and that can only be int32 or int64, is int32.
    """
    integers = {attr.name for attr in op.attr if places_only(attr)}
    inputs = []
    for arg in op.input_arg:
        said = arg.type_attr or arg.type_list_attr or dtype(arg.type)
        shared = sum(other.type_attr == arg.type_attr for other in op.input_arg) > 1
        said = "int32" if said in integers and not shared else said
        inputs.append([said, arg.number_attr or arg.type_list_attr])
    return inputs


def kind_of(attr: op_def_pb2.OpDef.AttrDef) -> str:
    """Return the type of an attribute, as TensorFlow writes it; where some words are allowed only: these."""
    words = [item.decode() for item in attr.allowed_values.list.s]
    return "|".join(words) if words and attr.type == "string" else attr.type


def describe(op: op_def_pb2.OpDef) -> dict[str, Any]:
    """Return inputs, outputs (name, type or the attribute that says it, attribute that counts them), attributes with
    their types, and defaults of an op."""
    outputs = [
        [arg.name, arg.type_attr or arg.type_list_attr or dtype(arg.type), arg.number_attr or arg.type_list_attr]
        for arg in op.output_arg
    ]
    defaults = {
        attr.name: default(attr.default_value)
        for attr in op.attr
        if attr.HasField("default_value") and not attr.name.startswith("_")
    }
    attrs = {attr.name: kind_of(attr) for attr in op.attr if not attr.name.startswith("_")}
    entry: dict[str, Any] = {"inputs": takes(op), "outputs": outputs, "attrs": attrs}
    if defaults:
        entry["defaults"] = defaults
    return entry


def write(path: Path, entries: dict[str, Any]) -> None:
    """Write a table, a line for each op."""
    lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path.name}: {len(lines)} ops")


def main() -> None:
    """Write the tables."""
    known = names()
    write(TARGET, {name: describe(op_def_registry.get(name)) for name in known})
    rest = others(known)
    write(OTHERS, {name: {"outputs": describe(op_def_registry.get(name))["outputs"]} for name in rest})


if __name__ == "__main__":
    main()
