"""Weights as bytes in a shard: which are quantized and how, and their entries in `weightsManifest`.

Affine quantization as TensorFlow.js reads it (`value * scale + min`, tfjs-core's io_utils `decodeWeights`): uint8 or
uint16 with the range nudged so that zero stays exactly zero; float16 is stored as it is. Only float32 weights are
quantized. A weight that a dtype cannot hold (NaN, infinities, values beyond float16) stays float32, with a note.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tfjs_build.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tfjs_build.convert.artifacts import Weight
    from tfjs_build.manifest.model import Quantize, QuantizeDtype

_FLOAT16_MAX = 65504.0
_ITEM_BYTES = {"float32": 4, "int32": 4, "bool": 1, "complex64": 8, "float16": 2, "uint8": 1, "uint16": 2}


@dataclass(frozen=True)
class Encoded:
    """A weight ready to be written: its entry in `weightsManifest`, its length in bytes, and its bytes in order."""

    entry: Mapping[str, Any]
    nbytes: int
    blocks: Callable[[], Iterator[memoryview]]


def choose(quantize: Quantize, weights: Sequence[Weight]) -> dict[str, QuantizeDtype]:
    """Return the stored dtype of every weight that is to be quantized, by weight name.

    A pattern beats `true`. Raises ModelError where two dtypes claim one weight, or a pattern matches nothing.
    """
    everything = [dtype for dtype, rule in quantize.rules.items() if rule is True]
    if len(everything) > 1:
        raise ModelError(
            f"quantize: `{everything[0]}: true` and `{everything[1]}: true` both claim every weight", key="quantize"
        )
    names = [weight.name for weight in weights]
    claims: dict[str, tuple[QuantizeDtype, str]] = {}
    for dtype, rule in quantize.rules.items():
        for pattern in () if rule is True else rule:
            matching = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
            if not matching:
                raise ModelError(
                    f"quantize: the pattern {pattern!r} matches no weight", hint=_some(names), key="quantize"
                )
            for name in matching:
                other_dtype, other = claims.setdefault(name, (dtype, pattern))
                if other_dtype != dtype:
                    raise ModelError(
                        f"quantize: weight {name!r} is claimed twice: by {other!r} ({other_dtype}) and by "
                        f"{pattern!r} ({dtype})",
                        key="quantize",
                    )
    return {
        weight.name: claims[weight.name][0] if weight.name in claims else everything[0]
        for weight in weights
        if weight.dtype == "float32" and (weight.name in claims or everything)
    }


def encode(weight: Weight, quantized: QuantizeDtype | None, notes: list[str]) -> Encoded:
    """Prepare one weight for writing, reading it once if its range matters; adds to `notes` what did not work out."""
    entry: dict[str, Any] = {"name": weight.name, "shape": list(weight.shape), "dtype": weight.dtype}
    if weight.dtype == "string":
        data = b"".join(_string(text) for block in weight.blocks() for text in block.tolist())
        return Encoded(entry, len(data), lambda: iter((memoryview(data),)))
    if quantized is None or weight.size == 0:
        return Encoded(entry, weight.size * _ITEM_BYTES[weight.dtype], lambda: map(_bytes, weight.blocks()))
    low, high = _range(weight)
    if not (math.isfinite(low) and math.isfinite(high)):
        notes.append(f"weight {weight.name!r} has NaN or infinite values: kept as float32 instead of {quantized}")
        return encode(weight, None, notes)
    if quantized == "float16":
        if max(-low, high) > _FLOAT16_MAX:
            notes.append(f"weight {weight.name!r} has values beyond float16's range: kept as float32")
            return encode(weight, None, notes)
        entry["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
        return Encoded(entry, weight.size * 2, lambda: (_bytes(b.astype(np.float16)) for b in weight.blocks()))
    scale, minimum = affine(low, high, quantized)
    # uint16 needs more than float32's 24 bits to hit its levels; so does a range near float32's own limits.
    exact = np.dtype(np.float32 if quantized == "uint8" and max(-low, high) < 1e30 else np.float64)
    entry["quantization"] = {"dtype": quantized, "original_dtype": "float32", "scale": scale, "min": minimum}
    stored = np.dtype(quantized)
    return Encoded(entry, weight.size * stored.itemsize, lambda: _affine_blocks(weight, scale, minimum, stored, exact))


def affine(low: float, high: float, dtype: str) -> tuple[float, float]:
    """Return (scale, min) such that `stored * scale + min` covers `low` to `high`, both finite, in the dtype's levels.

    Where zero lies in the range, it is one of the levels: a padded or pruned zero stays zero.
    """
    levels = int(np.iinfo(dtype).max)
    scale = (high - low) / levels
    if scale == 0 or not math.isfinite(1 / scale):  # constant, or so narrow that no step can be told: one level
        return 1.0, low
    if low <= 0 <= high:
        return scale, -round(-low / scale) * scale
    return scale, low


def _affine_blocks(
    weight: Weight, scale: float, minimum: float, stored: np.dtype[Any], exact: np.dtype[Any]
) -> Iterator[memoryview]:
    levels = float(np.iinfo(stored).max)
    for block in weight.blocks():
        values = block.astype(exact)
        values -= minimum
        values /= scale
        np.rint(values, out=values)
        np.clip(values, 0.0, levels, out=values)
        yield _bytes(values.astype(stored))


def _range(weight: Weight) -> tuple[float, float]:
    low, high = math.inf, -math.inf
    for block in filter(len, weight.blocks()):
        floats = cast("NDArray[np.float32]", block)
        block_low, block_high = float(floats.min()), float(floats.max())
        if not (math.isfinite(block_low) and math.isfinite(block_high)):  # min and max hand NaN on
            return math.nan, math.nan
        low, high = min(low, block_low), max(high, block_high)
    return low, high


def _bytes(block: NDArray[np.generic]) -> memoryview:
    array = np.ascontiguousarray(block)
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")


def _string(text: bytes) -> bytes:
    # tfjs-core's decodeWeights reads each string as a 4-byte little-endian length and that many bytes.
    return len(text).to_bytes(4, "little") + text


def _some(names: list[str], most: int = 8) -> str:
    shown = ", ".join(names[:most])
    return f"The weights are: {shown}" + (f", and {len(names) - most} more" if len(names) > most else "")
