"""Fourier transforms of every rank and length."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.graph.decompose.lowering import RNG
from tests.unit.graph.running import run
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.ir import Array, Graph, Port, Value
from tfjs_build.convert.graph.simplify import simplify
from tfjs_build.errors import RefusedError

SHAPES = [(5,), (3, 5), (2, 3, 5), (2, 3, 2, 5), (2, 1, 3, 2, 5), (1, 2, 1, 2, 2, 5)]


def transformed(op: str, x: Array, lengths: list[int] | None, *, free: bool = False) -> Array:
    """Return what the decomposition of a transform gives of real or complex numbers, after what simplifies it."""
    b = Lowering()
    shape = tuple(None if free and axis < x.ndim - 1 else size for axis, size in enumerate(x.shape))
    real, imaginary = (b.input(name, shape, "float32") for name in ("real", "imaginary"))
    given = real if np.isrealobj(x) else b.Complex(real, imaginary)
    more = [] if lengths is None else [b.const(lengths, "int32")]
    y = b.node(op, [given, *more], {}, name="op")[0]
    outputs = {"y": y} if y.dtype == "float32" else {"real": b.Real(y), "imaginary": b.Imag(y)}
    ports = [Port("real", real), Port("imaginary", imaginary)]
    graph = simplify(Graph(ports, [Port(name, value) for name, value in outputs.items()]))
    result = run(graph, {"real": x.real, "imaginary": x.imag})
    return result["y"] if "y" in result else result["real"] + 1j * result["imaginary"]


def complex_numbers(*shape: int) -> Array:
    return (RNG.normal(size=shape) + 1j * RNG.normal(size=shape)).astype(np.complex64)


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("length", [1, 2, 3, 6, 7, 8, 12, 13])
def test_real_numbers_of_a_spectrum(shape: tuple[int, ...], length: int, free: bool) -> None:
    x = complex_numbers(*shape)
    result = transformed("IRFFT", x, [length], free=free)
    np.testing.assert_allclose(result, np.fft.irfft(x, length), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("length", [2, 5, 9])
def test_spectrum_of_real_numbers(shape: tuple[int, ...], length: int) -> None:
    x = RNG.normal(size=shape).astype(np.float32)
    np.testing.assert_allclose(transformed("RFFT", x, [length]), np.fft.rfft(x, length), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(300,), (2, 300), (2, 3, 300)])
@pytest.mark.parametrize("length", [513, 514, 600])
def test_long_ones(shape: tuple[int, ...], length: int) -> None:
    x = complex_numbers(*shape)
    np.testing.assert_allclose(transformed("IRFFT", x, [length]), np.fft.irfft(x, length), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(transformed("RFFT", x.real, [length]), np.fft.rfft(x.real, length), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(("length", "some"), [(8, False), (512, False), (513, True)])
def test_the_size_of_a_short_spectrum_takes_no_complex_numbers(length: int, some: bool) -> None:
    """wasm has none."""
    b = Lowering()
    x = b.input("x", (None, length), "float32")
    graph = simplify(Graph([Port("x", x)], [Port("y", b.Abs(b.RFFT(x, [length]) * b.Complex(2.0, 1.0)))]))
    assert any(value.dtype == "complex64" for node in graph.walk() for value in node.outputs) is some


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("op", ["FFT", "IFFT"])
def test_several_axes(op: str, count: int) -> None:
    x = complex_numbers(2, 3, 4, 6)
    axes = tuple(range(-count, 0))
    expected = (np.fft.fftn if op == "FFT" else np.fft.ifftn)(x, axes=axes)
    np.testing.assert_allclose(transformed(f"{op}{count}D", x, None), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("lengths", [[6, 7, 5], [3, 4, 6], [2, 5, 8]])
@pytest.mark.parametrize("count", [2, 3])
def test_several_axes_of_real_numbers(count: int, lengths: list[int]) -> None:
    axes, wanted = tuple(range(-count, 0)), lengths[-count:]
    x = RNG.normal(size=(2, 3, 4, 6)).astype(np.float32)
    spectrum = transformed(f"RFFT{count}D", x, wanted)
    np.testing.assert_allclose(spectrum, np.fft.rfftn(x, wanted, axes), rtol=1e-4, atol=1e-4)
    y = complex_numbers(2, 3, 4, 4)
    back = transformed(f"IRFFT{count}D", y, wanted)
    np.testing.assert_allclose(back, np.fft.irfftn(y, wanted, axes), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("op", ["RFFT", "IRFFT"])
def test_a_length_that_is_not_known_is_refused(op: str) -> None:
    b = Lowering("spectra")
    x: Value = b.input("x", (2, 8), "float32")
    given = x if op == "RFFT" else b.Complex(x, x)
    with pytest.raises(RefusedError) as refused:
        b.node(op, [given, b.input("length", (1,), "int32")], {}, name="spectra/op")
    assert str(refused.value).startswith(f"{op} (spectra/op): its length is not known when converting (fft_length).")
    free = b.input("free", (2, None), "float32")
    with pytest.raises(RefusedError, match="the length of its input is not known when converting"):
        b.node(op, [free if op == "RFFT" else b.Complex(free, free), b.const([8], "int32")], {}, name="spectra/op")
