"""8 bits for each channel of a kernel, as other runtimes have them and TensorFlow.js has not: what that would be worth.

Its loader would have to expand them itself. The scale of a channel is that which changes its numbers least; of each
kernel that can be rounded so, errors cancel in its products as in `tfjs_build.coding.compensation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfjs_build.coding.compensation import compensated
from tfjs_build.coding.trial import Trial
from tfjs_build.convert.quantize import is_vector

_PARTS = tuple(1 - step / 20 for step in range(8))
_LEAST = 1024
_MOST = 127


class PerChannel:
    """Whole numbers from -127 to 127, with a scale for each channel."""

    dtype = "int8"

    def __init__(self, kernel: NDArray[Any], axes: Sequence[int]) -> None:
        """`axes` are those that a channel's numbers lie along."""
        across = tuple(axes)
        widest = np.abs(kernel).max(across, keepdims=True) / _MOST
        widest[widest == 0] = 1.0
        errors = []
        for part in _PARTS:
            self.scales = widest * part
            errors.append(np.square(self.decoded(self.codes(kernel)) - kernel).sum(across, keepdims=True))
        self.scales = widest * np.take(_PARTS, np.argmin(errors, 0))

    def codes(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return numbers as they would be written: of a kernel, or of one row of its matrix."""
        return np.asarray(np.clip(np.rint(numbers / self._scales(numbers)), -_MOST, _MOST))

    def decoded(self, codes: NDArray[Any]) -> NDArray[Any]:
        """Return what a page would have."""
        return np.asarray((codes * self._scales(codes)).astype(np.float32))

    def _scales(self, numbers: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(self.scales if numbers.ndim == self.scales.ndim else self.scales.reshape(-1))


def per_channel(trial: Trial, fitting: Trial) -> tuple[dict[str, NDArray[Any]], list[bytes]]:
    """Return the numbers of a graph's weights so, and the bytes of all its weights. `fitting` has the samples that
    rounding is fitted to."""
    readers = {name: step for step in trial.program.steps for name, _ in step.inputs}
    codings: dict[str, PerChannel] = {}
    data = []
    for name, weight in trial.weights.items():
        numbers = trial.weight(name)
        free = weight.dtype == "float32" and weight.integers is None and weight.size >= _LEAST
        if free and not is_vector(weight) and name in readers:
            step = readers[name]
            depthwise, transposed = "Depthwise" in step.op, bool(step.attrs.get("transpose_b"))
            axes = (0, 1) if depthwise else (1,) if transposed else tuple(range(numbers.ndim - 1))
            codings[name] = PerChannel(numbers, axes)
            data += [codings[name].codes(numbers).astype(np.int8).tobytes(), codings[name].scales.tobytes()[::2]]
        else:
            data.append(numbers.astype(np.float32).tobytes())
    found = {name: coding.decoded(coding.codes(trial.weight(name))) for name, coding in codings.items()}
    plain = {name: each for name, each in codings.items() if not readers[name].attrs.get("transpose_b")}
    rounding: Any = plain  # what it is asked for is what a Coding has
    found |= {name: numbers.astype(np.float32) for name, numbers in compensated(fitting, rounding, slice(None))}
    return found, data
