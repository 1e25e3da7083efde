"""Nodes of a file, checked before anything is made of them: how many inputs, which attributes, of which types.

What is checked against is TensorFlow's own description of the op (`graph/op_defs.py`): all that comes after can rely on
it. Attributes that the description does not have are a newer TensorFlow's, and pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tfjs_build.convert.graph.op_defs import OpDef, op_def
from tfjs_build.errors import SourceError

_FIELDS: Final = {
    "bool": "b",
    "float": "f",
    "func": "func",
    "int": "i",
    "shape": "shape",
    "string": "s",
    "tensor": "tensor",
    "type": "type",
}
"""The field of an AttrValue that holds an attribute of each type."""
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "bool": (bool,),
    "float": (float,),
    "int": (int,),
    "shape": (tuple, type(None)),
    "string": (str,),
    "type": (str,),
}
_NEEDED: Final = frozenset({"SAME|VALID", "bool", "float", "int", "list(int)", "string"})
"""Types of attributes that nothing else can tell: what a tensor's type or shape is, its inputs tell as well."""
_COUNTS: Final = {"N": 0, "num": 0, "num_split": 1}
"""Attributes that count tensors, and the least that they can be."""
MOST_TENSORS: Final = 1 << 16
"""Most tensors that one op may take or give."""
TOLD: Final = {"SplitV": "num_split", "Unpack": "num"}
"""Attributes that count what comes out of an op, and that its inputs tell as well (`handlers/counts.py`)."""
_ELEMENTS: Final = ("dtype", "element_dtype")


def check_node(op: str, name: str, inputs: int, attrs: Mapping[str, Any], fields: Mapping[str, str | None]) -> None:
    """Raise SourceError for a node that does not match its op's definition; an op without one passes. `attrs` have the
    defaults that the file left out, `fields` say how the file gives those that it has."""
    known = op_def(op)
    if known is None or not (known.attrs or known.inputs):
        return
    where = f"{op} ({name})"
    for key, kind in known.attrs.items():
        if key in fields:
            _check_attr(where, key, kind, fields[key], attrs[key])
        elif (
            key not in known.defaults
            and TOLD.get(op) != key
            and (kind in _NEEDED or (kind == "type" and _says_alone(known, key)))
        ):
            raise SourceError(f"{where} lacks the attribute {key}.")
    wanted = _inputs(known, attrs)
    if wanted is not None and wanted != inputs:
        raise SourceError(f"{where} expects {wanted} input{'s' if wanted != 1 else ''}, got {inputs}.")


def check_defaults(op: str, defaults: Mapping[str, Any], fields: Mapping[str, str | None]) -> None:
    """Raise SourceError for what a file says that the attributes of an op of TensorFlow's are where nodes leave them
    out, and they cannot be."""
    known = op_def(op)
    for key, kind in known.attrs.items() if known is not None else ():
        if key in fields:
            _check_attr(f"{op} (the file's list of ops)", key, kind, fields[key], defaults[key])


def _check_attr(where: str, key: str, kind: str, field: str | None, value: Any) -> None:
    words = kind.split("|") if "|" in kind else None
    expected = "s" if words else "list" if kind.startswith("list(") else _FIELDS[kind]
    types = _TYPES.get(kind[5:-1]) if expected == "list" else None
    if field != expected or (types is not None and not all(isinstance(item, types) for item in value)):
        raise SourceError(f"{where}: expects {kind} as the attribute {key}, got {value!r:.80}.")
    if kind == "type" and value is None:
        raise SourceError(f"{where}: the attribute {key} is no type.")
    if words and value not in words:
        raise SourceError(f"{where}: {key}={value!r:.80} is not supported, only {', '.join(words)} are.")
    if key in _COUNTS and kind == "int" and not _COUNTS[key] <= value <= MOST_TENSORS:
        raise SourceError(f"{where}: expects {key} from {_COUNTS[key]} to {MOST_TENSORS}, got {value}.")


def _needed(known: OpDef, key: str, kind: str) -> bool:
    return kind in _NEEDED or (kind == "type" and _says_alone(known, key))


def _says_alone(known: OpDef, key: str) -> bool:
    """Whether a type is what comes out, or that of a list's elements, and nothing that goes in says it."""
    comes_out = not known.inputs or key in _ELEMENTS or any(each.dtype == key for each in known.outputs)
    return comes_out and all(each.dtype != key for each in known.inputs)


def _inputs(known: OpDef, attrs: Mapping[str, Any]) -> int | None:
    """Return how many inputs an op with these attributes takes, None where they do not say."""
    total = 0
    for each in known.inputs:
        count = attrs.get(each.count) if each.count else 1
        if count is None:
            return None
        total += len(count) if isinstance(count, (list, tuple)) else int(count)
    return total
