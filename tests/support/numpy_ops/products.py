"""Products of matrices, and what is fused with them and with convolutions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from tests.support.numpy_ops.elementwise import activate
from tests.support.numpy_ops.kinds import Array, Arrays, Attrs, Op


def matmul(arrays: Arrays, attrs: Attrs) -> Array:
    """Return the product of two matrices, or of two stacks of them that broadcast."""
    a, b = arrays
    rows = "...ki" if attrs.get("transpose_a", attrs.get("adj_x")) else "...ik"
    columns = "...jk" if attrs.get("transpose_b", attrs.get("adj_y")) else "...kj"
    return np.asarray(np.einsum(f"{rows},{columns}->...ij", a, b), a.dtype)


def fused(product: Callable[[Arrays, Attrs], Array]) -> Op:
    """Return an op that is a product, then a bias, then an activation, as `fused_ops` says."""

    def op(arrays: Arrays, attrs: Attrs) -> Array:
        result = product(arrays[:2], attrs)
        first, *rest = attrs["fused_ops"]
        if first == "BiasAdd":
            result = result + arrays[2]
        for name in rest:
            result = activate(name, result, attrs.get("leakyrelu_alpha", 0.2))
        return result

    return op


PRODUCTS: Final[dict[str, Op]] = {
    **dict.fromkeys(("MatMul", "BatchMatMul", "BatchMatMulV2"), matmul),
    "_FusedMatMul": fused(matmul),
}
