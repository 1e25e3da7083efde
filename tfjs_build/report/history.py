"""The versions of a model that reports have seen, and what is different between two of them.

They lie in `.tfjs-build/report/`, where they can be lost without harm.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tfjs_build.fs import read_own, write_own
from tfjs_build.records import record

MOST: Final = 20
"""Versions of a model that are remembered."""


@record(frozen=True)
class Version:
    """What is remembered of one version: the day on which a report first saw it ("2026-11-28"), bytes of model.json and
    of the weights, the weights as gzip makes them (None where only its model.json is there), bytes by layer, and how
    often it has each op."""

    version: str
    seen: str
    model_json: int
    weights: int
    gzip: int | None
    layers: Mapping[str, int]
    ops: Mapping[str, int]


@record(frozen=True)
class Change:
    """What a layer takes in bytes, or how often an op is there, before and after; None where it is not."""

    name: str
    before: int | None
    after: int | None


@record(frozen=True)
class Comparison:
    """Two versions beside each other; `since` says which the earlier one is."""

    since: str
    before: Version
    layers: Sequence[Change]
    ops: Sequence[Change]


def compared(since: str, before: Version, after: Version) -> Comparison:
    """Return what is different, the largest differences first."""
    return Comparison(since, before, _changes(before.layers, after.layers), _changes(before.ops, after.ops))


def layer_of(weight: str) -> str:
    """Return the layer of a weight: its name up to the last slash, and all of it where there is none."""
    return weight.rpartition("/")[0] or weight


def by_layer(weights: Mapping[str, int]) -> dict[str, int]:
    """Return the bytes of layers, given those of weights by name."""
    found: dict[str, int] = {}
    for name, size in weights.items():
        found[layer_of(name)] = found.get(layer_of(name), 0) + size
    return found


def remember(file: Path, model: str, version: Version) -> list[Version]:
    """Note a version of a model, unless it is the last one; return those that are known, the newest first. Where the
    file cannot be written, it is not remembered."""
    models = _read(file)
    known = [each for each in models.get(model, []) if each.version != version.version]
    same = [each for each in models.get(model, []) if each.version == version.version]
    versions = [_seen_first(version, same), *known][:MOST]
    data = {name: [vars(each) for each in kept] for name, kept in {**models, model: versions}.items()}
    with contextlib.suppress(OSError):
        write_own(file, json.dumps(data).encode())
    return versions


def _seen_first(version: Version, same: Sequence[Version]) -> Version:
    """Return a version with the day on which it was first seen."""
    return same[0] if same and same[0].weights == version.weights else version


def _changes(before: Mapping[str, int], after: Mapping[str, int]) -> list[Change]:
    found = [
        Change(name, before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]
    return sorted(found, key=lambda each: (-abs((each.after or 0) - (each.before or 0)), each.name))


def _read(file: Path) -> dict[str, list[Version]]:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        said = json.loads(read_own(file))
        return {str(name): [_version(each) for each in versions] for name, versions in said.items()}
    return {}


def _version(values: Mapping[str, Any]) -> Version:
    return Version(
        version=str(values["version"]),
        seen=str(values["seen"]),
        model_json=int(values["model_json"]),
        weights=int(values["weights"]),
        gzip=None if values["gzip"] is None else int(values["gzip"]),
        layers=_counts(values["layers"]),
        ops=_counts(values["ops"]),
    )


def _counts(values: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(count) for name, count in values.items()}
