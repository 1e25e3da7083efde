"""Runs probes in Chromium on one backend and says, of each, whether it gave TensorFlow's numbers."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.browser.backends.page import BackendPage, array_of, described
from tfjs_build.convert.graph.backends import NO_KERNEL
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.dtypes import tfjs_dtype
from tfjs_build.convert.graph.emit import emit
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.convert.graph.portable.registry import GPU_RANK
from tfjs_build.convert.graph.traits import Traits, traits
from tools.backends.probe import Array, Computed, Fixed, Probe

TOLERANCE = 1e-3
"""Largest difference that is no fault, as a part of the largest number: sines in software are off by 2e-4."""

_AT_ONCE = 40


@dataclass(frozen=True)
class Trial:
    """A probe as a graph model, its traits, and what TensorFlow gives."""

    traits: Traits
    job: Mapping[str, Any]
    expected: tuple[Array, ...]


def trials(probes: Sequence[Probe], numbers: Mapping[str, Array]) -> Iterator[Trial]:
    """Yield the probes that TensorFlow ran, as graph models."""
    for index, probe in enumerate(probes):
        expected: list[Array] = []
        while f"{index}/{len(expected)}" in numbers:
            expected.append(numbers[f"{index}/{len(expected)}"])
        if expected:
            trial = _trial(str(index), probe, tuple(expected))
            if trial is not None:
                yield trial


def _trial(name: str, probe: Probe, expected: tuple[Array, ...]) -> Trial | None:
    b = Builder()
    fed = {
        f"x{place}": each.array if isinstance(each, Computed) else each
        for place, each in enumerate(probe.inputs)
        if not isinstance(each, Fixed)
    }
    ports = [Port(key, b.input(key, array.shape, _dtype(array))) for key, array in fed.items()]
    values = iter(port.value for port in ports)
    inputs = [
        b.const(each.array)
        if isinstance(each, Fixed)
        else b.AddV2(next(values), 1.0)
        if isinstance(each, Computed)
        else next(values)
        for each in probe.inputs
    ]
    given = [(array.shape, _dtype(array)) for array in expected]
    places = probe.outputs or range(len(expected))
    every = [given[places.index(place)] if place in places else ((), "float32") for place in range(max(places) + 1)]
    outputs = b.node(probe.op, inputs, probe.attrs, name="probed", given=every)
    node = outputs[0].node
    if node.op != probe.op:
        return None  # what is known when converting never reaches a backend
    emitted = emit(Graph(ports, [Port(f"y{place}", outputs[place]) for place in places]))
    data = b"".join(_bytes(block) for weight in emitted.weights for block in weight.blocks())
    job = {
        "id": name,
        "topology": emitted.topology,
        "specs": [{"name": w.name, "shape": list(w.shape), "dtype": w.dtype} for w in emitted.weights],
        "weights": base64.b64encode(data).decode(),
        "inputs": {key: described(array) for key, array in fed.items()},
        "outputs": [spec.node for spec in emitted.signature.outputs],
        "asynchronous": emitted.asynchronous,
    }
    return Trial(traits(node), job, expected)


def _bytes(block: Array) -> bytes:
    """Return weights as TensorFlow.js reads them: a string has its length in front (`decodeWeights` in tfjs-core)."""
    if block.dtype.kind != "O":
        return block.tobytes()
    texts = [text if isinstance(text, bytes) else str(text).encode() for text in block.ravel()]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def _dtype(array: Array) -> str:
    return "string" if array.dtype.kind in "OSU" else tfjs_dtype(array.dtype.name)


def faults(page: BackendPage, all_trials: Sequence[Trial]) -> Iterator[tuple[Trial, str | None]]:
    """Yield each trial with what is wrong with it on the page's backend, None where nothing is.

    A shader that webgpu refuses spoils what comes next, too: wrong numbers of a rank that kernels are given count only
    if they are wrong in a new page as well.
    """
    for start in range(0, len(all_trials), _AT_ONCE):
        some = all_trials[start : start + _AT_ONCE]
        for trial, result in zip(some, page.run_all([trial.job for trial in some]), strict=True):
            fault = _fault(trial, result)
            low = (trial.traits.rank or 0) <= GPU_RANK
            if page.backend == "webgpu" and low and fault is not None and how(fault) == "wrong":
                page.restart()
                [result] = page.run_all([trial.job])
                fault = _fault(trial, result)
            yield trial, fault


def _fault(trial: Trial, result: Mapping[str, Any]) -> str | None:
    if "error" in result:
        text = str(result["error"])
        return NO_KERNEL if "not registered" in text or "not found in registry" in text else f"throws {text[:120]}"
    for (name, tensor), want in zip(result["outputs"], trial.expected, strict=True):
        if tensor["shape"] != list(want.shape):  # which may hold NaN or null
            return f"wrong: shape {tensor['shape']} instead of {list(want.shape)}"
        got = array_of(tensor)
        if got.dtype.kind in "OSU":
            texts = [v.decode() if isinstance(v, bytes) else str(v) for v in want.ravel()]
            if [str(v) for v in got.ravel()] != texts:
                return f"wrong: {name}"
            continue
        if want.size and (problem := _difference(got, want)):
            return f"wrong: {problem}"
    return None


def how(fault: str) -> str:
    """Return a fault in a word, as the table has it."""
    return NO_KERNEL if fault.startswith(NO_KERNEL) else fault.split()[0].rstrip(":")


def _difference(got: Array, want: Array) -> str | None:
    a, b = got.astype(np.complex128), want.astype(np.complex128)
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(a[finite]).all():
        return "NaN or infinities elsewhere"
    error, largest = np.abs(a[finite] - b[finite]).max(initial=0.0), np.abs(b[finite]).max(initial=0.0)
    return f"off by {error:.3g} of {largest:.3g}" if error > TOLERANCE * max(largest, 1e-9) else None
