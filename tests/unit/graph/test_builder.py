"""The builder: formulas, constants of the right type, folding, shapes that are partly known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.running import run
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Array, Constant, Graph, Port, Value


def lazy(shape: tuple[int, ...], reads: list[str], name: str = "w") -> Constant:
    """Return a constant that notes when it is read."""

    def read() -> Array:
        reads.append(name)
        return np.arange(int(np.prod(shape)), dtype=np.float32).reshape(shape)

    return Constant(shape, "float32", read, name=name)


def number(value: Value) -> float:
    assert value.constant is not None
    return float(value.constant.array())


def test_a_layer_reads_like_its_formula() -> None:
    b = Builder("gelu")
    x = b.input("x", (None, 3), "float32")
    y = 0.5 * x * (1.0 + b.Tanh(x / 2.0)) - x
    result = run(Graph([Port("x", x)], [Port("y", y)]), {"x": [[1.0, -2.0, 0.5]]})["y"]
    given = np.array([[1.0, -2.0, 0.5]], np.float32)
    np.testing.assert_allclose(result, 0.5 * given * (1 + np.tanh(given / 2)) - given, rtol=1e-6)
    assert y.shape == (None, 3)
    assert y.node.name == "gelu/Sub"


def test_constants_take_the_type_of_what_is_beside_them() -> None:
    b = Builder()
    x = b.input("x", (2, 4), "float32")
    n = b.input("n", (2, 4), "int32")
    flags = b.input("flags", (2, 4), "bool")
    assert (x * 2).node.inputs[1].dtype == "float32"
    assert (n * 2).node.inputs[1].dtype == "int32"
    assert b.RealDiv(1.5, x).node.inputs[0].dtype == "float32"
    assert b.Reshape(x, [4, 2]).node.inputs[1].dtype == "int32"
    assert b.Mean(x, [1]).node.inputs[1].dtype == "int32"
    assert b.GatherV2(x, [0, 1], 0).node.inputs[1].dtype == "int32"
    assert b.GatherV2(flags, [0, 1], 0).node.inputs[1].dtype == "int32"
    assert b.OneHot(n, 3, 1.0, 0.0).dtype == "float32"
    assert b.LogicalAnd(flags, True).node.inputs[1].dtype == "bool"


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "string"])
def test_axes_and_sizes_are_integers_whatever_the_tensors_are(dtype: str) -> None:
    b = Builder()
    x = b.input("x", (2, 4), dtype)
    assert b.ConcatV2(x, x, x, 1).node.inputs[3].dtype == "int32"
    assert b.ConcatV2(x, x, x, 1).shape == (2, 12)
    assert b.multi("Split", -1, x, num_split=2)[1].shape == (2, 2)
    assert b.multi("SplitV", x, [1, 3], 1, num_split=2)[1].shape == (2, 3)
    for op, *more in (("Tile", [2, 3]), ("Pad", [[0, 2], [1, 7]]), ("Slice", [0, 1], [1, 2]), ("ReverseV2", [0])):
        node = b.node(op, [x, *(b.const(each) for each in more)], {})[0].node
        built = getattr(b, op)(x, *more)
        assert [value.dtype for value in built.node.inputs[1:]] == ["int32"] * len(more)
        assert built.shape == node.outputs[0].shape


def test_a_number_shares_the_type_of_its_own_kind_of_input() -> None:
    b = Builder()
    x, n, flags = (b.input(dtype, (2, 4), dtype) for dtype in ("float32", "int64", "bool"))
    assert b.SelectV2(flags, x, 0).node.inputs[2].dtype == "float32"
    assert b.SelectV2(flags, 1, n).node.inputs[1].dtype == "int64"
    assert b.OneHot(n, 3, 1, 0).dtype == "int32"
    assert b.AddN(n, n, 1).node.inputs[2].dtype == "int64"


def test_an_empty_list_has_the_type_of_its_argument() -> None:
    b = Builder()
    x, n = b.input("x", (1,), "float32"), b.input("n", (2,), "int64")
    assert b.Reshape(x, []).node.inputs[1].dtype == "int32"
    assert b.Reshape(x, []).shape == ()
    assert b.Sum(x, []).node.inputs[1].dtype == "int32"
    assert b.ConcatV2(x, [], 0).node.inputs[1].dtype == "float32"
    assert b.ConcatV2(n, [], 0).node.inputs[1].dtype == "int64"
    assert b.Slice(n, [0], [2]).node.inputs[1].dtype == "int32"


def test_a_list_of_types_says_nothing_of_its_constants() -> None:
    b = Builder()
    flags = b.input("flags", (2,), "bool")
    assert [value.dtype for value in b.multi("IdentityN", flags, 1.5, 2)[0].node.inputs] == ["bool", "float32", "int32"]


def test_sizes_of_which_one_is_computed_leave_the_others_known() -> None:
    b = Builder()
    x, count = b.input("x", (None, 4), "float32"), b.input("count", (), "int32")
    assert b.Fill(b.Pack(count + 1, 4, axis=0), 0.0).shape == (None, 4)
    pads = b.Pack(b.Pack(0, count, axis=0), b.Pack(1, 2, axis=0), axis=0)
    assert b.Pad(b.input("y", (3, 4), "float32"), pads).shape == (None, 7)
    assert b.GatherV2(b.const([2, 3]), count, 0).known in (None, (None,))
    assert x.rank == 2


def test_ops_with_several_outputs_are_asked_for_as_such() -> None:
    b = Builder()
    x = b.input("x", (2, 6), "float32")
    parts = b.multi("Split", 1, x, num_split=3)
    assert [part.shape for part in parts] == [(2, 2)] * 3
    with pytest.raises(TypeError, match="multi"):
        getattr(b, "Split")(1, x, num_split=3)  # noqa: B009 -- mypy knows that it has several


def test_identities_leave_no_node() -> None:
    b = Builder()
    x = b.input("x", (2,), "float32")
    assert b.Identity(x) is x
    assert b.StopGradient(b.CheckNumerics(x, message="")) is x


def test_what_is_constant_is_folded_and_large_constants_are_not_read() -> None:
    reads: list[str] = []
    b = Builder()
    kernel = b.const(lazy((300, 200), reads))
    scaled = kernel * 2.0
    assert scaled.constant is not None
    assert scaled.shape == (300, 200)
    assert scaled.constant.name == "w"
    assert reads == []
    assert scaled.constant.array()[0, 3] == 6.0
    assert reads == ["w"]


def test_folding_does_not_swell_the_model() -> None:
    b = Builder()
    assert b.Fill([1000, 1000], 0.0).constant is None
    assert b.Tile(b.const(np.zeros(1000, np.float32)), [1000]).constant is None
    assert b.Fill([10, 10], 0.0).constant is not None


def test_an_op_that_fails_when_folded_is_left_to_run() -> None:
    b = Builder()
    assert b.GatherV2(b.const([1.0, 2.0]), [5], 0).constant is None


def test_sizes_are_followed_through_the_computation_of_a_shape() -> None:
    b = Builder()
    x = b.input("x", (None, 8, 3), "float32")
    shape = b.Shape(x)
    assert shape.known == (None, 8, 3)
    batch = b.StridedSlice(shape, [0], [1], [1], shrink_axis_mask=1)
    assert batch.known == (None,)
    rest = b.Prod(b.StridedSlice(shape, [1], [3], [1]), [0])
    assert number(rest) == 24
    target = b.Pack(batch, rest, axis=0)
    assert target.known == (None, 24)
    assert b.Reshape(x, target).shape == (None, 24)


def test_an_index_that_is_not_known_gives_nothing() -> None:
    b = Builder()
    x = b.input("x", (None, 8), "float32")
    n = b.input("n", (), "int32")
    assert b.GatherV2(b.Shape(x), n, 0).known is None
    assert b.GatherV2(b.const([1, 2, 3]), b.GatherV2(b.Shape(x), 0, 0), 0).known is None


def test_shapes_of_a_static_tensor_are_constants() -> None:
    b = Builder()
    x = b.input("x", (2, 3), "float32")
    assert b.Shape(x).ints == (2, 3)
    assert number(b.Size(x)) == 6
    assert number(b.Rank(x)) == 2
    assert b.Shape(x, out_type="int64").dtype == "int64"


@pytest.mark.parametrize(
    ("target", "shape"),
    [([-1, 6], (None, 6)), ([2, -1], (2, None)), ([3, 4], (3, 4))],
)
def test_reshape(target: list[int], shape: tuple[int | None, ...]) -> None:
    b = Builder()
    assert b.Reshape(b.input("x", (None, 4), "float32"), target).shape == shape


def test_reshape_settles_its_free_size_where_the_number_of_elements_is_known() -> None:
    b = Builder()
    assert b.Reshape(b.input("x", (3, 4), "float32"), [2, -1]).shape == (2, 6)


def test_int64_is_folded_as_such() -> None:
    b = Builder()
    big = b.const(np.array([2**40]), "int64")
    assert (big * 2).ints == (2**41,)


def test_a_graph_prints_itself() -> None:
    b = Builder("dense")
    x = b.input("x", (None, 2), "float32")
    kernel = b.const(Constant.of(np.ones((2, 3), np.float32), "float32", name="dense/kernel"))
    y = b.Relu(b.MatMul(x, kernel) + 1.0)
    assert str(Graph([Port("x", x)], [Port("y", y)])).splitlines() == [
        "inputs: x=%x",
        "  %x: float32[?,2] = Placeholder()",
        "  %dense/kernel: float32[2,3] = Const() {value=<dense/kernel>}",
        "  %dense/MatMul: float32[?,3] = MatMul(%x, %dense/kernel)",
        "  %dense/Const: float32[] = Const() {value=1.0}",
        "  %dense/AddV2: float32[?,3] = AddV2(%dense/MatMul, %dense/Const)",
        "  %dense/Relu: float32[?,3] = Relu(%dense/AddV2)",
        "outputs: y=%dense/Relu",
    ]


def test_nodes_come_after_what_they_need_also_what_they_are_told_to_wait_for() -> None:
    b = Builder()
    x = b.input("x", (2,), "float32")
    first, second = b.Relu(x), b.Sqrt(x)
    graph = Graph([Port("x", x)], [Port("a", first), Port("b", second)])
    order = graph.nodes({first.node: [second.node]})
    assert order.index(second.node) < order.index(first.node)
    with pytest.raises(ValueError, match="depends on itself"):
        graph.nodes({first.node: [second.node], second.node: [first.node]})
