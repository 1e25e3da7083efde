"""Scales that are moved between neighbouring layers, so that the channels of a kernel fill its range alike.

What a layer gives in a channel may be divided by a scale that the next layer multiplies it with again, as long as all
that lies between is linear in each channel for positive factors: ReLU, LeakyReLU, PReLU, pools, but not ReLU6. (Nagel
et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, section 4.1.) The scales are
powers of two: as floats, all numbers that the graph gives are the same, to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tfjs_build.coding.candidates import range_for
from tfjs_build.coding.trial import Array, Trial
from tfjs_build.convert.codings import levels_of, rounded
from tfjs_build.convert.executor.program import Step
from tfjs_build.records import record

_PRODUCTS: Final = frozenset({"Conv2D", "_FusedConv2D", "MatMul", "_FusedMatMul"})
_DEPTHWISE: Final = frozenset({"DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"})
_ACTIVATIONS: Final = frozenset({"BiasAdd", "Relu", "LeakyRelu", "Prelu", "noop", "linear"})
_PASSING: Final = frozenset(
    {"Relu", "LeakyRelu", "MaxPool", "AvgPool", "Identity", "ResizeBilinear", "MirrorPad", "Pad"}
)
"""Ops that give a multiple of a channel where they are given one, whatever the channel's numbers."""

_MOST: Final = 5
"""Largest exponent of a scale: activations must stay within what half floats hold."""

_ROUNDS: Final = 8

_GAIN: Final = 0.5
"""What is left of the power of the error at most: where less is gained, as mostly, it is chance."""


@record(frozen=True)
class Pair:
    """Two kernels with the same channels between them, and what is added in between, channel by channel."""

    first: str
    second: str
    added: tuple[str, ...]
    first_axes: tuple[int, ...]
    """Axes of the first kernel that are its channels: of single channels, channel and multiplier."""
    second_axis: int


def worthwhile(trial: Trial, names: frozenset[str], stored: frozenset[str]) -> dict[str, Array]:
    """Return what `equalized` does, if rounding the weights `stored` to 8 bits then costs much less in the outputs of
    one sample, else nothing."""
    moved = equalized(trial, names)
    if not moved:
        return {}
    powers = []
    for numbers in ({}, moved):
        given = {name: numbers.get(name, trial.weight(name)) for name in stored}
        coded = {name: rounded(range_for(each), each) for name, each in given.items() if np.isfinite(each).all()}
        powers.append(trial.differences({**numbers, **coded}, slice(1)).power)
    return moved if powers[1] < _GAIN * powers[0] else {}


def equalized(trial: Trial, names: frozenset[str]) -> dict[str, Array]:
    """Return other numbers for weights, kernels of which are among `names` and no whole numbers; none if there is
    nothing to move. The graph gives the same with all of them as with its own."""
    numbers: dict[str, Array] = {}
    found = [pair for pair in pairs(trial) if {pair.first, pair.second} <= names and _is_free(trial, pair)]
    moved: dict[Pair, Array] = {}
    for _ in range(_ROUNDS):
        moves = False
        for pair in found:
            first, second = (numbers.get(name, trial.weight(name)) for name in (pair.first, pair.second))
            before = moved.get(pair, np.zeros(second.shape[pair.second_axis]))
            exponents = np.clip(before + _exponents(pair, first, second), -_MOST, _MOST)
            change = exponents - before
            if change.any():
                moves = True
                moved[pair] = exponents
                numbers |= _scaled(pair, np.exp2(change), numbers, trial)
        if not moves:
            break
    return numbers


def pairs(trial: Trial) -> list[Pair]:
    """Return the kernels between which scales can be moved, in the order of the graph."""
    program = trial.program
    kept = {name.partition(":")[0] for name in program.keep}
    readers: dict[str, list[Step]] = {}
    for step in program.steps:
        for name, _ in step.inputs:
            readers.setdefault(name, []).append(step)
    alone = {name for name, steps in readers.items() if len(steps) == 1 and name not in kept}
    found = []
    for step in program.steps:
        axes = _channels(step, trial)
        if axes and step.inputs[1][0] in alone:
            second, added = _behind(step, alone, readers, trial)
            if second is not None and all(name in alone and _is_vector(name, trial) for name in added):
                axis = _entry(second, trial)
                kernels = step.inputs[1][0], second.inputs[1][0]
                if axis is not None and kernels[1] in alone and _agree(kernels, axes, axis, trial):
                    found.append(Pair(*kernels, added, axes, axis))
    return found


def _channels(step: Step, trial: Trial) -> tuple[int, ...]:
    """Return the axes of a product's kernel that its output's channels come from; none where scales cannot be moved."""
    if step.op not in _PRODUCTS | _DEPTHWISE or step.inputs[1][0] not in trial.weights:
        return ()
    if not set(step.attrs.get("fused_ops") or ()) <= _ACTIVATIONS:
        return ()
    rank = len(trial.weights[step.inputs[1][0]].shape)
    if step.op in _DEPTHWISE:
        return (2, 3) if rank == 4 else ()
    if "MatMul" in step.op:
        return () if rank != 2 else (0,) if step.attrs.get("transpose_b") else (1,)
    return (3,) if rank == 4 else ()


def _entry(step: Step, trial: Trial) -> int | None:
    """Return the axis of a product's kernel that its input's channels meet."""
    shape = trial.weights[step.inputs[1][0]].shape
    if "MatMul" in step.op:
        transposed = bool(step.attrs.get("transpose_b"))
        return None if len(shape) != 2 or step.attrs.get("transpose_a") else int(transposed)
    return 2 if len(shape) == 4 else None


def _agree(kernels: tuple[str, str], axes: Sequence[int], axis: int, trial: Trial) -> bool:
    first, second = (trial.weights[name].shape for name in kernels)
    return int(np.prod([first[each] for each in axes])) == second[axis]


def _behind(
    step: Step, alone: set[str], readers: Mapping[str, Sequence[Step]], trial: Trial
) -> tuple[Step | None, tuple[str, ...]]:
    """Return the next product behind one, if all between them passes scales on, and the vectors that are added."""
    fused = step.attrs.get("fused_ops") or ()
    added = [step.inputs[2][0]] if "BiasAdd" in fused else []
    while step.name in alone:
        (reader,) = readers[step.name]
        at = [name for name, _ in reader.inputs].index(step.name)
        others = [name for name, _ in reader.inputs if name != step.name]
        if reader.op in _PRODUCTS | _DEPTHWISE and at == 0 and others[0] in trial.weights:
            return reader, tuple(added)
        if reader.op in ("BiasAdd", "AddV2", "Add") and len(others) == 1 and _is_vector(others[0], trial):
            added += others
        elif at != 0 or not (reader.op in _PASSING or (reader.op == "Prelu" and others[0] in trial.weights)):
            break
        step = reader
    return None, ()


def _is_vector(name: str, trial: Trial) -> bool:
    return (
        name in trial.weights
        and bool(trial.weights[name].shape)
        and trial.weights[name].size == (trial.weights[name].shape[-1])
    )


def _is_free(trial: Trial, pair: Pair) -> bool:
    """Whether none of a pair's kernels is whole numbers, which would not be that any more."""
    weights = [trial.weights[name] for name in (pair.first, pair.second, *pair.added)]
    channels = trial.weights[pair.second].shape[pair.second_axis]
    return all(weight.dtype == "float32" and weight.integers is None for weight in weights) and (
        all(weight.shape[-1] == channels for weight in weights[2:])
        and all(levels_of(weight) is None for weight in weights[:2])
    )


def _exponents(pair: Pair, first: Array, second: Array) -> Array:
    """Return, for each channel, the power of two to divide the first kernel by, and to multiply the second with."""
    outer = tuple(axis for axis in range(first.ndim) if axis not in pair.first_axes)
    inner = tuple(axis for axis in range(second.ndim) if axis != pair.second_axis)
    ranges = np.abs(first).max(outer).reshape(-1), np.abs(second).max(inner)
    some = (ranges[0] > 0) & (ranges[1] > 0)
    ratio = np.where(some, ranges[0], 1) / np.where(some, ranges[1], 1)
    # Only their ratios matter: a scale that all channels share changes nothing of how they fill the range.
    halves = np.log2(ratio) / 2
    return np.asarray(np.where(some, np.rint(halves - np.median(halves[some])) if some.any() else 0.0, 0.0))


def _scaled(pair: Pair, scales: Array, numbers: Mapping[str, Array], trial: Trial) -> dict[str, Array]:
    def of(name: str) -> Array:
        return numbers.get(name, trial.weight(name))

    first, second = of(pair.first), of(pair.second)
    shape = [size if axis in pair.first_axes else 1 for axis, size in enumerate(first.shape)]
    across = [-1 if axis == pair.second_axis else 1 for axis in range(second.ndim)]
    return {
        pair.first: first / scales.reshape(shape),
        pair.second: second * scales.reshape(across),
        **{name: of(name) / scales for name in pair.added},
    }
