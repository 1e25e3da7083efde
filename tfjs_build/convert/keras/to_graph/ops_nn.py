"""Operations of neural networks: activations, convolutions, pools, normalizations, encodings, attention, losses."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import times, vector
from tfjs_build.convert.keras.to_graph import activations
from tfjs_build.convert.keras.to_graph.activation_layers import clipped_relu
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.convolution import grown, padded, settings
from tfjs_build.convert.keras.to_graph.operands import axis, integers, number, real, tensor
from tfjs_build.convert.keras.to_graph.pooling import adapted
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.windows import (
    around,
    enter,
    from_last,
    layout,
    leave,
    padding,
    patches,
    plane,
    spatial,
    to_last,
    volume_padding,
)


def _enter_functions(names: dict[str, str]) -> None:
    for ops, function in names.items():
        _enter(ops.split(), activations.FUNCTIONS[function])


def _enter(names: list[str], function: activations.Function) -> None:
    @operation(*names)
    def build(c: Context) -> Value:
        return function(c.b, real(c))


_enter_functions(
    {
        "HardSigmoid": "hard_sigmoid",
        "HardSilu HardSwish": "hard_silu",
        "HardTanh": "hard_tanh",
        "LogSigmoid math.log_sigmoid": "log_sigmoid",
        "Mish": "mish",
        "Relu nn.relu": "relu",
        "Relu6 nn.relu6": "relu6",
        "Selu nn.selu": "selu",
        "Sigmoid math.sigmoid nn.sigmoid": "sigmoid",
        "Silu nn.silu nn.swish": "silu",
        "Softplus math.softplus nn.softplus": "softplus",
        "Softsign nn.softsign math.softsign": "softsign",
        "SparsePlus": "sparse_plus",
        "SparseSigmoid": "sparse_sigmoid",
        "Tanh math.tanh nn.tanh": "tanh",
        "TanhShrink": "tanh_shrink",
    }
)


def _parameter(c: Context, *names: str, default: float) -> float:
    return number(c, c.argument(1, *names, default=default))


@operation("Gelu", "nn.gelu")
def gelu(c: Context) -> Value:
    """x · Φ(x), approximately by default in Keras 3."""
    approximate = c.argument(1, "approximate", default=c.generation == 3)
    return activations.gelu(c.b, real(c), approximate is not False)


@operation("Elu", "nn.elu")
def elu(c: Context) -> Value:
    """x, or alpha · (exp(x) - 1) below 0."""
    return activations.elu(c.b, real(c), _parameter(c, "alpha", default=1.0))


@operation("Celu")
def celu(c: Context) -> Value:
    """x, or alpha · (exp(x / alpha) - 1) below 0."""
    return activations.celu(c.b, real(c), _parameter(c, "alpha", default=1.0))


@operation("LeakyRelu", "nn.leaky_relu")
def leaky_relu(c: Context) -> Value:
    """x, or slope · x below 0."""
    return activations.leaky_relu(c.b, real(c), _parameter(c, "negative_slope", "alpha", default=0.2))


@operation("keras.activations.relu", "keras.backend.relu", "activations.relu")
def keras_relu(c: Context) -> Value:
    """Keras 2's relu with its arguments."""
    limit = c.argument(2, "max_value", default=None)
    slope = c.argument(1, "alpha", "negative_slope", default=0.0)
    threshold = c.argument(3, "threshold", default=0.0)
    top = None if limit is None else number(c, limit)
    return clipped_relu(c, real(c), number(c, slope), top, number(c, threshold))


@operation("HardShrink")
def hard_shrink(c: Context) -> Value:
    """x beyond a threshold, else 0."""
    return activations.hard_shrink(c.b, real(c), _parameter(c, "threshold", default=0.5))


@operation("SoftShrink")
def soft_shrink(c: Context) -> Value:
    """x moved towards 0."""
    return activations.soft_shrink(c.b, real(c), _parameter(c, "threshold", default=0.5))


@operation("Squareplus")
def squareplus(c: Context) -> Value:
    """(x + √(x² + b)) / 2."""
    return activations.squareplus(c.b, real(c), _parameter(c, "b", default=4.0))


@operation("Threshold")
def threshold(c: Context) -> Value:
    """x above a threshold, else a default."""
    default = number(c, c.argument(2, "default_value"))
    return activations.threshold(c.b, real(c), number(c, c.argument(1, "threshold")), default)


@operation("Glu")
def glu(c: Context) -> Value:
    """Half an axis times the sigmoid of the other."""
    x = real(c)
    return activations.glu(c.b, x, axis(c, x, -1))


@operation("Sparsemax")
def sparsemax(c: Context) -> Value:
    """The nearest point of the probability simplex."""
    x = real(c)
    return activations.sparsemax(c.b, x, axis(c, x, -1))


@operation("Softmax", "nn.softmax", "LogSoftmax", "nn.log_softmax")
def softmax(c: Context) -> Value:
    """exp(x) over its sum along axes, or the logarithm of that."""
    x = real(c)
    name = str(c.config.get("function", c.layer.class_name))
    log = name in ("LogSoftmax", "nn.log_softmax")
    given = c.argument(1, "axis", default=-1)
    if given is None and c.generation == 3:
        axes = list(range(c.rank(x)))
    else:
        axes = [c.axis(x, each) for each in integers(c, -1 if given is None else given)]
    return activations.softmax(c.b, x, axes, log=log)


# --- convolutions and pools -------------------------------------------------------------------------------------------


def _kernel(c: Context, position: int, name: str, count: int) -> Value:
    kernel = real(c, position, name)
    return c.b.ExpandDims(kernel, 0) if count == 1 else kernel


def _window(kernel: Value, count: int) -> tuple[int, ...]:
    return tuple((kernel.static or ())[-2 - count : -2])


@operation("Conv")
def conv(c: Context) -> Value:
    """A convolution with a kernel that is a tensor."""
    x = real(c, 0, "inputs")
    count = c.rank(x) - 2
    kernel = _kernel(c, 1, "kernel", count)
    x, attrs = padded(c, enter(c, x, count), count, _window(kernel, count))
    y = c.b.node("Conv3D" if count == 3 else "Conv2D", [x, kernel], attrs)[0]
    return leave(c, y, count)


@operation("DepthwiseConv", "SeparableConv")
def depthwise_conv(c: Context) -> Value:
    """A depthwise convolution, and one of size 1 after it."""
    x = real(c, 0, "inputs")
    count = c.rank(x) - 2
    separable = c.layer.class_name == "SeparableConv"
    kernel = _kernel(c, 1, "depthwise_kernel" if separable else "kernel", count)
    x, options = padded(c, enter(c, x, count), count, _window(kernel, count))
    if count == 1:
        [stride] = c.config.sizes("strides", 1, (1,))
        options["strides"] = [1, stride, stride, 1]
    y = c.b.DepthwiseConv2dNative(x, kernel, **options)
    if separable:
        ones = [1] * 4
        point = _kernel(c, 2, "pointwise_kernel", count)
        y = c.b.Conv2D(y, point, strides=ones, padding="VALID", data_format="NHWC", dilations=ones)
    return leave(c, y, count)


@operation("ConvTranspose")
def conv_transpose(c: Context) -> Value:
    """A transposed convolution."""
    x = real(c, 0, "inputs")
    count = c.rank(x) - 2
    kernel = _kernel(c, 1, "kernel", count)
    size, filters = _window(kernel, count), c.fixed(kernel, -2)
    ones = (1,) * count
    strides, dilations = c.config.sizes("strides", count, ones), c.config.sizes("dilation_rate", count, ones)
    given = c.config.get("output_padding")
    extra: tuple[int | None, ...] = (None,) * count if given is None else c.config.integers("output_padding", count)
    x, pads = enter(c, x, count), padding(c)
    first = 2 if count == 1 else 1
    lengths = [grown(c, c.size(x, i + first), size[i], strides[i], dilations[i], pads, extra[i]) for i in range(count)]
    target = vector(c.b, [c.size(x, 0), *([1] if count == 1 else []), *lengths, filters])
    op = "Conv3DBackpropInputV2" if count == 3 else "Conv2DBackpropInput"
    return leave(c, c.b.node(op, [target, kernel, x], {**settings(c, count), "padding": pads})[0], count)


@operation("MaxPool", "AveragePool")
def pool(c: Context) -> Value:
    """The maximum or mean of windows."""
    x = real(c, 0, "inputs")
    count = c.rank(x) - 2
    kind = "Max" if c.layer.class_name == "MaxPool" else "Avg"
    size = c.config.sizes("pool_size", count)
    strides = size if c.config.get("strides") is None else c.config.sizes("strides", count)
    x = enter(c, x, count)
    attrs = {
        "ksize": around(plane(size)),
        "strides": around(plane(strides)),
        "padding": volume_padding(c, x, size, strides) if count == 3 else padding(c),
        "data_format": layout(count),
    }
    return leave(c, c.b.node(f"{kind}Pool3D" if count == 3 else f"{kind}Pool", [x], attrs)[0], count)


@operation("AdaptiveMaxPool", "AdaptiveAveragePool")
def adaptive_pool(c: Context) -> Value:
    """The maximum or mean of as many windows as are asked for."""
    x = real(c, 0, "inputs")
    count = c.rank(x) - 2
    kind = "Max" if "Max" in c.layer.class_name else "Avg"
    for each, size in zip(spatial(c, count), c.config.sizes("output_size", count), strict=True):
        x = adapted(c, x, each, size, kind)
    return x


@operation("Unfold")
def unfold(c: Context) -> Value:
    """Windows of an image with its channels first, as [batch, channel and window, place]."""
    b, x = c.b, real(c)
    size, dilation, pads, stride = (
        c.config.integers(key, 2, default)
        for key, default in (("kernel_size", (1, 1)), ("dilation", (1, 1)), ("padding", (0, 0)), ("stride", (1, 1)))
    )
    channels = c.fixed(x, 1)
    if max(pads):
        x = b.Pad(x, c.ints([[0, 0], [0, 0], [pads[0]] * 2, [pads[1]] * 2]))
    last = b.Transpose(x, [0, 2, 3, 1])
    windows = patches(c, last, size, stride, dilation, "VALID")
    places = times(b, c.size(windows, 1), c.size(windows, 2))
    c.require(isinstance(places, int), "the size of its images is not known")
    count = places if isinstance(places, int) else 0
    parts = b.Reshape(windows, [-1, count, size[0] * size[1], channels])
    return b.Reshape(b.Transpose(parts, [0, 3, 2, 1]), [-1, channels * size[0] * size[1], count])


@operation("DepthToSpace", "SpaceToDepth", "nn.depth_to_space", "nn.space_to_depth")
def depth_and_space(c: Context) -> Value:
    """Channels as blocks of space, or back."""
    x = to_last(c, tensor(c, 0, "x", "input"), 2)
    name = str(c.config.get("function", c.layer.class_name)).lower().replace("_", "")
    op = "DepthToSpace" if "depthtospace" in name else "SpaceToDepth"
    block = int(number(c, c.argument(1, "block_size")))
    y = c.b.node(op, [x], {"block_size": block, "data_format": "NHWC"})[0]
    return from_last(c, y, 2)
