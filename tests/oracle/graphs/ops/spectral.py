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

for _shape in ((8,), (2, 3, 8), (2, 3, 2, 8), (2, 1, 3, 2, 8), (1, 2, 1, 2, 2, 8)):
    _rank, _half = f"rank-{len(_shape)}", (*_shape[:-1], 5)
    op("FFT", lambda tf, a, b: _parts(tf, tf.signal.fft(tf.complex(a, b))), _rank, a=normal(*_shape), b=normal(*_shape))
    op(
        "IFFT",
        lambda tf, a, b: _parts(tf, tf.signal.ifft(tf.complex(a, b))),
        _rank,
        a=normal(*_shape),
        b=normal(*_shape),
    )
    op("RFFT", lambda tf, x: _parts(tf, tf.signal.rfft(x)), _rank, x=normal(*_shape))
    op("RFFT", lambda tf, x: _parts(tf, tf.signal.rfft(x, [6])), f"{_rank}-shorter", x=normal(*_shape))
    op("IRFFT", lambda tf, a, b: tf.signal.irfft(tf.complex(a, b)), _rank, a=normal(*_half), b=normal(*_half))
    op(
        "IRFFT",
        lambda tf, a, b: tf.signal.irfft(tf.complex(a, b), [12]),
        f"{_rank}-longer",
        a=normal(*_half),
        b=normal(*_half),
    )
for _length in (1, 2, 3):
    op(
        "IRFFT",
        lambda tf, a, b, n=_length: tf.signal.irfft(tf.complex(a, b), [n]),
        f"length-{_length}",
        a=normal(3, 2),
        b=normal(3, 2),
    )
op(
    "IRFFT",
    lambda tf, a, b: tf.transpose(tf.signal.irfft(tf.complex(a, b), [7]), [2, 0, 3, 1]),
    "odd-and-free",
    a=normal(2, 3, 2, 4).free(1, 2),
    b=normal(2, 3, 2, 4).free(1, 2),
)
op(
    "IRFFT",
    lambda tf, a, b: tf.signal.irfft(tf.complex(a, b)),
    "no-batch",
    a=normal(0, 3, 5).then(2, 3, 5),
    b=normal(0, 3, 5).then(2, 3, 5),
)
op(
    "IRFFT",
    lambda tf, x: tf.signal.inverse_stft(tf.signal.stft(x, 16, 8), 16, 8),
    "overlapping",
    x=normal(2, 3, 64),
)
op(
    "RFFT",
    lambda tf, x: _parts(tf, tf.signal.rfft(x)),
    "of-free-length",
    x=normal(2, 8).free(1),
    refused=("RFFT", "its length is not known when converting"),
)
op("FFT3D", lambda tf, a, b: _parts(tf, tf.signal.fft3d(tf.complex(a, b))), a=normal(2, 3, 4, 8), b=normal(2, 3, 4, 8))
op("IFFT3D", lambda tf, a, b: _parts(tf, tf.signal.ifft3d(tf.complex(a, b))), a=normal(3, 4, 8), b=normal(3, 4, 8))
for _count in (2, 3):
    _given = normal(2, 3, 4, 8)
    _name, _lengths = f"rfft{_count}d", [6, 7, 5][-_count:]
    op(_name.upper(), lambda tf, x, f=_name: _parts(tf, getattr(tf.signal, f)(x)), x=_given)
    op(
        _name.upper(),
        lambda tf, x, f=_name, n=_lengths: _parts(tf, getattr(tf.signal, f)(x, n)),
        "other-lengths",
        x=_given,
    )
    op(
        f"I{_name.upper()}",
        lambda tf, a, b, f=f"i{_name}": getattr(tf.signal, f)(tf.complex(a, b)),
        a=normal(2, 3, 4, 5),
        b=normal(2, 3, 4, 5),
    )
    op(
        f"I{_name.upper()}",
        lambda tf, a, b, f=f"i{_name}", n=_lengths: getattr(tf.signal, f)(tf.complex(a, b), n),
        "other-lengths",
        a=normal(2, 3, 4, 5),
        b=normal(2, 3, 4, 5),
    )
