"""Which variables a layer has, in the order in which it created them: the key to both containers' weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Layer
from tfjs_build.convert.keras.renamed import CUDNN


@dataclass(frozen=True)
class VariableSpec:
    """One variable: its role, below which attribute of the layer a .keras file keeps it, and by which name where it is
    not numbered. `held` tells which container has it, if not both."""

    role: str
    trainable: bool = True
    attribute: str = ""
    name: str = ""
    held: Literal["both", "archive", "legacy"] = "both"


def variables_of(layer: Layer) -> Sequence[VariableSpec]:
    """Return a layer's own variables; those of what it wraps belong to its children."""
    if layer.operation or layer.package != "keras":
        return ()
    find = _TABLE.get(layer.class_name)
    if find is None:
        return ()
    mode = layer.quantization
    if mode and layer.class_name in _QUANTIZED:
        return _quantized(layer, mode)
    return find(layer.config)


Find: TypeAlias = "Callable[[Config], list[VariableSpec]]"


def _named(*roles: str) -> Find:
    return lambda _: [VariableSpec(role) for role in roles]


def _with_bias(*roles: str) -> Find:
    def find(config: Config) -> list[VariableSpec]:
        return [VariableSpec(role) for role in (*roles, "bias") if role != "bias" or config.boolean("use_bias", True)]

    return find


def _batch_normalization(config: Config) -> list[VariableSpec]:
    moving = ["moving_mean", "moving_variance"]
    if config.get("renorm"):
        moving += ["moving_stddev", "renorm_mean", "renorm_stddev"]
    return [*_scale_and_center(config), *(VariableSpec(role, False) for role in moving)]


def _scale_and_center(config: Config) -> list[VariableSpec]:
    found = [VariableSpec("gamma")] if config.boolean("scale", True) else []
    return [*found, VariableSpec("beta")] if config.boolean("center", True) else found


def _layer_normalization(config: Config) -> list[VariableSpec]:
    if config.boolean("rms_scaling", False):
        return [VariableSpec("gamma")]
    return _scale_and_center(config)


def _recurrent(config: Config) -> list[VariableSpec]:
    # CuDNN's layers have no cell that could hold them.
    return [VariableSpec(spec.role, True, "" if config.get(CUDNN) else "cell") for spec in _cell(config)]


_cell = _with_bias("kernel", "recurrent_kernel")


def _normalization(config: Config) -> list[VariableSpec]:
    if config.get("mean") is not None:
        return []
    return [VariableSpec("mean", False), VariableSpec("variance", False), VariableSpec("count", False)]


def _lora(find: Find) -> Find:
    """Add the low-rank factors that a layer was tuned with: .h5 files keep them apart, .keras files add them to the
    kernel."""

    def found(config: Config) -> list[VariableSpec]:
        specs = find(config)
        if not config.get("lora_rank"):
            return specs
        specs = [replace(spec, trainable=spec.role == "bias") for spec in specs]
        main = specs[0].role
        return [*specs, *(VariableSpec(f"lora_{main}_{part}", True, held="legacy") for part in ("a", "b"))]

    return found


def _einsum_dense(config: Config) -> list[VariableSpec]:
    return [VariableSpec("kernel"), *([VariableSpec("bias")] if config.get("bias_axes") else [])]


def _reversible(config: Config) -> list[VariableSpec]:
    tied = config.boolean("tie_weights", True)
    return [VariableSpec("embeddings"), *([] if tied else [VariableSpec("reverse_embeddings")])]


def _attention(config: Config) -> list[VariableSpec]:
    found = [VariableSpec("scale")] if config.boolean("use_scale", False) else []
    return [*found, VariableSpec("concat_score_weight")] if config.get("score_mode") == "concat" else found


def _multi_head(config: Config) -> list[VariableSpec]:
    """The projections are layers of their own, which the configuration does not list."""
    bias = config.boolean("use_bias", True)
    names = ["query", "key", *(["gate"] if config.get("use_gate") else []), "value"]
    parts = {**{name: f"{name}_dense" for name in names}, "attention_output": "output_dense"}
    roles = ["kernel", "bias"] if bias else ["kernel"]
    return [VariableSpec(f"{part}/{role}", True, attribute) for part, attribute in parts.items() for role in roles]


def _stft(config: Config) -> list[VariableSpec]:
    mode = config.get("mode")
    return [
        VariableSpec(f"{part}_kernel", False)
        for part, without in (("real", "imag"), ("imag", "real"))
        if mode != without
    ]


def _discretization(config: Config) -> list[VariableSpec]:
    """Keras 2 keeps what `adapt` has seen; the boundaries follow from it."""
    adapted = config.get("bin_boundaries") is None
    return [VariableSpec("summary", False)] if adapted else []


def _lookup(config: Config) -> list[VariableSpec]:
    return [_IDF] if config.get("output_mode") == "tf_idf" else []


_IDF = VariableSpec("idf_weights", False, name="idf_weights", held="archive")


def _quantized(layer: Layer, mode: str) -> list[VariableSpec]:
    """What takes the kernel's place (`variable_serialization_spec` in Keras's layers)."""
    config = layer.config
    embedding = "Embedding" in layer.class_name
    bias = [] if embedding else [spec for spec in _TABLE[layer.class_name](config) if spec.role == "bias"]
    names = ["embeddings"] if embedding else ["kernel"]
    specs: list[VariableSpec] = []
    block = mode.startswith("int4") and mode.partition("/")[2] not in ("", "-1", "None")
    if layer.class_name == "ReversibleEmbedding" and not config.boolean("tie_weights", True):
        names.append("reverse_embeddings")
    if mode == "float8":
        history = [
            VariableSpec(f"{part}_{what}")  # trainable: their gradients are what they become
            for part in ("inputs", "kernel", "outputs_grad")
            for what in ("scale", "amax_history")
        ]
        return [*(VariableSpec(name) for name in names), *bias, *history]
    if mode.startswith(("gptq", "awq")) and not embedding:
        scales = ["awq_scales"] if mode.startswith("awq") else []
        roles = ["kernel", "kernel_scale", "kernel_zero", *scales, "g_idx"]
        return [*bias, *(VariableSpec(role, False) for role in roles)]
    for name in names:
        specs += [VariableSpec(name, False), *bias, VariableSpec(f"{name}_scale", False)]
        specs += [VariableSpec(f"{name}_zero", False)] if block else []
        specs += [VariableSpec("g_idx", False)] if block and name == names[0] else []
    if config.get("lora_rank"):  # .keras files add them to the numbers
        specs += [VariableSpec(f"lora_{names[0]}_{part}", held="legacy") for part in ("a", "b")]
    return specs


_QUANTIZED = frozenset(["Dense", "EinsumDense", "Embedding", "ReversibleEmbedding"])
_convolution = _with_bias("kernel")
_tuned_convolution = _lora(_convolution)
_depthwise = _with_bias("depthwise_kernel")
_separable = _with_bias("depthwise_kernel", "pointwise_kernel")

_TABLE: dict[str, Find] = {
    "AdditiveAttention": lambda config: _named("scale")(config) if config.boolean("use_scale", True) else [],
    "Attention": _attention,
    "Dense": _tuned_convolution,
    "Conv1D": _tuned_convolution,
    "Conv2D": _tuned_convolution,
    "Conv3D": _tuned_convolution,
    "Discretization": _discretization,
    "EinsumDense": _lora(_einsum_dense),
    "GroupedQueryAttention": _multi_head,
    "IntegerLookup": _lookup,
    "LocallyConnected1D": _convolution,
    "LocallyConnected2D": _convolution,
    "MultiHeadAttention": _multi_head,
    "RandomFourierFeatures": lambda _: [
        VariableSpec("kernel_scale"),
        VariableSpec("unscaled_kernel", False),
        VariableSpec("bias", False),
    ],
    "ReversibleEmbedding": _reversible,
    "RMSNormalization": _named("scale"),
    "SpectralNormalization": lambda _: [VariableSpec("vector_u", False, held="legacy")],
    "STFTSpectrogram": _stft,
    "StringLookup": _lookup,
    "TextVectorization": _lookup,
    "Conv1DTranspose": _convolution,
    "Conv2DTranspose": _convolution,
    "Conv3DTranspose": _convolution,
    "DepthwiseConv1D": _depthwise,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv1D": _separable,
    "SeparableConv2D": _separable,
    "Embedding": _lora(_named("embeddings")),
    "PReLU": _named("alpha"),
    "BatchNormalization": _batch_normalization,
    "SyncBatchNormalization": _batch_normalization,
    "LayerScale": _named("gamma"),
    "LayerNormalization": _layer_normalization,
    "GroupNormalization": _scale_and_center,
    "Normalization": _normalization,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "SimpleRNN": _recurrent,
    "ConvLSTM1D": _recurrent,
    "ConvLSTM2D": _recurrent,
    "ConvLSTM3D": _recurrent,
    "LSTMCell": _cell,
    "GRUCell": _cell,
    "SimpleRNNCell": _cell,
}
