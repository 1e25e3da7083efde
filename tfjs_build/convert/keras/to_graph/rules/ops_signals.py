"""Operations on signals: transforms of them, of their windows, and back."""

from __future__ import annotations

from typing import Any, Final

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context, values_in
from tfjs_build.convert.keras.to_graph.fourier import overlapped, real_inverse, short_time, transformed
from tfjs_build.convert.keras.to_graph.operands import MOST_ENTRIES, amount, integer, real, single, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.reshaping import sliced


def _parts(c: Context) -> tuple[Value, Value]:
    found = values_in(c.args[0] if c.args else c.kwargs.get("x"))
    c.require(len(found) == 2, f"expects a real and an imaginary part, got {len(found)} tensors")
    return c.as_float(found[0]), c.as_float(found[1])


@operation("FFT", "FFT2", "IFFT2")
def fft(c: Context) -> list[Value]:
    """The Fourier transform along the last axis, or the last two."""
    first, second = _parts(c)
    inverse = c.layer.class_name == "IFFT2"
    first, second = transformed(c, first, second, c.fixed(first, -1), inverse=inverse)
    if c.layer.class_name == "FFT":
        return [first, second]
    order = [*range(c.rank(first) - 2), c.rank(first) - 1, c.rank(first) - 2]
    first, second = c.b.Transpose(first, order), c.b.Transpose(second, order)
    first, second = transformed(c, first, second, c.fixed(first, -1), inverse=inverse)
    return [c.b.Transpose(first, order), c.b.Transpose(second, order)]


@operation("RFFT")
def rfft(c: Context) -> list[Value]:
    """The half of the transform of real numbers, cut or filled up to a length."""
    x = real(c)
    given: Any = c.argument(1, "fft_length", default=None)
    length = c.fixed(x, -1) if given is None else amount(c, single(c, given), "fft_length")
    rank = c.rank(x)
    if length > c.fixed(x, -1):
        x = c.b.Pad(x, c.ints([[0, 0]] * (rank - 1) + [[0, length - c.fixed(x, -1)]]))
    elif length < c.fixed(x, -1):
        x = c.b.Slice(x, c.ints([0] * rank), c.ints([-1] * (rank - 1) + [length]))
    return list(transformed(c, x, None, length, half=True))


@operation("IRFFT")
def irfft(c: Context) -> Value:
    """Real numbers from the half of their transform."""
    first, second = _parts(c)
    given: Any = c.argument(1, "fft_length", default=None)
    length = 2 * (c.fixed(first, -1) - 1) if given is None else single(c, given)
    return real_inverse(c, first, second, length)


_LENGTHS: Final = ("sequence_length", "sequence_stride", "fft_length")


@operation("STFT")
def stft(c: Context) -> list[Value]:
    """Transforms of windows."""
    sequence, stride, length = (amount(c, c.argument(9, key), key) for key in _LENGTHS)
    window = c.argument(9, "window", default="hann")
    c.require(window is None or isinstance(window, str), "its window is an array")
    center = c.flag(9, "center", default=True)
    return list(short_time(c, real(c), sequence, stride, length, window, center=center))


@operation("ISTFT")
def istft(c: Context) -> Value:
    """The signal that has these transforms of its windows."""
    first, second = _parts(c)
    sequence, stride, length = (amount(c, c.argument(9, key), key) for key in _LENGTHS)
    window = c.argument(9, "window", default="hann")
    c.require(window is None or isinstance(window, str), "its window is an array")
    y = overlapped(c, first, second, sequence, stride, length, window)
    wanted = c.argument(9, "length", default=None)
    start = length // 2 if c.flag(9, "center", default=True) else 0
    last = c.rank(y) - 1
    if wanted is not None:
        return sliced(c, y, {last: start}, {last: start + integer(c, wanted)})
    return sliced(c, y, {last: start}, {last: -start}) if start else y


@operation("ExtractSequences")
def extract_sequences(c: Context) -> Value:
    """Windows of the last axis."""
    b, x = c.b, tensor(c)
    length, stride = (amount(c, c.argument(9, key), key) for key in _LENGTHS[:2])
    count = (c.fixed(x, -1) - length) // stride + 1
    c.require(
        count > 0 and count * length <= MOST_ENTRIES,
        f"sequence_length={length} is not supported for {c.fixed(x, -1)} entries",
    )
    places = [[n * stride + m for m in range(length)] for n in range(count)]
    return b.GatherV2(x, c.ints(places), c.ints(c.rank(x) - 1))
