"""Weights as bytes in a shard: which are quantized and how, and their entries in `weightsManifest`.

Affine quantization as TensorFlow.js reads it (`value * scale + min`, tfjs-core's io_utils `decodeWeights`): uint8 or
uint16 with the range nudged so that zero stays exactly zero; float16 is stored as it is. Only float32 weights are
quantized. Whole numbers are never rounded: they are stored with scale 1 where their range allows it, and those that are
known to be whole always are, whatever was asked for, since that loses nothing. A weight that a dtype cannot hold (NaN,
infinities, values beyond float16, whole numbers too far apart) stays float32, with a note.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tfjs_build.convert.codings import Affine, Float16, affine, keeps, levels_of
from tfjs_build.errors import ModelError
from tfjs_build.records import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tfjs_build.convert.artifacts import Weight
    from tfjs_build.convert.codings import Coding
    from tfjs_build.model import Quantize, QuantizeDtype

_FLOAT16_MAX = 65504.0
_WHOLE_MAX = float(1 << 24)
"""Up to here float32 tells each whole number from the next."""


@record(frozen=True)
class Encoded:
    """A weight ready to be written: its entry in `weightsManifest`, its length in bytes, and its bytes in order."""

    entry: Mapping[str, Any]
    nbytes: int
    blocks: Callable[[], Iterator[memoryview]]


def choose(quantize: Quantize, weights: Sequence[Weight]) -> dict[str, QuantizeDtype]:
    """Return the stored dtype of every weight that is to be quantized, by weight name.

    A pattern beats `true`, which leaves vectors and scalars to float16 alone: biases, statistics and scales of channels
    are few, and all that comes after depends on each. Raises ModelError where two dtypes claim one weight, or a pattern
    matches nothing.
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
        if weight.dtype == "float32"
        and (weight.name in claims or (everything and (everything[0] == "float16" or not is_vector(weight))))
    }


def is_vector(weight: Weight) -> bool:
    """Whether a weight has no two axes: a scalar, a vector, or one with axes of size 1 before, to be broadcast."""
    return all(size == 1 for size in weight.shape[:-1])


def encode(weight: Weight, quantized: QuantizeDtype | Coding | None, notes: list[str]) -> Encoded:
    """Prepare one weight for writing, in a dtype or in a coding that was chosen for it; reads it once if its range
    matters, and adds to `notes` what did not work out."""
    entry: dict[str, Any] = {"name": weight.name, "shape": list(weight.shape), "dtype": weight.dtype}
    if weight.dtype == "string":
        data = b"".join(_string(text) for block in weight.blocks() for text in block.tolist())
        return Encoded(entry, len(data), lambda: iter((memoryview(data),)))
    if weight.integers is not None:
        lowest, highest = weight.integers
        narrow = highest - lowest <= np.iinfo(np.uint8).max
        return _coded(weight, Affine("uint8" if narrow else "uint16", 1, lowest, np.dtype(np.float32)), entry)
    if quantized is None or weight.size == 0:
        return Encoded(entry, weight.size * np.dtype(weight.dtype).itemsize, lambda: map(_bytes, weight.blocks()))
    if not isinstance(quantized, str):
        return _coded(weight, quantized, entry)
    coding = coding_of(weight, quantized, notes)
    return encode(weight, None, notes) if coding is None else _coded(weight, coding, entry)


def coding_of(weight: Weight, quantized: QuantizeDtype, notes: list[str]) -> Coding | None:
    """Return how a float32 weight is stored where a dtype is asked for, None where it cannot be; adds to `notes` what
    is otherwise than it was asked for."""
    low, high, whole = _survey(weight)
    if not (math.isfinite(low) and math.isfinite(high)):
        notes.append(f"weight {weight.name!r} has NaN or infinite values: kept as float32 instead of {quantized}")
        return None
    levels = None if whole or quantized == "float16" else levels_of(weight)
    if levels is not None:
        return levels
    codings = _codings(low, high, quantized, whole)
    coding = next((each for each in codings if not whole or _is_whole(each) or keeps(each, weight)), None)
    if coding is None:
        why = f"whole numbers that {quantized} would round" if whole else "values beyond float16's range"
        notes.append(f"weight {weight.name!r} has {why}: kept as float32")
    elif coding.dtype != quantized:
        notes.append(
            f"weight {weight.name!r} has whole numbers that {quantized} would round: stored as {coding.dtype}, "
            "which does not"
        )
    return coding


def _is_whole(coding: Coding) -> bool:
    return isinstance(coding, Affine) and coding.scale == 1


def _coded(weight: Weight, coding: Coding, entry: Mapping[str, Any]) -> Encoded:
    return Encoded(
        {**entry, "quantization": coding.entry()},
        weight.size * np.dtype(coding.dtype).itemsize,
        lambda: (_bytes(coding.codes(block)) for block in weight.blocks()),
    )


def _codings(low: float, high: float, quantized: QuantizeDtype, whole: bool) -> Iterator[Coding]:
    """Return the ways to store numbers from `low` to `high` as `quantized`, or, where they are whole, as what holds
    them; the best first."""
    # uint16 needs more than float32's 24 bits to hit its levels; so does a range near float32's own limits.
    exact = np.dtype(np.float32 if quantized == "uint8" and max(-low, high) < 1e30 else np.float64)
    if quantized == "float16":
        if max(-low, high) <= _FLOAT16_MAX:
            yield Float16()
    elif whole and high - low <= np.iinfo(quantized).max:
        yield Affine(quantized, 1.0, low, exact)
    else:
        yield Affine(quantized, *affine(low, high, quantized), exact)
    if whole and high - low <= np.iinfo(np.uint16).max:
        yield Affine("uint16", 1.0, low, np.dtype(np.float64))


def _survey(weight: Weight) -> tuple[float, float, bool]:
    """Return the lowest and the highest of a weight's numbers, NaN where one is not finite, and whether all are whole,
    which every number is that is large enough: of such nobody counts on the last digits."""
    low, high, whole = math.inf, -math.inf, True
    for block in filter(len, weight.blocks()):
        floats = cast("NDArray[np.float32]", block)
        block_low, block_high = float(floats.min()), float(floats.max())
        if not (math.isfinite(block_low) and math.isfinite(block_high)):  # min and max hand NaN on
            return math.nan, math.nan, False
        low, high = min(low, block_low), max(high, block_high)
        whole = whole and bool((np.rint(floats) == floats).all())
    return low, high, whole and max(-low, high) <= _WHOLE_MAX


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
