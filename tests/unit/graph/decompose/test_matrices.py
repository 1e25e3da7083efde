"""Decompositions of products and diagonals of matrices."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import RNG, X, lowered, one
from tests.unit.graph.running import run
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.ir import Graph, Port


def test_bands_and_diagonals() -> None:
    square = RNG.normal(size=(2, 4, 4)).astype(np.float32)
    types = ["float32", "const int32", "const int32"]
    band = lowered("MatrixBandPart", [square, 1, 0], types, {})[0]
    np.testing.assert_array_equal(band, np.tril(square) - np.tril(square, -2))
    np.testing.assert_array_equal(one("MatrixDiagPart", [square]), np.diagonal(square, axis1=1, axis2=2))
    np.testing.assert_array_equal(one("MatrixDiag", [X]), np.stack([np.diag(row) for row in X]))


@pytest.mark.parametrize("offset", [-3, -1, 0, 2, 4])
def test_diagonals_of_any_matrix(offset: int) -> None:
    x = RNG.normal(size=(2, 4, 5)).astype(np.float32)
    b = Lowering()
    value = b.input("x", x.shape, "float32")
    y = b.MatrixDiagPartV3(value, b.const(offset, "int32"), b.const(0.0))
    result = run(Graph([Port("x", value)], [Port("y", y)]), {"x": x})["y"]
    np.testing.assert_array_equal(result, np.diagonal(x, offset, 1, 2))


EQUATIONS = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,kj->ki", [(2, 3), (4, 3)]),
    ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
    ("abcd,aecd->acbe", [(2, 3, 4, 5), (2, 6, 4, 5)]),
    ("abc,cde->abde", [(2, 3, 4), (4, 5, 6)]),
    ("...x,xyz->...yz", [(2, 3, 4), (4, 5, 6)]),
    ("i...,j...->ij...", [(2, 4), (3, 4)]),
    ("ij,ij->i", [(2, 3), (2, 3)]),
    ("ij,kl->ikjl", [(2, 3), (4, 5)]),
    ("ij,kj->", [(2, 3), (4, 3)]),
    ("ijk->kj", [(2, 3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
]


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum(equation: str, shapes: list[tuple[int, ...]]) -> None:
    arrays = [RNG.normal(size=shape).astype(np.float32) for shape in shapes]
    result = one("Einsum", arrays, equation=equation, N=len(arrays))
    np.testing.assert_allclose(result, np.einsum(equation, *arrays), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("equation", ["ii->i", "ii->", "bii,ij->bj", "bibj,j->i"])
def test_einsum_takes_diagonals(equation: str) -> None:
    terms = equation.partition("->")[0].split(",")
    sizes = {"b": 3, "i": 4, "j": 2}
    arrays = [RNG.normal(size=[sizes[letter] for letter in term]).astype(np.float32) for term in terms]
    b = Lowering()
    inputs = [b.input(f"x{i}", array.shape, "float32") for i, array in enumerate(arrays)]
    y = b.node("Einsum", inputs, {"equation": equation})[0]
    graph = Graph([Port(f"x{i}", value) for i, value in enumerate(inputs)], [Port("y", y)])
    result = run(graph, {f"x{i}": array for i, array in enumerate(arrays)})["y"]
    np.testing.assert_allclose(result, np.einsum(equation, *arrays), rtol=1e-5, atol=1e-6)


def test_products_of_stacks_with_a_matrix_are_one_product() -> None:
    stacks, matrix = RNG.normal(size=(2, 5, 3, 4)).astype(np.float32), RNG.normal(size=(6, 4)).astype(np.float32)
    np.testing.assert_allclose(
        one("BatchMatMulV2", [stacks, matrix], adj_y=True), stacks @ matrix.T, rtol=1e-5, atol=1e-6
    )
