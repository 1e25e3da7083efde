"""Which arguments the layers take besides their input, in the order of their `call`: positions become names, and
tensors that a layer does not take are noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.keras.description import Generation, Layer

_SEQUENCE = {2: "mask training initial_state constants", 3: "initial_state mask training"}
_ATTENTION = {
    2: "value key attention_mask return_attention_scores training use_causal_mask",
    3: "value key query_mask value_mask key_mask attention_mask return_attention_scores training use_causal_mask",
}
_STATES = {2: "states training", 3: "states training"}
_MASK = {2: "mask", 3: "mask"}
_MASK_TRAINING = {2: "mask training", 3: "mask training"}
_TRAINING_MASK = {2: "training mask", 3: "training mask"}
_FIRST = ("inputs", "query", "sequences", "sequence")

_TABLE: Mapping[str, Mapping[int, str]] = {
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _SEQUENCE),
    **dict.fromkeys(("SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells"), _STATES),
    **dict.fromkeys(("MultiHeadAttention", "GroupedQueryAttention"), _ATTENTION),
    **dict.fromkeys(("Softmax", "GlobalAveragePooling1D", "GroupNormalization"), _MASK),
    **dict.fromkeys(("Attention", "AdditiveAttention"), _MASK_TRAINING),
    **dict.fromkeys(("BatchNormalization", "TimeDistributed"), _TRAINING_MASK),
    "Bidirectional": {2: "training mask initial_state constants", 3: "initial_state mask training"},
    "CategoryEncoding": {2: "count_weights", 3: "count_weights"},
    "ReversibleEmbedding": {2: "reverse", 3: "reverse"},
    "SpectralNormalization": {2: "training", 3: "training"},
}


def named_arguments(
    layer: Layer, generation: Generation, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any], list[str]]:
    """Return a layer's first argument, the others by name, and the names of those that its `call` does not have."""
    names = _TABLE.get(layer.class_name, {}).get(generation, "").split()
    found = dict(kwargs)
    first = list(args[:1]) or [found.pop(name) for name in _FIRST if name in found][:1]
    for position, value in enumerate(args[1:]):
        found.setdefault(names[position] if position < len(names) else f"argument {position + 1}", value)
    return first, found, [name for name in found if name not in (*names, "mask", "training")]
