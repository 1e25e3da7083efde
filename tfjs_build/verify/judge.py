"""What numbers say: how far a model's outputs are from those that are expected, output by output.

Floats may differ by a tolerance, as a part of the largest number that is expected of an output; NaN and infinities
stand in the same places. Whole numbers, bools and texts are equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.records import record
from tfjs_build.samples import Group

HALF_FLOAT_TOLERANCE: Final = 0.1
"""What half-float textures may cost: they have three digits, and deep networks lose one or two of them."""

_DIFFERENCE: Final = 1e-3
"""Least by which an output must differ between samples, as a part of its largest number, to say much."""


@record(frozen=True)
class Difference:
    """Of one output, over all samples: the largest `absolute` error, the largest `relative` one (a part of the largest
    number expected in a sample), in how many of `rows` the largest entry is the same one (None: it has no rows of
    several entries), and what is wrong, if anything."""

    name: str
    absolute: float
    relative: float
    agreeing: int | None
    rows: int | None
    problem: str = ""


def differences(expected: Sequence[Group], actual: Sequence[Group], tolerance: float) -> list[Difference]:
    """Return how outputs differ from what is expected of them, in the order in which they are expected."""
    if len(actual) != len(expected):
        return [Difference("", 0.0, 0.0, None, None, f"{len(actual)} results for {len(expected)} samples")]
    names = list(expected[0]) if expected else []
    found = []
    for name in names:
        if any(name not in group for group in actual):
            found.append(Difference(name, 0.0, 0.0, None, None, "is not there"))
            continue
        pairs = [(want[name], got[name]) for want, got in zip(expected, actual, strict=True)]
        found.append(_of_all([_of_one(want, got, tolerance) for want, got in pairs], name))
    extra = [name for name in (actual[0] if actual else ()) if name not in names]
    return [*found, *(Difference(name, 0.0, 0.0, None, None, "is not the source's") for name in extra)]


def indifferent(expected: Sequence[Group]) -> list[str]:
    """Return the outputs of floats that are nearly the same for all samples: to compare them proves little."""
    found = []
    for name in expected[0] if len(expected) > 1 else ():
        arrays = [group[name] for group in expected if name in group]
        if any(array.dtype.kind != "f" or array.ndim < 1 or not array.size for array in arrays):
            continue
        rows = [array[0].astype(np.float64) for array in arrays]  # of the batch
        if len({row.shape for row in rows}) > 1 or not all(np.isfinite(row).all() for row in rows):
            continue
        largest = max(float(np.abs(row).max(initial=0.0)) for row in rows)
        apart = max(float(np.abs(row - rows[0]).max(initial=0.0)) for row in rows)
        if apart <= _DIFFERENCE * largest:
            found.append(name)
    return found


def broken_promises(promised: Sequence[Mapping[str, Any]], outputs: Sequence[Group]) -> list[str]:
    """Return which outputs are not of the names, dtypes and shapes that model.json has."""
    found = []
    for spec in promised:
        for group in outputs:
            got = group.get(spec["name"])
            if got is None:
                found.append(f"{spec['name']} is not there")
                break
            dtype = "string" if got.dtype == object else str(got.dtype)
            if dtype != spec["dtype"] or not _fits(got.shape, spec["shape"]):
                promise = f"{spec['dtype']} {_shape_text(spec['shape'])}"
                found.append(f"{spec['name']} is to be {promise}, and is {dtype} {_shape_text(got.shape)}")
                break
    return found


def _shape_text(shape: Sequence[int | None] | None) -> str:
    return "of any rank" if shape is None else f"[{', '.join('?' if size is None else str(size) for size in shape)}]"


def _fits(shape: Sequence[int], promised: Sequence[int | None] | None) -> bool:
    return promised is None or (
        len(shape) == len(promised) and all(size in (None, got) for size, got in zip(promised, shape, strict=True))
    )


def non_finite(outputs: Sequence[Group]) -> list[str]:
    """Return the names of outputs that have NaN or an infinity."""
    return list(
        dict.fromkeys(
            name
            for group in outputs
            for name, array in group.items()
            if array.dtype.kind in "fc" and not np.isfinite(array).all()
        )
    )


def _of_all(parts: Sequence[Difference], name: str) -> Difference:
    agreeing = [part.agreeing for part in parts if part.agreeing is not None]
    rows = [part.rows for part in parts if part.rows is not None]
    return Difference(
        name,
        max(part.absolute for part in parts),
        max(part.relative for part in parts),
        sum(agreeing) if rows else None,
        sum(rows) if rows else None,
        next((part.problem for part in parts if part.problem), ""),
    )


def _of_one(want: NDArray[Any], got: NDArray[Any], tolerance: float) -> Difference:
    def wrong(problem: str) -> Difference:
        return Difference("", 0.0, 0.0, None, None, problem)

    if want.shape != got.shape:
        return wrong(f"expects the shape {list(want.shape)}, got {list(got.shape)}")
    kinds = {"U": "O", "S": "O"}
    if kinds.get(want.dtype.kind, want.dtype.kind) != kinds.get(got.dtype.kind, got.dtype.kind):
        return wrong(f"expects {want.dtype}, got {got.dtype}")
    if want.dtype.kind not in "fc":
        other = int(np.count_nonzero(want.astype(object) != got.astype(object)))
        return wrong(f"{other} of {want.size} {_called(want)} differ" if other else "")
    wide = np.complex128 if want.dtype.kind == "c" else np.float64
    a, b = got.astype(wide), want.astype(wide)
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
        other = int(np.count_nonzero(~((a == b) | (np.isnan(a) & np.isnan(b)) | (np.isfinite(a) & finite))))
        first = int(np.flatnonzero(~((a == b) | (np.isnan(a) & np.isnan(b)) | (np.isfinite(a) & finite)))[0])
        return wrong(f"{a.flat[first]:g} instead of {b.flat[first]:g} (in {other} of {b.size} places)")
    absolute = float(np.abs(a[finite] - b[finite]).max(initial=0.0))
    largest = float(np.abs(b[finite]).max(initial=0.0))
    relative = absolute / largest if largest else (0.0 if absolute == 0.0 else float("inf"))
    agreeing, rows = _agreement(a, b)
    problem = "" if relative <= tolerance else "too far off"
    return Difference("", absolute, relative, agreeing, rows, problem)


def _agreement(a: NDArray[Any], b: NDArray[Any]) -> tuple[int | None, int | None]:
    """Return in how many rows the largest entry is the same one, and how many there are."""
    if a.dtype.kind == "c" or a.ndim < 1 or a.shape[-1] < 2 or a.size == 0:
        return None, None
    same = a.argmax(-1) == b.argmax(-1)
    return int(np.count_nonzero(same)), int(np.size(same))


def _called(array: NDArray[Any]) -> str:
    return {"i": "whole numbers", "b": "bools", "u": "whole numbers"}.get(array.dtype.kind, "texts")
