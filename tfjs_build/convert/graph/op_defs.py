"""What TensorFlow says of its ops, for files that leave it out: `op_defs.json`, and `other_ops.json` for those that
nothing here deals with. Both are written by tools/tf_op_defs.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any, Final

from tfjs_build.records import record

TABLE_FILE: Final = Path(__file__).with_name("op_defs.json")
OTHERS_FILE: Final = Path(__file__).with_name("other_ops.json")


@record(frozen=True)
class Input:
    """One input argument: `dtype` is a type or the attribute that says it; `count` is empty for one tensor, else the
    attribute (a number, or a list of types) that says how many it stands for."""

    dtype: str
    count: str


@record(frozen=True)
class Output:
    """One output argument: `dtype` is a type or the attribute that says it; `count` the attribute (a number, or a list
    of types) that says how many tensors it stands for, empty for one."""

    name: str
    dtype: str
    count: str


@record(frozen=True)
class OpDef:
    """Output arguments in order, and what attributes are when a file leaves them out. The input arguments are known for
    the ops of the table only, and so are the attributes with their types: as TensorFlow writes them (`list(int)`), or
    the words that are allowed (`SAME|VALID`)."""

    outputs: tuple[Output, ...]
    defaults: dict[str, Any]
    inputs: tuple[Input, ...] = ()
    attrs: Mapping[str, str] = field(default_factory=dict)

    def input_dtypes(self, number: int) -> list[str]:
        """Return what the table says of the type of each of `number` inputs: a type, or an attribute."""
        listed = max(0, number - sum(not each.count for each in self.inputs))
        lists = sum(bool(each.count) for each in self.inputs)
        dtypes: list[str] = []
        for each in self.inputs:
            # A list of types has one for each of its tensors, and says nothing of any of them.
            dtype = "" if each.dtype == each.count else each.dtype
            dtypes += [dtype] * (listed // lists if each.count else 1)
        return dtypes[:number]


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE_FILE.read_bytes())
    return table


@cache
def _others() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(OTHERS_FILE.read_bytes())
    return table


@cache
def op_def(name: str) -> OpDef | None:
    """Return the description of an op of TensorFlow's own, None for any other."""
    entry = _table().get(name) or _others().get(name)
    if entry is None:
        return None
    return OpDef(
        tuple(Output(*output) for output in entry["outputs"]),
        entry.get("defaults", {}),
        tuple(Input(*each) for each in entry.get("inputs", ())),
        entry.get("attrs", {}),
    )
