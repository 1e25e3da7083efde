"""Operations that look up images at computed places: coordinates, perspectives, scaling with a shift."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, Final

import numpy as np

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import vector
from tfjs_build.convert.keras.hints import AS_FLOATS, ROUNDED
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.dtypes import as_dtype
from tfjs_build.convert.keras.to_graph.operands import amount, integer, integers, number, real, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.windows import from_last, to_last


@operation("MapCoordinates")
def map_coordinates(c: Context) -> Value:
    """Entries at coordinates between others, of the nearest or of all around (`map_coordinates` in
    keras/src/backend/tensorflow/image.py)."""
    b, x = c.b, tensor(c, 0, "inputs")
    places = real(c, 1, "coordinates")
    rank, order, mode = c.rank(x), c.config.get("order"), c.config.text("fill_mode", "constant")
    c.require(
        c.rank(places) > 1 and c.fixed(places, 0) == rank,
        f"expects `coordinates` of the shape [{rank}, …], a row for each axis of its input",
    )
    c.one_of("order", order, (0, 1))
    c.one_of("fill_mode", mode, _MODES)
    sizes = [c.fixed(x, axis) for axis in range(rank)]
    given = number(c, c.config.get("fill_value", 0))
    fill = c.constant(float(given if x.dtype == "float32" else integer(c, math.trunc(given))))
    corners: list[list[tuple[Value, Value | None]]] = []
    for place in b.multi("Unpack", places, num=rank, axis=0):
        if order == 0:
            corners.append([(b.Round(place), None)])
        else:
            lower = b.Floor(place)
            share = place - lower
            corners.append([(lower, 1.0 - share), (lower + 1.0, share)])
    entries = c.as_float(x)
    total: Value | None = None
    for chosen in product(*corners):
        found = _entry(b, entries, sizes, [index for index, _ in chosen], mode, fill)
        weight: Value | None = None
        for _, share_of_axis in chosen:
            if share_of_axis is not None:
                weight = share_of_axis if weight is None else weight * share_of_axis
        part = found if weight is None else weight * found
        total = part if total is None else total + part
    assert total is not None
    return total if x.dtype == "float32" else as_dtype(c, b.Round(total), x.dtype)


def _entry(b: Builder, x: Value, sizes: Sequence[int], indices: Sequence[Value], mode: str, fill: Value) -> Value:
    """Return the entries at whole places, by the mode where these lie outside."""
    at: list[Value] = []
    inside: Value | None = None
    for index, size in zip(indices, sizes, strict=True):
        if mode == "constant":
            within = b.LogicalAnd(b.GreaterEqual(index, 0.0), b.Less(index, float(size)))
            inside = within if inside is None else b.LogicalAnd(inside, within)
        at.append(b.Cast(_MODES[mode](b, index, size), DstT="int32"))
    found = b.GatherNd(x, b.Pack(*at, axis=at[0].rank or 0))
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


@operation("AffineTransform")
def affine_transform(c: Context) -> Value:
    """Images seen through a map of places."""
    transform = real(c, 1, "transform")
    transform = c.b.ExpandDims(transform, 0) if c.rank(transform) == 1 else transform
    return _projected(c, transform, c.config.text("fill_mode", "constant"))


@operation("PerspectiveTransform")
def perspective_transform(c: Context) -> Value:
    """Images seen from elsewhere: four points of the result show what is at four others of the image."""
    b = c.b
    start, end = (b.Reshape(real(c, n, name), [-1, 8]) for n, name in ((1, "start_points"), (2, "end_points")))
    return _projected(c, _homography(b, start, end), "constant")


def _projected(c: Context, transform: Value, fill_mode: str) -> Value:
    """Return images whose entries are looked up at places that `transform` ([images, 8]) gives."""
    b, x = c.b, real(c, 0, "images")
    single = c.rank(x) == 3
    x = to_last(c, b.ExpandDims(x, 0) if single else x, 2)
    settings: dict[str, Any] = {
        "interpolation": c.config.text("interpolation", "bilinear").upper(),
        "fill_mode": fill_mode.upper(),
    }
    shape = vector(b, [c.size(x, 1), c.size(x, 2)])
    fill = c.constant(c.config.number("fill_value", 0.0))
    y = from_last(c, b.ImageProjectiveTransformV3(x, transform, shape, fill, **settings), 2)
    return b.Squeeze(y, squeeze_dims=[0]) if single else y


def _homography(b: Builder, start: Value, end: Value) -> Value:
    """Return the eight numbers of the maps that take each `end` to its `start`, [maps, 8] all of them: by way of a
    square, since TensorFlow.js cannot solve the equations that Keras has for it."""
    s, e = _from_square(b, start), _from_square(b, end)
    # The inverse of the map to the end, but for a factor.
    inverse = (
        (e[4] - e[5] * e[7], e[2] * e[7] - e[1], e[1] * e[5] - e[2] * e[4]),
        (e[5] * e[6] - e[3], e[0] - e[2] * e[6], e[2] * e[3] - e[0] * e[5]),
        (e[3] * e[7] - e[4] * e[6], e[1] * e[6] - e[0] * e[7], e[0] * e[4] - e[1] * e[3]),
    )
    rows = ((s[0], s[1], s[2]), (s[3], s[4], s[5]), (s[6], s[7], b.OnesLike(s[0])))
    *numbers, last = [
        row[0] * inverse[0][column] + row[1] * inverse[1][column] + row[2] * inverse[2][column]
        for row in rows
        for column in range(3)
    ]
    return b.ConcatV2(*numbers, 1) / last


def _from_square(b: Builder, points: Value) -> list[Value]:
    """Return the eight numbers of the map that takes the corners of a unit square to four points: above, from left to
    right, and below (Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989)."""
    x0, y0, x1, y1, x3, y3, x2, y2 = b.multi("Split", 1, points, num_split=8)
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area
    return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h]


@operation("ScaleAndTranslate")
def scale_and_translate(c: Context) -> Value:
    """Axes made longer or shorter, and shifted: each is multiplied with a matrix of weights."""
    b, x = c.b, tensor(c, 0, "images")
    c.expect_dtype(x, "float32", ROUNDED, AS_FLOATS)
    target = integers(c, c.argument(1, "output_shape"), c.rank(x))
    scale, shift = real(c, 2, "scale"), real(c, 3, "translation")
    method = c.config.text("method")
    kernel = _KERNELS.get(method)
    if kernel is None:
        raise c.unsupported("method", method, _KERNELS)
    letters = string.ascii_lowercase[: c.rank(x)]
    for i, given in enumerate(integers(c, c.config.get("spatial_dims"))):
        axis = c.axis(x, given)
        of_axis = [b.GatherV2(value, i, 0) for value in (scale, shift)]
        size = amount(c, target[axis], "output_shape")
        weights = _weights(c, x, axis, size, of_axis[0], of_axis[1], kernel)
        x = b.Einsum(x, weights, equation=f"{letters},{letters[axis]}z->{letters.replace(letters[axis], 'z')}")
    return x


def _weights(
    c: Context, x: Value, axis: int, target: int, scale: Value, shift: Value, kernel: Callable[[Builder, Value], Value]
) -> Value:
    """Return [entries, entries of the result] (`_compute_weight_mat` in
    keras/src/backend/tensorflow/image.py)."""
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
