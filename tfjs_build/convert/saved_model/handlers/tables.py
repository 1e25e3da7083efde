"""Hash tables: made, filled by the initializer (from constants, files or the checkpoint), looked up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfjs_build.convert.graph.dtypes import numpy_dtype
from tfjs_build.convert.graph.ir import Constant, Value
from tfjs_build.convert.saved_model.checkpoint import WHOLE_FOLDER
from tfjs_build.convert.saved_model.messages import refuse_pointer
from tfjs_build.convert.saved_model.resources import Table, Traced
from tfjs_build.convert.saved_model.source import SourceNode
from tfjs_build.convert.saved_model.trace import Frame, handles, unexpected
from tfjs_build.errors import RefusedError, SourceError
from tfjs_build.sizes import size_text

_MOST_BYTES = 64 << 20
"""A larger file is no vocabulary: five million words take as much."""

_WHOLE_LINE, _LINE_NUMBER = -2, -1


@handles("HashTable", "HashTableV2", "MutableHashTable", "MutableHashTableV2")
def _make(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    name = node.attrs.get("shared_name") or node.name
    tables = frame.session.tables
    if name not in tables:
        tables[name] = Table(node.name, node.attrs["key_dtype"], node.attrs["value_dtype"])
    return [tables[name]]


def _table(frame: Frame, node: SourceNode) -> Table:
    if not node.inputs:
        raise SourceError(f"{node.op} ({node.name}) does not say which table it reads.")
    traced = frame.get(node.inputs[0])
    if not isinstance(traced, Table):
        raise unexpected(frame, node, traced)
    return traced


@handles("InitializeTable", "InitializeTableV2", "LookupTableImport", "LookupTableImportV2")
def _import(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    table = _table(frame, node)
    keys, values = (frame.get(reference) for reference in node.inputs[1:3])
    if isinstance(keys, Value) and isinstance(values, Value):
        table.contents = (keys, values)
    return []


@handles("InitializeTableFromTextFile", "InitializeTableFromTextFileV2")
def _import_file(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    table = _table(frame, node)
    path = _asset(frame, node)
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise SourceError(
                f"{path} has more than {size_text(_MOST_BYTES)}: too much for the table {table.name}, which it fills."
            )
        lines = data.split(b"\n")
    except FileNotFoundError as error:
        what = path if path.parent.is_dir() else f"{path.parent.parent} lacks the folder `assets`: its file {path.name}"
        raise SourceError(f"{what} is missing, which fills the table {table.name}.", hint=WHOLE_FOLDER) from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}. It fills the table {table.name}.") from error
    refuse_pointer(b"\n".join(lines[:1]), path)
    if lines and not lines[-1]:
        lines.pop()
    lines = [line.removesuffix(b"\r") for line in lines]
    size = int(node.attrs.get("vocab_size", -1))
    if size >= 0:
        lines = lines[:size]
    lines = lines[int(node.attrs.get("offset", 0)) :]
    delimiter = str(node.attrs.get("delimiter", "\t")).encode("utf-8", "surrogateescape")
    keys, values = (
        _column(lines, int(node.attrs[attr]), delimiter, dtype, path)
        for attr, dtype in (("key_index", table.key_dtype), ("value_index", table.value_dtype))
    )
    table.contents = (frame.builder.const(keys), frame.builder.const(values))
    return []


def _asset(frame: Frame, node: SourceNode) -> Path:
    """Return the file that an initializer reads: one of those that the model lists as its assets."""
    value = frame.value(node.inputs[1])
    if value.dtype != "string" or value.static not in ((), (1,)):
        raise SourceError(f"{node.op} ({node.name}) is not given the name of a file.")
    if value.constant is None:
        raise RefusedError(f"{node.op} ({node.name}): the file that fills the table is not known when converting.")
    name = Path(value.constant.item().decode("utf-8", "replace")).name
    if name not in {Path(asset).name for asset in frame.session.assets.values()}:
        raise SourceError(f"{node.op} ({node.name}) reads the file {name}, which is not among the model's assets.")
    return frame.session.folder / "assets" / name


def _column(lines: list[bytes], index: int, delimiter: bytes, dtype: str, path: Path) -> Constant:
    if index == _LINE_NUMBER:
        return Constant.of(np.arange(len(lines)).astype(numpy_dtype(dtype)), dtype)
    try:
        items = lines if index == _WHOLE_LINE else [line.split(delimiter)[index] for line in lines]
        if dtype == "string":
            array = np.empty(len(items), np.object_)
            array[:] = items
        else:
            array = np.array([float(item) if "float" in dtype else int(item) for item in items], numpy_dtype(dtype))
    except (IndexError, OverflowError, ValueError) as error:
        raise SourceError(f"{path} lacks the columns that the model reads from it.") from error
    return Constant.of(array, dtype)


@handles("LookupTableFind", "LookupTableFindV2")
def _find(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    """Look up; TensorFlow.js gives a flat list, whatever the shape of the keys."""
    table = _table(frame, node)
    b = frame.builder
    keys, default = (frame.value(reference) for reference in node.inputs[1:3])
    handle = _node(frame, table, node)
    flat = keys if keys.rank == 1 else b.Reshape(keys, [-1])
    found = b.node("LookupTableFindV2", [handle, flat, default], {}, name=frame.prefix + node.name)[0]
    return [found if keys.rank == 1 else b.Reshape(found, b.Shape(keys))]


@handles("LookupTableSize", "LookupTableSizeV2")
def _size(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    handle = _node(frame, _table(frame, node), node)
    return frame.builder.node("LookupTableSizeV2", [handle], {}, name=frame.prefix + node.name)


def _node(frame: Frame, table: Table, node: SourceNode) -> Value:
    """Return the table as a node; it is filled by a node of the same name in the initializer."""
    if table.contents is None and table.name in frame.session.faults:
        raise frame.session.faults[table.name]
    if table.contents is None:
        raise RefusedError(
            f"{node.op} ({frame.prefix}{node.name}): nothing fills the table {table.name}.",
            hint="Keep the table in the object that is saved, so that its contents are saved as well.",
        )
    frame.session.used_tables[table.name] = table
    return table_node(frame, table)


def table_node(frame: Frame, table: Table) -> Value:
    """Return the node that stands for a table."""
    attrs = {"shared_name": table.name, "key_dtype": table.key_dtype, "value_dtype": table.value_dtype}
    return frame.builder.node("HashTableV2", [], attrs, name=table.name, given=[((), "resource")])[0]
