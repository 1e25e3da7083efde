"""Quantized layers: their whole numbers stay in the graph, beside what Keras computes from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.graph.running import run
from tests.unit.keras.files import layer
from tests.unit.keras.to_graph.making import Array, chain, converted, described, numbers, predicted
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.convert.keras.to_graph.whole_numbers import Matrix, nibbles, product
from tfjs_build.errors import RefusedError

RNG = np.random.default_rng(4)
ROWS, COLUMNS = 10, 5
X = numbers(3, ROWS)


def policy(mode: str) -> dict[str, Any]:
    return {"class_name": "QuantizedDTypePolicy", "config": {"mode": mode, "source_name": "float32"}}


def packed(values: Array, axis: int, dtype: str) -> Array:
    """Pack numbers of four bits as Keras does."""
    whole = np.moveaxis(values, axis, -1).astype(np.int32) & 15
    if whole.shape[-1] % 2:
        whole = np.pad(whole, [(0, 0)] * (whole.ndim - 1) + [(0, 1)])
    return np.moveaxis((whole[..., ::2] | whole[..., 1::2] << 4).astype(np.uint8).view(dtype), -1, axis)


def groups_of(size: int, *, shuffled: bool = False) -> Array:
    found = np.arange(ROWS) // size
    return (RNG.permutation(found) if shuffled else found).astype(np.float32)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("length", [5, 6])
def test_packed_numbers_are_unpacked(axis: int, length: int) -> None:
    shape = (length, 4) if axis == 0 else (4, length)
    signed, unsigned = RNG.integers(-8, 8, shape), RNG.integers(0, 16, shape)
    np.testing.assert_array_equal(nibbles(packed(signed, axis, "int8"), length, axis), signed)
    np.testing.assert_array_equal(nibbles(packed(unsigned, axis, "uint8"), length, axis, signed=False), unsigned)


@pytest.mark.parametrize("divided", [False, True])
@pytest.mark.parametrize("size", [ROWS, 5, 4, 1])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_product_with_groups_of_rows_is_that_with_the_matrix(size: int, shuffled: bool, divided: bool) -> None:
    groups = groups_of(size, shuffled=shuffled)
    count = int(groups.max()) + 1
    divisors = RNG.uniform(0.5, 2, ROWS).astype(np.float32) if divided else None
    matrix = Matrix.of_groups(
        RNG.integers(0, 16, (ROWS, COLUMNS)),
        RNG.integers(0, 16, (count, COLUMNS)),
        RNG.uniform(0.1, 1, (count, COLUMNS)),
        groups,
        "l/kernel",
        divisors,
    )
    assert matrix.divisible
    b = Builder()
    x = b.input("x", (None, ROWS), "float32")
    graph = Graph([Port("x", x)], [Port("y", product(b, x, matrix))])
    np.testing.assert_allclose(run(graph, {"x": X})["y"], X @ matrix.floats(), rtol=1e-4, atol=1e-4)
    constants = [node.attrs["value"] for node in graph.nodes() if node.op == "Const"]
    assert [c.name for c in constants if c.integers is not None] == ["l/kernel"] * count


@pytest.mark.parametrize(
    "change",
    [
        {"groups": np.arange(17), "scales": np.ones((17, COLUMNS), np.float32)},
        {"scales": np.full((2, COLUMNS), np.inf, np.float32)},
        {"divisors": np.zeros(ROWS, np.float32)},
        {"highest": 70000},
    ],
)
def test_other_matrices_become_floats(change: dict[str, Any]) -> None:
    values: dict[str, Any] = {
        "numbers": np.ones((ROWS, COLUMNS)),
        "scales": np.ones((2, COLUMNS), np.float32),
        "groups": np.arange(ROWS) // 5,
        "lowest": 0,
        "highest": 1,
        "name": None,
    }
    assert Matrix(**values).divisible
    assert not Matrix(**{**values, **change}).divisible


def grouped(bits: int, size: int) -> dict[str, Array]:
    """Return what a GPTQ layer keeps."""
    count = -(-ROWS // size)
    values = RNG.integers(0, 2**bits, (COLUMNS, ROWS)).astype(np.uint8)
    return {
        "kernel": packed(values, 0, "uint8") if bits == 4 else values,
        "kernel_scale": RNG.uniform(0.1, 1, (COLUMNS, count)).astype(np.float32),
        "kernel_zero": RNG.integers(0, 2**bits, (COLUMNS, count)).astype(np.uint8),
        "g_idx": groups_of(size),
        "values": values,
    }


def floats_of(kept: dict[str, Array]) -> Array:
    places = kept["g_idx"].astype(int)
    zeros = kept["kernel_zero"][:, places].astype(np.float32)
    return np.asarray(((kept["values"] - zeros) * kept["kernel_scale"][:, places]).T)


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("size", [ROWS, 4])
def test_gptq_layers(bits: int, size: int) -> None:
    kept = grouped(bits, size)
    entry = layer("Dense", "l", units=COLUMNS, use_bias=False, activation="linear", dtype=policy(f"gptq/{bits}/{size}"))
    [y] = predicted(chain(entry, shape=(ROWS,)), {"x": X}, {"l": kept})
    np.testing.assert_allclose(y, X @ floats_of(kept), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("size", [ROWS, 4])
def test_awq_layers(size: int) -> None:
    kept = {**grouped(4, size), "awq_scales": RNG.uniform(0.5, 2, ROWS).astype(np.float32)}
    entry = layer("Dense", "l", units=COLUMNS, use_bias=False, activation="linear", dtype=policy(f"awq/4/{size}"))
    [y] = predicted(chain(entry, shape=(ROWS,)), {"x": X}, {"l": kept})
    np.testing.assert_allclose(y, X @ (floats_of(kept) / kept["awq_scales"][:, None]), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("axis", [0, 1])
def test_kernels_packed_along_rows_quantize_their_inputs_and_others_do_not(axis: int) -> None:
    """Keras 3.11 to 3.13 pack along the rows, and quantize the inputs; Keras 3.14 does neither."""
    values = RNG.integers(-8, 8, (ROWS, COLUMNS))
    scale = RNG.uniform(1, 9, COLUMNS).astype(np.float32)
    kept = {"kernel": packed(values, axis, "int8"), "kernel_scale": scale}
    entry = layer("Dense", "l", units=COLUMNS, use_bias=False, activation="linear", dtype=policy("int4"))
    [y] = predicted(chain(entry, shape=(ROWS,)), {"x": X}, {"l": kept})
    factor = 127 / (np.abs(X).max(1, keepdims=True) + 1e-7)
    x = np.round(X * factor) / factor if axis == 0 else X
    np.testing.assert_allclose(y, x @ (values / scale), rtol=1e-5, atol=1e-5)


def test_the_weights_of_an_int8_model_are_marked_as_integers() -> None:
    kept = {"kernel": RNG.integers(-127, 128, (ROWS, COLUMNS)).astype(np.int8), "kernel_scale": np.ones(COLUMNS, "f4")}
    entry = layer("Dense", "l", units=COLUMNS, use_bias=False, activation="linear", dtype=policy("int8"))
    artifacts = converted(chain(entry, shape=(ROWS,)), {"l": kept})
    assert {weight.name: weight.integers for weight in artifacts.weights if "kernel" in weight.name} == {
        "l/kernel": (-128, 127),
        "l/kernel_scale": None,
    }


def test_an_unknown_way_is_refused() -> None:
    entry = layer("Dense", "l", units=COLUMNS, use_bias=False, activation="linear", dtype=policy("int2"))
    with pytest.raises(RefusedError, match="weights quantized as 'int2' are not supported"):
        predicted(chain(entry, shape=(ROWS,)), {"x": X}, {"l": {"kernel": np.zeros((ROWS, COLUMNS), np.int8)}})


def test_a_quantized_layer_at_every_step_is_refused() -> None:
    inner = layer("Dense", "inner", units=COLUMNS, use_bias=False, activation="linear", dtype=policy("int8"))
    entry = layer("TimeDistributed", "l", layer=inner)
    with pytest.raises(RefusedError, match="Keras multiplies there by the stored integers, unscaled"):
        predicted(chain(entry, shape=(2, ROWS)), {"x": numbers(3, 2, ROWS)}, {})


def test_what_a_quantized_layer_was_tuned_by_is_added() -> None:
    values, scale = RNG.integers(-127, 128, (ROWS, COLUMNS)).astype(np.int8), np.full(COLUMNS, 50, np.float32)
    kept: dict[str, Array] = {"kernel": values, "kernel_scale": scale, "bias": numbers(COLUMNS)}
    kept |= {"lora_kernel_a": numbers(ROWS, 2, seed=1), "lora_kernel_b": numbers(2, COLUMNS, seed=2)}
    options: dict[str, Any] = {
        "units": COLUMNS,
        "use_bias": True,
        "activation": "linear",
        "lora_rank": 2,
        "lora_alpha": 6,
    }
    unrounded = {"class_name": "Int8QuantizationConfig", "config": {"activation_quantizer": None}}
    entry = layer("Dense", "l", dtype=policy("int8"), quantization_config=unrounded, **options)
    [y] = predicted(chain(entry, shape=(4, ROWS)), {"x": numbers(3, 4, ROWS)}, {"l": kept})
    change = 3 * kept["lora_kernel_a"] @ kept["lora_kernel_b"]
    np.testing.assert_allclose(y, numbers(3, 4, ROWS) @ (values / scale + change) + kept["bias"], rtol=1e-4, atol=1e-4)


def test_what_quantized_embeddings_were_tuned_by_is_added() -> None:
    values, scale = RNG.integers(-127, 128, (6, 4)).astype(np.int8), RNG.uniform(20, 90, 6).astype(np.float32)
    kept: dict[str, Array] = {"embeddings": values, "embeddings_scale": scale}
    kept |= {"lora_embeddings_a": numbers(6, 2, seed=1), "lora_embeddings_b": numbers(2, 4, seed=2)}
    entry = layer("Embedding", "l", input_dim=6, output_dim=4, lora_rank=2, dtype=policy("int8"))
    x = np.array([[1, 5, 0]], np.int32)
    [y] = predicted(chain(entry, shape=(3,), dtype="int32"), {"x": x}, {"l": kept})
    rows = values / scale[:, None] + kept["lora_embeddings_a"] @ kept["lora_embeddings_b"]
    np.testing.assert_allclose(y, rows[x], rtol=1e-4, atol=1e-5)


def test_a_map_of_policies_computes_in_its_default() -> None:
    mapped = {"class_name": "DTypePolicyMap", "config": {"default_policy": "mixed_bfloat16", "policy_map": {}}}
    entry = layer("Dense", "l", units=COLUMNS, use_bias=False, activation="linear", dtype=mapped)
    description = described(chain(entry, shape=(ROWS,)), {})
    [found] = [each for each in description.graph.layers() if each.name == "l"]
    assert (found.policy, found.dtype, found.quantization) == ("mixed_bfloat16", "bfloat16", "")


def test_an_axis_of_the_kernel_that_nobody_gives_a_size_is_refused() -> None:
    options: dict[str, Any] = {
        "equation": "ab,bcd->ac",
        "output_shape": [4],
        "activation": "linear",
        "dtype": policy("int8"),
    }
    entry = layer("EinsumDense", "l", **options)
    kernel: Array = np.ones((ROWS, 4, 3), np.int8)
    arrays = {"l": {"kernel": kernel, "kernel_scale": numbers(1, 4, 1)}}
    with pytest.raises(RefusedError, match="expects the size of `d` in its input or in `output_shape`"):
        converted(chain(entry, shape=(ROWS,)), arrays)
