"""Kernels and embeddings with the low-rank factors that a layer was tuned with, which .h5 files keep apart."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape
from tfjs_build.convert.keras.hints import SAVE_AGAIN
from tfjs_build.convert.keras.to_graph.context import Context


def tuned(c: Context, role: str, kernel: Value) -> Value:
    """Return a kernel with what the layer was tuned by: a · b · alpha / rank."""
    if not c.has_weight(f"lora_{role}_a"):
        return kernel
    rank = c.config.size("lora_rank")
    shape = kernel.static or ()
    c.require(len(shape) > 1, f"a kernel of shape {list(shape)} has no factors", SAVE_AGAIN)
    first = c.weight(f"lora_{role}_a", *shape[:-1], rank)
    second = c.weight(f"lora_{role}_b", rank, shape[-1])
    b = c.b
    change = b.MatMul(b.Reshape(first, [-1, rank]), second)
    return kernel + b.Reshape(change, list(shape)) * _share(c, rank)


def widened(c: Context, low: Value, role: str, width: int) -> Value:
    """Return what a quantized layer adds for its tuning: the product with the first factor, times the second."""
    rank = c.config.size("lora_rank")
    second = c.weight(f"lora_{role}_b", rank, width)
    y = c.b.MatMul(c.b.Reshape(low, [-1, rank]), second)
    return reshape(c.b, y, [*c.sizes(low)[:-1], width]) * _share(c, rank)


def _share(c: Context, rank: int) -> float:
    alpha = c.config.optional_number("lora_alpha")
    return (rank if alpha is None else alpha) / rank
