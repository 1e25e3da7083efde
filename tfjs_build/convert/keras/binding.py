"""Which stored weight is which variable of which layer, by where it stands in the file, never by its name.

.keras: every layer has a group (`layers/dense_1/vars/0`, `…/cell/vars/1`), whose path follows from its place in the
configuration. .h5: every layer of the outermost model has a group with an ordered list of weights; what is nested in it
lies there in the order of creation, trainable ones first (`_legacy_weights` in Keras's hdf5 code).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.keras.description import Generation, Layer
from tfjs_build.convert.keras.hdf5 import Hdf5
from tfjs_build.convert.keras.reading import Owner
from tfjs_build.convert.keras.variables import VariableSpec, variables_of
from tfjs_build.errors import SourceError


def missing_weights(layer: Layer, label: str, found: int, expected: int) -> SourceError:
    """Return the error for a layer whose weights are not those of its configuration."""
    return SourceError(
        f"{label}: {layer.label} should have {expected} weights, and the file has {found} for it",
        hint="The file is incomplete, or its architecture and weights are not from one model. Save it again.",
    )


class ArchiveWeights:
    """Weights of a .keras file (`model.weights.h5`)."""

    def __init__(self, file: Hdf5, root: Owner) -> None:
        self._file = file
        self._stores = {owner.layer: owner.store for owner in _owners(root) if owner.layer is not None}

    def __call__(self, layer: Layer) -> Mapping[str, Weight]:
        """Return a layer's weights by role."""
        specs = variables_of(layer)
        weights: dict[str, Weight] = {}
        for attribute in dict.fromkeys(spec.attribute for spec in specs):
            wanted = [spec for spec in specs if spec.attribute == attribute]
            weights |= self._group(layer, attribute, wanted)
        return weights

    def _group(self, layer: Layer, attribute: str, specs: list[VariableSpec]) -> dict[str, Weight]:
        path = [*self._stores[layer].split("/"), *([attribute] if attribute else []), "vars"]
        group = self._file.group(*path)
        if group is None:  # Keras 2.12 and 2.13 name the list of layers otherwise
            group = self._file.group(*("_layer_checkpoint_dependencies" if part == "layers" else part for part in path))
        # A frozen layer's variables are in the order of creation too; `specs` is that order.
        count = len(group) if group is not None else 0
        datasets = [self._file.dataset(group, str(i)) if group is not None else None for i in range(len(specs))]
        weights = {spec.role: self._file.weight(d) for spec, d in zip(specs, datasets, strict=True) if d is not None}
        if len(weights) < len(specs):
            raise missing_weights(layer, self._file.label, count, len(specs))
        return weights


class LegacyWeights:
    """Weights of a .h5 file (`model_weights`)."""

    def __init__(self, file: Hdf5, root: Owner, generation: Generation) -> None:
        self._file = file
        self._generation = generation
        self._top: dict[Layer, Owner] = {}
        for owner in root.children:
            for inner in _owners(owner):
                if inner.layer is not None:
                    self._top[inner.layer] = owner
        self._bound: dict[Layer, dict[str, Weight]] = {}
        self._read: set[str] = set()

    def __call__(self, layer: Layer) -> Mapping[str, Weight]:
        """Return a layer's weights by role."""
        if not variables_of(layer):
            return {}
        top = self._top[layer]
        if top.name not in self._read:
            self._bind(top, layer)
            self._read.add(top.name)
        return self._bound.get(layer, {})

    def _bind(self, top: Owner, layer: Layer) -> None:
        slots = _legacy_order(top, self._generation)
        group = self._file.group("model_weights", *top.name.split("/"))
        names = self._file.strings(group, "weight_names") if group is not None else None
        if group is None or names is None:
            raise missing_weights(layer, self._file.label, 0, len(slots))
        # Trailing ones are the states of stateful recurrent layers, which are no part of what is published.
        if len(names) < len(slots):
            raise missing_weights(layer, self._file.label, len(names), len(slots))
        for slot, name in zip(slots, names, strict=False):
            dataset = self._file.dataset(group, name)
            if dataset is None:
                raise SourceError(f"{self._file.label}: the weight `{name}` of {slot.layer.label} is not in the file")
            self._bound.setdefault(slot.layer, {})[slot.spec.role] = self._file.weight(dataset)


@dataclass(frozen=True)
class _Slot:
    layer: Layer
    spec: VariableSpec
    trainable: bool


def _owners(owner: Owner) -> list[Owner]:
    return [owner, *(found for child in owner.children for found in _owners(child))]


def _legacy_order(top: Owner, generation: Generation) -> list[_Slot]:
    """Return what a group of a .h5 file holds, in its order."""
    slots = _slots(top, generation, True)
    if not top.trainable:
        return slots
    return [slot for slot in slots if slot.trainable] + [slot for slot in slots if not slot.trainable]


def _slots(owner: Owner, generation: Generation, inherited: bool) -> list[_Slot]:
    """Return an owner's variables in the order of creation.

    In Keras 2 a frozen model freezes what it holds; in Keras 3 each layer's own flag counts.
    """
    trainable = owner.trainable and (inherited or generation == 3)
    slots: list[_Slot] = []
    if owner.layer is not None:
        slots += [_Slot(owner.layer, spec, spec.trainable and trainable) for spec in variables_of(owner.layer)]
    return slots + [slot for child in owner.children for slot in _slots(child, generation, trainable)]
