"""Rules of the core layers: dense, embedding, shapes, masking."""

from __future__ import annotations

import math

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.to_layers.activations import activate, native_activation
from tfjs_build.convert.keras.to_layers.masks import any_not_equal, not_equal
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule


@rule("Dense")
def dense(c: Context) -> Value:
    x = c.input
    c.require(len(x.shape) >= 2, "TensorFlow.js has it for inputs of rank 2 and more only")
    units = c.config.size("units")
    use_bias = c.config.boolean("use_bias", True)
    weights = {"kernel": c.weight("kernel", c.fixed(x, -1), units)}
    if use_bias:
        weights["bias"] = c.weight("bias", units)
    native = native_activation(c, "activation")
    config = {"units": units, "activation": native or "linear", "use_bias": use_bias}
    y = c.emit("Dense", config, x, (*x.shape[:-1], units), weights=weights)
    return y if native else activate(c, y)


@rule("Embedding", masks="use", any_dtype=True)
def embedding(c: Context) -> Value:
    x = c.input
    rows, size = c.config.size("input_dim"), c.config.size("output_dim")
    mask_zero = c.config.boolean("mask_zero", False)
    config = {"input_dim": rows, "output_dim": size, "mask_zero": mask_zero}
    y = c.emit("Embedding", config, x, (*x.shape, size), weights={"embeddings": c.weight("embeddings", rows, size)})
    if mask_zero:
        c.makes_mask(y, not_equal(x, 0))
    return y


@rule("Masking", masks="use", any_dtype=True)
def masking(c: Context) -> Value:
    x = c.input
    value = c.config.number("mask_value", 0.0)
    y = c.emit("Masking", {"mask_value": value}, x, x.shape, dtype=x.dtype)
    c.makes_mask(y, any_not_equal(x, value))
    return y


@rule("Flatten", masks="stop", any_dtype=True)
def flatten(c: Context) -> Value:
    x = c.input
    channels_first = c.config.get("data_format") == "channels_first" and len(x.shape) > 2
    if channels_first:
        x = permute(c, x, (0, *range(2, len(x.shape)), 1), "channels_last")
    if len(x.shape) == 2:
        return x
    return reshape(c, x, (product(x.shape[1:]),)) if None in x.shape[1:] or len(x.shape) < 3 else _flat(c, x)


def _flat(c: Context, x: Value) -> Value:
    return c.emit("Flatten", {}, x, (x.shape[0], product(x.shape[1:])), dtype=x.dtype)


@rule("Reshape", masks="stop", any_dtype=True)
def reshape_layer(c: Context) -> Value:
    x = c.input
    target = c.config.get("target_shape")
    sizes = [-1 if size is None else size for size in target] if isinstance(target, list) else None
    shape = c.config.integers("target_shape") if sizes is None else tuple(sizes)
    known = math.prod(size for size in shape if size >= 0)
    total = product(x.shape[1:])
    inferred = total // known if total is not None and known else None
    return reshape(c, x, tuple(inferred if size < 0 else size for size in shape))


@rule("Permute", masks="stop", any_dtype=True)
def permute_layer(c: Context) -> Value:
    return permute(c, c.input, (0, *c.config.integers("dims")))


@rule("RepeatVector", masks="stop", any_dtype=True)
def repeat_vector(c: Context) -> Value:
    x = c.input
    c.rank(2)
    count = c.config.size("n")
    return c.emit("RepeatVector", {"n": count}, x, (x.shape[0], count, x.shape[1]), dtype=x.dtype)


def reshape(c: Context, x: Value, sizes: Shape, part: str = "") -> Value:
    """Give a tensor other sizes behind the batch dimension; at most one may be unknown."""
    if x.shape[1:] == sizes and None not in sizes:
        return x
    c.require(sizes.count(None) <= 1, "TensorFlow.js needs to know all but one of the sizes of its output")
    config = {"target_shape": list(sizes)}
    return c.emit("Reshape", config, x, (x.shape[0], *sizes), part=part, dtype=x.dtype)


def permute(c: Context, x: Value, order: tuple[int, ...], part: str = "") -> Value:
    """Reorder a tensor's axes; `order` includes the batch axis, which stays first."""
    c.require(sorted(order) == list(range(len(x.shape))) and order[0] == 0, "its `dims` are not an order of the axes")
    shape = tuple(x.shape[axis] for axis in order)
    return c.emit("Permute", {"dims": list(order[1:])}, x, shape, part=part, dtype=x.dtype)


def product(sizes: Shape) -> int | None:
    """Return the number of elements, None where a size is unknown."""
    known = [size for size in sizes if size is not None]
    return math.prod(known) if len(known) == len(sizes) else None
