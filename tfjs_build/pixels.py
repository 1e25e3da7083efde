"""How the pictures of a page become a model's inputs: what the manifest says, held against the inputs' shapes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tfjs_build.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfjs_build.convert.artifacts import ModelArtifacts, Shape, Signature, TensorSpec
    from tfjs_build.convert.beginnings import Beginning
    from tfjs_build.model import Channels, InputOptions, Pixels

CHANNELS: Final = (1, 3)
"""How many channels a picture has as an input: gray, or three colours. Pages have no use for a fourth."""

WHITE: Final = 255.0


_LEAST_SIDE = 8
"""A smaller height or width is no picture that a page would show."""

_MOST = 12.0
"""How far values lie apart, at most, once a network has scaled them: divided by a standard deviation, say."""

_BETWEEN = 16.0
"""What lies between the ranges that networks take, a few ones wide and 255 wide."""

_PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*")


class Proposal(NamedTuple):
    """What the manifest may say of an input that looks like a picture: the range of the values that it takes, and
    whether the model itself says so."""

    input: str
    range: tuple[int, int]
    sure: bool


def inputs_line(proposals: Sequence[Mapping[str, Any]]) -> str:
    """Return the manifest's line that says so; each proposal has `input` and `range`."""
    import json

    entries = (
        f"{each['input'] if _PLAIN.fullmatch(each['input']) else json.dumps(each['input'], ensure_ascii=False)}: "
        f"{{ pixels: {list(each['range'])} }}"
        for each in proposals
    )
    return f"inputs: {{ {', '.join(entries)} }}"


class Layout(NamedTuple):
    """Where an input has a picture's channels: how many there are (None where the shape leaves it open), and whether
    they come before its rows and columns, as PyTorch has them."""

    channels: int | None
    first: bool


def prepared(inputs: Mapping[str, InputOptions], signature: Signature) -> dict[str, dict[str, Any]]:
    """Return, by input, how the loader prepares pictures: `channels` (rgb, bgr, gray), `first` (whether they come
    before rows and columns), `scale` and `offset` (what a value from 0 to 255 is multiplied by, and what is added: one
    number, or one for each channel in the input's order), `fit` and `resize`.

    `signature` has the names that are shown. Raises ModelError for an input that is not there, or cannot be a picture.
    """
    specs = {spec.name: spec for spec in signature.inputs}
    found = {}
    for name, options in inputs.items():
        if name not in specs:
            raise _unknown(name, signature)
        if options.pixels is not None:
            found[name] = _prepared(specs[name], options.pixels)
    return found


def layout(spec: TensorSpec) -> Layout | None:
    """Return where an input has channels; None where it can be no picture: [batch, height, width, channels] or [batch,
    channels, height, width] with 1 or 3 channels, or the same without batch."""
    shape = spec.shape
    if spec.dtype not in ("float32", "int32") or shape is None or len(shape) not in (3, 4):
        return None
    if len(shape) == 4 and shape[0] not in (None, 1):
        return None
    sizes = shape[-3:]
    if sizes[2] in CHANNELS:
        return Layout(sizes[2], first=False)
    if sizes[0] in CHANNELS and (len(shape) == 4 or None not in sizes):
        return Layout(sizes[0], first=True)
    return Layout(None, first=False) if sizes[2] is None else None


def proposals(artifacts: ModelArtifacts, signature: Signature) -> list[Proposal]:
    """Return, for each input that looks like a picture, what the manifest may say of it; `signature` has the names
    that are shown."""
    from tfjs_build.convert.beginnings import beginnings

    found = beginnings(artifacts)
    return [_proposal(spec, found.get(spec.node)) for spec in signature.inputs if _looks_like_a_picture(spec)]


def pixel_notes(
    artifacts: ModelArtifacts, signature: Signature, preparations: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return what is to be told of pictures that are scaled twice, or not at all: by how the model begins."""
    if not preparations:
        return []
    from tfjs_build.convert.beginnings import beginnings

    found = beginnings(artifacts)
    notes = []
    for spec in signature.inputs:
        preparation, beginning = preparations.get(spec.name), found.get(spec.node)
        if preparation is None or beginning is None:
            continue
        proposed = _proposal(spec, beginning)
        if not proposed.sure:
            continue
        span = _largest(preparation["scale"]) * WHITE
        if (span > _BETWEEN) != (proposed.range[1] > _BETWEEN):
            low, high = proposed.range
            notes.append(
                f"inputs: {spec.name!r} seems to take values from {low} to {high}, which the model scales itself"
                f" (`{inputs_line([proposed._asdict()])}`); black and white would be {span:.3g} apart"
            )
    return notes


def _largest(scale: float | list[float]) -> float:
    return max(map(abs, scale)) if isinstance(scale, list) else abs(scale)


def _proposal(spec: TensorSpec, beginning: Beginning | None) -> Proposal:
    if spec.dtype == "int32":
        return Proposal(spec.name, (0, 255), sure=True)
    if beginning is None:
        return Proposal(spec.name, (0, 1), sure=False)
    # Where values are shifted only, by how much says what they are.
    bytes = abs(beginning.offset) > 1 if beginning.scale == 1 else beginning.scale * WHITE <= _MOST
    # What is divided by another number than bytes are had other values in training.
    return Proposal(spec.name, (0, 255) if bytes else (0, 1), sure=bytes or beginning.scale >= 1)


def _looks_like_a_picture(spec: TensorSpec) -> bool:
    place = layout(spec)
    if place is None or place.channels is None or spec.shape is None:
        return False
    sides = spec.shape[-2:] if place.first else spec.shape[-3:-1]
    return all(side is None or side >= _LEAST_SIDE for side in sides)


def _prepared(spec: TensorSpec, pixels: Pixels) -> dict[str, Any]:
    place = layout(spec)
    if place is None:
        raise ModelError(
            f"pixels: the input {spec.name!r} takes {_shape(spec)}, which is no picture",
            hint="Pictures are float32 or int32, [1, height, width, channels] with 1 or 3 channels.",
            key="inputs",
        )
    channels = _channels(spec, place, pixels.channels)
    scale, offset = _affine(pixels, 1 if channels == "gray" else 3, spec)
    return {
        "channels": channels,
        "first": place.first,
        "scale": scale,
        "offset": offset,
        "fit": pixels.fit,
        "resize": pixels.resize,
    }


def _channels(spec: TensorSpec, place: Layout, asked: Channels | None) -> Channels:
    if place.channels is None:
        return asked or "rgb"
    if asked is None:
        return "gray" if place.channels == 1 else "rgb"
    if (asked == "gray") != (place.channels == 1):
        count = "one channel" if place.channels == 1 else "three channels"
        fitting = "gray" if place.channels == 1 else "rgb or bgr"
        raise ModelError(
            f"pixels: `channels: {asked}` does not fit the input {spec.name!r}, {_shape(spec)}: it has {count}",
            hint=f"Say {fitting}, or leave `channels` out.",
            key="inputs",
        )
    return asked


def _affine(pixels: Pixels, channels: int, spec: TensorSpec) -> tuple[float | list[float], float | list[float]]:
    """Return what values from 0 to 255 are multiplied by, and what is added then."""
    if pixels.mean is None and pixels.std is None:
        low, high = pixels.range or (0.0, 1.0)
        return (high - low) / WHITE, low
    mean, std = pixels.mean or (0.0,), pixels.std or (1.0,)
    for key, given in (("mean", mean), ("std", std)):
        if len(given) not in (1, channels):
            raise ModelError(
                f"pixels: `{key}` has {len(given)} numbers, and the input {spec.name!r} one channel",
                hint="Give one number.",
                key="inputs",
            )
    count = max(len(mean), len(std))
    means, stds = (given * count if len(given) == 1 else given for given in (mean, std))
    unit = unit_of(mean, std)
    scale = [unit / (WHITE * each) for each in stds]
    offset = [-each / deviation for each, deviation in zip(means, stds, strict=True)]
    return (scale[0], offset[0]) if count == 1 else (scale, offset)


def unit_of(mean: tuple[float, ...], std: tuple[float, ...]) -> float:
    """Return what white is to these: 1 where none is greater than 1, as PyTorch has them, else 255."""
    return 1.0 if max(map(abs, (*mean, *std))) <= 1 else WHITE


def _unknown(name: str, signature: Signature) -> ModelError:
    import difflib  # slow to import, and only needed when something is wrong

    known = [spec.name for spec in signature.inputs]
    close = difflib.get_close_matches(name, known, n=1)
    return ModelError(
        f"inputs: the model has no input {name!r}",
        hint=f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(map(repr, known))}.",
        key="inputs",
    )


def _shape(spec: TensorSpec) -> str:
    return f"{spec.dtype} {_sizes(spec.shape)}"


def _sizes(shape: Shape | None) -> str:
    return "of any rank" if shape is None else str(list(shape)).replace("None", "?")
