"""Turns the 8×8 image of a handwritten digit into pen strokes that could have drawn it.

The image's numbers count the dark pixels in the 4×4 blocks of a 32×32 bitmap that is lost: the bitmap is restored,
thinned to lines one pixel wide, and the lines are followed with a pen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Stroke = list[Point]
Pixel = tuple[int, int]
Field = NDArray[np.floating[Any]]

BLOCK = 4  # pixels of the bitmap along each side of a block
ENLARGED = 2  # thinning works better with more pixels: so many along each side for one of the bitmap
SPUR = 6  # a side branch of up to so many pixels is an artefact of thinning
EVERY = 6  # a stroke has a point for so many pixels


def strokes_of(image: Sequence[Sequence[int]]) -> list[Stroke]:
    """Return the strokes of an image of counts (8×8, 0 to 16), as points (x, y) in a square of side 1."""
    bitmap = restore(np.asarray(image))
    skeleton = thin(np.kron(bitmap, np.ones((ENLARGED, ENLARGED))) > 0)
    side = len(skeleton)
    return [
        [(float(x) / side, float(y) / side) for y, x in (*smooth(path)[:-1:EVERY], smooth(path)[-1])]
        for path in follow(skeleton)
    ]


def restore(counts: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Return the smoothest bitmap found that has `counts` dark pixels in its blocks (true: dark).

    In each block, those pixels are dark that the neighbourhood says are the darkest; a few rounds settle it.
    """
    n = len(counts)
    field: Field = np.kron(counts / BLOCK**2, np.ones((BLOCK, BLOCK)))
    for _ in range(4):
        field = blur(blur(blur(field)))
        blocks = field.reshape(n, BLOCK, n, BLOCK).swapaxes(1, 2).reshape(n, n, BLOCK**2)
        rank = (-blocks).argsort(axis=2, kind="stable").argsort(axis=2, kind="stable")
        dark = (rank < counts[..., None]).reshape(n, n, BLOCK, BLOCK).swapaxes(1, 2).reshape(n * BLOCK, n * BLOCK)
        field = dark.astype(float)
    # Single pixels that stick out, or are left out, would become side branches and loops.
    around = blur(field)
    return np.asarray((dark & (around > 0.4)) | (around > 0.6))


def blur(field: Field) -> Field:
    """Return the field, each value averaged with its neighbours (weights 1, 2, 1 along both axes)."""
    for _ in range(2):
        padded = np.pad(field, ((1, 1), (0, 0)))
        field = ((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4).T
    return field


# The neighbours of a pixel, clockwise from above, as (dy, dx).
RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def thin(shape: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the shape thinned to lines (T. Y. Zhang and C. Y. Suen, "A fast parallel algorithm …", CACM 27, 1984)."""
    image = np.pad(shape, 1).astype(int)
    before = -1
    while (left := int(image.sum())) != before:
        before = left
        for first in (True, False):
            ring = [np.roll(image, (-dy, -dx), axis=(0, 1)) for dy, dx in RING]
            above, right, below, left_ = ring[::2]
            count = sum(ring)
            turns = sum((a == 0) & (b == 1) for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
            if first:
                outer = (above * right * below == 0) & (right * below * left_ == 0)
            else:
                outer = (above * right * left_ == 0) & (above * below * left_ == 0)
            image[(image == 1) & (count >= 2) & (count <= 6) & (turns == 1) & outer] = 0
    return np.asarray(image[1:-1, 1:-1] == 1)


def follow(skeleton: NDArray[np.bool_]) -> list[list[Pixel]]:
    """Return the lines of a skeleton: from ends and junctions to ends and junctions, and closed loops."""
    pixels = {(int(y), int(x)) for y, x in np.argwhere(skeleton)}
    links = {pixel: linked(pixel, pixels) for pixel in sorted(pixels)}
    walked: set[frozenset[Pixel]] = set()

    def walk(path: list[Pixel], following: Pixel | None) -> list[Pixel]:
        while following is not None:
            walked.add(frozenset((path[-1], following)))
            path.append(following)
            onward = links[following] if len(links[following]) == 2 else []
            following = next((p for p in onward if frozenset((path[-1], p)) not in walked), None)
        return path

    nodes = [pixel for pixel in links if len(links[pixel]) != 2]
    lines = [
        walk([start], towards)
        for start in (*nodes, *links)  # nodes first: what is left then are loops without any
        for towards in links[start]
        if frozenset((start, towards)) not in walked
    ]
    whole = [line for line in lines if len(line) > SPUR or all(len(links[end]) > 1 for end in (line[0], line[-1]))]
    return whole or lines


def linked(pixel: Pixel, pixels: Iterable[Pixel]) -> list[Pixel]:
    """Return a pixel's neighbours, a diagonal one only where no way round it leads there as well."""
    y, x = pixel
    found = []
    for dy, dx in RING:
        detours = {(y + dy, x), (y, x + dx)} if dy and dx else set()
        if (y + dy, x + dx) in pixels and not detours & set(pixels):
            found.append((y + dy, x + dx))
    return found


def smooth(path: Sequence[Pixel]) -> Field:
    """Return the path (n, 2) without the steps of its pixels; its ends stay where they are."""
    points = np.array(path, float) + 0.5
    for _ in range(3):
        points[1:-1] = (points[:-2] + 2 * points[1:-1] + points[2:]) / 4
    return points
