"""Writes SavedModels, checkpoints and frozen graphs as TensorFlow does, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.dtypes import NUMBERS
from tfjs_build.convert.saved_model.checkpoint import _slice_key
from tfjs_build.convert.saved_model.checksums import extend, masked, strings
from tfjs_build.convert.saved_model.messages import message_class
from tfjs_build.convert.saved_model.source import Function
from tfjs_build.convert.saved_model.table import read_table

TYPES = {name: number for number, name in NUMBERS.items()}
MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")


class Type(str):
    """An attribute that is a type."""


def tensor(array: Any, dtype: str | None = None) -> Any:
    """Return a TensorProto."""
    array = np.asarray(array)
    if dtype is None:
        dtype = {"U": "string", "O": "string", "S": "string"}.get(array.dtype.kind, array.dtype.name)
        dtype = {"float64": "float32", "int64": "int32"}.get(dtype, dtype)
    proto = message_class("TensorProto")(dtype=TYPES[dtype])
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if dtype == "string":
        proto.string_val.extend(str(item).encode() for item in array.reshape(-1).tolist())
    else:
        proto.tensor_content = array.astype(dtype).tobytes()
    return proto


def set_attr(target: Any, value: Any) -> None:
    """Write a Python value into an AttrValue."""
    if isinstance(value, Type):
        target.type = TYPES[value]
    elif isinstance(value, Function):
        target.func.name = value.name
    elif isinstance(value, bool):
        target.b = value
    elif isinstance(value, int):
        target.i = value
    elif isinstance(value, float):
        target.f = value
    elif isinstance(value, str):
        target.s = value.encode()
    elif isinstance(value, tuple):
        target.shape.SetInParent()
        for size in value:
            target.shape.dim.add(size=-1 if size is None else size)
    elif isinstance(value, list):
        target.list.SetInParent()
        for item in value:
            if isinstance(item, Type):
                target.list.type.append(TYPES[item])
            elif isinstance(item, Function):
                target.list.func.add(name=item.name)
            elif isinstance(item, str):
                target.list.s.append(item.encode())
            else:
                target.list.i.append(item)
    else:
        target.tensor.CopyFrom(value)


def add_node(nodes: Any, op: str, name: str, inputs: Sequence[str] = (), **attrs: Any) -> str:
    """Add a NodeDef and return its name."""
    node = nodes.add(op=op, name=name)
    node.input.extend(inputs)
    for key, value in attrs.items():
        set_attr(node.attr[key], value)
    return name


def const(nodes: Any, name: str, array: Any, dtype: str | None = None, controls: Sequence[str] = ()) -> str:
    """Add a constant and return its name."""
    proto = tensor(array, dtype)
    return add_node(nodes, "Const", name, controls, value=proto, dtype=Type(NUMBERS[proto.dtype]))


class Model:
    """A SavedModel while it is written: `graph` is its GraphDef."""

    def __init__(self, tags: Sequence[str] = ("serve",)) -> None:
        self.proto = message_class("SavedModel")(saved_model_schema_version=1)
        self.meta = self.proto.meta_graphs.add()
        self.meta.meta_info_def.tags.extend(tags)
        self.meta.meta_info_def.tensorflow_version = "2.19.0"
        self.graph = self.meta.graph_def
        self.tensors: dict[str, NDArray[Any]] = {}

    def node(self, op: str, name: str, inputs: Sequence[str] = (), **attrs: Any) -> str:
        """Add a node to the main graph."""
        return add_node(self.graph.node, op, name, inputs, **attrs)

    def const(self, name: str, array: Any, dtype: str | None = None, controls: Sequence[str] = ()) -> str:
        """Add a constant to the main graph."""
        return const(self.graph.node, name, array, dtype, controls)

    def placeholder(self, name: str, shape: tuple[int | None, ...], dtype: str = "float32") -> str:
        """Add an input to the main graph."""
        return self.node("Placeholder", name, dtype=Type(dtype), shape=shape)

    def variable(self, name: str, array: Any) -> str:
        """Add a variable with a value in the checkpoint."""
        array = np.asarray(array)
        self.tensors[name] = array
        dtype = Type(array.dtype.name)
        return self.node("VarHandleOp", name, dtype=dtype, shape=array.shape, shared_name=name)

    def function(
        self,
        name: str,
        args: Mapping[str, str],
        results: Mapping[str, str],
        controls: Sequence[str] = (),
        result_types: Mapping[str, str] | None = None,
    ) -> Any:
        """Add a function and return its nodes, to be filled."""
        function = self.graph.library.function.add()
        function.signature.name = name
        for arg, dtype in args.items():
            function.signature.input_arg.add(name=arg, type=TYPES[dtype])
        for result, reference in results.items():
            dtype = (result_types or {}).get(result, "float32")
            function.signature.output_arg.add(name=result, type=TYPES[dtype])
            function.ret[result] = reference
        for control in controls:
            function.control_ret[control] = control
        return function.node_def

    def signature(
        self,
        inputs: Mapping[str, str],
        outputs: Mapping[str, str],
        name: str = "serving_default",
        dtype: str = "float32",
    ) -> None:
        """Add a signature; shapes are those of the placeholders."""
        signature = self.meta.signature_def[name]
        signature.method_name = "tensorflow/serving/predict"
        placeholders = {node.name: node for node in self.graph.node}
        for key, reference in inputs.items():
            node = placeholders[reference.split(":")[0]]
            signature.inputs[key].name = reference
            signature.inputs[key].dtype = node.attr["dtype"].type
            signature.inputs[key].tensor_shape.CopyFrom(node.attr["shape"].shape)
        for key, reference in outputs.items():
            signature.outputs[key].name = reference
            signature.outputs[key].dtype = TYPES[dtype]

    def restore(self, handles: Sequence[str] | None = None) -> None:
        """Add the restore function: `AssignVariableOp(argument, Identity(RestoreV2:i))`, as TensorFlow 2 writes it."""
        names = list(handles if handles is not None else self.tensors)
        nodes = self.function(
            "__inference__traced_restore",
            {"file_prefix": "string", **{f"handle_{i}": "resource" for i in range(len(names))}},
            {},
            ["NoOp"],
        )
        const(nodes, "names", names)
        const(nodes, "slices", [""] * len(names))
        types = [Type(self.tensors[name].dtype.name) for name in names]
        add_node(nodes, "RestoreV2", "RestoreV2", ["file_prefix", "names:output:0", "slices:output:0"], dtypes=types)
        for i in range(len(names)):
            add_node(nodes, "Identity", f"Identity_{i}", [f"RestoreV2:tensors:{i}"], T=types[i])
            add_node(
                nodes, "AssignVariableOp", f"Assign_{i}", [f"handle_{i}", f"Identity_{i}:output:0"], dtype=types[i]
            )
        add_node(nodes, "NoOp", "NoOp", [f"^Assign_{i}" for i in range(len(names))])
        self.node("Placeholder", "saver_filename", dtype=Type("string"), shape=())
        self.node(
            "StatefulPartitionedCall",
            "restore_all",
            ["saver_filename", *names],
            f=Function("__inference__traced_restore"),
            Tin=[Type("string")] + [Type("resource")] * len(names),
            Tout=[],
        )
        self.meta.saver_def.filename_tensor_name = "saver_filename:0"
        self.meta.saver_def.restore_op_name = "restore_all"

    def save(self, folder: Path) -> Path:
        """Write the folder."""
        (folder / "variables").mkdir(parents=True, exist_ok=True)
        (folder / "saved_model.pb").write_bytes(self.proto.SerializeToString())
        if self.tensors:
            write_checkpoint(folder / "variables" / "variables", self.tensors)
        return folder


def varint(number: int) -> bytes:
    """Encode a varint."""
    result = b""
    while number >= 0x80:
        result += bytes([number & 0x7F | 0x80])
        number >>= 7
    return result + bytes([number])


def block(entries: Mapping[bytes, bytes], *, compression: int = 0) -> bytes:
    """Return a block of a sorted string table, keys sharing prefixes, with its trailer."""
    data, previous = b"", b""
    for key in sorted(entries):
        shared = 0
        while shared < min(len(previous), len(key)) and previous[shared] == key[shared]:
            shared += 1
        data += varint(shared) + varint(len(key) - shared) + varint(len(entries[key])) + key[shared:] + entries[key]
        previous = key
    data += (0).to_bytes(4, "little") + (1).to_bytes(4, "little")  # one restart, at 0
    if compression == 1:
        data = varint(len(data)) + b"\xfc" + (len(data) - 1).to_bytes(4, "little") + data  # Snappy: as it is
    return seal(data, compression)


def seal(data: bytes, compression: int = 0) -> bytes:
    """Return a block's content with its trailer: how it is compressed, and the checksum of all."""
    data += bytes([compression])
    return data + masked(extend(0, data)).to_bytes(4, "little")


def write_table(path: Path, entries: Mapping[bytes, bytes], *, per_block: int = 3, compression: int = 0) -> None:
    """Write a sorted string table."""
    data, handles = b"", {}
    keys = sorted(entries)
    for start in range(0, len(keys), per_block):
        part = {key: entries[key] for key in keys[start : start + per_block]}
        written = block(part, compression=compression)
        handles[max(part)] = varint(len(data)) + varint(len(written) - 5)
        data += written
    meta = block({})
    meta_handle = varint(len(data)) + varint(len(meta) - 5)
    data += meta
    index = block(handles)
    footer = meta_handle + varint(len(data)) + varint(len(index) - 5)
    path.write_bytes(data + index + footer.ljust(40, b"\0") + MAGIC)


def encode(array: NDArray[Any], dtype: str) -> bytes:
    """Return the bytes of a tensor as a checkpoint holds them."""
    if dtype == "string":
        items = [str(item).encode() for item in array.reshape(-1).tolist()]
        _, between = strings([len(item) for item in items], items)
        return b"".join(varint(len(item)) for item in items) + between + b"".join(items)
    if dtype == "bfloat16":
        return (array.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
    return array.astype(dtype).tobytes()


def checksum(array: NDArray[Any], dtype: str, encoded: bytes) -> int:
    """Return the masked checksum of a tensor's bytes as a checkpoint's entry holds it."""
    if dtype != "string":
        return masked(extend(0, encoded))
    items = [str(item).encode() for item in array.reshape(-1).tolist()]
    return strings([len(item) for item in items], items)[0]


def put_right(prefix: Path) -> None:
    """Write the checksums of a checkpoint anew whose numbers were edited; it has one shard, and no strings of them."""
    entry_class, index = message_class("BundleEntryProto"), prefix.with_name(f"{prefix.name}.index")
    data = prefix.with_name(f"{prefix.name}.data-00000-of-00001").read_bytes()
    entries = read_table(index)
    for key, content in entries.items():
        entry = entry_class.FromString(content)
        if key and entry.dtype != TYPES["string"]:
            entry.crc32c = masked(extend(0, data[entry.offset : entry.offset + entry.size]))
            entries[key] = entry.SerializeToString()
    write_table(index, entries)


def write_checkpoint(
    prefix: Path,
    tensors: Mapping[str, NDArray[Any]],
    *,
    shards: int = 1,
    dtypes: Mapping[str, str] | None = None,
    slices: Mapping[str, Sequence[tuple[tuple[int, int], ...]]] | None = None,
) -> None:
    """Write a checkpoint; `slices` partitions tensors, each part in a shard of its own if there are several."""
    entry_class = message_class("BundleEntryProto")
    entries = {b"": message_class("BundleHeaderProto")(num_shards=shards).SerializeToString()}
    data = [b""] * shards

    def put(key: bytes, array: NDArray[Any], dtype: str, shard: int) -> None:
        encoded = encode(array, dtype)
        entry = entry_class(dtype=TYPES[dtype], shard_id=shard, offset=len(data[shard]), size=len(encoded))
        entry.crc32c = checksum(array, dtype, encoded)
        entry.shape.SetInParent()
        for size in array.shape:
            entry.shape.dim.add(size=size)
        data[shard] += encoded
        entries[key] = entry.SerializeToString()

    for number, (name, array) in enumerate(tensors.items()):
        dtype = (dtypes or {}).get(name) or ("string" if array.dtype.kind in "OU" else array.dtype.name)
        parts = (slices or {}).get(name)
        if not parts:
            put(name.encode(), array, dtype, number % shards)
            continue
        entry = entry_class(dtype=TYPES[dtype])
        for size in array.shape:
            entry.shape.dim.add(size=size)
        for position, part in enumerate(parts):
            extents = entry.slices.add()
            cut = []
            for start, length in part:
                extent = extents.extent.add()
                if length >= 0:
                    extent.start, extent.length = start, length
                cut.append(slice(None) if length < 0 else slice(start, start + length))
            put(_slice_key(name, part), array[tuple(cut)], dtype, position % shards)
        entries[name.encode()] = entry.SerializeToString()
    prefix.parent.mkdir(parents=True, exist_ok=True)
    for shard, content in enumerate(data):
        prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{shards:05d}").write_bytes(content)
    write_table(prefix.with_name(f"{prefix.name}.index"), entries)
