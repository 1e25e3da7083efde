"""Rounds the numbers of a kernel so that their errors cancel in what comes out of it.

Row by row: what rounding one row of a kernel changes in its products is taken off by the rows that are not rounded yet,
as far as what they are multiplied with goes along with it. That takes the second moments of the kernel's inputs, which
are those of the samples. (Frantar et al., GPTQ, 2023, algorithm 1; the moments here are the unrounded graph's, so that
one kernel's numbers do not depend on those of others.)
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

_MOST_ROWS: Final = 2304
"""Of kernels with more rows the moments would be larger than the kernel: 3 x 3 x 256."""

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
            inputs = [_columns(step, program.inputs(step, each)[0], trial.weight(kernel)) for each in values]
            if inputs and all(each is not None for each in inputs):
                matrix = _matrix(step, trial.weight(kernel))
                moments = sum(each.T @ each for each in inputs if each is not None)
                yield kernel, _unfolded(step, _rounded(matrix, moments, codings[kernel]), trial.weight(kernel))
        values = [program.advance(each, at, at + 1, fed, trial.weight) for each, fed in zip(values, feeds, strict=True)]


def _columns(step: Step, x: Array, kernel: Array) -> Array | None:
    """Return what the rows of a kernel are multiplied with, a row for each place; None where that is too much."""
    if "MatMul" in step.op:
        if step.attrs.get("transpose_a") or kernel.ndim != 2 or x.shape[-1] > _MOST_ROWS:
            return None
        rows = x.reshape(-1, x.shape[-1])
    else:
        window = kernel.shape[:2]
        if x.shape[-1] != kernel.shape[2] or int(np.prod(kernel.shape[:3])) > _MOST_ROWS:
            return None
        strides, dilations = windows.sliding(step.attrs, x.ndim)
        x = windows.padded(x, window, strides, dilations, step.attrs)
        counts = windows.steps(x, window, strides, dilations)
        step_size = max(1, x.shape[0] * counts[0] * counts[1] // _MOST_PLACES)
        parts = [
            windows.part(x, place, counts, strides, dilations).reshape(-1, x.shape[-1])[::step_size]
            for place in product(*map(range, window))
        ]
        return np.concatenate(parts, 1)
    return np.asarray(rows[:: max(1, len(rows) // _MOST_PLACES)])


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
    count = len(matrix)
    damped = np.array(moments)
    damped[np.diag_indices(count)] += _DAMPING * float(np.diag(damped).mean()) + np.finfo(np.float64).tiny
    if not np.isfinite(damped).all() or not damped.any():
        return rounded(coding, matrix)
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T
    matrix, result = matrix.copy(), np.empty_like(matrix)
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        errors = np.zeros((stop - start, matrix.shape[1]))
        for row in range(start, stop):
            result[row] = rounded(coding, matrix[row])
            errors[row - start] = (matrix[row] - result[row]) / upper[row, row]
            matrix[row + 1 : stop] -= np.outer(upper[row, row + 1 : stop], errors[row - start])
        matrix[stop:] -= upper[start:stop, stop:].T @ errors
    return result
