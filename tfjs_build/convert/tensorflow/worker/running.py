"""Runs a model on samples, for what it is to give elsewhere: from one `.npz` to another."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .calls import Call
from .names import OUTPUT, NoModelError


def run(call: Call, wanted: Mapping[str, Any]) -> None:
    """Write what a call gives for each sample. Keys of `wanted`: `samples` and `results`, the files, and `inputs` and
    `outputs`, the names that arrays are numbered by."""
    import numpy as np

    tf: Any = sys.modules["tensorflow"]
    inputs = _places("inputs", wanted["inputs"], call.inputs)
    outputs = _places("outputs", wanted["outputs"], call.outputs)
    function: Any = call.function
    specs = function.input_signature
    found: dict[str, Any] = {}
    with np.load(wanted["samples"], allow_pickle=False) as samples:
        count = 1 + max((int(name.partition(".")[0]) for name in samples.files), default=-1)
        for sample in range(count):
            fed = [
                _tensor(tf, samples[f"{sample}.{inputs[place]}"], specs[place].dtype) for place in range(len(inputs))
            ]
            given = function(*fed)
            for place, number in enumerate(outputs):
                found[f"{sample}.{number}"] = _array(tf, given[f"{OUTPUT}{place}"])
    with open(wanted["results"], "wb") as file:  # noqa: PTH123 -- savez would add an ending to a path
        np.savez(file, **found)


def _places(what: str, names: Sequence[str], own: Sequence[str]) -> list[int]:
    """Return, for each of the model's own names, its number among `names`: the same name, or else the same place."""
    if sorted(names) == sorted(own):
        return [list(names).index(name) for name in own]
    if len(names) != len(own):
        raise NoModelError(f"TensorFlow loads it with {len(own)} {what}, and {len(names)} are published")
    return list(range(len(own)))


def _tensor(tf: Any, array: Any, dtype: Any) -> Any:
    if array.dtype.kind == "U":
        return tf.constant([text.encode() for text in array.ravel().tolist()], tf.string, shape=array.shape)
    return tf.cast(tf.constant(array), dtype)


def _array(tf: Any, tensor: Any) -> Any:
    """Return a tensor's values as TensorFlow.js would hold them."""
    import numpy as np

    tensor = tensor.to_tensor() if hasattr(tensor, "to_tensor") else tensor
    if tensor.dtype == tf.string:
        values = tensor.numpy()
        texts = [each.decode("utf-8", "replace") for each in np.ravel(values).tolist()]
        return np.array(texts or [""], dtype=str)[: len(texts)].reshape(np.shape(values))
    if tensor.dtype == tf.bool:
        return tensor.numpy()
    if tensor.dtype.is_complex:
        return tf.cast(tensor, tf.complex64).numpy()
    return tf.cast(tensor, tf.float32 if tensor.dtype.is_floating else tf.int32).numpy()
