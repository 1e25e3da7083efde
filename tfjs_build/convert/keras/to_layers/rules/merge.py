"""Rules of the layers that merge several inputs."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.artifacts import Shape
from tfjs_build.convert.keras.to_layers.masks import merged_mask
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule


@rule("Add", masks="merge", any_dtype=True)
def add(c: Context) -> Value:
    return _elementwise(c, "Add")


@rule("Multiply", masks="merge", any_dtype=True)
def multiply(c: Context) -> Value:
    return _elementwise(c, "Multiply")


@rule("Average", masks="merge", any_dtype=True)
def average(c: Context) -> Value:
    return _elementwise(c, "Average")


@rule("Maximum", masks="merge", any_dtype=True)
def maximum(c: Context) -> Value:
    return _elementwise(c, "Maximum")


@rule("Minimum", masks="merge", any_dtype=True)
def minimum(c: Context) -> Value:
    return _elementwise(c, "Minimum")


@rule("Subtract", masks="merge", any_dtype=True)
def subtract(c: Context) -> Value:
    c.require(len(c.inputs) == 2, "it subtracts one tensor from one other")
    left, right = c.inputs
    negated = c.emit("Rescaling", {"scale": -1.0, "offset": 0.0}, right, right.shape, part="negated")
    return merged(c, "Add", [left, negated])


@rule("CustomScaleLayer", masks="stop")
def custom_scale(c: Context) -> Value:
    """InceptionResNetV2's: the first input and a part of the second."""
    c.require(len(c.inputs) == 2, "it adds one tensor to one other")
    left, right = c.inputs
    part = c.emit("Rescaling", {"scale": c.config.number("scale"), "offset": 0.0}, right, right.shape, part="scaled")
    return merged(c, "Add", [left, part])


@rule("Concatenate", masks="use", any_dtype=True)
def concatenate(c: Context) -> Value:
    axis, rank = c.config.integer("axis", -1), len(c.inputs[0].shape)
    masks = [value.mask for value in c.inputs]
    last = axis % rank == rank - 1
    c.require(last or None not in masks or not any(masks), "TensorFlow.js fails where only some inputs have a mask")
    y = concatenated(c, c.inputs, axis)
    y.mask = merged_mask(masks, c.generation, -1 if last else axis % rank)
    return y


@rule("Dot", masks="stop")
def dot(c: Context) -> Value:
    c.require(len(c.inputs) == 2, "it multiplies two tensors")
    left, right = c.inputs
    ranks = len(left.shape), len(right.shape)
    c.require(set(ranks) <= {2, 3}, "TensorFlow.js has it for inputs of rank 2 or 3 only")
    first, second = c.config.integers("axes", 2)
    axes = first % ranks[0], second % ranks[1]
    c.require(0 not in axes, "TensorFlow.js has no product along the batch")
    for value in c.inputs:
        c.require(value.dtype == "float32", f"TensorFlow.js has no product of {value.dtype} tensors")
    rest = [n for i, n in enumerate(left.shape[1:], 1) if i != axes[0]]
    rest += [n for i, n in enumerate(right.shape[1:], 1) if i != axes[1]]
    c.require(left.shape[axes[0]] == right.shape[axes[1]], "the sizes along its `axes` are not known to be the same")
    config = {"axes": list(axes), "normalize": c.config.boolean("normalize", False)}
    return c.emit("Dot", config, c.inputs, (left.shape[0], *(rest or [1])))


def _elementwise(c: Context, class_name: str) -> Value:
    return c.inputs[0] if len(c.inputs) == 1 else merged(c, class_name, c.inputs)


def merged(c: Context, class_name: str, inputs: Sequence[Value], part: str = "") -> Value:
    """Merge tensors element by element. Like Keras, tfjs-layers gives lower ranks axes of 1 behind the batch's."""
    rank = max(len(value.shape) for value in inputs)
    shapes = [(value.shape[0], *(1,) * (rank - len(value.shape)), *value.shape[1:]) for value in inputs]
    shape = shapes[0]
    for other in shapes[1:]:
        shape = broadcast(c, shape, other)
    dtypes = {value.dtype for value in inputs}
    c.require("string" not in dtypes and "bool" not in dtypes, "TensorFlow.js has it for numbers only")
    dtype = "int32" if dtypes == {"int32"} and class_name != "Average" else "float32"
    return c.emit(class_name, {}, inputs, shape, part=part, dtype=dtype)


def concatenated(c: Context, inputs: Sequence[Value], axis: int, part: str = "") -> Value:
    """Join tensors along an axis."""
    if len(inputs) == 1:
        return inputs[0]
    rank = len(inputs[0].shape)
    axis %= rank
    c.require(axis > 0, "TensorFlow.js's prediction cannot change the batch's size")
    c.require(all(len(value.shape) == rank for value in inputs), "its inputs have different ranks")
    if len({value.dtype for value in inputs}) > 1:
        inputs = [c.as_float(value, index) for index, value in enumerate(inputs)]
    rests = [tuple(n for i, n in enumerate(value.shape) if i != axis) for value in inputs]
    c.require(
        all(rest == rests[0] for rest in rests),
        "TensorFlow.js needs its inputs' sizes to be known alike in all of them",
    )
    sizes = [value.shape[axis] for value in inputs]
    known = [size for size in sizes if size is not None]
    total = sum(known) if len(known) == len(sizes) else None
    shape = tuple(total if i == axis else n for i, n in enumerate(inputs[0].shape))
    # tfjs-layers reads every negative axis as the last one.
    config = {"axis": -1 if axis == rank - 1 else axis}
    return c.emit("Concatenate", config, inputs, shape, part=part, dtype=inputs[0].dtype)


def broadcast(c: Context, one: Shape, other: Shape) -> Shape:
    """Return the shape of an element-by-element result of two tensors of one rank."""
    sizes: list[int | None] = []
    for left, right in zip(one, other, strict=True):
        c.require(left == right or None in (left, right) or 1 in (left, right), "its inputs' sizes do not fit together")
        if left == right or right == 1:
            sizes.append(left)
        else:
            sizes.append(right if left == 1 or left is None else left)
    return tuple(sizes)
