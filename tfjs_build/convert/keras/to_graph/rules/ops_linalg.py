"""Products of tensors, and what is made of them."""

from __future__ import annotations

import string

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.hints import OTHERWISE
from tfjs_build.convert.keras.to_graph.context import Context, shown
from tfjs_build.convert.keras.to_graph.dtypes import alike, as_dtype
from tfjs_build.convert.keras.to_graph.operands import (
    axes,
    integer,
    integers,
    keeps,
    number,
    real,
    several,
    single,
    tensor,
    two,
)
from tfjs_build.convert.keras.to_graph.registry import operation


@operation("Matmul", "linalg.matmul", "__operators__.matmul")
def matmul(c: Context) -> Value:
    """Matrix products; vectors are rows on the left and columns on the right."""
    x, y = two(c)
    settings = {
        "adj_x": c.flag(9, "transpose_a", "adjoint_a"),
        "adj_y": c.flag(9, "transpose_b", "adjoint_b"),
    }
    return multiplied(c, x, y, settings)


def multiplied(c: Context, x: Value, y: Value, settings: dict[str, bool] | None = None) -> Value:
    """Return the matrix product of two tensors, as NumPy has it."""
    b, flat_x, flat_y = c.b, c.rank(x) == 1, c.rank(y) == 1
    x = b.ExpandDims(x, 0) if flat_x else x
    y = b.ExpandDims(y, 1) if flat_y else y
    flips = settings or {}
    if c.rank(x) == 2 and c.rank(y) == 2:
        result = b.MatMul(x, y, transpose_a=flips.get("adj_x", False), transpose_b=flips.get("adj_y", False))
    else:
        result = b.BatchMatMulV2(x, y, adj_x=flips.get("adj_x", False), adj_y=flips.get("adj_y", False))
    gone = ([c.rank(result) - 2] if flat_x else []) + ([c.rank(result) - 1] if flat_y else [])
    return b.Squeeze(result, squeeze_dims=gone) if gone else result


@operation("Dot")
def dot(c: Context) -> Value:
    """The sum over the last axis of one and the last but one of the other."""
    x, y = two(c)
    if c.rank(x) == 0 or c.rank(y) == 0:
        return x * y
    return contracted(c, x, y, [c.rank(x) - 1], [max(0, c.rank(y) - 2)])


@operation("Inner")
def inner(c: Context) -> Value:
    """The sum over the last axes."""
    x, y = two(c)
    if c.rank(x) == 0 or c.rank(y) == 0:
        return x * y
    return contracted(c, x, y, [c.rank(x) - 1], [c.rank(y) - 1])


@operation("Vdot")
def vdot(c: Context) -> Value:
    """The sum over everything."""
    x, y = two(c)
    return c.b.Sum(c.b.Reshape(x, [-1]) * c.b.Reshape(y, [-1]), [0])


@operation("Outer")
def outer(c: Context) -> Value:
    """Every entry with every other."""
    x, y = two(c)
    return c.b.Reshape(x, [-1, 1]) * c.b.Reshape(y, [1, -1])


@operation("Tensordot", "tensordot")
def tensordot(c: Context) -> Value:
    """The sum over some axes of each."""
    x, y = two(c)
    given = c.argument(2, "axes", default=2)
    if isinstance(given, int):
        least = min(c.rank(x), c.rank(y))
        c.require(0 <= given <= least, f"expects a number from 0 to {least} as `axes`, got {shown(given)}")
        return contracted(c, x, y, list(range(c.rank(x) - given, c.rank(x))), list(range(given)))
    pairs = [integers(c, each) for each in several(c, given, "axes")]
    c.require(
        len(pairs) == 2 and len(pairs[0]) == len(pairs[1]), f"expects as many axes of each tensor, got {shown(given)}"
    )
    first, second = pairs
    return contracted(c, x, y, [c.axis(x, each) for each in first], [c.axis(y, each) for each in second])


def contracted(c: Context, x: Value, y: Value, first: list[int], second: list[int]) -> Value:
    """Return the sum over pairs of axes; the other axes of both follow each other."""
    letters = iter(string.ascii_letters)
    terms = [[next(letters) for _ in range(c.rank(value))] for value in (x, y)]
    for of_x, of_y in zip(first, second, strict=True):
        terms[1][of_y] = terms[0][of_x]
    rest = [term[axis] for term, gone in zip(terms, (first, second), strict=True) for axis in _others(term, gone)]
    return c.b.Einsum(x, y, equation=f"{''.join(terms[0])},{''.join(terms[1])}->{''.join(rest)}")


def _others(term: list[str], gone: list[int]) -> list[int]:
    return [axis for axis in range(len(term)) if axis not in gone]


@operation("Einsum", "einsum", "linalg.einsum")
def einsum(c: Context) -> Value:
    """Products and sums by an equation; more than two terms are taken one after the other."""
    equation = str(c.argument(99, "subscripts", "equation", default="") or c.args[0])
    operands = c.args if "subscripts" in c.config else c.args[1:]
    given = [each for each in operands if not isinstance(each, str)]
    left, arrow, result = equation.replace(" ", "").partition("->")
    letters = left.split(",")
    # Keras 2 (TFOpLambda) does not write all inputs of tf.einsum.
    c.require(
        bool(given) and len(letters) == len(given),
        f"expects {len(letters)} inputs for equation={equation!r}, the file has {len(given)}",
        OTHERWISE,
    )
    terms = alike(c, given)
    while len(terms) > 2:
        c.require(
            bool(arrow) and "." not in equation,
            f"equation={equation!r} is not supported: more than two inputs need `->`, and no ellipsis",
        )
        rest = "".join(letters[2:]) + result
        kept = "".join(dict.fromkeys(letter for letter in letters[0] + letters[1] if letter in rest))
        terms[:2] = [c.b.Einsum(*terms[:2], equation=f"{letters[0]},{letters[1]}->{kept}")]
        letters[:2] = [kept]
    return c.b.Einsum(*terms, equation=",".join(letters) + arrow + result)


@operation("Cross")
def cross(c: Context) -> Value:
    """The cross product of vectors of three entries."""
    x, y = two(c)
    given = c.argument(9, "axis", default=None)
    names = ("axisa", "axisb", "axisc")
    where = [given if given is not None else c.argument(9, name, default=-1) for name in names]
    for name, each in zip(names, where, strict=True):
        c.one_of(name if given is None else "axis", each, (-1, c.rank(x) - 1))
    sizes = (c.fixed(x, -1), c.fixed(y, -1))
    c.require(sizes == (3, 3), f"expects vectors of 3 numbers, got {sizes[0]} and {sizes[1]}")
    last = c.ints(c.rank(x) - 1)

    def turned(value: Value, by: int) -> Value:
        return c.b.GatherV2(value, c.ints([(n + by) % 3 for n in range(3)]), last)

    return turned(x, 1) * turned(y, 2) - turned(x, 2) * turned(y, 1)


@operation("Kron")
def kron(c: Context) -> Value:
    """Every entry of one as a block of the other."""
    x, y = two(c)
    rank = max(c.rank(x), c.rank(y))
    x, y = (c.b.Reshape(v, [1] * (rank - c.rank(v)) + list(v.static or ())) if c.rank(v) < rank else v for v in (x, y))
    left, right = x, y
    for each in range(rank):
        left, right = c.b.ExpandDims(left, 2 * each + 1), c.b.ExpandDims(right, 2 * each)
    sizes = [c.fixed(x, each) * c.fixed(y, each) for each in range(rank)]
    return c.b.Reshape(left * right, sizes)


@operation("Norm", "norm", "linalg.norm", "compat.v1.norm")
def norm(c: Context) -> Value:
    """The length of vectors, by the norm of some order, or of matrices (Frobenius)."""
    b, x = c.b, real(c)
    order = c.argument(1, "ord", default=None)
    along = axes(c, x, position=2)
    keep = keeps(c, 3)
    if order in (None, "euclidean", "fro") or (order == 2 and len(along) == 1):
        return b.Sqrt(b.Sum(b.Square(x), along, keep_dims=keep))
    if len(along) != 1:
        raise c.unsupported("ord", order, (None, "euclidean", "fro"))
    size = b.Abs(x)
    if order in (float("inf"), "inf"):
        return b.Max(size, along, keep_dims=keep)
    if order in (float("-inf"), "-inf"):
        return b.Min(size, along, keep_dims=keep)
    power = float(number(c, order))
    if power == 0:
        return b.Sum(b.Cast(b.NotEqual(x, 0.0), DstT="float32"), along, keep_dims=keep)
    if power == 1:
        return b.Sum(size, along, keep_dims=keep)
    return b.Pow(b.Sum(b.Pow(size, power), along, keep_dims=keep), 1.0 / power)


@operation("CDist")
def cdist(c: Context) -> Value:
    """The distances of all points of one to all of the other."""
    x, y = real(c), real(c, 1, "y", "x2")
    apart = c.b.ExpandDims(x, c.rank(x) - 1) - c.b.ExpandDims(y, c.rank(y) - 2)
    return c.b.Sqrt(c.b.Sum(c.b.Square(apart), [-1]))


@operation("Tril", "Triu")
def triangle(c: Context) -> Value:
    """The part of matrices below, or above, a diagonal."""
    b, x = c.b, tensor(c)
    shift = integer(c, c.argument(1, "k", default=0))
    sizes = [c.size(x, axis) for axis in (-2, -1)]
    rows, columns = (b.Range(0, c.ints(n) if isinstance(n, int) else n, 1) for n in sizes)
    distance = b.ExpandDims(columns, 0) - b.ExpandDims(rows, 1)
    kept = b.LessEqual(distance, shift) if c.layer.class_name == "Tril" else b.GreaterEqual(distance, shift)
    return b.SelectV2(kept, x, b.ZerosLike(x))


@operation("Diagonal", "Trace", "linalg.diag_part", "linalg.trace")
def diagonal(c: Context) -> Value:
    """A diagonal of two axes, as a last one, or its sum."""
    return _diagonal(c)


def _diagonal(c: Context) -> Value:
    b, x = c.b, tensor(c)
    rank = c.rank(x)
    first, second = 0, 1
    if c.generation == 2:
        first, second = rank - 2, rank - 1
    first = c.axis(x, single(c, c.argument(9, "axis1", default=first)))
    second = c.axis(x, single(c, c.argument(9, "axis2", default=second)))
    offset = integer(c, c.argument(1, "offset", "k", default=0))
    rest = [each for each in range(rank) if each not in (first, second)]
    taken = b.MatrixDiagPartV3(b.Transpose(x, [*rest, first, second]), offset, as_dtype(c, 0, x.dtype))
    name = str(c.config.get("function", c.layer.class_name)).lower()
    return b.Sum(taken, [-1]) if name.endswith("trace") else taken


@operation("Diag", "Diagflat")
def diag(c: Context) -> Value:
    """A matrix with a vector as its diagonal; of a matrix, its diagonal."""
    b, x = c.b, tensor(c)
    shift = integer(c, c.argument(1, "k", default=0))
    if c.layer.class_name == "Diag" and c.rank(x) == 2:
        return _diagonal(c)
    return diagonal_matrix(c, b.Reshape(x, [-1]), shift)


def diagonal_matrix(c: Context, x: Value, shift: int) -> Value:
    """Return square matrices with the last axis of `x` as a diagonal: the main one, or one `shift` above it."""
    return c.b.MatrixDiagV3(x, shift, -1, -1, as_dtype(c, 0, x.dtype))
