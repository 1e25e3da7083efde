"""Writes TensorFlow's numbers for every probe: `python -m tools.backends.expected FILE`, where TensorFlow is installed.

FILE (.npz) gets the outputs as `<probe>/<output>`, and `errors`: what TensorFlow says of probes that it does not run.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np

from tools.backends.families import all_probes
from tools.backends.probe import Computed, Fixed, Input, Probe


def main(path: str) -> None:
    """Run all probes and write what they give."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    import tensorflow as tf

    arrays: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for index, probe in enumerate(all_probes()):
        try:
            for place, output in enumerate(run(tf, probe)):
                arrays[f"{index}/{place}"] = _plain(np.asarray(output))
        except Exception as error:  # noqa: BLE001 -- recorded, and told by the caller
            errors[str(index)] = f"{probe.op}: {error!r}"[:300]
    np.savez(path, errors=np.array(json.dumps(errors)), **arrays)


def run(tf: Any, probe: Probe) -> list[Any]:
    """Return the outputs of a probe as TensorFlow computes them."""
    inputs = [_tensor(tf, each) for each in probe.inputs]
    if probe.reference is not None:
        return [probe.reference(tf, *inputs)]
    from tensorflow.python.framework import op_def_registry

    definition = op_def_registry.get(probe.op)
    known = {attr.name for attr in definition.attr}
    arguments: dict[str, Any] = {key: value for key, value in probe.attrs.items() if key in known}
    for name in ("N", "num_split", "num", "SrcT", "T"):
        if name in arguments and name not in ("num_split", "num"):
            del arguments[name]
    rest = list(inputs)
    names = [_PYTHON_NAMES.get(argument.name, argument.name) for argument in definition.input_arg]
    lists = [argument.name for argument in definition.input_arg if argument.number_attr]
    arguments = {_PYTHON_NAMES.get(key, key): value for key, value in arguments.items()}
    if probe.op == "Where":
        names = ["condition"]
    long = {
        _PYTHON_NAMES.get(each.name, each.name)
        for each in definition.input_arg
        if each.type == tf.int64.as_datatype_enum
    }
    for name in names:
        if name in lists:
            count = len(inputs) - len(names) + 1
            arguments[name], rest = rest[:count], rest[count:]
        else:
            arguments[name], *rest = rest
            if name in long:  # the places of sparse tensors, which are int32 in TensorFlow.js
                arguments[name] = tf.cast(arguments[name], tf.int64)
    for key in ("output_type", "DstT"):
        if key in arguments:
            arguments[key] = tf.as_dtype(arguments[key])
    if probe.op == "SplitV":
        arguments["num_split"] = probe.attrs["num_split"]
    result = getattr(tf.raw_ops, probe.op)(**arguments)
    outputs = list(result) if isinstance(result, list | tuple) else [result]
    return outputs if probe.outputs is None else [outputs[place] for place in probe.outputs]


def _tensor(tf: Any, each: Input) -> Any:
    if isinstance(each, Computed):
        return tf.constant(each.array) + 1
    return tf.constant(each.array if isinstance(each, Fixed) else each)


# What TensorFlow's Python calls arguments of ops otherwise than the graph does.
_PYTHON_NAMES = {"dim": "axis", "squeeze_dims": "axis", "split_dim": "axis", "reduction_indices": "axis"}


def _plain(array: Any) -> Any:
    if array.dtype == object:
        return array.astype("S")
    return array.astype(np.int32) if array.dtype == np.int64 else array


if __name__ == "__main__":
    main(sys.argv[1])
