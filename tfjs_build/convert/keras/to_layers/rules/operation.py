"""Rules of operations on tensors in functional models: Keras 3's operations, and TensorFlow functions in Keras 2.

An operand is a tensor or a constant. Numpy's way of broadcasting is that of tfjs-layers' merges only for tensors of one
rank, so others are refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfjs_build.convert.keras.description import Tensor
from tfjs_build.convert.keras.to_layers.activations import apply_activation, apply_gelu_tanh
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, operation
from tfjs_build.convert.keras.to_layers.rules.core import permute, product, reshape
from tfjs_build.convert.keras.to_layers.rules.merge import concatenated, merged
from tfjs_build.convert.keras.to_layers.rules.preprocessing import scaled
from tfjs_build.convert.keras.to_layers.rules.resizing import sliced

if TYPE_CHECKING:
    pass

Operand = Any  # a Value or a constant

_ACTIVATIONS = {
    "relu": ("Relu", "nn.relu"),
    "relu6": ("Relu6", "nn.relu6"),
    "sigmoid": ("Sigmoid", "math.sigmoid", "nn.sigmoid"),
    "tanh": ("Tanh", "math.tanh", "nn.tanh"),
    "softplus": ("Softplus", "math.softplus", "nn.softplus"),
    "softsign": ("Softsign", "nn.softsign"),
    "silu": ("Silu", "nn.silu", "nn.swish"),
    "selu": ("Selu", "nn.selu"),
    "mish": ("Mish",),
    "log_sigmoid": ("LogSigmoid", "math.log_sigmoid"),
    "hard_silu": ("HardSilu",),
    "hard_tanh": ("HardTanh",),
    "tanh_shrink": ("TanhShrink",),
    "sparse_sigmoid": ("SparseSigmoid",),
}


@operation("Add", "math.add", "__operators__.add")
def add(c: Context) -> Value:
    left, right = _operands(c)
    if isinstance(left, Value) and isinstance(right, Value):
        return _merge(c, "Add", left, right)
    x, constant = _tensor_and_constant(c, left, right)
    return _affine(c, x, 1.0, constant)


@operation("nn.bias_add")
def bias_add(c: Context) -> Value:
    bias = _argument(c, 1, "bias")
    c.require(not isinstance(bias, Value) and c.kwargs.get("data_format") in (None, "NHWC"), "its bias is not constant")
    return _affine(c, _tensor(c), 1.0, bias)


@operation("Subtract", "math.subtract", "__operators__.subtract")
def subtract(c: Context) -> Value:
    left, right = _operands(c)
    if not isinstance(right, Value):
        return _affine(c, _value(c, left), 1.0, _negated(c, right))
    if not isinstance(left, Value):
        return _affine(c, right, -1.0, left)
    negated = c.emit("Rescaling", {"scale": -1.0, "offset": 0.0}, right, right.shape, part="negated")
    return _merge(c, "Add", left, negated)


@operation("Multiply", "math.multiply", "__operators__.multiply")
def multiply(c: Context) -> Value:
    left, right = _operands(c)
    if isinstance(left, Value) and isinstance(right, Value):
        return _merge(c, "Multiply", left, right)
    x, constant = _tensor_and_constant(c, left, right)
    return _affine(c, x, constant, 0.0)


@operation("Divide", "TrueDivide", "math.truediv", "math.divide", "__operators__.truediv")
def divide(c: Context) -> Value:
    import numpy as np

    left, right = _operands(c)
    c.require(
        isinstance(left, Value) and not isinstance(right, Value), "TensorFlow.js's layers divide by constants only"
    )
    divisor = c.numbers(right)
    c.require(bool(np.all(divisor != 0)), "it divides by zero")
    return _affine(c, left, 1 / right if isinstance(right, (int, float)) else (1 / divisor).tolist(), 0.0)


@operation("Negative", "math.negative")
def negative(c: Context) -> Value:
    return _affine(c, _tensor(c), -1.0, 0.0)


@operation("Maximum", "math.maximum")
def maximum(c: Context) -> Value:
    left, right = _operands(c)
    if isinstance(left, Value) and isinstance(right, Value):
        return _merge(c, "Maximum", left, right)
    x, constant = _tensor_and_constant(c, left, right)
    return _at_least(c, x, _number(c, constant))


@operation("Minimum", "math.minimum")
def minimum(c: Context) -> Value:
    left, right = _operands(c)
    if isinstance(left, Value) and isinstance(right, Value):
        return _merge(c, "Minimum", left, right)
    x, constant = _tensor_and_constant(c, left, right)
    return _at_most(c, x, _number(c, constant))


@operation("Clip", "clip_by_value")
def clip(c: Context) -> Value:
    low = _number(c, _argument(c, 1, "x_min", "clip_value_min"))
    high = _number(c, _argument(c, 2, "x_max", "clip_value_max"))
    return _at_most(c, _at_least(c, _tensor(c), low), high)


@operation("Absolute", "Abs", "math.abs")
def absolute(c: Context) -> Value:
    x = _tensor(c)
    c.require(x.dtype == "float32", "TensorFlow.js's layers would make floats of its integers")
    above = c.emit("ReLU", {}, x, x.shape, part="above")
    negated = c.emit("Rescaling", {"scale": -1.0, "offset": 0.0}, x, x.shape, part="negated")
    return c.emit("Add", {}, [above, c.emit("ReLU", {}, negated, x.shape, part="below")], x.shape)


@operation("Square", "math.square")
def square(c: Context) -> Value:
    x = _tensor(c)
    return _merge(c, "Multiply", x, x)


@operation("Power", "math.pow")
def power(c: Context) -> Value:
    x, exponent = _operands(c)
    c.require(isinstance(x, Value) and exponent in (1, 2, 3), "TensorFlow.js's layers have powers of 2 and 3 only")
    return x if exponent == 1 else merged(c, "Multiply", [x] * int(exponent))


def _enter_activation(name: str, names: Sequence[str]) -> None:
    @operation(*names)
    def build(c: Context) -> Value:
        return apply_activation(c, c.as_float(_tensor(c)), name, "")


for _name, _names in _ACTIVATIONS.items():
    _enter_activation(_name, _names)


@operation("HardSigmoid")
def hard_sigmoid(c: Context) -> Value:
    return apply_activation(c, c.as_float(_tensor(c)), "hard_sigmoid", "")


@operation("Gelu", "nn.gelu")
def gelu(c: Context) -> Value:
    approximate = _argument(c, 1, "approximate", default=c.generation == 3) is not False
    x = c.as_float(_tensor(c))
    return apply_gelu_tanh(c, x) if approximate else apply_activation(c, x, "gelu", "")


@operation("Elu", "nn.elu")
def elu(c: Context) -> Value:
    alpha = _argument(c, 1, "alpha", default=1.0)
    c.require(alpha == 1, "TensorFlow.js's elu has no `alpha`")
    return apply_activation(c, c.as_float(_tensor(c)), "elu", "")


@operation("LeakyRelu", "nn.leaky_relu")
def leaky_relu(c: Context) -> Value:
    x = _tensor(c)
    return c.emit(
        "LeakyReLU", {"alpha": _number(c, _argument(c, 1, "negative_slope", "alpha", default=0.2))}, x, x.shape
    )


@operation("Softmax", "nn.softmax")
def softmax(c: Context) -> Value:
    return _along_axis(c, "softmax")


@operation("LogSoftmax", "nn.log_softmax")
def log_softmax(c: Context) -> Value:
    return _along_axis(c, "log_softmax")


@operation("Mean", "math.reduce_mean")
def mean(c: Context) -> Value:
    return _reduced(c, "GlobalAveragePooling")


@operation("Max", "math.reduce_max")
def max_(c: Context) -> Value:
    return _reduced(c, "GlobalMaxPooling")


@operation("Sum", "math.reduce_sum")
def sum_(c: Context) -> Value:
    x = _tensor(c)
    count = math.prod(c.fixed(x, axis) for axis in _axes(c, x))
    y = _reduced(c, "GlobalAveragePooling")
    return c.emit("Rescaling", {"scale": count, "offset": 0.0}, y, y.shape, part="sum")


@operation("Reshape", "reshape")
def reshape_(c: Context) -> Value:
    x = _tensor(c)
    target = _argument(c, 1, "newshape", "shape")
    c.require(
        isinstance(target, list) and all(isinstance(size, int) for size in target) and len(target) > 0,
        "TensorFlow.js's layers reshape to constant shapes only",
    )
    total = product(x.shape[1:])
    rest = target[1:]
    known = math.prod(size for size in rest if size >= 0)
    keeps = target[0] == x.shape[0] or (target[0] < 0 and total is not None and known == total and -1 not in rest)
    c.require(keeps, "TensorFlow.js's layers cannot change the batch's size")
    inferred = total // known if total is not None and known else None
    return reshape(c, x, tuple(inferred if size < 0 else size for size in rest))


@operation("Transpose", "compat.v1.transpose", "transpose")
def transpose(c: Context) -> Value:
    x = _tensor(c)
    axes = _argument(c, 1, "axes", "perm")
    order = tuple(_integers(c, axes)) if axes is not None else tuple(reversed(range(len(x.shape))))
    c.require(order[:1] == (0,), "TensorFlow.js's layers cannot move the batch's axis")
    return permute(c, x, order)


@operation("Concatenate", "concat")
def concatenate(c: Context) -> Value:
    [axis] = _integers(c, _argument(c, 1, "axis", default=-1), 1)
    return concatenated(c, _tensors(c), axis)


@operation("Stack", "stack")
def stack(c: Context) -> Value:
    values = _tensors(c)
    rank = len(values[0].shape) + 1
    axis = _integers(c, _argument(c, 1, "axis", default=0), 1)[0] % rank
    c.require(axis > 0, "TensorFlow.js's layers cannot stack along the batch's axis")
    wide = []
    for index, value in enumerate(values):
        sizes = (*value.shape[1:axis], 1, *value.shape[axis:])
        wide.append(reshape(c, value, sizes, f"wide_{index}"))
    return concatenated(c, wide, axis)


@operation("ExpandDims", "expand_dims")
def expand_dims(c: Context) -> Value:
    x = _tensor(c)
    rank = len(x.shape) + 1
    sizes: list[int | None] = list(x.shape)
    for axis in sorted(axis % rank for axis in _integers(c, _argument(c, 1, "axis", default=-1))):
        c.require(axis > 0, "TensorFlow.js's layers cannot move the batch's axis")
        sizes.insert(axis, 1)
    return reshape(c, x, tuple(sizes[1:]))


@operation("Squeeze", "squeeze", "compat.v1.squeeze")
def squeeze(c: Context) -> Value:
    x = _tensor(c)
    given = _argument(c, 1, "axis", default=None)
    rank = len(x.shape)
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    axes = ones if given is None else [axis % rank for axis in _integers(c, given)]
    c.require(0 not in axes, "TensorFlow.js's layers cannot drop the batch's axis")
    return reshape(c, x, tuple(n for i, n in enumerate(x.shape) if i and i not in axes))


@operation("Matmul", "linalg.matmul")
def matmul(c: Context) -> Value:
    left, right = _argument(c, 0, "x1", "a"), _argument(c, 1, "x2", "b")
    c.require(
        isinstance(left, Value) and isinstance(right, Value) and len(left.shape) == len(right.shape) == 3,
        "TensorFlow.js's layers multiply two tensors of rank 3 only",
    )
    axes = 1 if c.kwargs.get("transpose_a") else 2, 2 if c.kwargs.get("transpose_b") else 1
    c.require(left.shape[axes[0]] == right.shape[axes[1]], "the sizes of its inputs are not known to fit together")
    shape = (left.shape[0], left.shape[3 - axes[0]], right.shape[3 - axes[1]])
    return c.emit("Dot", {"axes": list(axes), "normalize": False}, [left, right], shape)


@operation("GetItem", "__operators__.getitem")
def get_item(c: Context) -> Value:
    x = _tensor(c)
    key = _argument(c, 1, "key", "slice_spec")
    items = list(key) if isinstance(key, list) else [key]
    rank = len(x.shape)
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and item.get("class_name") == "__ellipsis__":
            items[index : index + 1] = [_WHOLE] * (rank - len(items) + 1)
            break
    items += [_WHOLE] * (rank - len(items))
    c.require(len(items) == rank and _span(c, items[0], None) == (0, 0), "TensorFlow.js's layers cannot cut the batch")
    spans = [_span(c, item, x.shape[axis]) for axis, item in enumerate(items) if axis]
    c.require(all(start < stop for start, stop in spans), "nothing is left of its input")
    y = sliced(c, x, spans)
    kept = [stop - start for (start, stop), item in zip(spans, items[1:], strict=True) if not isinstance(item, int)]
    return reshape(c, y, tuple(kept), "item")


@operation("Cast", "cast")
def cast(c: Context) -> Value:
    dtype = str(_argument(c, 1, "dtype"))
    c.require("float" in dtype, f"TensorFlow.js's layers cannot turn tensors into {dtype}")
    return c.as_float(_tensor(c))


@operation("Identity", "identity")
def identity(c: Context) -> Value:
    return _tensor(c)


_WHOLE: Mapping[str, Any] = {"start": None, "stop": None, "step": None}


def _span(c: Context, item: Any, size: int | None) -> tuple[int, int]:
    """Return start and stop of a part of an axis; for an axis of unknown size that is taken whole, (0, 0)."""
    if isinstance(item, Mapping):
        values = item.get("config") if item.get("class_name") == "__slice__" else item
        values = values if isinstance(values, Mapping) else {}
        start, stop, step = (values.get(key) for key in ("start", "stop", "step"))
        if start is stop is step is None and size is None:
            return 0, 0
        constant = all(value is None or isinstance(value, int) for value in (start, stop))
        c.require(constant and step in (None, 1), "TensorFlow.js's layers cut constant ranges without steps only")
        c.require(size is not None, "TensorFlow.js needs to know the size that it cuts")
        return slice(start, stop).indices(size or 0)[:2]
    c.require(isinstance(item, int) and not isinstance(item, bool), "TensorFlow.js's layers cut constant ranges only")
    c.require(size is not None, "TensorFlow.js needs to know the size that it cuts")
    start = item % (size or 1)
    return start, start + 1


def _along_axis(c: Context, name: str) -> Value:
    x = _tensor(c)
    rank = len(x.shape)
    axis = _argument(c, 1, "axis", default=-1)
    axis = -1 if axis is None else axis
    c.require(isinstance(axis, int) and axis % rank > 0, "TensorFlow.js has it for one axis, not the batch's, only")
    order = list(range(rank))
    order[axis % rank], order[-1] = order[-1], order[axis % rank]  # its own inverse
    if axis % rank == rank - 1:
        return c.emit("Activation", {"activation": name}, x, x.shape)
    last = permute(c, x, tuple(order), "last_axis")
    return permute(c, c.emit("Activation", {"activation": name}, last, last.shape), tuple(order), "axes")


def _axes(c: Context, x: Value) -> list[int]:
    """Return the axes that a reduction goes along."""
    given = _argument(c, 1, "axis", default=None)
    rank = len(x.shape)
    axes = sorted(axis % rank for axis in _integers(c, given)) if given is not None else [0]
    c.require(0 not in axes, "TensorFlow.js's layers cannot reduce the batch")
    return axes


def _reduced(c: Context, class_name: str) -> Value:
    """Reduce along axes by a global pooling of the tensor as [reduced axes, other axes]."""
    x = c.as_float(_tensor(c))
    rank = len(x.shape)
    axes = _axes(c, x)
    keep = bool(_argument(c, 2, "keepdims", default=False))
    rest = [axis for axis in range(1, rank) if axis not in axes]
    others = tuple(x.shape[axis] for axis in rest)
    c.require(bool(rest) or keep, "TensorFlow.js's layers return tensors of rank 2 and more")
    if rank == 4 and axes == [1, 2]:
        y = c.emit(f"{class_name}2D", {}, x, (x.shape[0], *others))
    else:
        ordered = permute(c, x, (0, *axes, *rest), "order") if axes + rest != list(range(1, rank)) else x
        table = reshape(c, ordered, (product(tuple(x.shape[a] for a in axes)), product(others) if rest else 1), "table")
        y = c.emit(f"{class_name}1D", {}, table, (x.shape[0], table.shape[2]))
    return reshape(
        c, y, tuple(1 if axis in axes else x.shape[axis] for axis in range(1, rank)) if keep else others, "out"
    )


def _at_least(c: Context, x: Value, low: float) -> Value:
    shifted = c.emit("Rescaling", {"scale": 1.0, "offset": -low}, x, x.shape, part="from_low") if low else x
    y = c.emit("ReLU", {}, shifted, x.shape, part="at_least")
    return c.emit("Rescaling", {"scale": 1.0, "offset": low}, y, x.shape, part="low") if low else y


def _at_most(c: Context, x: Value, high: float) -> Value:
    below = c.emit("Rescaling", {"scale": -1.0, "offset": high}, x, x.shape, part="from_high")
    y = c.emit("ReLU", {}, below, x.shape, part="at_most")
    return c.emit("Rescaling", {"scale": -1.0, "offset": high}, y, x.shape, part="high")


def _merge(c: Context, class_name: str, left: Value, right: Value) -> Value:
    c.require(len(left.shape) == len(right.shape), "TensorFlow.js's layers broadcast tensors of one rank only")
    if left.dtype != right.dtype:
        left, right = c.as_float(left, 0), c.as_float(right, 1)
    return merged(c, class_name, [left, right])


def _affine(c: Context, x: Value, scale: Any, offset: Any) -> Value:
    """Return x · scale + offset."""
    if isinstance(scale, (int, float)) and isinstance(offset, (int, float)):
        return c.emit("Rescaling", {"scale": scale, "offset": offset}, x, x.shape)
    factors, offsets = c.numbers(scale), c.numbers(offset)
    c.require(
        factors.ndim <= len(x.shape) and offsets.ndim <= len(x.shape), "its constant has more axes than its input"
    )
    return scaled(c, x, factors, offsets)


def _operands(c: Context) -> tuple[Operand, Operand]:
    return _argument(c, 0, "x1", "x"), _argument(c, 1, "x2", "y")


def _argument(c: Context, position: int, *names: str, default: Any = ...) -> Operand:
    """Return an argument, from the call or the operation's configuration, tensors as values."""
    found: Any = ...
    if position < len(c.args):
        found = c.args[position]
    for name in names:
        if found is ...:
            found = c.kwargs.get(name, c.config.get(name, ...))
    if isinstance(found, Tensor):
        return c.value(found)
    if found is ...:
        c.require(default is not ..., f"its argument `{names[0]}` is not in the file")
        return default
    return found


def _tensor(c: Context) -> Value:
    return _value(c, _argument(c, 0, "x", "x1", "inputs", "features", "input", "input_tensor", "logits"))


def _tensors(c: Context) -> list[Value]:
    c.require(bool(c.inputs), "it is given no tensors")
    return c.inputs


def _value(c: Context, operand: Operand) -> Value:
    if isinstance(operand, Value):
        return operand
    raise c.refuse("TensorFlow.js's layers have it for tensors only")


def _tensor_and_constant(c: Context, left: Operand, right: Operand) -> tuple[Value, Any]:
    return (left, right) if isinstance(left, Value) else (_value(c, right), left)


def _negated(c: Context, constant: Any) -> Any:
    return -constant if isinstance(constant, (int, float)) else (-c.numbers(constant)).tolist()


def _integers(c: Context, value: Any, count: int | None = None) -> list[int]:
    found = [value] if isinstance(value, int) else value
    whole = isinstance(found, list) and all(isinstance(n, int) and not isinstance(n, bool) for n in found)
    c.require(whole and count in (None, len(found)), "its axes are not integers")
    return list(found)


def _number(c: Context, value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise c.refuse("TensorFlow.js's layers have it with one number only")
