"""Spectra of more axes than the batch and the time: TensorFlow.js loses them in irfft."""

from tests.oracle.graphs.given import normal, weight
from tests.oracle.reported.suite import Theme

case = Theme(__name__).case


def _separated(tf, x, w):
    spectrum = tf.signal.rfft(x)
    wave = tf.signal.irfft(spectrum * tf.complex(0.5, 0.25))
    again = tf.math.real(tf.signal.ifft(tf.signal.fft(tf.complex(x, x * 2.0))))
    return {
        "wave": tf.transpose(wave, [0, 2, 3, 1]) @ w,
        "again": tf.transpose(again, [0, 2, 3, 1]) @ w,
        "magnitude": tf.abs(spectrum),
    }


@case("function", x=normal(1, 2, 5, 16).fixed(), w=weight(2, 2))
def transforms_of_high_rank(tf, x, w):
    """A separator of voices: spectra of rank 4 through real and inverse transforms, then transposed."""
    return _separated(tf, x, w)


@case("function", x=normal(3, 2, 5, 16).then(2, 2, 7, 16), w=weight(2, 2))
def transforms_of_high_rank_and_free_size(tf, x, w):
    """The same where neither the batch nor the number of frames is known."""
    return _separated(tf, x, w)


@case("function", x=normal(1, 2, 5, 16).fixed())
def transforms_of_high_rank_forward(tf, x):
    """Without the inverse of the real transform."""
    again = tf.math.real(tf.signal.ifft(tf.signal.fft(tf.complex(x, x * 2.0))))
    return {"again": tf.transpose(again, [0, 2, 3, 1]), "magnitude": tf.abs(tf.signal.rfft(x))}


@case("function", x=normal(16))
def transforms_of_a_vector(tf, x):
    """Without any axis but the time."""
    return {"wave": tf.signal.irfft(tf.signal.rfft(x) * 0.5)}


@case("keras3-file", name="transforms_of_keras_file", re=normal(2, 2, 5, 9), im=normal(2, 2, 5, 9))
@case("keras3", name="transforms_of_keras_export", re=normal(2, 2, 5, 9), im=normal(2, 2, 5, 9))
def transforms_of_keras(keras):
    """Keras 3's irfft, as a file and exported; a spectrum of a real signal has no imaginary part at its ends."""
    re, im = keras.Input((2, 5, 9), name="re"), keras.Input((2, 5, 9), name="im")
    inner = keras.ops.pad(im[..., 1:-1], [[0, 0], [0, 0], [0, 0], [1, 1]])
    return keras.Model([re, im], keras.layers.Dense(3, name="y")(keras.ops.irfft((re, inner))))
