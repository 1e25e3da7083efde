"""A pass over a description: layers that change nothing when a model predicts are taken out.

Masks go past them unchanged, as in Keras, where all of them hand masks on.
"""

from __future__ import annotations

from dataclasses import replace

from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Call, Graph, Layer, Tensor, map_tensors, tensors_in

NO_OPS = frozenset(
    [
        "ActivityRegularization",
        "AlphaDropout",
        "AugMix",
        "CutMix",
        "Dropout",
        "GaussianDropout",
        "GaussianNoise",
        "Identity",
        "MixUp",
        "RandAugment",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomColorJitter",
        "RandomContrast",
        "RandomElasticTransform",
        "RandomErasing",
        "RandomFlip",
        "RandomGaussianBlur",
        "RandomGrayscale",
        "RandomHeight",
        "RandomHue",
        "RandomInvert",
        "RandomPerspective",
        "RandomPosterization",
        "RandomRotation",
        "RandomSaturation",
        "RandomSharpness",
        "RandomShear",
        "RandomTranslation",
        "RandomWidth",
        "RandomZoom",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "StochasticDepth",
        "TFDIdentity",
    ]
)
"""Classes of Keras's own whose prediction is their input."""


def is_no_op(layer: Layer) -> bool:
    """Return whether a layer's prediction is its input."""
    if layer.code is not None or layer.operation:
        return False
    if layer.class_name in ("TimeDistributed",):
        inner = layer.children.get("layer")
        return isinstance(inner, Layer) and is_no_op(inner)
    return layer.class_name in NO_OPS or (layer.class_name == "Activation" and _is_linear(layer.config))


def without_no_ops(graph: Graph) -> Graph:
    """Return the graph without the layers that change nothing. Calls with training=True stay: they do something."""
    removed: dict[Call, Tensor] = {}
    changed: dict[Call, Call] = {}

    def current(tensor: Tensor) -> Tensor:
        if tensor.call in removed:
            return removed[tensor.call]
        return replace(tensor, call=changed[tensor.call])

    calls: list[Call] = []
    for call in graph.calls:
        args = map_tensors(call.args, current)
        inputs = list(tensors_in(args))
        kwargs = map_tensors(call.kwargs, current)
        if is_no_op(call.layer) and call.kwargs.get("training") in (None, False, 0) and len(inputs) == 1:
            removed[call] = inputs[0]
        else:
            changed[call] = Call(call.layer, args, kwargs) if call.args or call.kwargs else call
            calls.append(changed[call])
    outputs = tuple(replace(port, tensor=current(port.tensor)) for port in graph.outputs)
    masks = tuple((current(tensor), current(mask)) for tensor, mask in graph.handed_masks)
    return Graph(graph.name, graph.inputs, outputs, tuple(calls), masks)


def _is_linear(config: Config) -> bool:
    return config.get("activation") in (None, "linear")
