"""The samples that a model is tried with when it is built: the user's own, else random ones of the right kind."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build import samples as sampling
from tfjs_build.convert.executor.windows import resize
from tfjs_build.pixels import proposals

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts, Signature
    from tfjs_build.model import Model
    from tfjs_build.samples import Group

_GRIDS: Final = (4, 8, 16, 32, 64)
"""How many blots a picture has along a side, scale by scale: coarse ones are stronger, as in photographs."""

_MOST: Final = 2
"""Of a user's samples, so many times as many as are asked for are taken: they say more than random ones."""

_SEED: Final = "build"
"""The same for all models: what is published does not depend on what a model is called."""

Array = NDArray[Any]


def samples_for(
    model: Model,
    artifacts: ModelArtifacts,
    signature: Signature,
    pixels: Mapping[str, Mapping[str, Any]],
    count: int,
) -> Sequence[Group]:
    """Return `count` inputs to try, or more of `verify.inputs` where those are numbers: of pictures a page makes them.
    Raises ModelError where they do not fit."""
    if model.verify.inputs is not None:
        given, _ = sampling.given(model.verify.inputs, signature, list(pixels))
        if not any(array.dtype == np.uint8 for sample in given for array in sample.values()):
            return _parts(given, signature, _MOST * count)
    document = {
        "modelTopology": artifacts.topology,
        "weightsManifest": [{"weights": [{"name": each.name, "shape": each.shape} for each in artifacts.weights]}],
    }
    by_node = sampling.bounds(document)
    bounds = {spec.name: by_node[spec.node] for spec in signature.inputs if spec.node in by_node}
    likely = {each.input: each.range for each in proposals(artifacts, signature)}
    ranges = {name: (float(low), float(high)) for name, (low, high) in likely.items()}
    ranges |= sampling.picture_ranges(pixels)
    found = sampling.random_samples(_SEED, signature, count, ranges=ranges, bounds=bounds)
    return [
        {
            name: _picture(array, ranges[name]) if _may_be_picture(name, array, ranges) else array
            for name, array in each.items()
        }
        for each in found
    ]


def _parts(given: Sequence[Group], signature: Signature, count: int) -> Sequence[Group]:
    """Return at most `count` samples; one with a free batch is cut into so many, to have some to judge by."""
    lengths = {len(array) for array in given[0].values() if array.ndim}
    if len(given) > 1 or len(lengths) != 1 or any(not spec.shape or spec.shape[0] for spec in signature.inputs):
        return given[:count]
    (length,) = lengths
    cuts = np.linspace(0, length, min(length, count) + 1).astype(int)
    return [{name: array[start:stop] for name, array in given[0].items()} for start, stop in itertools.pairwise(cuts)]


def _may_be_picture(name: str, array: Array, ranges: Mapping[str, tuple[float, float]]) -> bool:
    return name in ranges and array.ndim == 4 and array.dtype == np.float32 and min(array.shape[1:3]) >= _GRIDS[0]


def _picture(noise: Array, ends: tuple[float, float]) -> Array:
    """Return pictures of the size of others: blots of many sizes. Layers that were trained with photographs give for
    noise what they give for nothing else."""
    batch, rows, columns, channels = noise.shape
    seed = np.frombuffer(noise.tobytes()[:64], np.uint8)
    rng = np.random.default_rng(seed)
    result = np.zeros(noise.shape)
    for count in (each for each in _GRIDS if each <= min(rows, columns)):
        grey = rng.standard_normal((batch, count, count, 1))
        grid = grey + rng.standard_normal((batch, count, count, channels)) / 2
        sizes = np.array([rows, columns])
        result += resize(grid, sizes, {"half_pixel_centers": True}, nearest=False) / np.sqrt(count)
    low, high = ends
    result = (result - result.mean()) / (result.std() or 1.0)
    return np.asarray(np.clip((low + high) / 2 + result * (high - low) / 5, low, high), np.float32)
