"""The table of kernels, which `tools/kernels/table.mjs` writes: read from TensorFlow.js's source, held against what was
seen of published graphs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypedDict

TABLE_FILE: Final = Path(__file__).with_name("table.json")

DEFAULT_BACKENDS: Final = ("webgl", "cpu")
"""Those of a module for a manifest that does not say: what `@tensorflow/tfjs` itself has."""


class Op(TypedDict, total=False):
    """What the executor needs for an op: `functions` of core, by their paths in its module of ops (`fused.conv2d`);
    `kernels`; and those that only complex numbers need besides (`complex`)."""

    functions: Sequence[str]
    kernels: Sequence[str]
    complex: Sequence[str]


class Table(TypedDict):
    """`always` are the kernels that every model needs, `complex` those of models with complex numbers; `named` the
    functions without which bundlers complain; `pixels` the kernels of what pictures are prepared by; `functions` has
    the module below core's `dist`, and the name there; `kernels`, for each backend that has it, the module below
    `dist/kernels`, and the name there. `companions` has, by backend, the kernels that one needs registered besides.
    `shared` has what the modules of a backend's kernels take of the cpu backend's, and its own code ("");
    `implementations` the module below the cpu backend's `dist`, and the name there."""

    tfjs: str
    always: Sequence[str]
    complex: Sequence[str]
    named: Sequence[str]
    ops: Mapping[str, Op]
    pixels: Mapping[str, Sequence[str]]
    functions: Mapping[str, tuple[str, str]]
    kernels: Mapping[str, Mapping[str, tuple[str, str]]]
    companions: Mapping[str, Mapping[str, Sequence[str]]]
    shared: Mapping[str, Mapping[str, Sequence[str]]]
    implementations: Mapping[str, tuple[str, str]]


@cache
def table() -> Table:
    """Return the table."""
    read: Table = json.loads(TABLE_FILE.read_bytes())
    return read


def kernel_names() -> tuple[str, ...]:
    """Return the name of every kernel that any backend has, sorted."""
    return tuple(sorted(table()["kernels"]))


def lacking(backend: str, kernels: Iterable[str]) -> list[str]:
    """Return those of the kernels that a backend does not have at all."""
    known = table()["kernels"]
    return [each for each in kernels if backend not in known.get(each, {})]
