"""A `.tflite` file as typed values: subgraphs of operators and tensors, and signatures that name inputs and outputs.

Slots are those of tensorflow/compiler/mlir/lite/schema/schema.fbs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.tflite.flatbuffer import Buffer, DamagedError, Table
from tfjs_build.convert.tflite.schema import CUSTOM, operator_name, options
from tfjs_build.convert.tflite.sparse import Sparsity, read_sparsity
from tfjs_build.errors import RefusedError, SourceError
from tfjs_build.records import record

MAGIC: Final = b"TFL3"
"""Stands behind the first four bytes of a file."""

_TYPE_NAMES: Final = (
    "float32 float16 int32 uint8 int64 string bool int16 complex64 int8 float64 complex128 uint64 resource variant"
    " uint32 uint16 int4 bfloat16"
)
TYPES: Final = _TYPE_NAMES.split()
"""TensorType, by number."""

_BLOCKWISE: Final = 2
"""The number of BlockwiseQuantization in the union QuantizationDetails."""

_MOST_BYTES: Final = (1 << 31) - 1
"""Of the part that is a FlatBuffer: its references are signed."""


@record(frozen=True)
class Quantization:
    """How whole numbers stand for real ones: (number - zero point) * scale, with one of each for the tensor, or for
    each entry of the axis `axis`."""

    scales: NDArray[np.float32]
    zero_points: NDArray[np.int64]
    axis: int


@record(frozen=True)
class Tensor:
    """A tensor: `dtype` is as TensorFlow names it (or `int4`); sizes that are None are free. `data` holds the numbers
    of a constant, and is None for what is computed; `sparsity` says where they lie if zeros are left out.
    `is_blockwise` says that there is a scale for each block of numbers, which is not read."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]
    data: memoryview | None
    quantization: Quantization | None
    is_variable: bool
    is_blockwise: bool = False
    sparsity: Sparsity | None = None


@record(frozen=True)
class Operator:
    """One operator: `name` is that of the builtin (`CONV_2D`), or of a library's own; tensors are places in the
    subgraph, -1 for an input that is left out."""

    name: str
    is_custom: bool
    inputs: Sequence[int]
    outputs: Sequence[int]
    options: Mapping[str, Any]
    custom_options: bytes


@record(frozen=True)
class Subgraph:
    """A graph of the file; its operators stand in an order in which they can run."""

    tensors: Sequence[Tensor]
    inputs: Sequence[int]
    outputs: Sequence[int]
    operators: Sequence[Operator]


@record(frozen=True)
class Signature:
    """What a subgraph is called from outside, and its inputs and outputs: tensors, of which one may have several
    names."""

    key: str
    inputs: Sequence[tuple[int, str]]
    outputs: Sequence[tuple[int, str]]
    subgraph: int


@record(frozen=True)
class Model:
    """A whole file."""

    path: Path
    subgraphs: Sequence[Subgraph]
    signatures: Sequence[Signature]


def read_model(path: Path) -> Model:
    """Read a `.tflite` file. Raises SourceError for what is none or is damaged, RefusedError for what is too new."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if data[4:8] != MAGIC:
        raise SourceError(
            f"{path} is no TensorFlow Lite model: it does not have TFL3 behind its first four bytes",
            hint="If the file is being written, wait until that is done.",
        )
    try:
        return _Reader(path, data).model()
    except DamagedError as error:
        raise SourceError(
            f"{path} is damaged: it refers to {error}", hint="Convert the model again, or fetch the file again."
        ) from error


class _Reader:
    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self.buffer = Buffer(data)
        self.root = self.buffer.root
        version = self.root.number(0, "I")
        if version != 3:
            raise RefusedError(f"{path} is of version {version} of TensorFlow Lite's schema; tfjs-build reads 3")
        self.codes = [self._code(each) for each in self.root.tables(1)]
        self.buffers = self.root.tables(4)
        self._read: dict[int, memoryview | None] = {}

    def model(self) -> Model:
        subgraphs = [self._subgraph(each) for each in self.root.tables(2)]
        if not subgraphs:
            raise DamagedError("no graph at all")
        signatures = [self._signature(each, subgraphs) for each in self.root.tables(7)]
        return Model(self.path, subgraphs, signatures)

    def _code(self, table: Table) -> tuple[str, bool]:
        # Numbers up to 126 stand in the first field, which has no place for larger ones.
        number = max(table.number(0, "b"), table.number(3, "i"))
        if number == CUSTOM:
            return table.text(1) or "CUSTOM", True
        return operator_name(number) or f"the operator number {number}", False

    def _subgraph(self, table: Table) -> Subgraph:
        tensors = [self._tensor(each) for each in table.tables(0)]
        inputs, outputs = (self._places(table, slot, len(tensors), 0) for slot in (1, 2))
        return Subgraph(tensors, inputs, outputs, [self._operator(each, len(tensors)) for each in table.tables(3)])

    def _places(self, table: Table, slot: int, count: int, least: int) -> tuple[int, ...]:
        vector = table.vector(slot, "<i4")
        places = () if vector is None else tuple(vector.tolist())
        wrong = next((place for place in places if not least <= place < count), None)
        if wrong is not None:
            raise DamagedError(f"the tensor {wrong} of a graph that has {count}")
        return places

    def _operator(self, table: Table, count: int) -> Operator:
        code = table.number(0, "I")
        if code >= len(self.codes):
            raise DamagedError(f"the operator's code {code} of {len(self.codes)}")
        name, is_custom = self.codes[code]
        found: Mapping[str, Any] = {}
        for union, kind, slot in (("options", 3, 4), ("options2", 11, 12)):
            number = table.number(kind, "B")
            if number:
                found = options(union, number, table.table(slot))
        return Operator(
            name,
            is_custom,
            self._places(table, 1, count, -1),
            self._places(table, 2, count, 0),
            found,
            bytes(table.data(5) or b"") if is_custom else b"",
        )

    def _tensor(self, table: Table) -> Tensor:
        name = table.text(3)
        kind = table.number(1, "b")
        if not 0 <= kind < len(TYPES):
            raise RefusedError(f"{self.path}: the tensor {name} is of a type that is not known, number {kind}")
        shape = self._shape(table, name)
        quantization, is_blockwise = self._quantization(table.table(4), name, shape)
        sparse = table.table(6)
        return Tensor(
            name,
            TYPES[kind],
            shape,
            self._data(table.number(2, "I")),
            quantization,
            table.number(5, "?"),
            is_blockwise,
            None if sparse is None else read_sparsity(sparse),
        )

    def _shape(self, table: Table, name: str) -> tuple[int | None, ...]:
        vector, signature = table.vector(0, "<i4"), table.vector(7, "<i4")
        sizes = () if vector is None else tuple(vector.tolist())
        if any(size < 0 for size in sizes) or math.prod(sizes) > _MOST_BYTES:
            raise DamagedError(f"the tensor {name} of the shape {list(sizes)!s:.80}")
        if signature is None or len(signature) != len(sizes):
            return sizes
        free = signature.tolist()
        return tuple(None if dim == -1 else size for dim, size in zip(free, sizes, strict=True))

    def _quantization(
        self, table: Table | None, name: str, shape: Sequence[int | None]
    ) -> tuple[Quantization | None, bool]:
        if table is None:
            return None, False
        if table.number(4, "B") == _BLOCKWISE:
            return None, True
        scales, zero_points = table.vector(2, "<f4"), table.vector(3, "<i8")
        if scales is None or not scales.size or not scales.any():
            return None, False
        if zero_points is None or not zero_points.size:
            zero_points = np.zeros(1, np.int64)
        axis = table.number(6, "i")
        if not np.isfinite(scales).all() or (scales < 0).any() or zero_points.size not in (1, scales.size):
            raise DamagedError(f"the tensor {name} with scales or zero points that cannot be")
        if scales.size > 1 and (not 0 <= axis < len(shape) or shape[axis] != scales.size):
            raise DamagedError(f"the tensor {name} with {scales.size} scales along the axis {axis} of {list(shape)}")
        return Quantization(scales.astype(np.float32), zero_points.astype(np.int64), axis), False

    def _data(self, place: int) -> memoryview | None:
        """Return what a buffer holds, None where it is empty: its bytes stand in it, or behind the FlatBuffer."""
        if place >= len(self.buffers):
            raise DamagedError(f"the buffer {place} of {len(self.buffers)}")
        if place not in self._read:  # tensors may share a buffer
            table = self.buffers[place]
            offset, size = table.number(1, "Q"), table.number(2, "Q")
            data = self.buffer.part(offset, size) if offset > 1 else table.data(0)
            self._read[place] = data if data is not None and len(data) else None
        return self._read[place]

    def _signature(self, table: Table, subgraphs: Sequence[Subgraph]) -> Signature:
        place, key = table.number(4, "I"), table.text(2)
        if place >= len(subgraphs):
            raise DamagedError(f"the graph {place} of {len(subgraphs)} in the signature {key}")
        inputs, outputs = ([(each.number(1, "I"), each.text(0)) for each in table.tables(slot)] for slot in (0, 1))
        return Signature(key, inputs, outputs, place)
