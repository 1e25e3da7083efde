"""The network as the JSON that tfjs-layers reads: a flat Keras 2 `Functional` model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.keras.to_layers.network import Emitted, Network, Node, Value


def topology(network: Network) -> dict[str, Any]:
    """Return a model's `modelTopology`."""
    order = loading_order(network)
    numbers = {id(node): index for layer in network.layers for index, node in enumerate(order[id(layer)])}

    def triple(value: Value) -> list[Any]:
        return [value.node.layer.name, numbers[id(value.node)], value.index]

    def entry(layer: Emitted) -> dict[str, Any]:
        return {
            "class_name": layer.class_name,
            "name": layer.name,
            "config": layer_config(layer, layer.name),
            "inbound_nodes": [
                [[*triple(value), {}] for value in node.inputs] for node in order[id(layer)] if node.inputs
            ],
        }

    config = {
        "name": network.name,
        "layers": [entry(layer) for layer in network.layers],
        "input_layers": [triple(value) for value in network.inputs],
        "output_layers": [triple(value) for value in network.outputs],
    }
    return {"class_name": "Functional", "config": config}


def layer_config(layer: Emitted, name: str) -> dict[str, Any]:
    """Return one layer's configuration; that of a wrapper holds its inner layer or network."""
    config: dict[str, Any] = {"name": name, **layer.config}
    if layer.inner is not None:
        single = single_layer(layer.inner)
        if single is not None:
            inner = {"class_name": single.class_name, "config": layer_config(single, single.name)}
        else:
            inner = topology(layer.inner)
        config["layer"] = inner
    return config


def single_layer(network: Network) -> Emitted | None:
    """Return the layer that a network consists of, where it is just one layer, called once on the one input."""
    layers = [layer for layer in network.layers if layer.class_name != "InputLayer"]
    if len(layers) == 1 and len(layers[0].nodes) == 1 and len(network.inputs) == 1:
        node = layers[0].nodes[0]
        if list(node.inputs) == network.inputs and node.outputs == network.outputs:
            return layers[0]
    return None


def weights_of(network: Network) -> list[Weight]:
    """Return all weights under the names by which tfjs-layers looks for them (`Container.loadWeights`)."""
    return [weight for layer in network.layers for weight in _layer_weights(layer, layer.name)]


def _layer_weights(layer: Emitted, name: str) -> list[Weight]:
    weights = [replace(weight, name=f"{name}/{own}") for own, weight in layer.weights.items()]
    if layer.inner is not None:
        single = single_layer(layer.inner)
        # A wrapper builds its inner layer in its own name scope; a network inside it has been built before.
        weights += _layer_weights(single, name) if single is not None else weights_of(layer.inner)
    return weights


def loading_order(network: Network) -> Mapping[int, list[Node]]:
    """Return each layer's calls (by the layer's id) in the order in which tfjs-layers makes them.

    `Container.fromConfig` goes over the layers again and again and makes those calls whose inputs exist, so the calls
    of a shared layer may come in another order than they are listed, and a call's number is the order it is made in.
    Listed in the order found here, they are made in the order in which they are listed.
    """
    order = {id(layer): list(layer.nodes) for layer in network.layers}
    while True:
        made: dict[int, list[Node]] = {id(layer): [] for layer in network.layers}
        done: set[int] = set()
        waiting = {key: list(nodes) for key, nodes in order.items()}
        while any(waiting.values()):
            for layer in network.layers:
                later = []
                for node in waiting[id(layer)]:
                    if all(id(value.node) in done for value in node.inputs):
                        done.add(id(node))
                        made[id(layer)].append(node)
                    else:
                        later.append(node)
                waiting[id(layer)] = later
        if made == order:
            return order
        order = made
