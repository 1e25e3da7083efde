"""Composes what a camera might see when a drawing is held before it: on paper or a phone, at an angle, before a room.

The drawings are few; what colours they have, what is around them, where they are and in which light is different in
every picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.ndimage
import sklearn.datasets
import tensorflow as tf

SIDE = 48
"""Width and height of the pictures."""

_CARD = 104
"""Width and height of what is held: the drawing in its middle, 64 by 64, and paper or a phone around it."""

_INK = 0.35
"""The part of the pictures that show a drawing in one colour, for a label that has both kinds."""

_AREAS = 6
"""How many areas of such a drawing are filled with colours of their own."""

_AT_ONCE = 128
"""How many are composed at once, which their memory is the limit of."""

_ALONE = 0.09
"""The part of the pictures that show nothing."""


class Scenes:
    """Pictures of some drawings: numbers from 0 to 1, (n, SIDE, SIDE, 3), and what they show."""

    def __init__(self, files: list[tuple[Path, int]], nothing: int, *, held_out: bool) -> None:
        """Read the drawings, each with the number of its label, and photographs.

        If `held_out`, parts of them that are for measuring, and the drawings keep their colours.
        """
        self._drawings = np.stack([_read(path) for path, _ in files])
        self._kinds = np.array([kind for _, kind in files])
        self._nothing = nothing
        self._recoloured = not held_out
        self._is_ink = self._drawings[..., :3].max(axis=(1, 2, 3)) < 0.1
        self._areas = np.stack(
            [
                _areas(each[..., 3]) if ink else np.zeros(each.shape[:2], "int8")
                for each, ink in zip(self._drawings, self._is_ink, strict=True)
            ]
        )
        self._cumulated = np.cumsum(self._chances(), axis=1)
        self._palettes = [self._colours(kind) for kind in range(nothing)]
        folder = Path(sklearn.datasets.__file__).parent / "images"
        photos = [_read(folder / name)[..., :3] for name in ("china.jpg", "flower.jpg")]
        # The right third is for measuring only.
        cut = [photo.shape[1] * 2 // 3 for photo in photos]
        self._photos = [p[:, at:] if held_out else p[:, :at] for p, at in zip(photos, cut, strict=True)]

    def compose(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return n pictures, with about as many of each label, and the numbers of their labels."""
        parts = [self._few(min(_AT_ONCE, n - start), rng) for start in range(0, n, _AT_ONCE)]
        return np.concatenate([pictures for pictures, _ in parts]), np.concatenate([kinds for _, kinds in parts])

    def _few(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        kinds = rng.integers(0, self._nothing, n)
        drawn = (rng.random((n, 1)) < self._cumulated[kinds]).argmax(axis=1)
        empty = rng.random(n) < _ALONE
        held = self._drawings[drawn]
        ink = self._is_ink[drawn]
        if self._recoloured:
            held[~ink] = _turned(held[~ink], rng)
            held[ink] = self._inked(drawn[ink], rng)
        held *= ~empty[:, None, None, None]

        pictures = self._rooms(n, rng)
        _add_shapes(pictures, rng)
        cards = _cards(n, rng)
        edge = (_CARD - held.shape[1]) // 2
        middles = cards[:, edge:-edge, edge:-edge]
        middles *= 1 - held[..., 3:]
        middles += held
        things = _placed(cards, empty, rng)
        pictures *= 1 - things[..., 3:]
        pictures += things[..., :3]
        return _through_a_lens(pictures, rng), np.where(empty, self._nothing, kinds)

    def _chances(self) -> np.ndarray:
        """Return how often each drawing is taken, by label."""
        of = self._kinds == np.arange(self._nothing)[:, None]
        inks, others = of & self._is_ink, of & ~self._is_ink
        part = np.where(inks.any(axis=1) & others.any(axis=1), _INK, inks.any(axis=1))[:, None]
        chances = inks * part / np.maximum(inks.sum(axis=1, keepdims=True), 1)
        chances += others * (1 - part) / np.maximum(others.sum(axis=1, keepdims=True), 1)
        chances /= chances.sum(axis=1, keepdims=True)
        chances[:, -1] += 1e-6  # so that their sums are more than any number drawn
        return chances

    def _colours(self, kind: int) -> np.ndarray:
        """Return the colours of all the coloured drawings of a label."""
        pixels = self._drawings[(self._kinds == kind) & ~self._is_ink].reshape(-1, 4)
        return pixels[pixels[:, 3] == 1, :3]

    def _inked(self, drawn: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return drawings of one colour as somebody draws and colours them in, half in the colours of things."""
        n = len(drawn)
        size = (n, _AREAS + 1, 3)
        colours = np.where(rng.random((n, 1, 1)) < 0.5, rng.random(size), rng.random((n, 1, 3)))
        colours = np.where(rng.random((n, 1, 1)) < 0.25, rng.uniform(0.85, 1, (n, 1, 1)), colours).astype("float32")
        pen = np.where(rng.random((n, 1)) < 0.5, rng.random((n, 1)) * 0.25, rng.random((n, 3)))
        own = rng.random(n) < 0.5
        for i, kind in enumerate(self._kinds[drawn]):
            if own[i]:
                chosen = self._palettes[kind][rng.integers(0, len(self._palettes[kind]), _AREAS + 2)]
                colours[i] = chosen[1:]
                if rng.random() < 0.5:
                    pen[i] = chosen[0]
        colours[:, 0] = pen
        areas = self._areas[drawn]
        filled = (areas > 0) & (rng.random(n) < 0.8)[:, None, None]
        alpha = self._drawings[drawn][..., 3:]
        held = np.empty((*areas.shape, 4), "float32")
        held[..., :3] = colours[np.arange(n)[:, None, None], areas] * ((1 - alpha) * filled[..., None])
        held[..., 3:] = (1 - alpha) * filled[..., None] + alpha
        held[..., :3] += colours[:, None, None, 0] * alpha
        return held

    def _rooms(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return backgrounds: one colour, four that flow into each other, clouds of them, or part of a photograph."""
        rooms = np.empty((n, SIDE, SIDE, 3), "float32")
        kind = rng.choice(4, n, p=[0.2, 0.3, 0.1, 0.4])
        for size, chosen in ((1, kind == 0), (2, kind == 1), (9, kind == 2)):
            colours = rng.random((chosen.sum(), size, size, 3), "float32")
            gray = rng.random((len(colours), 1, 1, 1), "float32")  # rooms are less colourful than colours by chance
            colours = colours * gray + colours.mean(axis=3, keepdims=True) * (1 - gray)
            rooms[chosen] = tf.image.resize(colours, (SIDE, SIDE))
        for i in np.flatnonzero(kind == 3):
            photo = self._photos[rng.integers(len(self._photos))]
            side = rng.integers(SIDE, min(photo.shape[:2]))
            y, x = (rng.integers(0, size - side) for size in photo.shape[:2])
            step = side / SIDE
            rows, columns = ((start + np.arange(SIDE) * step).astype(int) for start in (y, x))
            rooms[i] = photo[rows[:, None], columns]
        return rooms


def _read(path: Path) -> np.ndarray:
    """Return an image as numbers from 0 to 1, with an alpha channel by which the colours are multiplied."""
    image = tf.io.decode_image(path.read_bytes(), channels=3 if path.suffix == ".jpg" else 4).numpy() / np.float32(255)
    if image.shape[2] == 4:
        image[..., :3] *= image[..., 3:]
    return image


def _areas(alpha: np.ndarray) -> np.ndarray:
    """Return where the areas are that lines enclose: 0 is outside, and the lines are of the areas beside them."""
    inside = scipy.ndimage.binary_fill_holes(alpha > 0.4)
    areas, _ = scipy.ndimage.label(inside & (alpha < 0.6))
    if areas.any():
        nearest = scipy.ndimage.distance_transform_edt(areas == 0, return_distances=False, return_indices=True)
        areas = areas[tuple(nearest)]
    return np.where(inside & (areas > 0), 1 + (areas - 1) % _AREAS, 0).astype("int8")


def _turned(held: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return drawings in somewhat other colours, and some in quite other ones."""
    n = len(held)
    angle = np.where(rng.random(n) < 0.12, rng.uniform(-np.pi, np.pi, n), rng.normal(0, 0.15, n))[:, None, None]
    depth = rng.uniform(0.6, 1.2, (n, 1, 1))
    gray = np.full((3, 3), 1 / 3)
    across = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]]) / np.sqrt(3)
    matrix = gray + depth * (np.cos(angle) * (np.eye(3) - gray) + np.sin(angle) * across)
    turned = held[..., :3].reshape(n, -1, 3) @ matrix.astype("float32")
    return np.concatenate([np.clip(turned.reshape(*held.shape[:3], 3), 0, held[..., 3:]), held[..., 3:]], axis=3)


def _add_shapes(pictures: np.ndarray, rng: np.random.Generator) -> None:
    """Put up to three ellipses into each picture, some in the colours of skin: faces, hands, things in a room."""
    n = len(pictures)
    places = np.arange(SIDE, dtype="float32")
    for _ in range(3):
        middle, radius = rng.random((2, n, 2), "float32")
        off = ((places - SIDE * middle[..., None]) / (SIDE * (0.05 + 0.35 * radius[..., None]))) ** 2
        inside = (off[:, 0, :, None] + off[:, 1, None, :] < 1) & (rng.random(n) < 0.2)[:, None, None]
        skin = np.array([0.95, 0.75, 0.62]) * rng.uniform(0.3, 1, (n, 1))
        colours = np.where(rng.random((n, 1)) < 0.4, skin, rng.random((n, 3))).astype("float32")
        np.copyto(pictures, colours[:, None, None], where=inside[..., None])


def _cards(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return what drawings are on, with alpha: nothing, paper, or a phone: a bright screen in a dark frame."""
    away = np.abs(np.arange(_CARD) - (_CARD - 1) / 2)
    half = rng.uniform(34, 51, (n, 2))  # its width and height
    paper = (away[:, None] < half[:, :1, None]) & (away < half[:, 1:, None])
    screen = (away[:, None] < half[:, :1, None] - 4) & (away < half[:, 1:, None] - 3)
    white = rng.uniform(0.75, 1, (n, 1)) * rng.uniform(0.92, 1, (n, 3))
    other = np.where(rng.random((n, 1)) < 0.4, white * 0.12, rng.random((n, 3)))
    colours = np.where(rng.random((n, 1)) < 0.6, white, other)
    frame = np.where(rng.random((n, 1)) < 0.5, rng.uniform(0, 0.2, (n, 1)), colours)
    alpha = paper & (rng.random(n) < 0.6)[:, None, None]
    cards = np.empty((n, _CARD, _CARD, 4), "float32")
    for channel in range(3):
        cards[..., channel] = alpha * np.where(screen, colours[:, channel, None, None], frame[:, channel, None, None])
    cards[..., 3] = alpha
    return cards


def _placed(cards: np.ndarray, empty: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the cards as they are held: turned, slanted, near or far, anywhere, so that drawings are still inside."""
    n = len(cards)
    turn = rng.normal(0, 0.18, n)
    size = np.exp(rng.uniform(np.log(0.55), np.log(1.05), n))  # of the drawing, as a part of the picture
    wide, high = size * rng.uniform(0.85, 1.15, n), size * rng.uniform(0.9, 1.1, n)
    wide *= rng.choice([-1, 1], n)  # things and their mirror images are called the same
    slant = rng.normal(0, 0.07, n)
    free = np.maximum(1 - size, 0.1)[:, None] / 2 * SIDE * np.where(empty, 1.5, 1)[:, None]
    middle = SIDE / 2 + rng.uniform(-1, 1, (n, 2)) * free
    far = size < 0.75  # where what is fine is a mean
    cards[far] = tf.nn.avg_pool2d(cards[far], 2, 1, "SAME")
    wide, high = wide * SIDE / 64, high * SIDE / 64
    a, b = np.cos(turn) / wide, (np.sin(turn) + slant) / wide
    c, d = -np.sin(turn) / high, np.cos(turn) / high
    tilt = rng.normal(0, 0.0007, (n, 2))  # farther at one side than at the other
    x0, y0 = _CARD / 2 - a * middle[:, 0] - b * middle[:, 1], _CARD / 2 - c * middle[:, 0] - d * middle[:, 1]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=cards,
        transforms=np.stack([a, b, x0, c, d, y0, tilt[:, 0], tilt[:, 1]], axis=1).astype("float32"),
        output_shape=(SIDE, SIDE),
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    ).numpy()


def _through_a_lens(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the pictures as cameras see them: brighter, darker, in other light, out of focus, with noise."""
    n = len(pictures)
    blurred = rng.random(n) < 0.2
    pictures[blurred] = tf.nn.avg_pool2d(pictures[blurred], 3, 1, "SAME")
    haze = rng.uniform(0, 0.12, (n, 1, 1, 1)).astype("float32")
    light = rng.uniform(0.65, 1.2, (n, 1, 1, 1)) * rng.uniform(0.88, 1.12, (n, 1, 1, 3)) * (1 - haze)
    noise = rng.standard_normal(pictures.shape, "float32") * rng.uniform(0, 0.035, (n, 1, 1, 1)).astype("float32")
    pictures *= light.astype("float32")
    pictures += haze
    pictures += noise
    return np.clip(pictures, 0, 1, out=pictures)
