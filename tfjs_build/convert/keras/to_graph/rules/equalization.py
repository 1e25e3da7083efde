"""The layer that equalizes the histograms of an image's tiles, with limited contrast (CLAHE)."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import product, reshape, vector
from tfjs_build.convert.keras.hints import AS_FLOATS
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.rules.images import moved_to, range_of
from tfjs_build.convert.keras.to_graph.windows import from_last, to_last

Places: TypeAlias = "NDArray[np.int64]"

_LEVELS: Final = 256


@layer("ContrastLimitedAdaptiveHistogramEqualization")
def clahe(c: Context) -> Value:
    """Each level of brightness becomes its place among those of the tiles around (`_clahe` in
    keras/src/layers/preprocessing/image_preprocessing/clahe.py)."""
    b = c.b
    c.expect_images(c.x)
    c.expect_dtype(c.x, "float32", "of integers Keras cuts off the results' fractions", AS_FLOATS)
    limits = range_of(c)
    x = moved_to(to_last(c, c.x, 2), limits, (0.0, 255.0))
    height, width = c.fixed(x, 1), c.fixed(x, 2)
    grid = c.config.sizes("tile_grid_size", 2, (8, 8))
    tile = [-(-size // count) for size, count in zip((height, width), grid, strict=True)]
    missing = [tile[axis] * grid[axis] - size for axis, size in enumerate((height, width))]
    if max(missing):
        c.require(
            missing[0] <= height and missing[1] <= width,
            f"tile_grid_size={grid} is not supported for images of {height} × {width}, which are too small for it",
        )
        x = b.MirrorPad(x, c.ints([[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]]), mode="SYMMETRIC")
    levels = b.Cast(b.ClipByValue(x, 0.0, 255.0), DstT="int32")
    y = _interpolated(c, _mappings(c, levels, grid, tile), levels, grid, tile)
    y = b.Slice(y, c.ints([0, 0, 0, 0]), c.ints([-1, height, width, -1]))
    return from_last(c, moved_to(y, (0.0, 255.0), limits), 2)


def _mappings(c: Context, levels: Value, grid: tuple[int, ...], tile: list[int]) -> Value:
    """Return what each level becomes in each tile, as [image, tile row, tile column, channel, level]."""
    b = c.b
    images, channels, area = c.size(levels, 0), c.fixed(levels, 3), tile[0] * tile[1]
    parts = reshape(b, levels, [images, grid[0], tile[0], grid[1], tile[1] * channels])
    # TensorFlow.js has no more than six axes: the tile's columns and the channels are taken apart after the exchange.
    parts = b.Transpose(parts, [0, 1, 3, 2, 4])
    tiles = product(b, [images, grid[0] * grid[1]])
    parts = b.Transpose(reshape(b, parts, [tiles, area, channels]), [0, 2, 1])
    lines = product(b, [tiles, channels])
    entries = reshape(b, parts, [lines, area])
    line = b.ZerosLike(entries) + b.ExpandDims(b.Range(0, lines, 1), 1)
    pairs = b.Reshape(b.Pack(line, entries, axis=2), [-1, 2])
    ones = b.Cast(b.Reshape(b.OnesLike(entries), [-1]), DstT="float32")
    counts = b.ScatterNd(pairs, ones, vector(b, [lines, _LEVELS]))
    clip = c.config.number("clip_limit", 4.0)
    if clip > 0:
        kept = b.Minimum(counts, float(np.float32(clip * area / _LEVELS)))
        counts = kept + b.Sum(counts - kept, [1], keep_dims=True) / float(_LEVELS)
    below = b.Cumsum(counts, c.ints(1))
    least = b.Min(below, [1], keep_dims=True)
    span = float(area) - least
    span = b.SelectV2(b.Equal(span, 0.0), b.OnesLike(span), span)
    y = b.ClipByValue((below - least) * 255.0 / span, 0.0, 255.0)
    return reshape(b, y, [images, grid[0], grid[1], channels, _LEVELS])


def _interpolated(c: Context, mappings: Value, levels: Value, grid: tuple[int, ...], tile: list[int]) -> Value:
    """Return what pixels become by the mappings of the four tiles around, which weigh by how near they are."""
    b = c.b
    channels = c.fixed(levels, 3)
    # Tile and level are two numbers: half-float textures would round one for both.
    table = b.Reshape(mappings, [-1, channels * _LEVELS])
    first = b.Reshape(b.Range(0, c.size(levels, 0), 1) * int(np.prod(grid)), [-1, 1, 1, 1])
    level = levels + c.constant(np.arange(channels) * _LEVELS, "int32")
    tiles = b.ZerosLike(levels) + first
    (top, bottom, lower), (left, right, further) = (_around(grid[axis], tile[axis]) for axis in range(2))

    def looked_up(rows: Places, columns: Places) -> Value:
        down = c.constant((rows * grid[1]).reshape(1, -1, 1, 1), "int32")
        across = c.constant(columns.reshape(1, 1, -1, 1), "int32")
        return b.GatherNd(table, b.Pack(tiles + down + across, level, axis=4))

    to_right, to_bottom = c.constant(further.reshape(1, 1, -1, 1)), c.constant(lower.reshape(1, -1, 1, 1))
    above = looked_up(top, left) * (1.0 - to_right) + looked_up(top, right) * to_right
    below = looked_up(bottom, left) * (1.0 - to_right) + looked_up(bottom, right) * to_right
    return above * (1.0 - to_bottom) + below * to_bottom


def _around(count: int, size: int) -> tuple[Places, Places, NDArray[np.float32]]:
    """Return for each pixel along an axis the tiles whose middles are before and after it (at the borders the same
    one), and how far it is on the way from one to the other."""
    at = (np.arange(count * size, dtype=np.float32) - np.float32(size / 2)) / np.float32(size) + np.float32(1)
    before = np.floor(at)
    tiles = [np.clip(each - 1, 0, count - 1).astype(np.int64) for each in (before, before + 1)]
    return tiles[0], tiles[1], at - before
