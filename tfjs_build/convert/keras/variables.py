"""Which variables a layer has, in the order in which it created them: the key to both containers' weights.

A layer's rule says them (`variables=` of `to_graph/registry.py`); here is what rules say them with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Layer
from tfjs_build.records import record


@record(frozen=True)
class VariableSpec:
    """One variable: its role, below which attribute of the layer a .keras file keeps it, and by which name where it is
    not numbered. `held` tells which container has it, if not both."""

    role: str
    trainable: bool = True
    attribute: str = ""
    name: str = ""
    held: Literal["both", "archive", "legacy"] = "both"


@record(frozen=True)
class Stored:
    """What files hold for a layer: its own variables (those of what it wraps belong to its children). With `more`, some
    versions of Keras write besides what it has seen, or the state of its random numbers."""

    variables: Sequence[VariableSpec] = ()
    more: bool = False

    @property
    def hidden(self) -> bool:
        """Whether variables belong to layers inside it, of which its configuration says nothing."""
        return any("/" in spec.role for spec in self.variables)


StoredOf: TypeAlias = "Callable[[Layer], Stored | None]"
"""What files hold for a layer of Keras's own; None for what has no rule, or none of Keras's classes."""

Variables: TypeAlias = "Callable[[Config], list[VariableSpec]]"
"""The variables of a class by a layer's options."""

QuantizedVariables: TypeAlias = "Callable[[Config, str], list[VariableSpec]]"
"""The variables of a class by a layer's options and how it is quantized ("int8", "int4/128")."""


def none(_: Config) -> list[VariableSpec]:
    """Return that there are none."""
    return []


def named(*roles: str) -> Variables:
    """Return variables that are always there, all of them trainable."""
    return lambda _: [VariableSpec(role) for role in roles]


def with_bias(*roles: str) -> Variables:
    """Return variables that are always there, and a bias that the option `use_bias` decides on."""

    def find(config: Config) -> list[VariableSpec]:
        return [VariableSpec(role) for role in (*roles, "bias") if role != "bias" or config.boolean("use_bias", True)]

    return find


def scale_and_center(config: Config) -> list[VariableSpec]:
    """Return gamma and beta, which the options `scale` and `center` decide on."""
    found = [VariableSpec("gamma")] if config.boolean("scale", True) else []
    return [*found, VariableSpec("beta")] if config.boolean("center", True) else found


def with_low_rank(find: Variables) -> Variables:
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


def quantized_kernel(plain: Variables) -> QuantizedVariables:
    """Return what takes the place of a kernel (`variable_serialization_spec` in Keras's layers)."""

    def find(config: Config, mode: str) -> list[VariableSpec]:
        bias = [spec for spec in plain(config) if spec.role == "bias"]
        if mode.startswith(("gptq", "awq")):
            scales = ["awq_scales"] if mode.startswith("awq") else []
            roles = ["kernel", "kernel_scale", "kernel_zero", *scales, "g_idx"]
            return [*bias, *(VariableSpec(role, False) for role in roles)]
        return _quantized(config, mode, ["kernel"], bias)

    return find


def quantized_embeddings(plain: Variables) -> QuantizedVariables:
    """Return what takes the place of one or two matrices of embeddings."""

    def find(config: Config, mode: str) -> list[VariableSpec]:
        names = [spec.role for spec in plain(config) if spec.role.endswith("embeddings")]
        return _quantized(config, mode, names, [])

    return find


def _quantized(config: Config, mode: str, names: list[str], bias: list[VariableSpec]) -> list[VariableSpec]:
    if mode == "float8":
        history = [
            VariableSpec(f"{part}_{what}")  # trainable: their gradients are what they become
            for part in ("inputs", "kernel", "outputs_grad")
            for what in ("scale", "amax_history")
        ]
        return [*(VariableSpec(name) for name in names), *bias, *history]
    block = mode.startswith("int4") and mode.partition("/")[2] not in ("", "-1", "None")
    specs: list[VariableSpec] = []
    for name in names:
        specs += [VariableSpec(name, False), *bias, VariableSpec(f"{name}_scale", False)]
        specs += [VariableSpec(f"{name}_zero", False)] if block else []
        specs += [VariableSpec("g_idx", False)] if block and name == names[0] else []
    if config.get("lora_rank"):  # .keras files add them to the numbers
        specs += [VariableSpec(f"lora_{names[0]}_{part}", held="legacy") for part in ("a", "b")]
    return specs
