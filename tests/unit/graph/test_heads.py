"""Attention of several heads: stacks, masked products, or a product for each head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

import numpy as np
import pytest

from tests.unit.graph.running import left
from tfjs_build.convert.graph.affine import fold_affine
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.heads import spell_heads
from tfjs_build.convert.graph.hoist import hoist
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.optimizing import optimized_for
from tfjs_build.convert.graph.simplify import simplify

RNG = np.random.default_rng(13)
TOKENS = 6
MASK = (RNG.uniform(size=(1, 1, 1, TOKENS)) > 0.3).astype(np.float32) - 1.0
CAUSAL = np.tril(np.ones((TOKENS, TOKENS), np.float32)) - 1.0


def attention(heads: int, *, between: Callable[[Builder, Value], Value] | None = None, turned: bool = False):  # type: ignore[no-untyped-def]
    """Return self-attention of `heads`; `turned` has the op transpose the keys."""
    width = 2

    def make(b: Builder, x: Value) -> Value:
        q, k, v = (_projected(b, x, heads, width) for _ in range(3))
        if turned:
            scores = b.BatchMatMulV2(b.Transpose(q, [0, 2, 1, 3]), b.Transpose(k, [0, 2, 1, 3]), adj_y=True)
        else:
            scores = b.BatchMatMulV2(b.Transpose(q, [0, 2, 1, 3]), b.Transpose(k, [0, 2, 3, 1]))
        weights = b.Softmax(scores * 0.5 if between is None else between(b, scores))
        values = b.BatchMatMulV2(weights, b.Transpose(v, [0, 2, 1, 3]))
        return b.Reshape(b.Transpose(values, [0, 2, 1, 3]), [-1, TOKENS, heads * width])

    return make


def _projected(b: Builder, x: Value, heads: int, width: int) -> Value:
    kernel = RNG.normal(size=(4, heads * width)).astype(np.float32)
    rows = b.MatMul(b.Reshape(x, [-1, 4]), kernel, transpose_a=False, transpose_b=False)
    return b.Reshape(rows, [-1, TOKENS, heads, width])


def ops(make: Callable[[Builder, Value], Value], backends: Sequence[str] | None = None) -> list[str]:
    with nullcontext() if backends is None else optimized_for(backends):
        found = left([hoist, fold_affine, spell_heads, simplify], make, (None, TOKENS, 4))
    return [op for op in found if op not in ("Reshape", "MatMul")]


MASKED = ["Mul", "Transpose", "BatchMatMulV2", "Softmax", "Mul", "BatchMatMulV2"]
STACKS = ["Transpose", "Transpose", "BatchMatMulV2", "Softmax", "Transpose", "BatchMatMulV2", "Transpose"]


@pytest.mark.parametrize("backends", [None, ["webgl"], ["webgl", "wasm"]])
@pytest.mark.parametrize("turned", [False, True])
def test_few_heads_are_masked(backends: Sequence[str] | None, turned: bool) -> None:
    assert ops(attention(3, turned=turned), backends) == MASKED


def test_many_heads_are_stacks_on_gpus() -> None:
    assert ops(attention(5), ["webgpu"]) == STACKS


@pytest.mark.parametrize("heads", [2, 5])
def test_heads_are_apart_for_wasm_alone(heads: int) -> None:
    found = ops(attention(heads), ["wasm"])
    assert found.count("BatchMatMulV2") == 2 * heads
    assert found.count("Softmax") == 1
    assert found.count("Transpose") == 1


def test_masks_that_are_alike_for_all_queries() -> None:
    found = ops(attention(3, between=lambda b, scores: scores + MASK * 9.0))
    assert sorted(found) == sorted([*MASKED, "AddV2"])


@pytest.mark.parametrize(
    "between",
    [lambda b, scores: scores + CAUSAL * 9.0, lambda b, scores: b.Softmax(b.Transpose(scores, [0, 1, 3, 2]))],
)
def test_what_differs_for_each_query_is_no_masked_product(between: Callable[[Builder, Value], Value]) -> None:
    assert ops(attention(3, between=between), ["webgl"]).count("BatchMatMulV2") == 2
    assert "Mul" not in ops(attention(3, between=between), ["webgl"])


def test_the_factor_of_scores_goes_into_a_kernel() -> None:
    assert "Mul" not in left([hoist, fold_affine], attention(5), (None, TOKENS, 4))
    assert "Mul" in left([fold_affine], attention(5), (None, TOKENS, 4))
