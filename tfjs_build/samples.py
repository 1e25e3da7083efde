"""Inputs to try a model with: the user's own from an `.npz`, or random ones that its signature allows.

Random ones are the same at every run. Free sizes get a value: the batch 1 and 2 in turns, the sides of pictures 64,
others 16. Whole numbers stay below the size of the tables that they are looked up in, as far as the graph shows that.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.errors import ModelError

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import Signature, TensorSpec

_SIDE, _LENGTH = 64, 16
_TEXTS: Final = ("a short text", "another one, which is a little longer", "", "naïve café 東京")
_KEPT: Final = {"float32": "f", "int32": "iu", "bool": "b", "string": "US", "complex64": "c"}
_PASSED_ON: Final = ("Identity", "Cast", "Reshape", "ExpandDims", "Squeeze", "Transpose", "Maximum", "Minimum")
_LOOKUPS: Final = ("GatherV2", "Gather", "ResourceGather")
_WHITE: Final = 255

Range = tuple[float, float]

Group: TypeAlias = Mapping[str, NDArray[Any]]
"""Tensors by name, in order: a sample, or what a model gives for one."""


def random_samples(
    name: str,
    signature: Signature,
    count: int,
    *,
    ranges: Mapping[str, Range],
    bounds: Mapping[str, int],
) -> list[dict[str, NDArray[Any]]]:
    """Return `count` samples for the model `name`; `ranges` are the values of inputs that are pictures, `bounds` what
    whole numbers stay below, both by the inputs' shown names."""
    found = []
    for index in range(count):
        rng = np.random.default_rng([index, *name.encode()])
        found.append({spec.name: _random(rng, spec, index, ranges, bounds) for spec in signature.inputs})
    return found


def free_sizes(signature: Signature) -> list[str]:
    """Return the inputs that have free sizes beside their batch."""
    return [spec.name for spec in signature.inputs if spec.shape is None or None in spec.shape[1:]]


def picture_ranges(pixels: Mapping[str, Mapping[str, Any]]) -> dict[str, Range]:
    """Return the values that declared pictures have as inputs, by input; `pixels` is what model.json says of them."""
    found = {}
    for name, preparation in pixels.items():
        ends = [np.multiply(value, preparation["scale"]) + preparation["offset"] for value in (0, _WHITE)]
        found[name] = (float(np.min(ends)), float(np.max(ends)))
    return found


def _random(
    rng: np.random.Generator, spec: TensorSpec, index: int, ranges: Mapping[str, Range], bounds: Mapping[str, int]
) -> NDArray[Any]:
    shape = _sizes(spec, index)
    if spec.dtype == "string":
        count = int(np.prod(shape))
        return np.array([_TEXTS[(index + at) % len(_TEXTS)] for at in range(count)], dtype=object).reshape(shape)
    if spec.dtype == "bool":
        return rng.integers(0, 2, shape).astype(np.bool_)
    if spec.dtype == "int32":
        if spec.name in ranges:
            low, high = ranges[spec.name]
            return rng.integers(int(low), int(high) + 1, shape).astype(np.int32)
        return rng.integers(0, max(1, bounds.get(spec.name, 2)), shape).astype(np.int32)
    if spec.name in ranges:
        return rng.uniform(*ranges[spec.name], shape).astype(np.float32)
    if spec.name in bounds:  # floats that are looked up in a table
        return rng.integers(0, max(1, bounds[spec.name]), shape).astype(np.float32)
    values = rng.standard_normal(shape)
    if spec.dtype == "complex64":
        return (values + 1j * rng.standard_normal(shape)).astype(np.complex64)
    return values.astype(np.float32)


def _sizes(spec: TensorSpec, index: int) -> tuple[int, ...]:
    if spec.shape is None:
        return (1 + index % 2, _LENGTH)
    free = _SIDE if len(spec.shape) == 4 else _LENGTH
    return tuple(
        size if size is not None else 1 + index % 2 if axis == 0 else free for axis, size in enumerate(spec.shape)
    )


def bounds(document: Mapping[str, Any]) -> dict[str, int]:
    """Return, by the inputs' nodes, how many rows the smallest table has that they are looked up in, as model.json
    shows it: embeddings of layers models, lookups of graphs."""
    topology = document["modelTopology"]
    if "node" not in topology:
        return _layer_bounds(topology)
    rows = {
        entry["name"]: entry["shape"][0]
        for group in document["weightsManifest"]
        for entry in group["weights"]
        if entry["shape"]
    }
    nodes = {node["name"]: node for node in topology["node"]}
    found: dict[str, int] = {}
    for node in nodes.values():
        if node["op"] not in _LOOKUPS or len(node.get("input", ())) < 2:
            continue
        table = rows.get(_plain(node["input"][0]))
        source = _origin(nodes, node["input"][1])
        if table is not None and source is not None:
            found[source] = min(table, found.get(source, table))
    return found


def _origin(nodes: Mapping[str, Mapping[str, Any]], name: str) -> str | None:
    """Return the placeholder that a tensor's numbers come from, as they are; None for what is computed."""
    for _ in range(len(nodes)):
        node = nodes.get(_plain(name))
        if node is None:
            return None
        if node["op"].startswith("Placeholder"):
            return str(node["name"])
        if node["op"] not in _PASSED_ON:
            return None
        name = node["input"][0]
    return None


def _plain(name: str) -> str:
    return name.lstrip("^").partition(":")[0]


def _layer_bounds(topology: Mapping[str, Any]) -> dict[str, int]:
    """Return how many rows the smallest embedding of a layers model has, for each of its inputs."""
    layers = topology.get("model_config", {}).get("config", {}).get("layers", [])
    sizes = [layer["config"]["input_dim"] for layer in layers if layer["class_name"] == "Embedding"]
    names = [layer["config"]["name"] for layer in layers if layer["class_name"] == "InputLayer"]
    return dict.fromkeys(names, min(sizes)) if sizes else {}


def given(path: Path, signature: Signature, pictures: Sequence[str]) -> tuple[list[Group], list[Group] | None]:
    """Return the samples of an `.npz`, and what its model is to give for them, where the file has its outputs.

    Arrays are called as inputs and outputs are shown. An input of a fixed batch is cut into samples of that size.
    `pictures` are the inputs that pictures become: of these, uint8 arrays [n, height, width, 1 or 3] are pictures, each
    one a sample. Raises ModelError for what does not fit.
    """
    arrays = _read(path)
    inputs = {spec.name: spec for spec in signature.inputs}
    outputs = {spec.name: spec for spec in signature.outputs}
    for name in arrays:
        if name not in inputs and name not in outputs:
            known = ", ".join([*inputs, *outputs])
            raise _wrong(path, f"{name!r} is neither an input nor an output", f"The model has {known}.")
    missing = [name for name in inputs if name not in arrays]
    if missing:
        raise _wrong(path, f"has no array for the input {missing[0]!r}", f"It has {', '.join(arrays) or 'none'}.")
    fed = {
        name: _pictures(path, name, arrays[name])
        if name in pictures and arrays[name].dtype == np.uint8
        else _fitting(path, spec, arrays[name])
        for name, spec in inputs.items()
    }
    several = any(array.dtype.kind == "u" for array in fed.values())
    batches = [spec.shape[0] for spec in inputs.values() if spec.shape is not None and spec.shape and spec.shape[0]]
    step = 1 if several else min(batches, default=None)
    there = {name: _fitting(path, outputs[name], arrays[name], output=True) for name in outputs if name in arrays}
    lengths = {len(array) for array in (*fed.values(), *there.values()) if array.ndim}
    if step is None or len(lengths) != 1:
        return [fed], [there] if there else None
    count = lengths.pop()
    return list(_cut(fed, count, step)), list(_cut(there, count, step)) if there else None


def _cut(arrays: Mapping[str, NDArray[Any]], count: int, step: int) -> Iterator[Group]:
    for start in range(0, count, step):
        yield {
            name: array[start] if array.dtype.kind == "u" else array[start : start + step]
            for name, array in arrays.items()
        }


def _read(path: Path) -> dict[str, NDArray[Any]]:
    try:
        archive = np.load(path, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise _wrong(path, "is a single array", "np.savez(…, image=…, probs=…) writes several by name.")
        with archive:
            return {str(name): np.asarray(archive[name]) for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        missing = isinstance(error, FileNotFoundError)
        raise _wrong(path, "is not there" if missing else f"cannot be read: {error}", "np.savez writes it.") from error


def _pictures(path: Path, name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim != 4 or array.shape[3] not in (1, 3):
        raise _wrong(
            path, f"{name!r} has the shape {list(array.shape)}", "Pictures are uint8 [n, height, width, 1 or 3]."
        )
    colours = np.repeat(array, 3, axis=3) if array.shape[3] == 1 else array
    return np.concatenate([colours, np.full((*array.shape[:3], 1), 255, np.uint8)], axis=3)


def _fitting(path: Path, spec: TensorSpec, array: NDArray[Any], *, output: bool = False) -> NDArray[Any]:
    """Return an array as the model takes it; raises ModelError where it does not."""
    expected = "any rank" if spec.shape is None else f"[{', '.join('?' if s is None else str(s) for s in spec.shape)}]"
    kinds = _KEPT[spec.dtype] + ("f" if spec.dtype == "complex64" else "iub" if spec.dtype == "float32" else "")
    fits = spec.shape is None or (
        len(spec.shape) == array.ndim
        and all(
            size in (None, given) or (axis == 0 and size and given % size == 0)
            for axis, (size, given) in enumerate(zip(spec.shape, array.shape, strict=True))
        )
    )
    if not fits or array.dtype.kind not in kinds or array.size == 0:
        role = "output" if output else "input"
        got = f"{array.dtype} {list(array.shape)}"
        raise _wrong(path, f"the {role} {spec.name!r} is {spec.dtype} {expected}, and the array {got}", "")
    if spec.dtype == "string":
        return np.array([_text(each) for each in array.ravel()], dtype=object).reshape(array.shape)
    if spec.dtype == "int32" and array.size and (array.min() < -(2**31) or array.max() >= 2**31):
        raise _wrong(path, f"{spec.name!r} has numbers beyond int32, which TensorFlow.js cannot hold", "")
    return array.astype({"bool": np.bool_}.get(spec.dtype, spec.dtype))


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _wrong(path: Path, problem: str, hint: str) -> ModelError:
    return ModelError(f"verify.inputs: {path}: {problem}", hint=hint, key="verify")
