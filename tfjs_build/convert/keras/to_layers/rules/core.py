"""The core layers: dense, embedding, shapes, masking."""

from __future__ import annotations

import math

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.to_layers.activations import activated
from tfjs_build.convert.keras.to_layers.masks import any_not_equal, not_equal
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule


@rule("Dense", any_dtype=True)
def dense(c: Context) -> Value:
    """It casts integers by itself, as Keras's does."""
    x = c.input
    c.require(len(x.shape) >= 2, f"TensorFlow.js's layer expects an input of rank 2 or more, got rank {len(x.shape)}")
    c.require(x.dtype in ("float32", "int32"), f"TensorFlow.js's layer expects numbers, got {x.dtype}")
    units = c.config.size("units")
    weights = {"kernel": c.weight("kernel", c.fixed(x, -1), units)}
    return activated(c, "Dense", {"units": units}, (*x.shape[:-1], units), units, weights)


@rule("Embedding", masks="use", any_dtype=True)
def embedding(c: Context) -> Value:
    x = c.input
    rows, size = c.config.size("input_dim"), c.config.size("output_dim")
    mask_zero = c.config.boolean("mask_zero", False)
    config = {"input_dim": rows, "output_dim": size, "mask_zero": mask_zero}
    y = c.emit("Embedding", config, x, (*x.shape, size), weights={"embeddings": c.weight("embeddings", rows, size)})
    if mask_zero:
        y.mask = y.node.makes_mask = not_equal(x, 0)
    return y


@rule("Masking", masks="use", any_dtype=True)
def masking(c: Context) -> Value:
    value = c.config.number("mask_value", 0.0)
    y = c.emit("Masking", {"mask_value": value}, c.input, c.input.shape, dtype=c.input.dtype)
    y.mask = y.node.makes_mask = any_not_equal(c.input, value)
    return y


@rule("Flatten", masks="stop", any_dtype=True)
def flatten(c: Context) -> Value:
    """Where channels come first, both Kerases put them last before."""
    x = c.input
    rank = len(x.shape)
    if c.config.get("data_format") == "channels_first" and rank > 2:
        x = _permute(c, x, (0, *range(2, rank), 1), "channels_last")
    if rank == 2:
        return x
    if rank < 2 or None in x.shape[1:]:
        return _reshape(c, x, (_product(x.shape[1:]),))
    return c.emit("Flatten", {}, x, (x.shape[0], _product(x.shape[1:])), dtype=x.dtype)


@rule("Reshape", masks="stop", any_dtype=True)
def reshape(c: Context) -> Value:
    target = c.config.get("target_shape")
    sizes = [-1 if size is None else size for size in target] if isinstance(target, list) else None
    shape = c.config.integers("target_shape") if sizes is None else tuple(sizes)
    known = math.prod(size for size in shape if size >= 0)
    total = _product(c.input.shape[1:])
    inferred = total // known if total is not None and known else None
    return _reshape(c, c.input, tuple(inferred if size < 0 else size for size in shape))


@rule("Permute", masks="stop", any_dtype=True)
def permute(c: Context) -> Value:
    return _permute(c, c.input, (0, *c.config.integers("dims")))


@rule("RepeatVector", masks="stop", any_dtype=True)
def repeat_vector(c: Context) -> Value:
    c.rank(2)
    count = c.config.size("n")
    shape = (c.input.shape[0], count, c.input.shape[1])
    return c.emit("RepeatVector", {"n": count}, c.input, shape, dtype=c.input.dtype)


@rule("CategoryEncoding", masks="stop", any_dtype=True, only={"sparse": False})
def category_encoding(c: Context) -> Value:
    """tfjs-layers' writes its output's shape into its input's; a layer of its own before it keeps that from harm."""
    c.rank(2)
    x, count, mode = c.input, c.config.size("num_tokens"), c.config.text("output_mode", "multi_hot")
    if mode not in ("one_hot", "multi_hot", "count"):
        raise c.unsupported("output_mode")
    c.require(mode != "one_hot" or x.shape[1] == 1, "TensorFlow.js encodes one value per sample only (`one_hot`)")
    own = c.emit("Reshape", {"target_shape": [x.shape[1]]}, x, x.shape, part="values", dtype=x.dtype)
    return c.emit("CategoryEncoding", {"num_tokens": count, "output_mode": mode}, own, (x.shape[0], count))


def _reshape(c: Context, x: Value, sizes: Shape) -> Value:
    """Give a tensor other sizes behind the batch dimension; at most one may be unknown."""
    if x.shape[1:] == sizes and None not in sizes:
        return x
    c.require(sizes.count(None) <= 1, "TensorFlow.js needs to know all but one of the sizes of its output")
    return c.emit("Reshape", {"target_shape": list(sizes)}, x, (x.shape[0], *sizes), dtype=x.dtype)


def _permute(c: Context, x: Value, order: tuple[int, ...], part: str = "") -> Value:
    c.require(sorted(order) == list(range(len(x.shape))) and order[0] == 0, "its `dims` are not an order of the axes")
    shape = tuple(x.shape[axis] for axis in order)
    return c.emit("Permute", {"dims": list(order[1:])}, x, shape, part=part, dtype=x.dtype)


def _product(sizes: Shape) -> int | None:
    """Return the number of elements, None where a size is unknown."""
    known = [size for size in sizes if size is not None]
    return math.prod(known) if len(known) == len(sizes) else None
