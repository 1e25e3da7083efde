"""A published graph on samples, with its own weights and with others: how far apart the outputs are.

All of it in float64: what is chosen by these numbers must be the same on every machine, and float32's sums are not.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.executor.program import Program, Step, UnsupportedError, Values, program_of
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts, Signature, Weight
    from tfjs_build.samples import Group

Array = NDArray[Any]
Weights = Mapping[str, Array]
"""Numbers that stand in for weights, by their names."""

_LOOSE: Final = 1e-30

_FEWEST: Final = 2
"""How many samples are run in any case: one to fit to, one to judge by."""

_MOST_WORK: Final = 1 << 30
"""Multiplications after which there are no more samples: a count, since time would be another on every machine."""


@record(frozen=True)
class Difference:
    """Of one output: the largest error as a part of the largest number (of entries that are whole numbers, how many are
    others), and the power of the error as a part of the power of the numbers, or of those that they were made from."""

    output: str
    largest: float
    power: float


@record(frozen=True)
class Differences:
    """How far all outputs are from those that they should be."""

    outputs: Sequence[Difference]

    @property
    def worst(self) -> Difference:
        """The output that is furthest off."""
        return max(self.outputs, key=lambda each: each.largest)

    @property
    def largest(self) -> float:
        """The largest error of any output, as a part of that output's largest number."""
        return self.worst.largest

    @property
    def power(self) -> float:
        """The power of all errors; those of several weights add up."""
        return sum(each.power for each in self.outputs)


class Trial:
    """A graph that is run on samples. Raises UnsupportedError where it does not run here."""

    def __init__(self, artifacts: ModelArtifacts, signature: Signature, samples: Sequence[Group]) -> None:
        if artifacts.format != "graph":
            raise UnsupportedError("a model of layers")
        if artifacts.initializer is not None:
            raise UnsupportedError("a graph with tables")
        nodes = [spec.node for spec in signature.outputs]
        self.program: Program = program_of(artifacts.topology, [*nodes, *_logits(artifacts.topology, nodes)])
        self.names = [spec.name for spec in signature.outputs]
        self.weights = {weight.name: weight for weight in artifacts.weights}
        self.feeds: list[dict[str, Array]] = []
        self.expected: list[list[Array]] = []
        work = 0
        for sample in samples:
            if len(self.feeds) < _FEWEST or work < _MOST_WORK:
                self.feeds.append({spec.node: _wide(sample[spec.name]) for spec in signature.inputs})
                outputs, multiplications = self._first(self.feeds[-1])
                self.expected.append(outputs)
                work += multiplications
        if not any(
            np.isfinite(array).all() for arrays in self.expected for array in arrays if array.dtype.kind in "fi"
        ):
            raise UnsupportedError("outputs that are no numbers for these samples")

    def _first(self, feeds: Mapping[str, Array]) -> tuple[list[Array], int]:
        """Run the graph with its own weights; return the outputs, and how many multiplications kernels took."""
        program, values, work = self.program, Values(), 0
        for at, step in enumerate(program.steps):
            values = program.advance(values, at, at + 1, feeds, self.weight)
            if ("Conv" in step.op or "MatMul" in step.op) and step.name in values:
                (output, *_), kernel = values[step.name], self.weights.get(step.inputs[1][0])
                work += output.size * kernel.size // max(1, output.shape[-1]) if kernel is not None else 0
        return program.outputs(values), work

    def weight(self, name: str) -> Array:
        """Return a weight's own numbers. They are widened each time: kept, they would be most of the memory."""
        return _wide(array_of(self.weights[name]))

    def moved(self, weights: Mapping[str, Weight]) -> Trial:
        """Return the same with other weights that give the same outputs."""
        other = copy.copy(self)
        other.weights = dict(weights)
        return other

    def constants(self, others: Weights) -> Callable[[str], Array]:
        """Return what gives weights: others, where there are such."""
        return lambda name: _wide(others[name]) if name in others else self.weight(name)

    def differences(self, others: Weights, samples: slice = slice(None)) -> Differences:
        """Return what other weights do to the outputs."""
        constants = self.constants(others)
        given = [self.program.run(feeds, constants) for feeds in self.feeds[samples]]
        return self._compared(self.expected[samples], given)

    def each_alone(self, others: Mapping[str, Callable[[], Array]], samples: slice) -> Iterator[tuple[str, float]]:
        """Yield, for each of other weights, the power of the errors that it alone makes. The steps before it are not
        run again."""
        powers = dict.fromkeys(others, 0.0)
        for feeds, expected in zip(self.feeds[samples], self.expected[samples], strict=True):
            program, values, own = self.program, Values(), self.weight
            for at, step in enumerate(program.steps):
                if step.name in others:
                    other = {step.name: others[step.name]()}
                    after = program.advance(values, at, len(program.steps), feeds, self.constants(other))
                    powers[step.name] += self._compared([expected], [program.outputs(after)]).power
                values = program.advance(values, at, at + 1, feeds, own)
        yield from powers.items()

    def steps(self) -> Sequence[Step]:
        """Return the nodes in the order in which they run."""
        return self.program.steps

    def _compared(self, expected: Sequence[Sequence[Array]], given: Sequence[Sequence[Array]]) -> Differences:
        def of(at: int) -> Difference:
            name = self.names[at % len(self.names)]
            return difference(name, [each[at] for each in expected], [each[at] for each in given])

        count = len(self.names)
        return Differences([replace(of(at), power=of(count + at).power) for at in range(count)])


def _logits(topology: Mapping[str, Any], outputs: Sequence[str]) -> list[str]:
    """Return, for each output, what probabilities are made from, or the output itself: where a network is sure, its
    probabilities hardly tell what became of the weights."""
    nodes = {node["name"]: node for node in topology["node"]}
    found = []
    for output in outputs:
        name = output
        while (node := nodes.get(name, {})).get("op") in ("Identity", "Reshape"):
            name = node["input"][0]
        found.append(node["input"][0] if node.get("op") in ("Softmax", "Sigmoid") else output)
    return found


def difference(name: str, expected: Sequence[Array], given: Sequence[Array]) -> Difference:
    """Return how far an output is off, in the worst of some samples. A number that is none any more is wholly off."""
    largest = power = 0.0
    for b, a in zip(expected, given, strict=True):
        if a.shape != b.shape:
            return Difference(name, 1.0, 1.0)
        if not b.size or b.dtype.kind not in "fc":
            share = float(np.mean(a != b)) if b.size else 0.0
            largest, power = max(largest, share), power + share
            continue
        finite = np.isfinite(b) & np.isfinite(a)
        if (np.isfinite(b) & ~finite).any():
            largest, power = max(largest, 1.0), power + 1.0
        error = np.abs(
            np.where(finite, a, 0).astype(np.complex128 if b.dtype.kind == "c" else np.float64) - np.where(finite, b, 0)
        )
        size = np.abs(np.where(finite, b, 0))
        largest = max(largest, float(error.max()) / (float(size.max()) + _LOOSE))
        power += float(np.square(error).sum()) / (float(np.square(size.astype(np.float64)).sum()) + _LOOSE)
    return Difference(name, largest, power)


def _wide(array: Array) -> Array:
    return array.astype(np.float64) if array.dtype == np.float32 else array


def array_of(weight: Weight) -> Array:
    """Return a weight's numbers in its shape."""
    blocks = [np.asarray(block) for block in weight.blocks()]
    whole = blocks[0] if len(blocks) == 1 else np.concatenate(blocks) if blocks else np.zeros(0, weight.dtype)
    return whole.reshape(weight.shape)
