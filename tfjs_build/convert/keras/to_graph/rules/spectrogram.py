"""Rules of the layers that turn sound into pictures: STFTSpectrogram and MelSpectrogram."""

from __future__ import annotations

import math

import numpy as np

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import reshape
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.fourier import short_time
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.rules.core import matmul
from tfjs_build.convert.keras.to_graph.rules.ops_arithmetic import LARGEST
from tfjs_build.convert.keras.to_graph.windows import channels_first
from tfjs_build.convert.keras.variables import VariableSpec

_EPSILON = 1e-7
_MOST_BANDS = 1 << 12


def _stft_variables(config: Config) -> list[VariableSpec]:
    mode = config.get("mode")
    parts = [part for part, without in (("real", "imag"), ("imag", "real")) if mode != without]
    return [VariableSpec(f"{part}_kernel", False) for part in parts]


@layer("STFTSpectrogram", variables=_stft_variables)
def stft_spectrogram(c: Context) -> Value:
    """Convolutions with windowed waves, which the file has as weights."""
    b, x = c.b, c.x
    mode = c.config.text("mode", "log")
    first = channels_first(c)
    x = x if first else b.Transpose(x, [0, 2, 1])
    channels = c.fixed(x, 1)
    flat = reshape(b, x, [-1, 1, c.size(x, 2), 1])
    parts = {
        part: _waves(c, flat, part, channels)
        for part, without in (("real", "imag"), ("imag", "real"))
        if mode != without
    }
    if mode in parts:
        return _arranged(c, parts[mode], first)
    real, imaginary = parts["real"], parts["imag"]
    if mode == "angle":
        return _arranged(c, b.Atan2(imaginary, real), first)
    if mode == "stft":
        return _arranged(c, c.concat([real, imaginary], 2), first)
    power = b.Square(real) + b.Square(imaginary)
    if mode == "psd":
        count = c.fixed(power, 2)
        middle = b.Slice(power, c.ints([0, 0, 1, 0]), c.ints([-1, -1, count - 2, -1]))
        return _arranged(c, power + b.Pad(middle, c.ints([[0, 0], [0, 0], [1, 1], [0, 0]])), first)
    linear = b.Sqrt(b.Maximum(power, _EPSILON))
    if mode != "magnitude":
        linear = b.Log(b.Maximum(linear, _EPSILON))
    return _arranged(c, linear, first)


def _waves(c: Context, x: Value, part: str, channels: int) -> Value:
    """Return [batch, channel, frequency, time]."""
    b = c.b
    kernel = c.any_weight(f"{part}_kernel")
    c.expect_rank(kernel, 3, "waves")
    length, _, count = kernel.static or (0, 0, 0)
    stride = c.config.get("frame_step")
    step = c.config.size("frame_step") if stride is not None else c.config.size("frame_length", length) // 2
    wide = b.Reshape(kernel, [1, length, 1, count])
    pads = c.config.text("padding", "valid").upper()
    y = b.Conv2D(x, wide, strides=[1, 1, step, 1], padding=pads, data_format="NHWC", dilations=[1] * 4)
    y = reshape(b, y, [-1, channels, c.size(y, 2), count])
    return b.Transpose(y, [0, 1, 3, 2])


def _arranged(c: Context, y: Value, first: bool) -> Value:
    """Bring [batch, channel, frequency, time] into the layer's form."""
    if c.config.boolean("expand_dims", False):
        return c.b.Transpose(y, [0, 1, 3, 2] if first else [0, 3, 2, 1])
    joined = reshape(c.b, y, [-1, c.fixed(y, 1) * c.fixed(y, 2), c.size(y, 3)])
    return joined if first else c.b.Transpose(joined, [0, 2, 1])


@layer("MelSpectrogram", floats=True)
def mel_spectrogram(c: Context) -> Value:
    """Transforms of windows, their frequencies gathered in bands of the mel scale, in decibels."""
    b, x = c.b, c.x
    length = c.config.size("fft_length", 2048)
    sequence = c.config.size("sequence_length") if c.config.get("sequence_length") is not None else length
    real, imaginary = short_time(
        c, x, sequence, c.config.size("sequence_stride", 512), length, c.config.text("window", "hann"), center=True
    )
    y = b.Sqrt(b.Square(real) + b.Square(imaginary))
    power = c.config.number("mag_exp", 2.0)
    y = b.Square(y) if power == 2 else b.Pow(y, float(power))
    y = matmul(c, y, c.constant(_bands(c, length // 2 + 1)))
    if c.config.boolean("power_to_db", True):
        least = c.config.number("min_power", 1e-10)
        reference = max(abs(c.config.number("ref_power", 1.0)), least)
        c.require(reference > 0, f"min_power={least} with ref_power=0 is not supported, only numbers above 0 are")
        y = b.Log(b.Maximum(y, least)) * (10.0 / math.log(10.0)) - 10.0 * math.log10(reference)
        top = b.Max(y, list(range(c.rank(y))))
        y = b.Maximum(y, top - c.config.number("top_db", 80.0))
    rank = c.rank(y)
    return b.Transpose(y, [*range(rank - 2), rank - 1, rank - 2])


def _bands(c: Context, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return the weights of frequencies in bands: triangles on the mel scale."""
    rate = c.config.number("sampling_rate", 16000)
    low, high = c.config.number("min_freq", 20.0), c.config.get("max_freq")
    bands = c.config.size("num_mel_bins", 128)
    c.require(bands <= _MOST_BANDS, f"num_mel_bins={bands} is not supported, only up to {_MOST_BANDS}")

    def mel(
        hertz: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.asarray(np.float32(1127.0) * np.log(np.float32(1.0) + hertz / np.float32(700.0)), np.float32)

    top = rate / 2.0 if high is None else c.config.number("max_freq")
    c.require(
        0 <= low < top < LARGEST and 0 < rate < LARGEST,
        f"expects frequencies from 0 on, the lower one first, got min_freq={low}, max_freq={top} and "
        f"sampling_rate={rate}",
    )
    frequencies = mel(np.linspace(0.0, rate / 2.0, count, dtype=np.float32)[1:])[:, None]
    first, last = mel(np.array([low, top], np.float32)).tolist()
    edges = np.linspace(first, last, bands + 2, dtype=np.float32)
    lower, center, upper = edges[:-2], edges[1:-1], edges[2:]
    with np.errstate(divide="ignore", invalid="ignore"):  # bands may be too narrow for float32, as in Keras
        rising = (frequencies - lower) / (center - lower)
        falling = (upper - frequencies) / (upper - center)
    return np.asarray(np.pad(np.maximum(0.0, np.minimum(rising, falling)), [(1, 0), (0, 0)]), np.float32)
