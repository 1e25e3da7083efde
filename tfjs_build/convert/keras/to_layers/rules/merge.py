"""The layers that merge several inputs."""

from __future__ import annotations

from tfjs_build.convert.keras.to_layers.masks import merged_mask
from tfjs_build.convert.keras.to_layers.network import Value
from tfjs_build.convert.keras.to_layers.registry import Context, rule


@rule("Add", "Average", "Maximum", "Minimum", "Multiply", masks="merge", any_dtype=True)
def elementwise(c: Context) -> Value:
    """Like Keras, tfjs-layers gives lower ranks axes of 1 behind the batch's."""
    if len(c.inputs) == 1:
        return c.inputs[0]
    rank = max(len(value.shape) for value in c.inputs)
    shapes = [(value.shape[0], *(1,) * (rank - len(value.shape)), *value.shape[1:]) for value in c.inputs]
    dtypes = {value.dtype for value in c.inputs}
    c.require(dtypes <= {"float32", "int32"}, f"TensorFlow.js's layer expects numbers, got {sorted(dtypes)[0]}")
    average = c.layer.class_name == "Average"
    dtype = "int32" if dtypes == {"int32"} and not average else "float32"
    shape = tuple(_broadcast(c, sizes) for sizes in zip(*shapes, strict=True))
    return c.emit(c.layer.class_name, {}, c.inputs, shape, dtype=dtype)


@rule("Concatenate", masks="use", any_dtype=True)
def concatenate(c: Context) -> Value:
    """tfjs-layers reads every negative axis as the last one."""
    rank = len(c.inputs[0].shape)
    axis = c.config.integer("axis", -1) % rank
    last = axis == rank - 1
    masks = [value.mask for value in c.inputs]
    c.require(last or None not in masks or not any(masks), "TensorFlow.js fails where only some inputs have a mask")
    mask = merged_mask(masks, c.generation, -1 if last else axis)
    if len(c.inputs) == 1:
        c.inputs[0].mask = mask
        return c.inputs[0]
    if axis == 0:
        raise c.unsupported("axis")
    c.require(all(len(value.shape) == rank for value in c.inputs), "its inputs have different ranks")
    c.require(len({value.dtype for value in c.inputs}) == 1, "TensorFlow.js's layer expects inputs of one dtype")
    rests = [value.shape[:axis] + value.shape[axis + 1 :] for value in c.inputs]
    same = all(rest == rests[0] for rest in rests)
    c.require(same, "TensorFlow.js needs its inputs' sizes to be known alike in all of them")
    known = [size for value in c.inputs if (size := value.shape[axis]) is not None]
    total = sum(known) if len(known) == len(c.inputs) else None
    shape = (*c.inputs[0].shape[:axis], total, *c.inputs[0].shape[axis + 1 :])
    y = c.emit("Concatenate", {"axis": -1 if last else axis}, c.inputs, shape, dtype=c.inputs[0].dtype)
    y.mask = mask
    return y


@rule("Dot", masks="stop")
def dot(c: Context) -> Value:
    c.require(len(c.inputs) == 2, "it multiplies two tensors")
    left, right = c.inputs
    ranks = len(left.shape), len(right.shape)
    c.require(
        set(ranks) <= {2, 3}, f"TensorFlow.js's layer expects inputs of rank 2 or 3, got {ranks[0]} and {ranks[1]}"
    )
    first, second = c.config.integers("axes", 2)
    axes = first % ranks[0], second % ranks[1]
    c.require(0 not in axes, "TensorFlow.js has no product along the batch")
    c.require(left.shape[axes[0]] == right.shape[axes[1]], "the sizes along its `axes` are not known to be the same")
    rest = [n for i, n in enumerate(left.shape[1:], 1) if i != axes[0]]
    rest += [n for i, n in enumerate(right.shape[1:], 1) if i != axes[1]]
    config = {"axes": list(axes), "normalize": c.config.boolean("normalize", False)}
    return c.emit("Dot", config, c.inputs, (left.shape[0], *(rest or [1])))


def _broadcast(c: Context, sizes: tuple[int | None, ...]) -> int | None:
    """Return the size of an axis of which several tensors have these."""
    known = {size for size in sizes if size not in (None, 1)}
    c.require(len(known) <= 1, "its inputs' sizes do not fit together")
    return next(iter(known), None if None in sizes else 1)
