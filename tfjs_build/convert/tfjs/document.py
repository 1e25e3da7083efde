"""model.json in any of its forms: topology, weights' specs and files, signature, and who wrote it.

The forms are those of tfjs-core's `io` (`ModelJSON`, `WeightsManifestConfig`): `modelTopology` may lie in a
`modelTopology` of its own, as `tf.io` handlers of older versions kept it; a graph's signature is at the top, or, of
converters before 2.0, in `userDefinedMetadata`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from tfjs_build.errors import SourceError
from tfjs_build.records import record

INDEX = "model.json"


@record(frozen=True)
class Group:
    """Weights that lie one behind the other in `files`, of which each begins where the one before ends."""

    files: Sequence[Path]
    specs: Sequence[Mapping[str, Any]]


@record(frozen=True)
class Document:
    """A model.json, `path`. `initializer` is the topology that fills a graph's tables, None where there is none; `ours`
    what tfjs-build has written of it, if it has; `digests` are the SHA-256 that files of weights are known to have."""

    path: Path
    topology: Mapping[str, Any]
    groups: Sequence[Group]
    signature: Mapping[str, Any]
    initializer: Mapping[str, Any] | None
    ours: Mapping[str, Any]
    digests: Mapping[str, str]
    generated_by: str
    is_graph: bool


def read_document(path: Path) -> Document:
    """Read a model.json, or that of a folder. Raises SourceError."""
    index = path / INDEX if path.is_dir() else path
    try:
        document = json.loads(index.read_bytes())
    except OSError as error:
        raise SourceError(f"{index} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{index} is not JSON: {error}") from error
    topology = _mapping(document, "modelTopology", index)
    if isinstance(topology.get("modelTopology"), Mapping):
        topology = topology["modelTopology"]
    user = document.get("userDefinedMetadata")
    user = user if isinstance(user, Mapping) else {}
    ours = user.get("tfjs-build")
    ours = ours if isinstance(ours, Mapping) else {}
    signature: Any = next((each for each in (document.get("signature"), user.get("signature")) if each), {})
    digests: Any = ours.get("shards")
    initializer = document.get("modelInitializer")
    return Document(
        path=index,
        topology=topology,
        groups=_groups(document, index),
        signature=signature if isinstance(signature, Mapping) else {},
        initializer=initializer if isinstance(initializer, Mapping) else None,
        ours=ours,
        digests=digests if isinstance(digests, Mapping) else {},
        generated_by=_writer(document, topology),
        is_graph=document.get("format") == "graph-model" or "node" in topology,
    )


def _mapping(document: object, key: str, index: Path) -> Mapping[str, Any]:
    found = document.get(key) if isinstance(document, Mapping) else None
    if not isinstance(found, Mapping):
        raise SourceError(
            f"{index} is no TensorFlow.js model: it has no `{key}`",
            hint="A model.json of TensorFlow.js has `modelTopology` and `weightsManifest`.",
        )
    return found


def _groups(document: Mapping[str, Any], index: Path) -> list[Group]:
    manifest = document.get("weightsManifest")
    try:
        return [
            Group([index.parent / _inside(name, index) for name in group["paths"]], [*group["weights"]])
            for group in manifest or ()
        ]
    except (TypeError, KeyError, AttributeError) as error:
        raise SourceError(f"{index} is damaged: its `weightsManifest` does not list files and weights") from error


def _inside(name: str, index: Path) -> str:
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or "\\" in name or ":" in name:
        raise SourceError(f"{index} names a file of weights that is not beside it: {name}")
    return name


def _writer(document: Mapping[str, Any], topology: Mapping[str, Any]) -> str:
    """Return what wrote the model, as far as it says so."""
    made, converted = document.get("generatedBy"), document.get("convertedBy")
    if made is None and "keras_version" in topology:
        made = f"Keras {topology['keras_version']}"
    return " by ".join(str(each) for each in (made or "TensorFlow.js", converted) if each)[:200]
