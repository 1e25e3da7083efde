"""Complex numbers and Fourier transforms."""

from __future__ import annotations

from typing import Final

import numpy as np

from tests.support.numpy_ops.kinds import Array, Arrays, Attrs, Op


def _real_inverse(arrays: Arrays, _attrs: Attrs) -> Array:
    """TensorFlow.js gives a matrix for all but three axes."""
    x = arrays[0]
    rows = np.fft.irfft(x.reshape(-1, x.shape[-1]), axis=-1).astype(np.float32)
    return rows.reshape(*x.shape[:-1], -1) if x.ndim == 3 else rows


SPECTRA: Final[dict[str, Op]] = {
    "Complex": lambda arrays, _attrs: arrays[0] + 1j * arrays[1],
    "Real": lambda arrays, _attrs: arrays[0].real,
    "Imag": lambda arrays, _attrs: arrays[0].imag,
    "ComplexAbs": lambda arrays, _attrs: np.hypot(arrays[0].real, arrays[0].imag),
    "FFT": lambda arrays, _attrs: np.fft.fft(arrays[0]).astype(np.complex64),
    "IFFT": lambda arrays, _attrs: np.fft.ifft(arrays[0]).astype(np.complex64),
    "RFFT": lambda arrays, _attrs: np.fft.rfft(arrays[0]).astype(np.complex64),
    "IRFFT": _real_inverse,
}
