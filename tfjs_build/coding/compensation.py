"""Rounds the numbers of a kernel so that their errors cancel in what comes out of it.

Row by row: what rounding one row of a kernel changes in its products is taken off by the rows that are not rounded yet,
as far as what they are multiplied with goes along with it. That takes the second moments of the kernel's inputs, which
are those of the samples. (Frantar et al., GPTQ, 2023, in the form of Chee et al., QuIP, 2023, section 3, which needs no
inverse; the moments here are the unrounded graph's, so that one kernel's numbers do not depend on those of others.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

import numpy as np

from tfjs_build.coding.trial import Array, Trial
from tfjs_build.convert.codings import Coding, rounded
from tfjs_build.convert.executor import windows
from tfjs_build.convert.executor.program import Step, Values

_DAMPING: Final = 0.5
"""Part of the mean power of the inputs that is added to each one's own: how little a few samples are trusted. Measured
on networks that were trained, with other samples than these: 0.3 to 1 is best, 3 gives most of the gain away."""

_MOST_ROWS: Final = 576
"""A kernel with more rows is rounded in parts, channels for themselves: work grows with the square of the rows."""

_MOST_PLACES: Final = 1 << 14
"""How many places of a tensor are looked at, spread over all of it."""

_BLOCK: Final = 64
_PRODUCTS: Final = frozenset({"Conv2D", "_FusedConv2D", "MatMul", "_FusedMatMul"})


def compensated(trial: Trial, codings: Mapping[str, Coding], samples: slice) -> Iterator[tuple[str, Array]]:
    """Yield, of the kernels that `codings` name, those that can be rounded so, with their numbers, which are on the
    levels of the coding."""
    program, feeds = trial.program, trial.feeds[samples]
    uses: dict[str, int] = {}
    for step in program.steps:
        for name, _ in step.inputs:
            uses[name] = uses.get(name, 0) + 1
    values = [Values() for _ in feeds]
    for at, step in enumerate(program.steps):
        kernel = step.inputs[1][0] if step.op in _PRODUCTS else ""
        if kernel in codings and uses[kernel] == 1:
            weight = trial.weight(kernel)
            inputs = [program.inputs(step, each)[0] for each in values]
            if all(_is_simple(step, x, weight) for x in inputs):
                matrix = _matrix(step, weight)
                result = np.empty_like(matrix)
                for channels in _parts(step, weight):
                    rows = _rows(matrix, channels, inputs[0].shape[-1])
                    moments = sum(each.T @ each for each in (_columns(step, x, weight, channels) for x in inputs))
                    result[rows] = _rounded(matrix[rows], moments, codings[kernel])
                yield kernel, _unfolded(step, result, weight)
        values = [program.advance(each, at, at + 1, fed, trial.weight) for each, fed in zip(values, feeds, strict=True)]


def _is_simple(step: Step, x: Array, kernel: Array) -> bool:
    """Whether each row of a kernel is multiplied with one channel of its input."""
    if "MatMul" in step.op:
        return kernel.ndim == 2 and not step.attrs.get("transpose_a")
    return bool(x.shape[-1] == kernel.shape[2])


def _parts(step: Step, kernel: Array) -> list[slice]:
    """Return the channels of the input, in parts that have so many rows of the kernel as can be rounded together."""
    window, count = _sizes(step, kernel)
    size = max(1, _MOST_ROWS // window)
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def _sizes(step: Step, kernel: Array) -> tuple[int, int]:
    """Return how many places a kernel's window has, and how many channels its input."""
    if "MatMul" in step.op:
        return 1, kernel.shape[1 if step.attrs.get("transpose_b") else 0]
    return int(np.prod(kernel.shape[:2])), kernel.shape[2]


def _rows(matrix: Array, channels: slice, count: int) -> Array:
    """Return which rows of a matrix are multiplied with these of `count` channels."""
    return np.asarray(np.arange(len(matrix)).reshape(-1, count)[:, channels].reshape(-1))


def _columns(step: Step, x: Array, kernel: Array, channels: slice) -> Array:
    """Return what the rows of a kernel for these channels are multiplied with, a row for each place."""
    x = x[..., channels]
    if "MatMul" in step.op:
        rows = x.reshape(-1, x.shape[-1])
        return np.asarray(rows[:: max(1, len(rows) // _MOST_PLACES)])
    window = kernel.shape[:2]
    strides, dilations = windows.sliding(step.attrs, x.ndim)
    x = windows.padded(x, window, strides, dilations, step.attrs)
    counts = windows.steps(x, window, strides, dilations)
    step_size = max(1, x.shape[0] * counts[0] * counts[1] // _MOST_PLACES)
    parts = [
        windows.part(x, place, counts, strides, dilations).reshape(-1, x.shape[-1])[::step_size]
        for place in product(*map(range, window))
    ]
    return np.concatenate(parts, 1)


def _matrix(step: Step, kernel: Array) -> Array:
    """Return a kernel as the matrix that its columns are multiplied with."""
    if "MatMul" in step.op:
        return kernel.T if step.attrs.get("transpose_b") else kernel
    return np.asarray(kernel.reshape(-1, kernel.shape[-1]))


def _unfolded(step: Step, matrix: Array, kernel: Array) -> Array:
    transposed = "MatMul" in step.op and step.attrs.get("transpose_b")
    return np.asarray((matrix.T if transposed else matrix).reshape(kernel.shape))


def _rounded(matrix: Array, moments: Any, coding: Coding) -> Array:
    """Return a matrix on the levels of a coding, given the second moments of what its rows are multiplied with."""
    damped = np.array(moments)
    damped[np.diag_indices(len(matrix))] += _DAMPING * float(np.diag(damped).mean()) + np.finfo(np.float64).tiny
    if not np.isfinite(damped).all() or not damped.any():
        return rounded(coding, matrix)
    # The moments as U D U', with U upper and of unit diagonal: its columns say what earlier errors ask of a row.
    upper = np.linalg.cholesky(damped[::-1, ::-1])[::-1, ::-1]
    asked = np.ascontiguousarray((upper / np.diag(upper)).T)
    errors, result = np.zeros_like(matrix), np.empty_like(matrix)
    for start in range(0, len(matrix), _BLOCK):
        stop = min(start + _BLOCK, len(matrix))
        wanted = matrix[start:stop] + asked[start:stop, :start] @ errors[:start]
        for row in range(start, stop):
            result[row] = rounded(coding, wanted[row - start] + asked[row, start:row] @ errors[start:row])
            errors[row] = matrix[row] - result[row]
    return result
