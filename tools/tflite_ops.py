"""Write operators.json (tfjs_build/convert/tflite): TensorFlow Lite's operators by number, and their options' fields.

    python tools/tflite_ops.py            (in an environment with TensorFlow)

It is read off schema_py_generated.py, which flatc writes of tensorflow/compiler/mlir/lite/schema/schema.fbs: a field of
a table has a slot, a type (as `struct` writes it, or of a vector's entries in NumPy's words) and a default, null for a
vector.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tensorflow.lite.python import schema_py_generated as schema  # type: ignore[import-untyped]

TARGET = Path(__file__).resolve().parent.parent / "tfjs_build" / "convert" / "tflite" / "operators.json"

_TYPES = {
    "Bool": "?",
    "Int8": "b",
    "Uint8": "B",
    "Int16": "h",
    "Int32": "i",
    "Uint32": "I",
    "Int64": "q",
    "Float32": "f",
}
_VECTORS = {"Int32": "<i4", "Int64": "<i8", "Float32": "<f4", "Uint8": "u1"}
_FIELD = re.compile(
    r"^def (\w+?Options)Add(\w+)\(builder, (\w+)\):\s+builder\.Prepend(\w+)Slot\((\d+), .*, (.+)\)$", re.M
)


def tables(text: str) -> dict[str, dict[str, list[Any]]]:
    """Return the fields of each table of options: slot, type, default."""
    found: dict[str, dict[str, list[Any]]] = {}
    for table, accessor, name, kind, slot, default in _FIELD.findall(text):
        field = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if kind == "UOffsetTRelative":
            vector = _vector(text, table, accessor)
            if vector is None:
                continue  # a table within the options, which no operator has that is converted
            found.setdefault(table, {})[field] = [int(slot), vector, None]
        else:
            found.setdefault(table, {})[field] = [int(slot), _TYPES[kind], json.loads(default.lower())]
    return found


def _vector(text: str, table: str, accessor: str) -> str | None:
    start = text.index(f"class {table}(object)")
    body = text[start : text.index(f"def {table}Start", start)]
    match = re.search(rf"def {accessor}\(self, j\):(.*?)def ", body, re.S)
    kind = match and re.search(r"number_types\.(\w+)Flags, a \+", match[1])
    return _VECTORS.get(kind[1]) if kind else None


def _numbers(enum: type) -> dict[str, str]:
    return {
        str(value): name for name, value in sorted(vars(enum).items(), key=lambda each: str(each[1])) if name[0] != "_"
    }


def main() -> None:
    """Write the table."""
    text = Path(schema.__file__).read_text(encoding="utf-8")
    found = {
        "operators": _numbers(schema.BuiltinOperator),
        "options": _numbers(schema.BuiltinOptions),
        "options2": _numbers(schema.BuiltinOptions2),
        "tables": tables(text),
    }
    for key in found:
        found[key] = dict(sorted(found[key].items(), key=lambda each: (len(each[0]), each[0])))
    TARGET.write_text(
        "{\n" + ",\n".join(f' "{key}": {_lines(value)}' for key, value in found.items()) + "\n}\n", encoding="utf-8"
    )


def _lines(value: dict[str, Any]) -> str:
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(each)}" for key, each in value.items()) + "\n }"


if __name__ == "__main__":
    main()
