"""Layers of Keras 3 with quantized weights (int8, int4, float8): the products and rows that they compute."""

from __future__ import annotations

from collections.abc import Callable

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context

Product = Callable[[Value], Value]


def product(c: Context, equation: str, shape: tuple[int, int] | None) -> Product | None:
    return None


def reverse_product(c: Context) -> Product | None:
    return None


def rows(c: Context, tokens: Value) -> Value:
    count, width = c.config.size("input_dim"), c.config.size("output_dim")
    return c.b.GatherV2(c.weight("embeddings", count, width), tokens, 0)


def bias(c: Context, value: Value) -> Value:
    return value
