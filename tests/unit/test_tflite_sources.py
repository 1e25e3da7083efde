"""TensorFlow Lite models as sources: what is read of them, and what is said of those that are damaged or not covered.

Files are written here by a few lines of their own: the format is small, and damage is easier to make than to find.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.project import REPOSITORY, Project
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.optimizing import unoptimized
from tfjs_build.convert.tflite.flatbuffer import Buffer, DamagedError
from tfjs_build.convert.tflite.graph import convert
from tfjs_build.convert.tflite.held import Held
from tfjs_build.convert.tflite.model import Model, Operator, Quantization, Signature, Subgraph, Tensor, read_model
from tfjs_build.convert.tflite.registry import RULES
from tfjs_build.convert.tflite.schema import operator_name
from tfjs_build.convert.tflite.settle import ANY, Span, settled
from tfjs_build.convert.tflite.sparse import Level, Sparsity
from tfjs_build.convert.tflite.tensors import Grid, bias_of, constant_of, dtype_of, grid_of
from tfjs_build.errors import RefusedError, SourceError

FIXTURES = REPOSITORY / "tests" / "fixtures" / "tflite"
SMALL = FIXTURES / "loop-float.tflite"


@dataclass
class Table:
    """A table to write: what each slot holds, as bytes of a number, or as what lies elsewhere."""

    slots: dict[int, Any] = field(default_factory=dict)


def encode(root: Table) -> bytes:
    """Return a FlatBuffer: parts one behind the other, each reference to something later."""
    out = bytearray(8)
    out[4:8] = b"TFL3"

    def put(place: int, kind: str, number: int) -> None:
        struct.pack_into(f"<{kind}", out, place, number)

    def write(value: Any) -> int:
        out.extend(bytes(-len(out) % 8))
        if isinstance(value, Table):
            count = max(value.slots, default=-1) + 1
            vtable = len(out)
            out.extend(bytes(4 + 2 * count))
            out.extend(bytes(-len(out) % 8))
            start = len(out)
            put(vtable, "H", 4 + 2 * count)
            put(vtable + 2, "H", 8 + 8 * count)
            out.extend(bytes(8 + 8 * count))
            put(start, "i", start - vtable)
            for slot, each in value.slots.items():
                at = start + 8 + 8 * slot
                put(vtable + 4 + 2 * slot, "H", at - start)
                if isinstance(each, tuple):
                    put(at, *each)
                else:
                    put(at, "I", write(each) - at)
            return start
        if isinstance(value, bytes):
            start = len(out)
            out.extend(struct.pack("<I", len(value)) + value)
            return start
        if isinstance(value, np.ndarray):
            out.extend(bytes(4))
            start = len(out) - 4 + 4  # numbers of eight bytes lie at a multiple of eight
            out.extend(struct.pack("<I", value.size) + value.tobytes())
            return start
        start = len(out)
        out.extend(bytes(4 + 4 * len(value)))
        put(start, "I", len(value))
        for index, each in enumerate(value):
            at = start + 4 + 4 * index
            put(at, "I", write(each) - at)
        return start

    put(0, "I", write(root))
    return bytes(out)


def ints(*numbers: int) -> np.ndarray[Any, Any]:
    return np.array(numbers, "<i4")


def tensor(name: str, shape: Sequence[int], kind: int = 0, buffer: int = 0, **slots: Any) -> Table:
    """A tensor in a file; `slots` has others by `s` and their number."""
    more = {int(key[1:]): value for key, value in slots.items()}
    return Table({0: ints(*shape), 1: ("b", kind), 2: ("I", buffer), 3: name.encode(), **more})


def file(
    tensors: Sequence[Table],
    operators: Sequence[Table],
    *,
    codes: Sequence[Table] = (Table({0: ("b", 0)}),),
    buffers: Sequence[Table] = (Table(),),
    inputs: Sequence[int] = (0,),
    outputs: Sequence[int] = (1,),
    **slots: Any,
) -> bytes:
    """A file with one graph; the only operator's code is ADD unless `codes` says others."""
    graph = Table({0: list(tensors), 1: ints(*inputs), 2: ints(*outputs), 3: list(operators)})
    more = {int(key[1:]): value for key, value in slots.items()}
    return encode(Table({0: ("I", 3), 1: list(codes), 2: [graph], 4: list(buffers), **more}))


def add(inputs: Sequence[int], outputs: Sequence[int], **slots: Any) -> Table:
    more = {int(key[1:]): value for key, value in slots.items()}
    return Table({1: ints(*inputs), 2: ints(*outputs), **more})


def read(tmp_path: Path, data: bytes) -> Model:
    path = tmp_path / "net.tflite"
    path.write_bytes(data)
    return read_model(path)


PAIR = (tensor("x", [1, 2]), tensor("y", [1, 2]))


def test_a_file_is_read(tmp_path: Path) -> None:
    scales = Table({2: np.array([0.5], "<f4"), 3: np.array([3], "<i8")})
    tensors = [tensor("x", [1, 2], s7=ints(-1, 2)), tensor("y", [1, 2]), tensor("w", [2], 9, 1, s4=scales)]
    data = file(
        tensors,
        [add([0, 2], [1], s3=("B", 11), s4=Table({0: ("b", 3)}))],
        buffers=[Table(), Table({0: b"\x05\xff"})],
        s7=[Table({0: [Table({0: b"a", 1: ("I", 0)})], 1: [Table({0: b"b", 1: ("I", 1)})], 2: b"serving_default"})],
    )
    model = read(tmp_path, data)
    (graph,), (signature,) = model.subgraphs, model.signatures
    assert [each.shape for each in graph.tensors] == [(None, 2), (1, 2), (2,)]
    assert [(each.name, each.options["fused_activation_function"]) for each in graph.operators] == [("ADD", 3)]
    assert (signature.key, signature.inputs, signature.outputs) == ("serving_default", [(0, "a")], [(1, "b")])
    assert constant_of(graph.tensors[2], "w").array().tolist() == [1.0, -2.0]
    artifacts = convert(model, None)
    assert [(spec.name, spec.shape) for spec in artifacts.signature.inputs] == [("a", (None, 2))]
    assert [(spec.name, spec.shape) for spec in artifacts.signature.outputs] == [("b", (None, 2))]
    assert [node["op"] for node in artifacts.topology["node"]].count("Relu6") == 1


def test_data_may_lie_behind_the_flatbuffer(tmp_path: Path) -> None:
    """What is larger than two gigabytes does."""
    tensors = [*PAIR, tensor("w", [2], 0, 1)]

    def with_offset(offset: int) -> bytes:
        return file(tensors, [add([0, 2], [1])], buffers=[Table(), Table({1: ("Q", offset), 2: ("Q", 8)})])

    data = with_offset(len(with_offset(2)))
    model = read(tmp_path, data + np.array([1.5, 2.5], "<f4").tobytes())
    assert constant_of(model.subgraphs[0].tensors[2], "w").array().tolist() == [1.5, 2.5]


GOOD = file(PAIR, [add([0, 0], [1])])
DAMAGED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is no TensorFlow Lite model"),
    "another file": (b"PK\3\4", "is no TensorFlow Lite model"),
    "the beginning alone": (GOOD[:8], "is damaged: it refers to"),
    "half": (GOOD[: len(GOOD) // 2], "is damaged: it refers to"),
    "a root outside": (b"\xff\xff\xff\x7f" + GOOD[4:], "at byte 2147483647, which the file does not have"),
    "no graph": (encode(Table({0: ("I", 3)})), "no graph at all"),
    "a later version": (encode(Table({0: ("I", 4)})), "is of version 4 of TensorFlow Lite's schema"),
    "a tensor outside": (file(PAIR, [add([0, 7], [1])]), "the tensor 7 of a graph that has 2"),
    "an output left out": (file(PAIR, [add([0, 0], [-1])]), "the tensor -1 of a graph that has 2"),
    "an input outside": (file(PAIR, [], inputs=[9]), "the tensor 9 of a graph that has 2"),
    "a code outside": (file(PAIR, [Table({0: ("I", 5)})]), "the operator's code 5 of 1"),
    "a buffer outside": (file([tensor("x", [1], 0, 4)], []), "the buffer 4 of 1"),
    "a negative size": (file([tensor("x", [-2])], []), "the tensor x of the shape [-2]"),
    "too large a shape": (file([tensor("x", [1 << 30, 1 << 30])], []), "the tensor x of the shape"),
    "an unknown type": (file([tensor("x", [1], 99)], []), "is of a type that is not known, number 99"),
    "scales that do not fit": (
        file([tensor("x", [3], 9, s4=Table({2: np.array([1, 2], "<f4")}))], []),
        "the tensor x with 2 scales along the axis 0 of [3]",
    ),
    "a scale that is none": (
        file([tensor("x", [1], 9, s4=Table({2: np.array([inf], "<f4")}))], []),
        "the tensor x with scales or zero points that cannot be",
    ),
    "a signature of another graph": (file(PAIR, [], s7=[Table({4: ("I", 3)})]), "the graph 3 of 1 in the signature"),
    "nothing computes the output": (file(PAIR, []), "it reads the tensor y, which nothing computes"),
    "no outputs": (file(PAIR, [], outputs=[]), "has a graph without outputs"),
    "an input too few": (file(PAIR, [add([0, -1], [1])]), "ADD (y) is damaged: it lacks its input 1"),
    "an activation": (
        file(PAIR, [add([0, 0], [1], s3=("B", 11), s4=Table({0: ("b", 77)}))]),
        "ADD (y) is fused with an activation that is not known, number 77",
    ),
    "a constant cut short": (
        file([*PAIR, tensor("w", [3], 0, 1)], [add([0, 2], [1])], buffers=[Table(), Table({0: b"1234"})]),
        "the constant w is damaged: its 3 numbers take 12 bytes, it has 4",
    ),
    "a graph that calls itself": (
        file(
            PAIR,
            [add([0], [1], s3=("B", 93), s4=Table({0: ("i", 0), 1: ("i", 0)}))],
            codes=[Table({0: ("b", 119)})],
        ),
        "its graph 0 calls itself",
    ),
    "a graph outside": (
        file(
            PAIR,
            [add([0], [1], s3=("B", 93), s4=Table({0: ("i", 3), 1: ("i", 4)}))],
            codes=[Table({0: ("b", 119)})],
        ),
        "it refers to the graph 4, which it does not have",
    ),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_damaged_files_are_refused(tmp_path: Path, what: str) -> None:
    data, text = DAMAGED[what]
    with pytest.raises((SourceError, RefusedError)) as caught:
        convert(read(tmp_path, data), None)
    assert text in str(caught.value)


@pytest.mark.parametrize("length", range(0, SMALL.stat().st_size, 97))
def test_a_file_cut_short_is_refused_or_whole(tmp_path: Path, length: int) -> None:
    with pytest.raises((SourceError, RefusedError)):
        convert(read(tmp_path, SMALL.read_bytes()[:length]), None)


def test_a_small_file_that_names_its_parts_endlessly_is_refused() -> None:
    """All entries of a vector are one table, which has a vector of its own."""
    count = 2000
    data = bytearray(encode(Table({0: [Table({0: ints(*range(count))})] * count})))
    buffer = Buffer(bytes(data))
    assert len(buffer.root.tables(0)) == count  # written out, they are read
    once = encode(Table({0: [Table({0: ints(*range(count))})]}))
    shared = Buffer(once)
    (inner,) = shared.root.tables(0)
    with pytest.raises(DamagedError, match="the same parts of the file over and over"):
        for _ in range(count):
            inner.vector(0, "<i4")


def test_all_operators_that_are_lacking_are_named_at_once(tmp_path: Path) -> None:
    codes = [Table({0: ("b", 16)}), Table({0: ("b", 32), 1: b"MyOwn"}), Table({0: ("b", 127), 3: ("i", 5000)})]
    tensors = [tensor(name, [1]) for name in ("x", "a", "b", "c", "idle")]
    operators = [Table({0: ("I", at), 1: ints(at), 2: ints(at + 1)}) for at in range(3)]
    operators.append(Table({0: ("I", 1), 1: ints(0), 2: ints(4)}))  # which no output needs
    with pytest.raises(RefusedError) as caught:
        convert(read(tmp_path, file(tensors, operators, codes=codes, outputs=[3])), None)
    assert str(caught.value).startswith(
        "tfjs-build does not convert these operators of TensorFlow Lite: LSTM (a); the custom operator MyOwn (b); "
        "the operator number 5000 (c)\n"
    )


def quantized(dtype: str, numbers: Sequence[int], scales: Sequence[float], zeros: Sequence[int], **keys: Any) -> Tensor:
    array = np.array(numbers, dtype)
    keys = {"shape": array.shape, "axis": 0, "data": array.tobytes(), **keys}
    quantization = Quantization(np.array(scales, np.float32), np.array(zeros, np.int64), keys["axis"])
    return Tensor("w", dtype, keys["shape"], memoryview(keys["data"]), quantization, False)


@pytest.mark.parametrize(
    ("made", "values"),
    [
        (quantized("uint8", [0, 128, 255], [0.5], [128]), [-64, 0, 63.5]),
        (quantized("int8", [-128, 127], [0.25], [-128]), [0, 63.75]),
        (quantized("int8", [1, 1, 2, 2], [0.5, 2], [0], shape=(2, 2)), [[0.5, 0.5], [4, 4]]),
        (quantized("int8", [1, 1, 2, 2], [0.5, 2], [0, 1], shape=(2, 2), axis=1), [[0.5, 0], [1, 2]]),
        (quantized("int16", [-3], [2], [0]), [-6]),
        (replace(quantized("int8", [0x7F, 0x08], [2], [0], shape=(3,)), dtype="int4"), [-2, 14, -16]),
    ],
    ids=["uint8", "int8", "along the first axis", "along the second axis", "int16", "int4"],
)
def test_quantized_constants(made: Tensor, values: list[float]) -> None:
    assert dtype_of(made) == "float32"
    found = constant_of(made, "w").array()
    assert found.dtype == np.float32
    assert found.tolist() == values


def test_other_constants() -> None:
    def made(dtype: str, data: bytes, *shape: int) -> Any:
        return constant_of(Tensor("w", dtype, shape, memoryview(data), None, False), "w").array()

    assert made("float16", np.array([1.5], "<f2").tobytes(), 1).dtype == np.float32
    assert made("bfloat16", b"\xc0\x3f", 1).tolist() == [1.5]
    assert made("int8", b"\xff", 1).tolist() == [-1]
    assert made("bool", b"\x01\x00", 2).tolist() == [True, False]
    strings = struct.pack("<iiii", 2, 16, 18, 18) + b"ab"
    assert made("string", strings, 2).tolist() == [b"ab", b""]
    with pytest.raises(SourceError, match="its strings lie outside of it"):
        made("string", struct.pack("<iiii", 2, 16, 99, 18) + b"ab", 2)
    with pytest.raises(SourceError, match="does not hold as many strings"):
        made("string", struct.pack("<iiii", 3, 16, 18, 18) + b"ab", 2)
    with pytest.raises(RefusedError, match="w is quantized block by block, which tfjs-build does not read"):
        constant_of(Tensor("w", "int8", (1,), memoryview(b"1"), None, False, is_blockwise=True), "w")


ROWS = Level(0, np.array([0, 2, 3]), np.array([0, 2, 1]))
"""Three numbers of two rows: at 0 and 2 of the first one, at 1 of the second."""


def sparse(sparsity: Sparsity, *shape: int) -> Any:
    return constant_of(Tensor("w", "int8", shape, memoryview(b"\1\2\3"), None, False, sparsity=sparsity), "w").array()


def test_sparse_constants() -> None:
    dense = Level(2, None, None)
    assert sparse(Sparsity((0, 1), (), [dense, ROWS]), 2, 3).tolist() == [[1, 0, 2], [0, 3, 0]]
    assert sparse(Sparsity((1, 0), (), [dense, ROWS]), 3, 2).tolist() == [[1, 0], [0, 3], [2, 0]]
    inner = [Level(1, None, None), Level(0, np.array([0, 1]), np.array([1])), Level(3, None, None)]
    assert sparse(Sparsity((0, 1, 2), (1,), inner), 1, 6).tolist() == [[0, 0, 0, 1, 2, 3]]


@pytest.mark.parametrize(
    "sparsity",
    [
        Sparsity((0,), (), [ROWS]),
        Sparsity((0, 0), (), [ROWS, ROWS]),
        Sparsity((0, 1), (), [Level(3, None, None), ROWS]),
        Sparsity((0, 1), (), [Level(2, None, None), Level(0, np.array([0, 2, 9]), np.array([0, 2, 1]))]),
        Sparsity((0, 1), (), [Level(2, None, None), Level(0, np.array([2, 0, 3]), np.array([0, 2, 1]))]),
        Sparsity((0, 1), (), [Level(2, None, None), Level(0, np.array([0, 2, 3]), np.array([0, 2, 7]))]),
        Sparsity((0, 1), (), [Level(1 << 30, None, None), ROWS]),
        Sparsity((0, 1, 2), (5,), [Level(1, None, None)] * 3),
    ],
)
def test_sparse_constants_that_are_damaged_are_refused(sparsity: Sparsity) -> None:
    with pytest.raises(SourceError, match="w is damaged: it does not say where its numbers lie"):
        sparse(sparsity, 2, 3)


def test_a_bias_has_the_scale_of_the_product() -> None:
    shared = quantized("int32", [2, 4], [9, 9], [0, 0])
    assert bias_of(shared, np.array([0.5, 0.25], np.float32), "b").array().tolist() == [1, 1]
    assert bias_of(shared, np.array([0.5], np.float32), "b").array().tolist() == [1, 2]
    with pytest.raises(SourceError, match=r"a bias of the shape \[2\] for 3 channels"):
        bias_of(shared, np.ones(3, np.float32), "b")


def test_the_numbers_that_a_tensor_can_hold() -> None:
    assert grid_of(quantized("uint8", [0], [0.5], [10])) == Grid(-10, 245, 0.5)
    assert grid_of(quantized("int8", [0], [0.5], [-128])) == Grid(0, 255, 0.5)
    assert grid_of(quantized("int8", [0, 0], [0.5, 1], [0])) is None
    assert grid_of(quantized("int32", [0], [0.5], [0])) is None


SIX = Grid(0, 255, 6 / 255)


@pytest.mark.parametrize(
    ("activation", "grid", "span", "ops"),
    [
        (0, None, ANY, []),
        (1, None, ANY, ["Relu"]),
        (1, None, Span(0, inf), []),
        (2, None, ANY, ["ClipByValue"]),
        (3, None, ANY, ["Relu6"]),
        (3, None, Span(0, 3), []),
        (4, None, ANY, ["Tanh"]),
        (5, None, ANY, ["Sign"]),
        (0, SIX, ANY, ["Mul", "Round", "ClipByValue"]),
        (3, SIX, ANY, ["Mul", "Round", "ClipByValue"]),
        (0, SIX, Span(0, inf), ["Mul", "Round", "Minimum"]),
        (0, SIX, Span(-3, 5), ["Mul", "Round", "Relu"]),
        (0, Grid(0, 255, 1 / 256), Span(0, 1), ["Mul", "Round"]),
        (0, Grid(0, 255, 1.0), ANY, ["Round", "ClipByValue"]),
    ],
)
def test_what_follows_an_operator(activation: int, grid: Grid | None, span: Span, ops: list[str]) -> None:
    b = Builder()
    held, after = settled(b, Held(b.input("x", (2,), "float32")), activation, grid, span, "ADD (y)")
    found, node = [], held.value.node
    while node.op != "Placeholder":
        found.append(node.op)
        node = node.inputs[0].node
    assert found[::-1] == ops
    assert held.scale == (1 if grid is None else grid.scale)
    if activation in (1, 3) or (grid is not None and grid.lowest == 0):
        assert after.lowest >= 0


def graph_of(operators: Sequence[Operator], tensors: Sequence[Tensor], outputs: Sequence[int]) -> Model:
    return Model(Path("net.tflite"), [Subgraph(tensors, [0], outputs, operators)], [])


def plain(name: str, *shape: int | None) -> Tensor:
    return Tensor(name, "float32", shape, None, None, False)


def held_in(made: Tensor, scale: float) -> Tensor:
    return replace(made, dtype="int8", quantization=Quantization(np.array([scale], "f4"), np.array([-128]), 0))


def ops_of(model: Model) -> list[str]:
    return [node["op"] for node in convert(model, None).topology["node"] if node["op"] not in ("Placeholder", "Const")]


def operator(name: str, inputs: Sequence[int], outputs: Sequence[int], **options: Any) -> Operator:
    return Operator(name, False, inputs, outputs, options, b"")


def test_what_only_moves_quantized_numbers_needs_no_rounding() -> None:
    tensors = [plain("x", 1, 4, 4, 1), *(held_in(plain(name, 1), 0.5) for name in "abc")]
    window = {"stride_w": 2, "stride_h": 2, "filter_width": 2, "filter_height": 2}
    operators = [
        operator("QUANTIZE", [0], [1]),
        operator("MAX_POOL_2D", [1], [2], **window),
        operator("AVERAGE_POOL_2D", [2], [3], **window),
    ]
    assert ops_of(graph_of(operators, tensors, [3])) == [
        *("Mul", "Round", "ClipByValue", "MaxPool", "AvgPool", "Round", "Mul")
    ]


def test_each_output_is_held_in_its_own_range() -> None:
    tensors = [plain("x", 2, 3), held_in(plain("a", 3), 0.5), held_in(plain("b", 3), 0.5)]
    ops = ops_of(graph_of([operator("UNPACK", [0], [1, 2], axis=0, num=2)], tensors, [1, 2]))
    assert ops.count("ClipByValue") == ops.count("Round") == 2


def test_products_take_the_scale_into_their_weights() -> None:
    weights = quantized("int8", [2, 4], [0.5], [0], shape=(1, 2))
    bias = quantized("int32", [8], [1], [0], shape=(1,))
    tensors = [plain("x", 1, 2), held_in(plain("a", 1, 2), 0.25), weights, bias, held_in(plain("y", 1, 1), 2.0)]
    model = graph_of([operator("QUANTIZE", [0], [1]), operator("FULLY_CONNECTED", [1, 2, 3], [4])], tensors, [4])
    artifacts = convert(model, None)
    found = {weight.name: np.concatenate([*weight.blocks()]).tolist() for weight in artifacts.weights}
    assert sorted(found.values(), key=len)[-1] == [0.125, 0.25]  # 2 and 4, times 0.5 · 0.25 / 2
    assert [0.5] in found.values()  # 8 times 0.5 · 0.25 / 2
    ops = [node["op"] for node in artifacts.topology["node"] if node["op"] not in ("Placeholder", "Const")]
    assert ops == ["Mul", "Round", "ClipByValue", "_FusedMatMul", "Round", "ClipByValue", "Mul"]


def test_mediapipes_transposed_convolution() -> None:
    weights = quantized("int8", [1] * 8, [0.5], [0], shape=(1, 2, 2, 2))
    bias = replace(plain("b", 1), data=memoryview(np.ones(1, "f4").tobytes()))
    tensors = [plain("x", 1, 3, 3, 2), weights, bias, plain("y", 1, 6, 6, 1)]

    def model(options: bytes) -> Model:
        return graph_of([Operator("Convolution2DTransposeBias", True, [0, 1, 2], [3], {}, options)], tensors, [3])

    with unoptimized():
        artifacts = convert(model(struct.pack("<iii", 1, 2, 2)), None)
    assert artifacts.signature.outputs[0].shape == (1, 6, 6, 1)
    assert "Conv2DBackpropInput" in [node["op"] for node in artifacts.topology["node"]]
    with pytest.raises(SourceError, match=r"Convolution2DTransposeBias \(y\) is damaged: its options are \[7, 2, 2\]"):
        convert(model(struct.pack("<iii", 7, 2, 2)), None)
    with pytest.raises(SourceError, match="its options are cut short"):
        convert(model(b"1234"), None)


def test_signatures_are_chosen_by_name() -> None:
    tensors = [plain("serving_default_x:0", 1), plain("StatefulPartitionedCall:0", 1)]
    model = graph_of([operator("ABS", [0], [1])], tensors, [1, 1])

    def names(signatures: Sequence[Signature], wanted: str | None) -> list[str]:
        found = convert(replace(model, signatures=signatures), wanted).signature
        return [spec.name for spec in (*found.inputs, *found.outputs)]

    first = Signature("serving_default", [(0, "a")], [(1, "b"), (1, "c")], 0)
    second = Signature("other", [(0, "d")], [(1, "e")], 0)
    assert names([], None) == ["x", "StatefulPartitionedCall", "StatefulPartitionedCall_1"]
    assert names([first], None) == ["a", "b", "c"]
    assert names([second, first], None) == ["a", "b", "c"]
    assert names([second, first], "other") == ["d", "e", "StatefulPartitionedCall"]
    with pytest.raises(SourceError, match=r"has no signature 'third'\nIt has 'other', 'serving_default'\."):
        names([second, first], "third")
    with pytest.raises(SourceError, match="several signatures: 'other', 'other2'"):
        names([second, replace(second, key="other2")], None)


def test_every_rule_is_of_an_operator_that_there_is() -> None:
    known = {operator_name(number) for number in range(300)}
    assert RULES.keys() <= known


def test_a_model_is_built_and_found_fresh(tmp_path: Path) -> None:
    project = Project(tmp_path / "app")
    (project.root / "net.tflite").write_bytes((FIXTURES / "image-uint8-io.tflite").read_bytes())
    (project.root / "other.bin").write_bytes((FIXTURES / "image-uint8-io.tflite").read_bytes())
    project.manifest(
        "version: 1\noutput: models\nmodels:\n  net: { source: net.tflite, labels: [a, b, c, d] }\n"
        "  other: { source: other.bin, quantize: uint8 }\n"
    )
    result = project.run("build", "--json")
    assert result.code == 0, result
    assert {event["model"]: event["format"] for event in result.of("written")} == {"net": "graph", "other": "graph"}
    document = json.loads((project.root / "models" / "net" / "model.json").read_text(encoding="utf-8"))
    signature = document["userDefinedMetadata"]["tfjs-build"]["signature"]
    assert [(each["name"], each["dtype"]) for each in signature["inputs"]] == [("image", "float32")]
    assert [each["dtype"] for each in signature["outputs"]] == ["float32"]
    assert project.run("build", "--check").code == 0


def test_there_are_no_layers(tmp_path: Path) -> None:
    project = Project(tmp_path / "app")
    (project.root / "net.tflite").write_bytes(SMALL.read_bytes())
    project.manifest("version: 1\noutput: models\nmodels:\n  net: { source: net.tflite, format: layers }\n")
    result = project.run("build")
    assert result.code == 1
    assert "this source holds a graph, not layers" in result.err
