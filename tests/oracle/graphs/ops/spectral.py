"""Fourier transforms; complex numbers stay inside the graph."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import normal
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw


def _parts(tf, x):
    return [tf.math.real(x), tf.math.imag(x)]


_pair = {"a": normal(3, 8), "b": normal(3, 8)}
op("FFT", lambda tf, a, b: _parts(tf, tf.signal.fft(tf.complex(a, b))), **_pair)
op(
    "FFT",
    lambda tf, a, b: _parts(tf, tf.signal.fft(tf.complex(a, b))),
    "not-a-power-of-two",
    a=normal(3, 7),
    b=normal(3, 7),
)
op("IFFT", lambda tf, a, b: _parts(tf, tf.signal.ifft(tf.complex(a, b))), **_pair)
op("RFFT", lambda tf, x: _parts(tf, tf.signal.rfft(x)), x=normal(3, 8))
op("RFFT", lambda tf, x: _parts(tf, tf.signal.rfft(x, [12])), "longer", x=normal(3, 8))
op("RFFT", lambda tf, x: _parts(tf, tf.signal.rfft(x, [6])), "shorter", x=normal(3, 8))
op("RFFT", lambda tf, x: tf.abs(tf.signal.stft(x, 16, 8)), "spectrogram", x=normal(2, 64))
op("IRFFT", lambda tf, a, b: tf.signal.irfft(tf.complex(a, b)), a=normal(3, 5), b=normal(3, 5))
op(
    "IRFFT",
    lambda tf, x: tf.signal.irfft(tf.signal.rfft(x) * tf.complex([1.0, 1, 1, 0, 0], [0.0] * 5)),
    "filter",
    x=normal(3, 8),
)
op(
    "IRFFT",
    lambda tf, a, b: tf.signal.irfft(tf.complex(a, b), [6]),
    "shorter",
    a=normal(3, 5),
    b=normal(3, 5),
)
op(
    "IRFFT",
    lambda tf, a, b: tf.signal.irfft(tf.complex(a, b), [16]),
    "longer",
    a=normal(3, 5),
    b=normal(3, 5),
)
op(
    "IRFFT",
    lambda tf, a, b: tf.signal.irfft(tf.complex(a, b), [7]),
    "odd",
    a=normal(3, 5),
    b=normal(3, 5),
    refused=("IRFFT", "odd"),
)
op("FFT2D", lambda tf, a, b: _parts(tf, tf.signal.fft2d(tf.complex(a, b))), a=normal(2, 4, 8), b=normal(2, 4, 8))
op("IFFT2D", lambda tf, a, b: _parts(tf, tf.signal.ifft2d(tf.complex(a, b))), **_pair)
op(
    "IRFFT",
    lambda tf, x: tf.signal.irfft(tf.reverse(tf.signal.rfft(x), [1])[:, ::1] / tf.complex(2.0, 1.0)),
    "moved-and-divided",
    x=normal(3, 8),
)
op(
    "FFT",
    lambda tf, a, b: tf.abs(tf.linalg.det(tf.signal.fft(tf.complex(a, b)))),
    "of-no-counterpart",
    a=normal(8, 8).fixed(),
    b=normal(8, 8).fixed(),
    refused=("no MatrixDeterminant",),
)
op(
    "FFT",
    lambda tf, a, b: _parts(tf, tf.sqrt(tf.signal.fft(tf.complex(a, b)))),
    "square-root",
    **_pair,
    refused=("Sqrt", "complex"),
)
op("RFFT", lambda tf, x: tf.signal.dct(x), "cosine-transform", x=normal(2, 8))
