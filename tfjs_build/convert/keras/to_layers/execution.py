"""Runs a network as tfjs-layers' executor will, tensor by tensor, to see that masks and states go where Keras's go.

The executor (`execute` in its engine/executor.ts) keeps one object of keyword arguments for a whole prediction: once a
mask was put there, every later layer is given it, until another replaces it; and an initial state that a recurrent
layer leaves there makes the next one throw. Each of a layer's outputs that is needed makes it run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfjs_build.convert.keras.to_layers.masks import joined
from tfjs_build.convert.keras.to_layers.network import Emitted, Mask, Network, Node, Value
from tfjs_build.convert.keras.to_layers.registry import EXPORT
from tfjs_build.errors import RefusedError

_PASS = frozenset(
    ["Activation", "BatchNormalization", "Dense", "LayerNormalization", "PReLU", "ReLU", "TimeDistributed"]
)
_MERGE = frozenset(["Add", "Average", "Maximum", "Minimum", "Multiply"])
_RECURRENT = frozenset(["Bidirectional", "ConvLSTM2D", "GRU", "LSTM", "RNN", "SimpleRNN"])

_OTHER_MASK = "TensorFlow.js would compute it with another mask than Keras does"

_NO_FEATURE = -3.0e38

_BROKEN = Mask("of another rank")
"""What tfjs-layers' merges make of masks: their rank is one too high."""


@dataclass
class _Arguments:
    """The keyword arguments: whether the layers share them, the mask and whether there is an initial state."""

    shared: bool = False
    mask: Mask | None = None
    initial_state: bool = False


def drop_unused_masks(network: Network) -> None:
    """Let embeddings whose mask no layer computes with make none, so that it reaches no layer by mistake."""
    used: set[Mask] = set()
    for layer in network.layers:
        for node in layer.nodes:
            if node.mask is not None:
                used |= _parts(node.mask)
    for layer in network.layers:
        if layer.class_name == "Embedding" and not any(node.makes_mask in used for node in layer.nodes):
            layer.config = {**layer.config, "mask_zero": False}
            for node in layer.nodes:
                node.makes_mask = None


def check_execution(network: Network) -> None:
    """Raise RefusedError where the executor would give a layer another mask or state than Keras.

    A recurrent layer that is to have no mask, and would be given a left-over one, gets one that leaves no step out.
    """
    while True:
        try:
            _run(network, _Arguments())
        except _LeftOver as found:
            _keep_every_step(network, found.node)
        else:
            return


class _LeftOver(Exception):  # noqa: N818  (no error: it is caught above)
    """A mask that was meant for another layer reaches this call."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.layer.name)
        self.node = node


def _run(network: Network, arguments: _Arguments) -> None:
    masks: dict[Value, Mask | None] = dict.fromkeys(network.inputs)
    for value in execution_order(network):
        node = value.node
        given = [masks.get(source) for source in node.inputs]
        if any(mask is not None for mask in given):
            arguments.shared = True
            arguments.mask = given[0]
        _check(node, arguments)
        made = _computed_mask(node, given)
        for output in node.outputs:
            masks.setdefault(output, made)


def _check(node: Node, arguments: _Arguments) -> None:
    layer = node.layer
    if layer.inner is not None:
        inner = arguments if arguments.shared else _Arguments(shared=True)
        try:
            for _ in range(2):  # what one step leaves behind, the next one finds
                _run(layer.inner, inner)
        except _LeftOver as found:
            raise _refusal(found.node.layer, _OTHER_MASK) from None
        return
    if layer.class_name not in _RECURRENT:
        return
    if arguments.mask != node.mask:
        if node.mask is None:
            raise _LeftOver(node)
        raise _refusal(layer, _OTHER_MASK)
    if arguments.shared and arguments.initial_state:
        raise _refusal(layer, "TensorFlow.js cannot run it after another layer with an `initial_state` and a mask")
    arguments.initial_state |= len(node.inputs) > 1


def _keep_every_step(network: Network, node: Node) -> None:
    """Put a Masking before a call whose mask holds everywhere: no feature is the number that it looks for."""
    source, *states = node.inputs
    name = f"{node.layer.name}/every_step"
    layer = network.add(name, "Masking", {"mask_value": _NO_FEATURE}, before=node.layer)
    [value] = network.call(layer, [source], [(source.shape, source.dtype)])
    node.mask = value.node.makes_mask = Mask(("every step", id(node)))
    node.inputs = [value, *states]


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


def execution_order(network: Network) -> list[Value]:
    """Return the tensors that the executor computes, in its order (`getTopologicalSortAndRecipientCounts`)."""
    order: list[Value] = []
    seen: set[int] = set()
    for fetch in network.outputs:
        for value in _order_for(fetch, network.inputs):
            if id(value) not in seen:
                seen.add(id(value))
                order.append(value)
    return order


def _order_for(fetch: Value, inputs: Sequence[Value]) -> list[Value]:
    order: list[Value] = []
    visited = {id(value) for value in inputs}
    stack, marks = [fetch], [-1]
    while stack:
        top = stack[-1]
        marked = marks[-1] == len(stack) - 1
        if id(top) in visited:
            stack.pop()
        elif marked or not top.node.inputs:
            stack.pop()
            order.append(top)
            visited.add(id(top))
            if marked:
                marks.pop()
        else:
            marks.append(len(stack) - 1)
            stack.extend(value for value in top.node.inputs if id(value) not in visited)
    return order


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
