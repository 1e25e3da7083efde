"""Write quantized models as older Keras versions keep them, and their numbers, for tests/conversion/test_quantized.py.

    pip install --no-deps --target /tmp/keras-3.13 keras==3.13.2
    PYTHONPATH=/tmp/keras-3.13:. .venv-tf/bin/python tools/quantized_fixtures.py

It writes those of the Keras that it finds: 3.11.3, 3.12.4, 3.13.2 and 3.14.1 have some. What is newer stands in the
matrix, tests/oracle/keras_matrix/precision.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np

from tests.oracle.tensors import write_groups

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "quantized"
RANDOM = np.random.default_rng(11)


def projections() -> Any:
    """Return layers of matrices and of kernels with three axes, of even and odd sizes."""
    layers = keras.layers
    inputs = keras.Input((4, 10), name="x")
    x = layers.Dense(12, activation="tanh")(inputs)
    x = layers.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5), bias_axes="de")(x)
    x = layers.EinsumDense("abde,dec->abc", output_shape=(None, 11), bias_axes="c")(x)
    return keras.Model(inputs, layers.EinsumDense("abc,dc->adb", output_shape=(6, None), name="y")(x))


def embeddings() -> Any:
    """Return embeddings that are used in both directions, tied and not."""
    layers = keras.layers
    inputs = keras.Input((5,), dtype="int32", name="x")
    outputs = []
    for tied in (True, False):
        embedding = layers.ReversibleEmbedding(20, 7, tie_weights=tied, name=f"tied_{tied}".lower())
        outputs.append(embedding(embedding(inputs), reverse=True))
    return keras.Model(inputs, layers.Add(name="y")(outputs))


def int4(model: Any) -> None:
    """Quantize to four bits."""
    model.quantize("int4")


def int4_in_blocks(model: Any) -> None:
    """Quantize to four bits, with a scale for four rows each."""
    model.quantize(config=keras.quantizers.Int4QuantizationConfig(block_size=4))


def gptq(model: Any) -> None:
    """Quantize each layer by GPTQ, with a scale for two rows each."""
    from keras.src.quantizers.gptq import GPTQ

    config = keras.quantizers.GPTQConfig(dataset=None, tokenizer=None, group_size=2)
    for layer in model.layers[1:]:
        shape = list(layer.kernel.shape)
        rows = shape[0] if len(shape) == 2 or shape.index(max(shape)) == 0 else shape[0] * shape[1]
        layer.quantize("gptq", config=config)
        quantizer = GPTQ(layer, config)
        quantizer.update_hessian_with_batch(keras.ops.convert_to_tensor(RANDOM.normal(size=(40, rows)), "float32"))
        quantizer.quantize_and_correct_layer()


MODELS: dict[str, list[tuple[str, Callable[[], Any], Callable[[Any], None]]]] = {
    "3.11": [("int4", projections, int4)],
    "3.12": [("gptq", projections, gptq)],
    "3.13": [("int4", projections, int4), ("int4-embeddings", embeddings, int4), ("gptq", projections, gptq)],
    "3.14": [("int4", projections, int4_in_blocks), ("int4-embeddings", embeddings, int4_in_blocks)],
}


def main() -> None:
    """Write the fixtures of this Keras."""
    version = keras.__version__.rpartition(".")[0]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, build, quantize in MODELS[version]:
        model = build()
        for weight in model.weights:
            weight.assign(RANDOM.normal(0, 0.4, weight.shape).astype(np.float32))
        quantize(model)
        shape = [2, *model.inputs[0].shape[1:]]
        x = RANDOM.integers(0, 20, shape) if model.inputs[0].dtype == "int32" else RANDOM.normal(size=shape)
        outputs = np.asarray(model(x.astype(model.inputs[0].dtype)))
        stem = FOLDER / f"keras-{version}-{name}"
        model.save(f"{stem}.keras")
        write_groups(Path(f"{stem}.inputs"), [{"x": x}])
        write_groups(Path(f"{stem}.outputs"), [{"y": outputs}])


if __name__ == "__main__":
    main()
