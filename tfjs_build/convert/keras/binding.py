"""Which stored weight is which variable of which layer, by where it stands in the file, never by its name.

.keras: every layer has a group (`layers/dense_1/vars/0`, `…/cell/vars/1`), whose path follows from its place in the
configuration. .h5: every layer of the outermost model has a group with an ordered list of weights; what is nested in it
lies there in the order of creation, trainable ones first (`_legacy_weights` in Keras's hdf5 code).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.keras.config import Config
from tfjs_build.convert.keras.description import Generation, Layer
from tfjs_build.convert.keras.hdf5 import Hdf5
from tfjs_build.convert.keras.hints import OTHERWISE, QUANTIZE_LATER
from tfjs_build.convert.keras.naming import snake_case
from tfjs_build.convert.keras.reading import Owner
from tfjs_build.convert.keras.user_code import CODE
from tfjs_build.convert.keras.variables import Stored, StoredOf, VariableSpec
from tfjs_build.errors import RefusedError, SourceError
from tfjs_build.records import record

_OLD_LAYERS = "_layer_checkpoint_dependencies"
"""What Keras 2.13 calls a model's list of layers in the weights of a .keras file."""


_SHARED = (
    "If several models in it share the layer, Keras cannot read the file either, as it wrote the weights at one place "
    "only: save as .h5 then."
)


def missing_weights(layer: Layer, label: str, found: int, expected: int) -> SourceError:
    """Return the error for a layer whose weights are not those of its configuration."""
    return SourceError(
        f"{label}: {layer.label} should have {expected} weights, and the file has {found} for it",
        hint="The file is incomplete, or its architecture and weights are not from one model. Save it again.",
    )


def _quantized_inside(layer: Layer) -> RefusedError:
    return RefusedError(
        f"{layer.label}: the layers inside it are quantized, and nothing in the file says how; Keras cannot load the "
        "file either",
        hint=QUANTIZE_LATER,
    )


def _without_zeros(layer: Layer, method: str) -> RefusedError:
    return RefusedError(
        f"{layer.label}: the zero points of its {method.upper()} weights are not in the file; Keras 3.14 and 3.15 "
        "leave them out of .keras files, and cannot load those either",
        hint="Save the model as .h5, which has them.",
    )


class ArchiveWeights:
    """Weights of a .keras file (`model.weights.h5`)."""

    def __init__(self, file: Hdf5, root: Owner, stored: StoredOf, asset: Callable[[str], bytes | None]) -> None:
        self._file = file
        self._stored = stored
        self._asset = asset
        self._paths: dict[Layer, tuple[str, ...]] = {}
        self._place(root, (), old=file.group("layers") is None and file.group(_OLD_LAYERS) is not None)

    def __call__(self, layer: Layer) -> Mapping[str, Weight]:
        """Return a layer's weights by role."""
        specs = [spec for spec in _of(self._stored, layer).variables if spec.held != "legacy"]
        weights: dict[str, Weight] = {}
        for attribute in dict.fromkeys(spec.attribute for spec in specs):
            wanted = [spec for spec in specs if spec.attribute == attribute]
            weights |= self._group(layer, attribute, wanted)
        return weights

    def vocabulary(self, layer: Layer) -> Sequence[bytes] | None:
        """Return the lines of the vocabulary that the archive holds for a layer."""
        content = self._asset("/".join(["assets", *self._paths[layer], "vocabulary.txt"]))
        return None if content is None else content.split(b"\n")

    def _group(self, layer: Layer, attribute: str, specs: list[VariableSpec]) -> dict[str, Weight]:
        path = self._paths[layer]
        group = self._file.group(*path, *([attribute] if attribute else []), "vars")
        if group is None and attribute:  # versions differ in which attributes are private
            group = self._file.group(*path, f"_{attribute}", "vars")
        # A frozen layer's variables are in the order of creation too; `specs` is that order.
        names = [spec.name or str(index) for index, spec in enumerate(specs)]
        datasets = [self._file.dataset(group, name) if group is not None else None for name in names]
        weights = {spec.role: self._file.weight(d) for spec, d in zip(specs, datasets, strict=True) if d is not None}
        others = group is not None and self._file.dataset(group, str(len(specs))) is not None
        if others and _of(self._stored, layer).hidden:
            raise _quantized_inside(layer)
        if others and not any(spec.name for spec in specs):
            raise missing_weights(layer, self._file.label, len(specs) + 1, len(specs))
        if len(weights) < len(specs):
            method = layer.quantization.partition("/")[0]
            if method in ("gptq", "awq") and len(weights) == len(specs) - 1:
                raise _without_zeros(layer, method)
            error = missing_weights(layer, self._file.label, len(weights), len(specs))
            if not weights and "/" in layer.name:
                error.hint = f"{error.hint} {_SHARED}"
            raise error
        return weights

    def _place(self, owner: Owner, path: tuple[str, ...], *, old: bool) -> None:
        """Note the paths of all that an owner holds.

        What is in a list is named after its class, and numbered where the class repeats. Keras 2.13 saves another list,
        in which those layers that have weights stand twice, and the numbers run on.
        """
        counts: dict[tuple[str, str], int] = {}
        for child in owner.children:
            if child.attribute not in ("layers", "cells"):
                self._enter(child, (*path, child.attribute), old=old)
                continue
            name = snake_case(child.class_name)
            count = counts.get((child.attribute, name), 0)
            twice = old and child.attribute == "layers" and self._has_weights(child)
            counts[child.attribute, name] = count + (2 if twice else 1)
            attribute = _OLD_LAYERS if old and child.attribute == "layers" else child.attribute
            self._enter(child, (*path, attribute, f"{name}_{count}" if count else name), old=old)

    def _has_weights(self, owner: Owner) -> bool:
        return any(_of(self._stored, each.layer).variables for each in owners_in(owner) if each.layer is not None)

    def _enter(self, owner: Owner, path: tuple[str, ...], *, old: bool) -> None:
        if owner.layer is not None:
            self._paths[owner.layer] = path
        self._place(owner, path, old=old)


class Groups(Protocol):
    """What LegacyWeights asks of a .h5 file; TensorFlow.js's lists of weights are shown as one."""

    label: str

    def group(self, *path: str) -> Any | None:
        """Return a group, or None."""

    def strings(self, holder: Any, name: str, /) -> list[str] | None:
        """Return a list of strings of a group, or None."""

    def dataset(self, group: Any, name: str, /) -> Any | None:
        """Return a dataset of a group, or None."""

    def weight(self, dataset: Any, /) -> Weight:
        """Return a dataset as a weight."""


class LegacyWeights:
    """Weights of a .h5 file (`model_weights`)."""

    def __init__(self, file: Groups, root: Owner, stored: StoredOf, generation: Generation) -> None:
        self._file = file
        self._stored = stored
        self._generation = generation
        self._top: dict[Layer, Owner] = {}
        for owner in root.children:
            for inner in owners_in(owner):
                if inner.layer is not None:
                    self._top[inner.layer] = owner
        self._bound: dict[Layer, dict[str, Weight]] = {}
        self._read: set[str] = set()
        self._groups = self._found_groups(root)

    def __call__(self, layer: Layer) -> Mapping[str, Weight]:
        """Return a layer's weights by role."""
        if not _of(self._stored, layer).variables:
            return {}
        top = self._top[layer]
        if top.name not in self._read:
            self._bind(top, layer)
            self._read.add(top.name)
        return self._bound.get(layer, {})

    def vocabulary(self, _layer: Layer) -> Sequence[bytes] | None:
        """Return None: such a file has no place for a vocabulary."""
        return None

    def _names(self, group: Any | None) -> list[str] | None:
        return None if group is None else self._file.strings(group, "weight_names")

    def _found_groups(self, root: Owner) -> dict[str, Any]:
        """Return the groups of the outermost model's layers, by the layers' names.

        Until Keras 2.2.3 a Sequential did not write the names of models in it: these are found by their place.
        """
        found = {owner.name: self._file.group("model_weights", *owner.name.split("/")) for owner in root.children}
        for name, group in found.items():
            _refuse_twice(self._names(group) or [], f"{self._file.label}: two weights of the layer `{name}`")
        holder = self._file.group("model_weights")
        listed = self._file.strings(holder, "layer_names") if holder is not None else None
        _refuse_twice(listed or [], f"{self._file.label}: two layers")
        if listed is not None and len(listed) == len(root.children):
            unnamed = [(own.name, name) for own, name in zip(root.children, listed, strict=True) if not own.named]
            for own_name, name in unnamed:
                found[own_name] = self._file.group("model_weights", *name.split("/"))
        groups = {name: group for name, group in found.items() if group is not None}
        for owner in root.children:
            self._refuse_surplus(owner, self._names(groups.get(owner.name)) or [])
        return groups

    def _refuse_surplus(self, owner: Owner, names: list[str]) -> None:
        """Refuse a layer with more weights than Keras's own class of its name has."""
        layer = owner.layer
        stored = self._stored(layer) if layer is not None else None
        if layer is None or stored is None or layer.children or stored.more:
            return
        if layer.class_name == "Attention" and "use_scale" not in layer.config and names:
            # TensorFlow 1.13 to 2.1 did not write the option; where it was set, the scale is there.
            layer.config = Config(layer.name, {**layer.config.values, "use_scale": True})
        count = len(self._order(owner))
        if any(name.endswith("/kernel_scale") for name in names):
            return  # it was quantized, which has refusals of its own
        if len(names) > count and not layer.config.get("stateful"):
            raise RefusedError(
                f"{layer.label}: the file has {len(names)} weights for it, and Keras's own {layer.class_name} has "
                f"{count}, so that it is a class of your own of that name: {CODE}",
                hint=OTHERWISE,
            )

    def _bind(self, top: Owner, layer: Layer) -> None:
        slots = self._order(top)
        group = self._groups.get(top.name)
        names = self._names(group)
        if group is None or names is None:
            raise missing_weights(layer, self._file.label, 0, len(slots))
        if len(names) > len(slots) and any(name.endswith("/kernel_scale") for name in names):
            for slot in slots:
                if _of(self._stored, slot.layer).hidden:
                    raise _quantized_inside(slot.layer)
        # Trailing ones are the states of stateful recurrent layers, which are no part of what is published.
        if len(names) < len(slots):
            raise missing_weights(layer, self._file.label, len(names), len(slots))
        for slot, name in zip(slots, names, strict=False):
            dataset = self._file.dataset(group, name)
            if dataset is None:
                raise SourceError(f"{self._file.label}: the weight `{name}` of {slot.layer.label} is not in the file")
            self._bound.setdefault(slot.layer, {})[slot.spec.role] = self._file.weight(dataset)

    def _order(self, top: Owner) -> list[_Slot]:
        """Return what a group holds, in its order."""
        slots = self._slots(top, True)
        if not top.trainable:
            return slots
        return [slot for slot in slots if slot.trainable] + [slot for slot in slots if not slot.trainable]

    def _slots(self, owner: Owner, inherited: bool) -> list[_Slot]:
        """Return an owner's variables in the order of creation.

        In Keras 2 a frozen model freezes what it holds; in Keras 3 each layer's own flag counts.
        """
        trainable = owner.trainable and (inherited or self._generation == 3)
        slots: list[_Slot] = []
        if owner.layer is not None:
            slots += [
                _Slot(owner.layer, spec, spec.trainable and trainable)
                for spec in _of(self._stored, owner.layer).variables
                if spec.held != "archive"
            ]
        return slots + [slot for child in owner.children for slot in self._slots(child, trainable)]


def _refuse_twice(names: list[str], what: str) -> None:
    """Refuse names that are there twice: HDF5 holds one thing of a name."""
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        raise SourceError(
            f"{what} are called `{twice}`, and the file has place for one of that name only",
            hint="Save the model as .keras (model.save('model.keras')), which keeps weights by their place, not by "
            "their name; or give the variables names of their own.",
        )


@record(frozen=True)
class _Slot:
    layer: Layer
    spec: VariableSpec
    trainable: bool


def owners_in(owner: Owner) -> list[Owner]:
    """Return an owner, and all that it holds."""
    return [owner, *(found for child in owner.children for found in owners_in(child))]


def _of(stored: StoredOf, layer: Layer) -> Stored:
    return stored(layer) or Stored()
