"""What cannot run is named with its place; so is what single backends cannot do."""

from __future__ import annotations

import numpy as np
import pytest

from tfjs_build.convert.artifacts import Limit
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.check import check
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.convert.graph.ops import tfjs_op, tfjs_ops
from tfjs_build.errors import RefusedError


def unknown(b: Builder, op: str, x: Value, name: str) -> Value:
    return b.node(op, [x], {}, name=name, given=[(x.shape, x.dtype)])[0]


def test_all_that_is_lacking_is_named_at_once() -> None:
    b = Builder()
    x = b.input("x", (2,), "float32")
    y = x
    for i in range(5):
        y = unknown(b, "Lgamma", y, f"layer_{i}/Lgamma")
    y = unknown(b, "Cholesky", y, "head/Cholesky")
    with pytest.raises(RefusedError) as caught:
        check(Graph([Port("x", x)], [Port("y", y)]))
    assert caught.value.message == (
        "TensorFlow.js has no Cholesky (head/Cholesky); no Lgamma (layer_0/Lgamma, layer_1/Lgamma, layer_2/Lgamma and"
        " 2 more)"
    )
    assert caught.value.hint


def test_ops_inside_functions_count() -> None:
    b = Builder()
    x = b.input("x", (), "float32")
    inner = Builder()
    arg = inner.input("arg", (), "float32")
    branch = Graph([Port("x", arg)], [Port("y", unknown(inner, "Lgamma", arg, "branch/Lgamma"))])
    attrs = {"then_branch": branch, "else_branch": branch}
    y = b.node("StatelessIf", [b.Less(x, 0.0), x], attrs, given=[((), "float32")])[0]
    with pytest.raises(RefusedError, match="branch/Lgamma"):
        check(Graph([Port("x", x)], [Port("y", y)]))


def _limits(graph: Graph) -> set[tuple[str, str, str]]:
    return {(limit.backend, limit.how, limit.op) for limit in check(graph)}


def test_what_a_backend_lacks_is_told() -> None:
    b = Builder("sound")
    x = b.input("x", (2,), "float32")
    y = b.node("ComplexAbs", [b.Complex(x, x)], {}, name="sound/abs")[0]
    graph = Graph([Port("x", x)], [Port("y", y)])
    assert _limits(graph) == {("wasm", "no kernel", "Complex"), ("wasm", "no kernel", "ComplexAbs")}
    assert Limit("wasm", "no kernel", "ComplexAbs", "sound/abs") in check(graph)


def test_of_many_places_a_few_are_named() -> None:
    b = Builder()
    x = b.input("x", (4,), "complex64")
    parts = [b.node("Real", [x], {}, name=f"part_{index}")[0] for index in range(5)]
    [limit] = check(Graph([Port("x", x)], [Port(f"y{index}", part) for index, part in enumerate(parts)]))
    assert limit == Limit("wasm", "no kernel", "Real", "part_0, part_1, part_2 and 2 more")


def test_a_table_inside_a_branch_is_refused() -> None:
    b = Builder()
    keys = b.input("keys", (3,), "int32")
    inner = Builder()
    arg = inner.input("arg", (3,), "int32")
    attrs = {"shared_name": "vocabulary", "key_dtype": "int32", "value_dtype": "int32"}
    table = inner.node("HashTableV2", [], attrs, name="vocabulary", given=[((), "resource")])[0]
    found = inner.node("LookupTableFindV2", [table, arg, inner.const(0)], {})[0]
    branch = Graph([Port("x", arg)], [Port("y", found)])
    functions = {"then_branch": branch, "else_branch": branch}
    y = b.node("StatelessIf", [b.Less(b.Sum(keys, [0]), 0), keys], functions, name="if", given=[((3,), "int32")])[0]
    with pytest.raises(RefusedError, match="vocabulary is looked up inside StatelessIf"):
        check(Graph([Port("keys", keys)], [Port("y", y)]))


def test_the_table_of_ops_is_tensorflow_js_s() -> None:
    assert len(tfjs_ops()) > 230
    concat = tfjs_op("ConcatV2")
    assert concat is not None
    assert [param.name for param in concat.inputs] == ["tensors", "axis"]
    assert tfjs_op("BitwiseAnd") is None  # its executor asks for inputs that the mapper does not give
    assert tfjs_op("RaggedRange") is None  # its list is not mapped
    names = ("StatelessWhile", "NonMaxSuppressionV4", "LookupTableFindV2", "Where", "MatMul")
    ops = {name: tfjs_op(name) for name in names}
    assert [op is not None and op.asynchronous for op in ops.values()] == [True, True, True, True, False]


def test_strings_that_wasm_cannot_compare_are_told() -> None:
    b = Builder()
    x = b.input("x", (2,), "string")
    assert ("wasm", "wrong", "Equal") in _limits(Graph([Port("x", x)], [Port("y", b.Equal(x, x))]))
    numbers = b.input("numbers", (2,), "int32")
    assert check(Graph([Port("x", numbers)], [Port("y", b.Equal(numbers, numbers))])) == []


@pytest.mark.parametrize(("kernel", "stride", "wrong"), [(3, 4, True), (4, 4, False), (3, 2, False)])
def test_paddings_that_wasm_gets_wrong_are_told(kernel: int, stride: int, wrong: bool) -> None:
    b = Builder()
    x = b.input("x", (None, None, None, 2), "float32")
    weights = b.const(np.ones((kernel, kernel, 2, 3), np.float32))
    y = b.Conv2D(x, weights, strides=[1, stride, stride, 1], padding="SAME")
    expected = {("wasm", "wrong", "Conv2D")} if wrong else set()
    assert _limits(Graph([Port("x", x)], [Port("y", y)])) == expected


@pytest.mark.parametrize(
    ("rank", "limits"),
    [(4, set()), (5, {("webgl", "throws", "SelectV2"), ("webgpu", "throws", "SelectV2")}), (None, set())],
)
def test_ranks_that_a_backend_does_not_take_are_told(rank: int | None, limits: set[tuple[str, str, str]]) -> None:
    """`portable` leaves none of these; a rank that is not known is trusted."""
    b = Builder()
    x = b.input("x", None if rank is None else (2,) * rank, "float32")
    y = b.SelectV2(b.Greater(x, 0.0), x, b.const(0.0))
    assert _limits(Graph([Port("x", x)], [Port("y", y)])) == limits


def test_complex_numbers_where_no_op_takes_them_are_refused() -> None:
    b = Builder("layer")
    x = b.input("x", (2,), "float32")
    y = b.node("Sqrt", [b.Complex(x, x)], {}, name="layer/Sqrt")[0]
    with pytest.raises(RefusedError, match=r"Sqrt \(layer/Sqrt\): TensorFlow.js takes no complex numbers there"):
        check(Graph([Port("x", x)], [Port("y", b.Real(y))]))
