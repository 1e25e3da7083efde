"""Operations of neural networks: activations, convolutions, pools, normalizations, encodings, attention, losses."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph import activations
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.operands import axis, integers, number, real
from tfjs_build.convert.keras.to_graph.registry import operation
from tfjs_build.convert.keras.to_graph.rules.activation_layers import clipped_relu


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
        "HardSilu": "hard_silu",
        "HardTanh": "hard_tanh",
        "LogSigmoid math.log_sigmoid": "log_sigmoid",
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
    """x · Φ(x). `approximate` is True by default in keras.ops.nn.gelu, and False in tf.nn.gelu and in
    keras.activations.gelu."""
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
