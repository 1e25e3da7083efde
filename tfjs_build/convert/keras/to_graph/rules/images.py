"""Rules of the image layers: resizing, cropping, and augmentation that a prediction does too."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import vector
from tfjs_build.convert.keras.hints import AS_FLOATS, ROUNDED
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import Result, layer
from tfjs_build.convert.keras.to_graph.resizing import interpolated, resize
from tfjs_build.convert.keras.to_graph.windows import from_last, to_last


@layer("Resizing")
def resizing(c: Context) -> Value:
    """Images of another height and width. Integers stay integers in Keras 3
    (keras/src/layers/preprocessing/image_preprocessing/resizing.py)."""
    target = (c.config.size("height"), c.config.size("width"))
    method = c.config.text("interpolation", "bilinear").lower()
    y = resized(
        c,
        to_last(c, c.x, 2),
        target,
        method,
        antialias=c.config.boolean("antialias", False),
        crop=c.config.boolean("crop_to_aspect_ratio", False),
        pad=c.config.boolean("pad_to_aspect_ratio", False),
        fill=c.config.number("fill_value", 0.0),
        whole=c.generation == 3,
    )
    return from_last(c, y, 2)


def resized(
    c: Context,
    x: Value,
    target: tuple[int, int],
    method: str,
    *,
    antialias: bool = False,
    crop: bool = False,
    pad: bool = False,
    fill: float = 0.0,
    whole: bool = False,
) -> Value:
    """Return images (channels last) resized, cut or filled before to keep their proportions. With `whole`, integers
    stay integers."""
    c.expect_images(x)
    whole = whole and x.dtype == "int32"
    exact = method == "nearest" or (method == "bilinear" and not antialias)
    if whole and not exact:
        c.expect_dtype(x, "float32", ROUNDED, AS_FLOATS)
    x = c.as_float(x)
    if crop:
        x = _proportional(c, x, target)
    elif pad:
        height, width = c.fixed(x, 1), c.fixed(x, 2)
        down = (max(height, width * target[0] // target[1]) - height) // 2
        across = (max(width, height * target[1] // target[0]) - width) // 2
        fill = float(int(fill)) if whole else fill
        x = c.b.PadV2(x, c.ints([[0, 0], [down, down], [across, across], [0, 0]]), c.constant(fill))
    if whole:
        return c.as_int(c.b.Round(interpolated(c, x, target) if method == "bilinear" else resize(c, x, target, method)))
    return resize(c, x, target, method, antialias=antialias)


def _proportional(c: Context, x: Value, target: Sequence[int]) -> Value:
    """Return the largest part in the middle that has the target's proportions."""
    height, width = c.fixed(x, 1), c.fixed(x, 2)
    rows = max(1, min(height, width * target[0] // target[1]))
    columns = max(1, min(width, height * target[1] // target[0]))
    return part(c, x, [(height - rows) // 2, (width - columns) // 2], [rows, columns])


def part(c: Context, x: Value, begin: Sequence[int], size: Sequence[int]) -> Value:
    """Return a part of images, from a row and column on."""
    return c.b.Slice(x, c.ints([0, *begin, 0]), c.ints([-1, *size, -1]))


@layer("CenterCrop", floats=True)
def center_crop(c: Context) -> Value:
    """The middle; what is too small is resized, keeping its proportions."""
    target = (c.config.size("height"), c.config.size("width"))
    x = to_last(c, c.x, 2)
    c.expect_images(x)
    sizes = [None if x.shape is None else x.shape[axis] for axis in (1, 2)]
    if None in sizes and c.generation == 2:
        y = _cropped_or_resized(c, x, target)
    elif None in sizes:
        begin = [c.b.FloorDiv(c.b.Sub(c.size(x, axis + 1), n), 2) for axis, n in enumerate(target)]
        y = c.b.Slice(x, vector(c.b, [0, *begin, 0]), c.ints([-1, *target, -1]))
    elif all(size is not None and size >= n for size, n in zip(sizes, target, strict=True)):
        y = part(c, x, [(size - n) // 2 for size, n in zip(sizes, target, strict=True) if size is not None], target)
    else:
        y = resize(c, _proportional(c, x, target), target, "bilinear")
    return from_last(c, y, 2)


def _cropped_or_resized(c: Context, x: Value, target: tuple[int, int]) -> Value:
    """Return the middle of images whose size is found when it runs: the part of the target's size, which resizing
    leaves as it is, or the largest one of its proportions."""
    b = c.b
    sizes = [b.AddV2(c.size(x, axis), 0) for axis in (1, 2)]
    enough = b.LogicalAnd(*(b.GreaterEqual(size, n) for size, n in zip(sizes, target, strict=True)))
    parts = []
    for axis, (size, n) in enumerate(zip(sizes, target, strict=True)):
        proportional = b.FloorDiv(sizes[1 - axis] * n, target[1 - axis])
        parts.append(b.SelectV2(enough, c.ints(n), b.Minimum(size, proportional)))
    begin = [b.FloorDiv(size - part, 2) for size, part in zip(sizes, parts, strict=True)]
    y = b.Slice(x, vector(b, [0, *begin, 0]), vector(b, [-1, *parts, -1]))
    return resize(c, y, target, "bilinear")


@layer("RandomCrop", stores_more=True)
def random_crop(c: Context) -> Value:
    """Keras 2 resizes at prediction, keeping the proportions (`smart_resize` in
    tf_keras/src/layers/preprocessing/image_preprocessing.py). Keras 3 leaves images as they are (`transform_images`
    in keras/src/layers/preprocessing/image_preprocessing/random_crop.py), though its documentation says otherwise."""
    if c.generation == 3:
        return c.x
    target = (c.config.size("height"), c.config.size("width"))
    x = c.as_float(c.x)
    return resize(c, _proportional(c, x, target), target, "bilinear")


@layer("Equalization", "MaxNumBoundingBoxes", "Solarization")
def unchanged(c: Context) -> Value:
    """What only training does."""
    return c.as_float(c.x) if c.layer.class_name == "Solarization" else c.x


@layer("AutoContrast", floats=True)
def auto_contrast(c: Context) -> Value:
    """Each image's channels stretched to the whole range of values."""
    b, x = c.b, c.x
    low, high = range_of(c)
    images = moved_to(x, (low, high), (0.0, 255.0))
    least, most = (b.node(op, [images, c.ints([1, 2])], {"keep_dims": True})[0] for op in ("Min", "Max"))
    flat = b.Equal(least, most)
    scale = 255.0 / b.SelectV2(flat, b.OnesLike(most), most - least)
    y = images * scale - least * scale
    unchanged = b.LogicalOr(flat, b.IsNan(y))
    return b.SelectV2(unchanged, x, moved_to(b.ClipByValue(y, 0.0, 255.0), (0.0, 255.0), (low, high)))


def range_of(c: Context) -> tuple[float, float]:
    """Return the option `value_range`."""
    given = c.config.numbers("value_range") if c.config.get("value_range") is not None else [0.0, 255.0]
    if len(given) == 2 and all(map(math.isfinite, given)) and given[0] != given[1]:
        return float(given[0]), float(given[1])
    raise c.config.fault("value_range", "two numbers")


def moved_to(x: Value, source: tuple[float, float], target: tuple[float, float]) -> Value:
    """Return values moved from one range to another."""
    if source == target:
        return x
    return (x - source[0]) / (source[1] - source[0]) * (target[1] - target[0]) + target[0]


@layer("Pipeline")
def pipeline(c: Context) -> Result:
    """Layers one after the other."""
    values: Result = c.inputs
    for attribute in c.layer.children:
        outputs = c.call(c.child(attribute), values if isinstance(values, Value) else values[0])
        values = outputs
    return values
