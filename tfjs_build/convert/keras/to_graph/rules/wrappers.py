"""Rules of the layers that run other layers: in both directions, or at every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, product, reshape
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Graph, Layer
from tfjs_build.convert.keras.hints import QUANTIZE_LATER
from tfjs_build.convert.keras.to_graph.context import Context, values_in
from tfjs_build.convert.keras.to_graph.registry import Result, layer
from tfjs_build.convert.keras.to_graph.rules.recurrent import no_constants

_MERGES: dict[str, Callable[[Builder, Value, Value], Value]] = {
    "sum": lambda _, x, y: x + y,
    "ave": lambda _, x, y: (x + y) / 2.0,
    "mul": lambda _, x, y: x * y,
}


@layer(
    "Bidirectional",
    floats=True,
    takes={2: "training mask initial_state constants", 3: "initial_state mask training"},
)
def bidirectional(c: Context) -> list[Value]:
    """A recurrent layer forwards, and one backwards, merged. Where they give every step, masked steps are zeros."""
    forward, backward = c.child("forward_layer"), c.child("backward_layer")
    every = forward.config.boolean("return_sequences", False)
    x, *states = c.inputs
    states += values_in(c.kwargs.get("initial_state"))
    no_constants(c)
    half = len(states) // 2
    mask = c.mask
    results: list[list[Value]] = []
    for side, own in ((forward, states[:half]), (backward, states[half:])):
        results.append(_direction(c, side, x, own, mask, every))
    (y, *forward_states), (z, *backward_states) = results
    steps = 0 if forward.config.boolean("time_major", False) else 1
    if every:
        z = c.b.ReverseV2(z, c.ints([steps]))
    mode = c.config.get("merge_mode")
    handed = c.previous_masks()
    kept = handed[0] if every and handed else None
    if mode is None:
        c.output_masks = [kept, kept]
        return [y, z, *forward_states, *backward_states]
    c.output_masks = [kept]
    if mode == "concat":
        merged = c.concat([y, z], c.rank(y) - 1)
    else:
        c.one_of("merge_mode", mode, (None, "concat", *_MERGES))
        merged = _MERGES[mode](c.b, y, z)
    return [merged, *forward_states, *backward_states]


def _direction(c: Context, side: Layer, x: Value, states: list[Value], mask: Value | None, every: bool) -> list[Value]:
    values = {**side.config.values, "zero_output_for_mask": every}
    # The weights are those of the layer as it stands in the file.
    c.host.stand_in(inner := replace(side, config=Config(side.name, values)), side)
    kwargs = {"mask": mask} if mask is not None else {}
    if c.generation == 2:
        return c.host.build(inner, [[x, *states]], kwargs)
    return c.host.build(inner, [x, states] if states else [x], kwargs)


@layer("TimeDistributed", takes="training mask")
def time_distributed(c: Context) -> Result:
    """A layer at every step: all steps are one batch."""
    child = c.layer.children.get("layer")
    c.require(isinstance(child, (Layer, Graph)), "expects a layer or a model as `layer`")
    sizes = [c.size(c.inputs[0], axis) for axis in (0, 1)]
    folded = [_folded(c, x) for x in c.inputs]
    mask = c.mask
    if mask is not None:
        c.host.masks[folded[0]] = _folded(c, mask)
    if isinstance(child, Graph):
        outputs = c.host.run(child, folded)
    else:
        assert isinstance(child, Layer)
        if child.quantization:
            reason = "a quantized `layer` is not supported: Keras multiplies there by the stored integers, unscaled"
            raise c.refuse(reason, QUANTIZE_LATER)
        kwargs = {"training": c.kwargs["training"]} if "training" in c.kwargs else {}
        outputs = c.host.build(child, [folded[0] if len(folded) == 1 else folded], kwargs)
    masks = [c.host.masks.get(value) for value in outputs]
    c.output_masks = [_output_mask(c, mask, found, sizes[0], sizes[1]) for found in masks]
    return [reshape(c.b, value, [*sizes, *c.sizes(value)[1:]]) for value in outputs]


def _folded(c: Context, x: Value) -> Value:
    sizes = c.sizes(x)
    return reshape(c.b, x, [product(c.b, sizes[:2]), *sizes[2:]])


def _output_mask(c: Context, mask: Value | None, found: Value | None, *sizes: Size) -> Value | None:
    """Return the mask of the output: that of the input in Keras 3; in Keras 2 that of the inner layer, else the
    input's, over its steps (`compute_mask` in tf_keras/src/layers/rnn/time_distributed.py)."""
    if c.generation == 3:
        return mask
    if found is not None:
        return reshape(c.b, found, [*sizes, *c.sizes(found)[1:]])
    if mask is None or c.rank(mask) == 2:
        return mask
    return c.b.Any(mask, list(range(2, c.rank(mask))))
