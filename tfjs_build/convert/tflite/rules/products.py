"""Operators that multiply matrices."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape, size
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.registry import rule
from tfjs_build.convert.tflite.rules.windows import biased, kernel
from tfjs_build.errors import SourceError


@rule("FULLY_CONNECTED")
def fully_connected(c: Call) -> Value:
    """Weights are [out, in]. The input is rows of `in` numbers, whatever its shape; the output has that shape, but for
    its last axis, if the options say so."""
    if c.option("weights_format"):
        raise c.refuse("its weights are shuffled for a processor", "Convert the model without that optimization.")
    x, factor = c.factored(0)
    weights = kernel(c, 2, factor)
    out, width = c.size(weights, 0), c.size(weights, 1)
    rank = c.rank(x)
    keeps = bool(c.option("keep_num_dims")) and rank > 0
    if width < 1:
        raise SourceError(f"{c.label} is damaged: its weights are {out} rows of nothing")
    rows = x if rank == 2 and x.shape is not None and x.shape[1] in (None, width) else c.b.Reshape(x, [-1, width])
    y = biased(c, c.b.MatMul(rows, c.b.Transpose(weights, [1, 0])))
    if not keeps or rank == 2:
        return y
    return reshape(c.b, y, [*(size(c.b, x, axis) for axis in range(rank - 1)), out])


@rule("BATCH_MATMUL")
def batch_matmul(c: Call) -> Value:
    """Stacks of matrices, which are broadcast."""
    return c.b.BatchMatMulV2(c.x, c.value(1), adj_x=bool(c.option("adj_x")), adj_y=bool(c.option("adj_y")))


@rule("EMBEDDING_LOOKUP")
def embedding(c: Call) -> Value:
    """Rows of a table, by their numbers."""
    return c.b.GatherV2(c.value(1), c.x, 0)
