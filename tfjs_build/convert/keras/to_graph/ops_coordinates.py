"""Operations that look up images at computed places: coordinates, perspectives, scaling with a shift."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import vector
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.dtypes import as_dtype
from tfjs_build.convert.keras.to_graph.operands import integers, number, real, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.windows import channels_first


@operation("MapCoordinates")
def map_coordinates(c: Context) -> Value:
    """Entries at places between others, of the nearest or of all around (`map_coordinates` in Keras's backend)."""
    b, x = c.b, tensor(c, 0, "inputs")
    places = real(c, 1, "coordinates")
    rank, order, mode = c.rank(x), c.config.get("order"), c.config.text("fill_mode", "constant")
    c.require(c.rank(places) > 1 and c.fixed(places, 0) == rank, "its coordinates are not one for each axis")
    c.require(order in (0, 1), "its order is neither 0 nor 1")
    c.require(mode in _MODES, f"its fill_mode `{mode}` is not Keras's")
    sizes = [c.fixed(x, axis) for axis in range(rank)]
    given = number(c, c.config.get("fill_value", 0))
    fill = c.constant(float(given if x.dtype == "float32" else int(given)))
    corners: list[list[tuple[Value, Value | None]]] = []
    for place in b.multi("Unpack", places, num=rank, axis=0):
        if order == 0:
            corners.append([(b.Round(place), None)])
        else:
            lower = b.Floor(place)
            share = place - lower
            corners.append([(lower, 1.0 - share), (lower + 1.0, share)])
    flat = c.as_float(b.Reshape(x, [-1]))
    total: Value | None = None
    for chosen in product(*corners):
        found = _entry(b, flat, sizes, [index for index, _ in chosen], mode, fill)
        weight: Value | None = None
        for _, share_of_axis in chosen:
            if share_of_axis is not None:
                weight = share_of_axis if weight is None else weight * share_of_axis
        part = found if weight is None else weight * found
        total = part if total is None else total + part
    assert total is not None
    return total if x.dtype == "float32" else as_dtype(c, b.Round(total), x.dtype)


def _entry(b: Builder, flat: Value, sizes: Sequence[int], indices: Sequence[Value], mode: str, fill: Value) -> Value:
    """Return the entries at whole places, by the mode where these lie outside."""
    at: Value | None = None
    inside: Value | None = None
    for index, size in zip(indices, sizes, strict=True):
        if mode == "constant":
            within = b.LogicalAnd(b.GreaterEqual(index, 0.0), b.Less(index, float(size)))
            inside = within if inside is None else b.LogicalAnd(inside, within)
        step = b.Cast(_MODES[mode](b, index, size), DstT="int32")
        at = step if at is None else at * size + step
    assert at is not None
    found = b.GatherV2(flat, at, 0)
    return found if inside is None else b.SelectV2(inside, found, fill)


def _held(b: Builder, index: Value, size: int) -> Value:
    return b.Minimum(b.Maximum(index, 0.0), float(size - 1))


def _turned(shift: float) -> Callable[[Builder, Value, int], Value]:
    """Return the modes that go back and forth; Keras counts both ends twice in `reflect`, and one in `mirror`."""

    def mapped(b: Builder, index: Value, size: int) -> Value:
        place = b.FloorMod(b.Abs(index), 2.0 * size)
        return b.SelectV2(b.Less(place, float(size)), place, 2.0 * size - shift - place)

    return mapped


_MODES: Final[dict[str, Callable[[Builder, Value, int], Value]]] = {
    "constant": _held,
    "nearest": _held,
    "wrap": lambda b, index, size: b.FloorMod(index, float(size)),
    "mirror": _turned(0.0),
    "reflect": _turned(1.0),
}


@operation("PerspectiveTransform")
def perspective_transform(c: Context) -> Value:
    """Images seen from elsewhere: four points of the result are where four others were."""
    b, x = c.b, real(c, 0, "images")
    single = c.rank(x) == 3
    x = b.ExpandDims(x, 0) if single else x
    first = channels_first(c)
    x = b.Transpose(x, [0, 2, 3, 1]) if first else x
    start, end = (_points(c, position, name) for position, name in ((1, "start_points"), (2, "end_points")))
    settings = {"interpolation": c.config.text("interpolation", "bilinear").upper(), "fill_mode": "CONSTANT"}
    shape = vector(b, [c.size(x, 1), c.size(x, 2)])
    fill = c.constant(number(c, c.config.get("fill_value", 0)))
    y = b.ImageProjectiveTransformV3(x, c.constant(homography(start, end)), shape, fill, **settings)
    y = b.Transpose(y, [0, 3, 1, 2]) if first else y
    return b.Squeeze(y, squeeze_dims=[0]) if single else y


def _points(c: Context, position: int, name: str) -> NDArray[np.float64]:
    given: Any = c.argument(position, name)
    if isinstance(given, Value):
        c.require(given.constant is not None, "its points are not constant, and TensorFlow.js cannot solve for its map")
        given = given.constant.array() if given.constant is not None else given
    points = np.asarray(given, np.float32).astype(np.float64)
    c.require(points.shape[-2:] == (4, 2) and points.ndim in (2, 3), "its points are not four")
    return points.reshape(-1, 4, 2)


def homography(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the eight numbers of the maps that take each `end` to its `start` ([maps, 4, 2] both)."""
    x, y = end[..., 0], end[..., 1]
    one, nil = np.ones_like(x), np.zeros_like(x)
    across = [x, y, one, nil, nil, nil, -start[..., 0] * x, -start[..., 0] * y]
    down = [nil, nil, nil, x, y, one, -start[..., 1] * x, -start[..., 1] * y]
    matrix = np.stack([np.stack(across, -1), np.stack(down, -1)], 2).reshape(-1, 8, 8)
    return np.linalg.solve(matrix, start.reshape(-1, 8, 1))[..., 0].astype(np.float32)


@operation("ScaleAndTranslate")
def scale_and_translate(c: Context) -> Value:
    """Axes made longer or shorter, and shifted: each is multiplied with a matrix of weights."""
    b, x = c.b, tensor(c, 0, "images")
    c.require(x.dtype == "float32", "it rounds to integers, halves of which TensorFlow.js computes otherwise")
    target = integers(c, c.argument(1, "output_shape"))
    scale, shift = real(c, 2, "scale"), real(c, 3, "translation")
    method = c.config.text("method")
    kernel = _KERNELS.get(method)
    if kernel is None:
        raise c.refuse(f"its method `{method}` is not Keras's")
    letters = string.ascii_lowercase[: c.rank(x)]
    for i, given in enumerate(integers(c, c.config.get("spatial_dims"))):
        axis = c.axis(x, given)
        of_axis = [b.GatherV2(value, i, 0) for value in (scale, shift)]
        weights = _weights(c, x, axis, target[axis], of_axis[0], of_axis[1], kernel)
        x = b.Einsum(x, weights, equation=f"{letters},{letters[axis]}z->{letters.replace(letters[axis], 'z')}")
    return x


def _weights(
    c: Context, x: Value, axis: int, target: int, scale: Value, shift: Value, kernel: Callable[[Builder, Value], Value]
) -> Value:
    """Return [entries, entries of the result] (`_compute_weight_mat` in Keras's backend)."""
    b = c.b
    size = c.size(x, axis)
    inverse = 1.0 / scale
    at = (c.constant(np.arange(target)) + 0.5) * inverse - shift * inverse - 0.5
    count = b.Cast(c.ints(size) if isinstance(size, int) else size, DstT="float32")
    places = b.Cast(b.Range(0, size, 1), DstT="float32")
    distance = b.Abs(at - b.ExpandDims(places, 1))
    if c.config.boolean("antialias", True):
        distance = distance / b.Maximum(inverse, 1.0)
    weights = kernel(b, distance)
    total = b.Sum(weights, [0], keep_dims=True)
    enough = b.Greater(b.Abs(total), 1000.0 * float(np.finfo(np.float32).eps))
    inside = b.LogicalAnd(b.GreaterEqual(at, -0.5), b.LessEqual(at, count - 0.5))
    kept = b.LogicalAnd(enough, inside)
    return b.SelectV2(kept, weights / b.SelectV2(kept, total, b.OnesLike(total)), b.ZerosLike(weights))


def _cubic(b: Builder, x: Value) -> Value:
    near = ((1.5 * x - 2.5) * x) * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    y = b.SelectV2(b.GreaterEqual(x, 1.0), far, near)
    return b.SelectV2(b.GreaterEqual(x, 2.0), b.ZerosLike(y), y)


def _lanczos(radius: float) -> Callable[[Builder, Value], Value]:
    def kernel(b: Builder, x: Value) -> Value:
        wave = radius * b.Sin(np.pi * x) * b.Sin(np.pi * x / radius)
        apart = b.Greater(x, 1e-3)
        y = wave / b.SelectV2(apart, b.Square(x) * np.pi**2, b.OnesLike(x))
        y = b.SelectV2(apart, y, b.OnesLike(y))
        return b.SelectV2(b.Greater(x, radius), b.ZerosLike(y), y)

    return kernel


_KERNELS: Final[dict[str, Callable[[Builder, Value], Value]]] = {
    **dict.fromkeys(("linear", "bilinear", "trilinear"), lambda b, x: b.Maximum(1.0 - x, 0.0)),
    **dict.fromkeys(("cubic", "bicubic", "tricubic"), _cubic),
    "lanczos3": _lanczos(3.0),
    "lanczos5": _lanczos(5.0),
}
