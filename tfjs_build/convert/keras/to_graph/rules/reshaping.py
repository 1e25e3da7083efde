"""Rules of the layers that move, cut, pad and repeat."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, product, reshape, times, vector
from tfjs_build.convert.keras.renamed import CORNERS
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.resizing import METHODS, resize
from tfjs_build.convert.keras.to_graph.windows import channels_first, from_last, spatial, to_last
from tfjs_build.errors import SourceError


def _count(c: Context) -> int:
    return int(c.layer.class_name[-2])


@layer("Flatten")
def flatten(c: Context) -> Value:
    """One vector a sample; with channels first, as if they were last."""
    x = c.x
    rank = c.rank(x)
    if channels_first(c) and rank > 2:
        x = c.b.Transpose(x, [0, *range(2, rank), 1])
    if rank == 1:
        return c.b.ExpandDims(x, 1)
    return reshape(c.b, x, [c.size(x, 0), product(c.b, c.sizes(x)[1:])])


@layer("Reshape")
def reshape_(c: Context) -> Value:
    """Another shape for each sample; one size may be left to be found (-1, or null)."""
    x = c.x
    target = list(c.config.shape("target_shape") or ())
    c.axis(x, 0)
    sizes = c.sizes(x)
    if None in target:
        known = math.prod(size for size in target if size is not None)
        rest = product(c.b, sizes[1:])
        if target.count(None) > 1 or known == 0:
            raise SourceError(f"{c.layer.label}: expects one unknown size at most in target_shape={tuple(target)}")
        if not isinstance(rest, int):
            # Two sizes are then found when it runs: the batch's, and this one.
            whole: list[Size] = [sizes[0], *(-1 if size is None else size for size in target)]
            return c.b.Reshape(x, vector(c.b, whole))
        target = [rest // known if size is None else size for size in target]
    return reshape(c.b, x, [sizes[0], *(size for size in target if size is not None)])


@layer("Permute")
def permute(c: Context) -> Value:
    """Another order of the axes, which are counted from 1."""
    return c.b.Transpose(c.x, [0, *c.config.integers("dims")])


@layer("RepeatVector")
def repeat_vector(c: Context) -> Value:
    """A vector several times, along a new axis 1."""
    return c.b.Tile(c.b.ExpandDims(c.x, 1), [1, c.config.size("n"), 1])


@layer("Cropping1D", "Cropping2D", "Cropping3D")
def crop(c: Context) -> Value:
    """Borders cut off."""
    count = _count(c)
    pairs = c.config.pairs("cropping", count)
    begins = {axis: low for axis, (low, _) in zip(spatial(c, count), pairs, strict=True)}
    ends = {axis: -high for axis, (_, high) in zip(spatial(c, count), pairs, strict=True) if high}
    return sliced(c, c.x, begins, ends)


def sliced(c: Context, x: Value, begins: dict[int, int], ends: dict[int, int]) -> Value:
    """Return a part of a tensor; axes that are not named are whole."""
    rank = c.rank(x)
    open_begin = sum(1 << axis for axis in range(rank) if not begins.get(axis))
    open_end = sum(1 << axis for axis in range(rank) if axis not in ends)
    return c.b.StridedSlice(
        x,
        c.constant([begins.get(axis, 0) for axis in range(rank)], "int32"),
        c.constant([ends.get(axis, 0) for axis in range(rank)], "int32"),
        c.constant([1] * rank, "int32"),
        begin_mask=open_begin,
        end_mask=open_end,
    )


@layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def pad(c: Context) -> Value:
    """Zeros put on at the borders."""
    count = _count(c)
    pairs = dict(zip(spatial(c, count), c.config.pairs("padding", count), strict=True))
    return c.b.Pad(c.x, c.constant([list(pairs.get(axis, (0, 0))) for axis in range(c.rank(c.x))], "int32"))


@layer("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sample(c: Context) -> Value:
    """Every entry several times, or (2-D) what lies between entries, too."""
    count = _count(c)
    factors = c.config.sizes("size", count)
    x = c.x
    method = c.config.text("interpolation", "nearest")
    if count != 2 or method == "nearest":
        for axis, factor in zip(spatial(c, count), factors, strict=True):
            x = repeated(c, x, axis, factor)
        return x
    c.one_of("interpolation", method, METHODS)
    x = to_last(c, c.as_float(x), 2)
    target = [times(c.b, c.size(x, axis + 1), factors[axis]) for axis in range(2)]
    return from_last(c, resize(c, x, target, method, corners=c.config.boolean(CORNERS, False)), 2)


def repeated(c: Context, x: Value, axis: int, factor: int) -> Value:
    """Return every entry along an axis `factor` times."""
    if factor == 1:
        return x
    c.axis(x, axis)
    sizes = c.sizes(x)
    before, after = product(c.b, sizes[:axis]), product(c.b, sizes[axis + 1 :])
    rows = times(c.b, before, sizes[axis]) if not isinstance(before, int) or before != 1 else sizes[axis]
    many = c.b.Tile(reshape(c.b, x, [rows, 1, after]), [1, factor, 1])
    shape: Sequence[Size] = [*sizes[:axis], times(c.b, sizes[axis], factor), *sizes[axis + 1 :]]
    return reshape(c.b, many, shape)
