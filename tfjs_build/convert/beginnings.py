"""How a model begins: what it does first with an input's values, as far as it scales and shifts them.

A network that begins with `Rescaling(1/255)`, or with the `Normalization` of pixels, takes values from 0 to 255.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tfjs_build.convert.artifacts import ModelArtifacts, Weight

_MOST_NUMBERS = 16
"""A constant with more of them is no scale of channels."""

_SAME = ("Cast", "Identity", "ResizeBilinear", "ResizeNearestNeighbor")  # what resizes changes no range


class Beginning(NamedTuple):
    """What becomes of an input's values: they are multiplied by `scale` (the largest one of the channels), and `offset`
    (the one that shifts most) is added."""

    scale: float
    offset: float


def beginnings(artifacts: ModelArtifacts) -> dict[str, Beginning]:
    """Return, by the names that TensorFlow.js finds inputs by, how the model begins with each that it scales or shifts
    before anything else."""
    steps = _layer_steps if artifacts.format == "layers" else _graph_steps
    found = {}
    for spec in artifacts.signature.inputs:
        name = spec.node.partition(":")[0]
        beginning = _composed(steps(artifacts, name))
        if beginning is not None:
            found[spec.node] = beginning
    return found


def _composed(steps: Iterator[tuple[NDArray[Any], NDArray[Any]]]) -> Beginning | None:
    """Return what steps of scaling and shifting do one after the other; None where there are none."""
    import numpy as np

    scale, offset = np.ones(1), np.zeros(1)
    count = 0
    for factor, shift in steps:
        scale, offset, count = scale * factor, offset * factor + shift, count + 1
    if not count:
        return None
    return Beginning(float(np.abs(scale).max()), float(offset.flat[np.abs(offset).argmax()]))


def _graph_steps(artifacts: ModelArtifacts, name: str) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield factor and shift of each op that alone takes what the one before gives."""
    nodes = artifacts.topology["node"]
    weights = {weight.name: weight for weight in artifacts.weights}
    users: dict[str, list[Mapping[str, Any]]] = {}
    for node in nodes:
        for each in node.get("input", ()):
            users.setdefault(each.partition(":")[0].lstrip("^"), []).append(node)
    while len(users.get(name, ())) == 1:
        (node,) = users[name]
        if node["op"] not in _SAME:
            step = _step(node, name, weights)
            if step is None:
                return
            yield step
        name = node["name"]


def _step(
    node: Mapping[str, Any], name: str, weights: Mapping[str, Weight]
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Return factor and shift of an op with a constant; None of another op."""
    import numpy as np

    inputs = [each.partition(":")[0] for each in node.get("input", ())]
    if node["op"] not in ("Mul", "RealDiv", "Add", "AddV2", "Sub") or len(inputs) != 2:
        return None
    value = _value(weights.get(inputs[0] if inputs[1] == name else inputs[1]))
    reversed = inputs[0] != name
    if value is None or (reversed and node["op"] in ("RealDiv", "Sub")):
        return None
    one, zero = np.ones(1), np.zeros(1)
    if node["op"] == "Mul":
        return value, zero
    if node["op"] == "RealDiv":
        return (1 / value, zero) if value.all() else None
    return one, -value if node["op"] == "Sub" else value


def _value(weight: Weight | None) -> NDArray[Any] | None:
    """Return the numbers of a small constant, flat; None of a large one, or of another kind."""
    import numpy as np

    if weight is None or weight.size > _MOST_NUMBERS or weight.size == 0 or weight.dtype not in ("float32", "int32"):
        return None
    return np.concatenate([np.asarray(block, np.float64) for block in weight.blocks()])


def _layer_steps(artifacts: ModelArtifacts, name: str) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """The same of a layers model, of which only Rescaling scales."""
    import numpy as np

    layers = artifacts.topology["model_config"]["config"]["layers"]
    while True:
        following = [layer for layer in layers if any(_takes(node, name) for node in layer.get("inbound_nodes", ()))]
        if len(following) != 1 or following[0]["class_name"] != "Rescaling":
            return
        config = following[0]["config"]
        yield np.ravel(config["scale"]).astype(np.float64), np.ravel(config["offset"]).astype(np.float64)
        name = following[0]["name"]


def _takes(node: Any, name: str) -> bool:
    return any(each[0] == name for each in node)
