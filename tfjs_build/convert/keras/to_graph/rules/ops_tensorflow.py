"""TensorFlow's own functions in models of Keras 2, besides those that are Keras's operations by another name."""

from __future__ import annotations

from typing import Any

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.hints import NOWHERE
from tfjs_build.convert.keras.to_graph.context import Context, shown
from tfjs_build.convert.keras.to_graph.operands import axes, axis, integer, integers, keeps, number, real, tensor
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.images import part
from tfjs_build.convert.keras.to_graph.rules.ops_linalg import diagonal_matrix


@operation("math.reduce_euclidean_norm")
def euclidean_norm(c: Context) -> Value:
    """The length of vectors."""
    x = real(c)
    return c.b.EuclideanNorm(x, axes(c, x), keep_dims=keeps(c))


@operation("linalg.normalize")
def normalize(c: Context) -> list[Value]:
    """Vectors of length 1, and their lengths."""
    x = real(c)
    c.one_of("ord", c.argument(1, "ord", default="euclidean"), ("euclidean", 2))
    norm = c.b.Sqrt(c.b.Sum(c.b.Square(x), axes(c, x, position=2), keep_dims=True))
    return [x / norm, norm]


@operation("linalg.diag")
def diag(c: Context) -> Value:
    """Matrices with the last axis as their diagonals."""
    for key, default in (("num_rows", -1), ("num_cols", -1), ("padding_value", 0)):
        c.one_of(key, c.argument(9, key, default=default), (default,))
    return diagonal_matrix(c, tensor(c, 0, "diagonal"), integer(c, c.argument(1, "k", default=0)))


@operation("linalg.band_part")
def band_part(c: Context) -> Value:
    """The part of matrices near their diagonal."""
    low, high = (integer(c, c.argument(n, key)) for n, key in ((1, "num_lower"), (2, "num_upper")))
    return c.b.MatrixBandPart(tensor(c), c.ints(low), c.ints(high))


@operation("nn.crelu", "compat.v1.nn.crelu")
def crelu(c: Context) -> Value:
    """relu of both signs."""
    x = real(c)
    return c.b.Relu(c.concat([x, -x], axis(c, x, -1)))


def _four(c: Context, given: Any) -> list[int]:
    """Return sizes of all axes from what stands for height and width, or for all."""
    found = [1, 1] if given is None else integers(c, given)
    found = found * 2 if len(found) == 1 else found
    return [1, *found, 1] if len(found) == 2 else found


def _window(c: Context) -> dict[str, Any]:
    layout = c.argument(9, "data_format", default=None) or "NHWC"
    c.one_of("data_format", layout, ("NHWC",))
    pads = c.argument(3, "padding")
    c.one_of("padding", pads, ("SAME", "VALID"))
    dilations = _four(c, c.argument(9, "dilations", "rate", default=None))
    strides = _four(c, c.argument(2, "strides"))
    return {"strides": strides, "dilations": dilations, "data_format": "NHWC", "padding": pads}


@operation("nn.conv2d", "compat.v1.nn.conv2d", "nn.depthwise_conv2d", "compat.v1.nn.depthwise_conv2d")
def conv2d(c: Context) -> Value:
    """A convolution, or a depthwise one, with a kernel that is a tensor."""
    x, kernel = real(c, 0, "input"), real(c, 1, "filter", "filters")
    op = "DepthwiseConv2dNative" if "depthwise" in str(c.config.get("function")) else "Conv2D"
    return c.b.node(op, [x, kernel], _window(c))[0]


@operation("nn.max_pool2d", "nn.avg_pool2d", "nn.max_pool", "nn.avg_pool", "compat.v1.nn.max_pool")
def pool2d(c: Context) -> Value:
    """The maximum or mean of windows of images."""
    x = real(c, 0, "input", "value")
    c.expect_images(x)
    c.one_of("data_format", c.argument(9, "data_format", default=None) or "NHWC", ("NHWC",))
    c.one_of("padding", c.argument(3, "padding"), ("SAME", "VALID"))
    settings = {
        "ksize": _four(c, c.argument(1, "ksize")),
        "strides": _four(c, c.argument(2, "strides")),
        "padding": c.argument(3, "padding"),
        "data_format": "NHWC",
    }
    return c.b.node("MaxPool" if "max" in str(c.config.get("function")) else "AvgPool", [x], settings)[0]


@operation("nn.dropout")
def dropout(c: Context) -> Value:
    """Nothing, at a rate of 0: it drops at prediction, too."""
    rate = c.argument(1, "rate")
    c.require(
        not isinstance(rate, Value) and rate == 0,
        f"rate={shown(rate)} is not supported, only 0 is: it draws random numbers at prediction",
        NOWHERE,
    )
    return tensor(c)


@operation("nn.local_response_normalization", "nn.lrn")
def local_response(c: Context) -> Value:
    """x over a power of its neighbours' squares."""
    settings = {
        key: number(c, c.argument(9, key, default=value))
        for key, value in (("depth_radius", 5), ("bias", 1.0), ("alpha", 1.0), ("beta", 0.5))
    }
    radius = integer(c, settings.pop("depth_radius"))
    floats: dict[str, Any] = {key: float(value) for key, value in settings.items()}
    return c.b.LRN(real(c, 0, "input"), depth_radius=radius, **floats)


@operation("nn.sigmoid_cross_entropy_with_logits", "compat.v1.nn.sigmoid_cross_entropy_with_logits")
def sigmoid_crossentropy(c: Context) -> Value:
    """The cross entropy of truths and logits, one by one."""
    labels, logits = real(c, 0, "labels"), real(c, 1, "logits")
    return c.b.Relu(logits) - logits * labels + c.b.Log1p(c.b.Exp(-c.b.Abs(logits)))


@operation("nn.softmax_cross_entropy_with_logits", "compat.v1.nn.softmax_cross_entropy_with_logits_v2")
def softmax_crossentropy(c: Context) -> Value:
    """The cross entropy of distributions and logits."""
    from tfjs_build.convert.keras.to_graph.activations import softmax

    labels, logits = real(c, 0, "labels"), real(c, 1, "logits")
    along = axis(c, logits, -1, 2)
    return -c.b.Sum(labels * softmax(c.b, logits, [along], log=True), [along])


@operation("math.atan2")
def atan2(c: Context) -> Value:
    """The angle of a point, given its height first."""
    y, x = real(c, 0, "y"), real(c, 1, "x")
    return c.b.Atan2(y, x)


@operation("image.flip_left_right", "image.flip_up_down")
def flip(c: Context) -> Value:
    """Images turned around."""
    x = tensor(c, 0, "image")
    place = -2 if "left_right" in str(c.config.get("function")) else -3
    return c.b.ReverseV2(x, c.ints([c.axis(x, place)]))


@operation("image.per_image_standardization")
def standardize(c: Context) -> Value:
    """Images of mean 0 and deviation 1."""
    b, x = c.b, real(c, 0, "image")
    along = list(range(c.rank(x) - 3, c.rank(x)))
    count = 1
    for place in along:
        count *= c.fixed(x, place)
    centred = x - b.Mean(x, along, keep_dims=True)
    deviation = b.Sqrt(b.Mean(b.Square(centred), along, keep_dims=True))
    return centred / b.Maximum(deviation, count**-0.5)


@operation("image.central_crop")
def central_crop(c: Context) -> Value:
    """The middle of images."""
    x = tensor(c, 0, "image")
    c.expect_images(x)
    share = number(c, c.argument(1, "central_fraction"))
    sizes = [c.fixed(x, 1), c.fixed(x, 2)]
    begin = [int((n - n * share) / 2) for n in sizes]
    return part(c, x, begin, [n - 2 * low for n, low in zip(sizes, begin, strict=True)])


@operation("image.adjust_contrast")
def contrast(c: Context) -> Value:
    """Values moved away from their image's mean."""
    return c.b.AdjustContrastv2(real(c, 0, "images"), float(number(c, c.argument(1, "contrast_factor"))))


@operation("image.adjust_brightness")
def brightness(c: Context) -> Value:
    """Values moved up."""
    return real(c, 0, "image") + number(c, c.argument(1, "delta"))
