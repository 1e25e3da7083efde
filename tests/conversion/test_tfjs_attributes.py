"""What TensorFlow.js's executor takes for attributes that a file leaves out, held beside TensorFlow's own defaults."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from tests.support.project import REPOSITORY
from tfjs_build.convert.graph.op_defs import op_def
from tfjs_build.convert.tfjs.attributes import DEFAULTS

_LISTS = REPOSITORY / "tests/node/node_modules/@tensorflow/tfjs-converter/dist/operations/op_list"

# The lists are modules without imports, in files that Node takes for CommonJS.
_SCRIPT = """
import { readdirSync, readFileSync } from "node:fs";
const folder = process.argv[1], ops = {};
for (const name of readdirSync(folder).filter((name) => name.endsWith(".js"))) {
  const text = readFileSync(`${folder}/${name}`, "utf8").replace(/\\/\\/# sourceMappingURL=.*/, "");
  for (const op of new Function(text.replace("export const json =", "return"))()) ops[op.tfOpName] = op.attrs ?? [];
}
process.stdout.write(JSON.stringify(ops));
"""

SAME = {
    ("Conv3D", "data_format"): "NHWC and NDHWC are the same there: channels are last",
    ("CropAndResize", "method"): "the function's own default is bilinear",
    ("ImageProjectiveTransformV3", "fill_mode"): "the executor fails without it",
    ("DepthToSpace", "data_format"): "the executor fails without it",
    ("Range", "Tidx"): "unfuse.py makes it a range of floats",
    ("StaticRegexReplace", "replace_global"): "the function's own default is true",
    ("StringSplit", "skip_empty"): "the function's own default is true",
    ("TopKV2", "sorted"): "the function's own default is true",
    ("TensorArrayV3", "clear_after_read"): "to read twice is an error or none",
    ("Multinomial", "output_dtype"): "there is int32 alone, whatever it says",
    ("SparseToDense", "validate_indices"): "nothing is validated there",
    ("Einsum", "N"): "the executor does not ask for it",
}
"""Attributes that only seem to be others."""

UNASKED = ("is_training", "resize_if_index_out_of_bounds")
"""Attributes that the executor never asks for, acting as if they had one value."""

_EMPTY: tuple[Any, ...] = (None, "", 0, False, [], -1)
"""What a number, a text, a flag or a shape is that nobody has given; numbers without a default are 0 there."""


@cache
def _lists() -> dict[str, list[dict[str, Any]]]:
    command = ["node", "--input-type=module", "-e", _SCRIPT, str(_LISTS)]
    found: dict[str, list[dict[str, Any]]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def _differing() -> Iterator[tuple[str, str, Any]]:
    """Yield op, attribute and the executor's default where TensorFlow's is another, or the file must have it."""
    for op, attrs in _lists().items():
        known = op_def(op)
        for attr in attrs if known is not None else ():
            name = str(attr.get("tfDeprecatedName", attr.get("tfName")))
            if known is None or name not in known.attrs or (attr.get("notSupported") and "defaultValue" not in attr):
                continue
            theirs, ours = attr.get("defaultValue"), known.defaults.get(name)
            if "defaultValue" not in attr and (name not in known.defaults or attr["type"] in ("number[]", "func")):
                continue  # the executor fails without it, or TensorFlow demands it
            if theirs in _EMPTY and ours in _EMPTY:
                continue
            if isinstance(ours, float) and theirs is not None and np.float32(theirs) == np.float32(ours):
                continue
            if theirs != ours:
                yield op, name, theirs


def test_defaults_are_the_executors() -> None:
    found = {(op, name): value for op, name, value in _differing()}
    ours = {(op, name): value for op, attrs in DEFAULTS.items() for name, value in attrs.items()}
    asked = {(op, attr.get("tfName")) for op, attrs in _lists().items() for attr in attrs}
    unasked = {key for key in ours if key[1] in UNASKED}
    assert not unasked & asked
    assert found.keys() - SAME.keys() == ours.keys() - unasked
    assert SAME.keys() <= found.keys()
    assert {key: found[key] for key in ours.keys() - unasked} == {key: ours[key] for key in ours.keys() - unasked}
