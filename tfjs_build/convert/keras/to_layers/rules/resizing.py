"""Rules of cropping, zero padding and upsampling. tfjs-layers has the two-dimensional ones; the others are those on
reshaped tensors."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule
from tfjs_build.convert.keras.to_layers.rules.core import product, reshape
from tfjs_build.convert.keras.to_layers.spatial import channels_axis, data_format, spatial

Pair = tuple[int, int]
_NONE = (0, 0)


@rule("ZeroPadding1D", masks="stop", any_dtype=True)
def zero_padding1d(c: Context) -> Value:
    c.rank(3)
    c.require(not data_format(c), "TensorFlow.js has no channels_first for it")
    [(before, after)] = c.config.pairs("padding", 1)
    return pad_time(c, c.input, before, after)


@rule("ZeroPadding2D", masks="stop", any_dtype=True)
def zero_padding2d(c: Context) -> Value:
    c.rank(4)
    return _change(c, "ZeroPadding2D", "padding", c.input, c.config.pairs("padding", 2), 1)


@rule("ZeroPadding3D", masks="stop", any_dtype=True)
def zero_padding3d(c: Context) -> Value:
    return _in_two_steps(c, "ZeroPadding2D", "padding", c.config.pairs("padding", 3), 1)


@rule("Cropping1D", masks="stop", any_dtype=True)
def cropping1d(c: Context) -> Value:
    c.rank(3)
    [pair] = c.config.pairs("cropping", 1)
    x = c.input
    plane = reshape(c, x, (x.shape[1], 1, c.fixed(x, -1)), "plane")
    y = _change(c, "Cropping2D", "cropping", plane, [pair, _NONE], -1)
    return reshape(c, y, (y.shape[1], y.shape[3]), "sequence")


@rule("Cropping2D", masks="stop", any_dtype=True)
def cropping2d(c: Context) -> Value:
    c.rank(4)
    return _change(c, "Cropping2D", "cropping", c.input, c.config.pairs("cropping", 2), -1)


@rule("Cropping3D", masks="stop", any_dtype=True)
def cropping3d(c: Context) -> Value:
    return _in_two_steps(c, "Cropping2D", "cropping", c.config.pairs("cropping", 3), -1)


@rule("CenterCrop", masks="stop", any_dtype=True)
def center_crop(c: Context) -> Value:
    """tfjs-layers' CenterCrop spoils the shape of what comes before it and interpolates; a Cropping2D does neither."""
    c.rank(4)
    x = c.input
    first = 2 if data_format(c) else 1
    sizes = c.fixed(x, first), c.fixed(x, first + 1)
    targets = c.config.size("height"), c.config.size("width")
    rests = [size - target for size, target in zip(sizes, targets, strict=True)]
    c.require(min(rests) >= 0, "TensorFlow.js resizes images that are too small in another way")
    return _change(c, "Cropping2D", "cropping", x, [(rest // 2, rest - rest // 2) for rest in rests], -1)


@rule("UpSampling1D", masks="stop", any_dtype=True)
def up_sampling1d(c: Context) -> Value:
    c.rank(3)
    x = c.input
    factor = c.config.size("size", 2)
    plane = reshape(c, x, (x.shape[1], 1, c.fixed(x, -1)), "plane")
    y = _repeat(c, plane, (factor, 1))
    return reshape(c, y, (y.shape[1], y.shape[3]), "sequence")


@rule("UpSampling2D", masks="stop", any_dtype=True)
def up_sampling2d(c: Context) -> Value:
    c.rank(4)
    kind = c.config.text("interpolation", "nearest")
    c.require(kind == "nearest", f"TensorFlow.js interpolates in another way (`interpolation: {kind}`)")
    return _repeat(c, c.input, c.config.sizes("size", 2, (2, 2)))


@rule("UpSampling3D", masks="stop", any_dtype=True)
def up_sampling3d(c: Context) -> Value:
    c.rank(5)
    c.require(not data_format(c), "TensorFlow.js has no channels_first for it")
    x = c.input
    depth, rows, columns = c.config.sizes("size", 3, (2, 2, 2))
    first = reshape(c, x, (*x.shape[1:3], product(x.shape[3:])), "planes")
    y = _repeat(c, first, (depth, rows), "deep")
    second = reshape(c, y, (product(y.shape[1:3]), *x.shape[3:]), "rows")
    z = _repeat(c, second, (1, columns))
    return reshape(c, z, (*y.shape[1:3], *z.shape[2:]), "volume")


def pad_time(c: Context, x: Value, before: int, after: int, part: str = "") -> Value:
    """Put zeros before and after a sequence."""
    label = f"{part}_" if part else ""
    plane = reshape(c, x, (x.shape[1], 1, c.fixed(x, -1)), f"{label}plane")
    y = _change(c, "ZeroPadding2D", "padding", plane, [(before, after), _NONE], 1, part)
    return reshape(c, y, (y.shape[1], y.shape[3]), f"{label}sequence")


def sliced(c: Context, x: Value, ranges: Sequence[tuple[int, int]], part: str = "slice") -> Value:
    """Return `x[:, start:stop, …]` for a tensor of rank 2 to 4 of known sizes."""
    sizes = [c.fixed(x, axis) for axis in range(1, len(x.shape))]
    crops = [(start, size - stop) for (start, stop), size in zip(ranges, sizes, strict=True)]
    c.require(len(sizes) <= 3, "TensorFlow.js's layers cut tensors of rank 2 to 4 only")
    image = reshape(c, x, (*sizes, *(1,) * (3 - len(sizes))), f"{part}_image")
    crops += [_NONE] * (3 - len(crops))
    if any(pair != _NONE for pair in crops[:2]):
        image = _change(c, "Cropping2D", "cropping", image, crops[:2], -1, part, plain=True)
    if crops[2] != _NONE:  # of an image with channels first, the last two axes are cropped
        config = {"cropping": [[0, 0], list(crops[2])], "data_format": "channels_first"}
        shape = (*image.shape[:3], ranges[2][1] - ranges[2][0])
        image = c.emit("Cropping2D", config, image, shape, part=f"{part}_channels", dtype=x.dtype)
    return reshape(c, image, tuple(stop - start for start, stop in ranges), f"{part}_shape")


def _change(
    c: Context,
    class_name: str,
    key: str,
    x: Value,
    pairs: Sequence[Pair],
    sign: int,
    part: str = "",
    plain: bool = False,
) -> Value:
    """Emit a padding (sign 1) or cropping (-1) of an image's rows and columns."""
    first = None if plain or part or c.input.shape != x.shape else data_format(c)
    config = {key: [list(pair) for pair in pairs], "data_format": first or "channels_last"}

    def size(n: int | None, index: int) -> int | None:
        return None if n is None else n + sign * sum(pairs[index])

    if first:
        shape = spatial(c, x.shape, x.shape[channels_axis(c)], size)
    else:
        shape = (x.shape[0], size(x.shape[1], 0), size(x.shape[2], 1), x.shape[3])
    c.require(all(n is None or n > 0 for n in shape), "nothing is left of its input")
    return c.emit(class_name, config, x, shape, part=part, dtype=x.dtype)


def _repeat(c: Context, x: Value, factors: Sequence[int], part: str = "") -> Value:
    config = {"size": list(factors), "data_format": data_format(c) or "channels_last", "interpolation": "nearest"}
    shape = spatial(c, x.shape, x.shape[channels_axis(c)], lambda n, index: None if n is None else n * factors[index])
    return c.emit("UpSampling2D", config, x, shape, part=part, dtype=x.dtype)


def _in_two_steps(c: Context, class_name: str, key: str, pairs: Sequence[Pair], sign: int) -> Value:
    """Pad or crop a volume: its depth and rows with columns and channels joined, then its columns with those joined."""
    c.rank(5)
    c.require(not data_format(c), "TensorFlow.js has no channels_first for it")
    x = c.input
    planes = reshape(c, x, (*x.shape[1:3], product(x.shape[3:])), "planes")
    y = _change(c, class_name, key, planes, pairs[:2], sign, "deep")
    rows = reshape(c, y, (product(y.shape[1:3]), *x.shape[3:]), "rows")
    z = _change(c, class_name, key, rows, [_NONE, pairs[2]], sign, "wide")
    return reshape(c, z, (*y.shape[1:3], *z.shape[2:]), "volume")
