"""Where a layer's inputs come from, as the two generations of Keras write it: both read into the same references.

Keras 3: `{"args": […], "kwargs": {…}}` with `{"class_name": "__keras_tensor__", "config": {"keras_history": [layer,
node, tensor]}}` for tensors. Keras 2: a node is a nest of `[layer, node, tensor, kwargs]` that is the first argument;
a constant there is `["_CONSTANT_VALUE", -1, value, kwargs]`, and tensors in kwargs are `[layer, node, tensor]`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tfjs_build.convert.keras.config import plain
from tfjs_build.errors import SourceError
from tfjs_build.records import record


@record(frozen=True)
class Reference:
    """The output `tensor` of the call number `node` of a layer, as a model's configuration names it."""

    layer: str
    node: int
    tensor: int


@record(frozen=True)
class Arguments:
    """What a call is given: positional and keyword arguments, references inside."""

    args: list[Any]
    kwargs: dict[str, Any]

    def references(self) -> list[Reference]:
        """Return all references, in order."""
        return references_in([self.args, self.kwargs])


def call_arguments(node: Any, names: Collection[str], layer: str) -> Arguments:
    """Read one entry of `inbound_nodes`; `names` are the layers that references can name."""
    if isinstance(node, Mapping) and isinstance(node.get("args"), list) and isinstance(node.get("kwargs"), Mapping):
        return Arguments([_keras3(a) for a in node["args"]], {str(k): _keras3(v) for k, v in node["kwargs"].items()})
    kwargs: dict[str, Any] = {}

    def first_argument(value: Any) -> Any:
        if _is_triple(value, names) or (
            isinstance(value, list) and value[:2] == ["_CONSTANT_VALUE", -1] and len(value) > 2
        ):
            if len(value) > 3 and isinstance(value[3], Mapping):
                kwargs.update({str(k): _keras2(v, names) for k, v in value[3].items()})
            return plain(value[2]) if value[1] == -1 else Reference(value[0], value[1], value[2])
        if isinstance(value, list):
            return [first_argument(item) for item in value]
        if isinstance(value, Mapping):
            return {str(key): first_argument(item) for key, item in value.items()}
        raise SourceError(f"layer `{layer}`: its inputs are not in a form that Keras writes ({value!r:.80})")

    first = first_argument(node)
    if isinstance(first, list) and len(first) == 1:  # Keras 2 wraps a single tensor
        first = first[0]
    return Arguments([first], kwargs)


def structure(value: Any, model: str) -> Any:
    """Read `input_layers` or `output_layers`: one triple, or lists and dicts of them, nested."""
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        if all(isinstance(index, int) and not isinstance(index, bool) for index in value[1:]):
            return Reference(value[0], value[1], value[2])
    elif isinstance(value, list):
        return [structure(item, model) for item in value]
    elif isinstance(value, Mapping):
        return {str(key): structure(item, model) for key, item in value.items()}
    raise SourceError(f"model `{model}`: {value!r:.80} does not name an input or output")


def references_in(value: Any) -> list[Reference]:
    """Return the references in nested lists and dicts, in order."""
    if isinstance(value, Reference):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return [found for item in value for found in references_in(item)]
    return []


def map_references(value: Any, change: Callable[[Reference], Any]) -> Any:
    """Return nested lists and dicts with every reference replaced."""
    if isinstance(value, Reference):
        return change(value)
    if isinstance(value, Mapping):
        return {key: map_references(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [map_references(item, change) for item in value]
    return value


def _keras3(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            config = value.get("config")
            history = config.get("keras_history") if isinstance(config, Mapping) else None
            if isinstance(history, list) and len(history) == 3 and _is_triple(history, history[:1]):
                return Reference(history[0], history[1], history[2])
            raise SourceError(f"{value!r:.80} does not say which layer it comes from")
        if value.get("class_name") == "__tuple__":
            items = value.get("items")
            if isinstance(items, list):
                return [_keras3(item) for item in items]
            raise SourceError(f"{value!r:.80} does not list what is in it")
        if "class_name" in value:
            return plain(dict(value))
        return {str(key): _keras3(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_keras3(item) for item in value]
    return value


def _keras2(value: Any, names: Collection[str]) -> Any:
    if _is_triple(value, names):
        return Reference(value[0], value[1], value[2])
    if isinstance(value, list):
        return [_keras2(item, names) for item in value]
    if isinstance(value, Mapping):
        found = plain(dict(value))
        if isinstance(found, Mapping):
            return {str(key): _keras2(item, names) for key, item in found.items()}
        return _keras2(found, names)
    return value


def _is_triple(value: Any, names: Collection[Any]) -> bool:
    """Return whether a value is `[layer, node, tensor]`, or that with keyword arguments, for a layer in `names`."""
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and value[0] in names
        and all(isinstance(index, int) and not isinstance(index, bool) and index >= 0 for index in value[1:3])
    )
