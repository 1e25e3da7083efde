"""Whether masks go where Keras's go when tfjs-layers' executor runs a network.

The executor (`execute` in its engine/executor.ts) keeps one object of keyword arguments for a whole prediction: once a
mask was put there, every later layer is given it, until another replaces it; and an initial state that a recurrent
layer leaves there makes the next one throw.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.keras.to_layers.masks import joined
from tfjs_build.convert.keras.to_layers.network import Emitted, Mask, Network, Node, Value
from tfjs_build.convert.keras.to_layers.registry import EXPORT
from tfjs_build.errors import RefusedError

_PASS = frozenset(
    ["Activation", "BatchNormalization", "Dense", "LayerNormalization", "PReLU", "ReLU", "TimeDistributed"]
)
_MERGE = frozenset(["Add", "Average", "Maximum", "Minimum", "Multiply"])
_RECURRENT = frozenset(["Bidirectional", "ConvLSTM2D", "GRU", "LSTM", "RNN", "SimpleRNN"])

_BROKEN = Mask("of another rank")
"""What tfjs-layers' merges make of masks: their rank is one too high."""


def drop_unused_masks(network: Network) -> None:
    """Let embeddings whose mask no layer computes with make none, so that it reaches no layer by mistake."""
    used: set[Mask] = set()
    for node in network.calls:
        if node.mask is not None:
            used |= _parts(node.mask)
    for layer in network.layers:
        if layer.class_name == "Embedding" and not any(node.makes_mask in used for node in layer.nodes):
            layer.config = {**layer.config, "mask_zero": False}
            for node in layer.nodes:
                node.makes_mask = None


def check_execution(network: Network, *, masked: bool = False, repeated: bool = False) -> None:
    """Raise RefusedError where the executor could give a layer another mask or state than Keras.

    A network inside a TimeDistributed is `repeated`, and `masked` where there are masks around it: what is left there
    by one step or layer, the next one finds.
    """
    masks: dict[Value, Mask | None] = {}
    given: list[tuple[Node, Mask | None]] = []
    for node in network.calls:
        of_inputs = [masks.get(value) for value in node.inputs]
        masked = masked or any(of_inputs)
        given.append((node, of_inputs[0] if of_inputs else None))
        masks |= dict.fromkeys(node.outputs, _computed_mask(node, of_inputs))
    for node, mask in given:
        if node.layer.inner is not None:
            check_execution(node.layer.inner, masked=masked, repeated=True)
        elif node.layer.class_name in _RECURRENT:
            if mask != node.mask or (masked and mask is None):
                raise _refusal(node.layer, "TensorFlow.js would compute it with another mask than Keras does")
            if repeated and len(node.inputs) > 1:
                raise _refusal(node.layer, "TensorFlow.js cannot run it with an `initial_state` at every step")


def _computed_mask(node: Node, given: Sequence[Mask | None]) -> Mask | None:
    """Return the mask that tfjs-layers' `computeMask` gives to all of a layer's outputs."""
    layer = node.layer
    if node.makes_mask is not None:
        return node.makes_mask
    if layer.class_name in _PASS:
        return given[0]
    if layer.class_name in _MERGE:
        if len(given) > 2 and given[0] is None and any(given[1:-1]):
            raise _refusal(layer, "TensorFlow.js fails on inputs of which only some have a mask")
        return _BROKEN if given[0] is not None else None
    if layer.class_name == "Concatenate":
        return joined(given, layer.config["axis"]) if any(given) else None
    if layer.class_name in _RECURRENT:
        return given[0] if layer.config.get("return_sequences") else None
    return None


def _parts(mask: Mask) -> set[Mask]:
    """Return a mask with those that it is made of."""
    parts = {mask}
    pending: list[object] = [mask.key]
    while pending:
        key = pending.pop()
        if isinstance(key, Mask):
            parts.add(key)
            pending.append(key.key)
        elif isinstance(key, (tuple, frozenset)):
            pending.extend(key)
    return parts


def _refusal(layer: Emitted, reason: str) -> RefusedError:
    return RefusedError(f"layer `{layer.name}` ({layer.class_name}): {reason}", hint=EXPORT)
