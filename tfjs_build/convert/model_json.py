"""`model.json`: made from artifacts and shards, and read back with the proof that nobody has edited it.

Its text is canonical (keys sorted, no spaces), so that the same model always gives the same bytes; but inputs and
outputs in `signature` stand in the source's order, which TensorFlow.js goes by where tensors are given and returned in
a list. (Names that are whole numbers come first, ascending, in any JavaScript object.) Beside the standard
TensorFlow.js keys it holds ours, in `userDefinedMetadata["tfjs-build"]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any, get_args

from tfjs_build.convert.artifacts import Signature, TensorSpec
from tfjs_build.convert.dtypes import GRAPH_DEF
from tfjs_build.convert.shards import shard_name
from tfjs_build.errors import ModelError
from tfjs_build.fs import sha256_bytes
from tfjs_build.model import Channels, Fit, Resize
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.convert.compression import Compressed
    from tfjs_build.convert.quantize import Encoded
    from tfjs_build.convert.shards import Shard

KEY = "tfjs-build"
CONVERTED_BY = "tfjs-build"

# Stand in for what is not known yet; nothing else has this text, as nothing else has a given hash.
_FINGERPRINT = sha256_bytes(b"tfjs-build: the fingerprint goes here")
_DIGEST = sha256_bytes(b"tfjs-build: the digest goes here")

_HASH = re.compile("[0-9a-f]{64}")

_FORMATS = {"layers": "layers-model", "graph": "graph-model"}
_FROM_JSON = {value: key for key, value in _FORMATS.items()}


@record(frozen=True)
class Metadata:
    """What `userDefinedMetadata["tfjs-build"]` says of a published model; `raw` is the object itself; `format` is
    model.json's, in our words; `compressed` are the shards that have a `.gz`."""

    format: str
    signature: Signature
    asynchronous: bool
    labels: tuple[str, ...] | None
    fingerprint: str
    version: str
    shards: Mapping[str, str]
    raw: Mapping[str, Any]
    compressed: tuple[str, ...] = ()


def dumps(value: object) -> str:
    """Return canonical JSON: sorted keys, no spaces, and no NaN or infinity, which JSON does not have."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def model_json(
    artifacts: ModelArtifacts,
    *,
    signature: Signature,
    weights: Sequence[Encoded],
    shards: Sequence[Shard],
    labels: tuple[str, ...] | None,
    metadata: Mapping[str, Any],
    compressed: Sequence[Compressed] = (),
    classify: Mapping[str, Any] | None = None,
    pixels: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[bytes, Metadata]:
    """Return the bytes of model.json, to be sealed, and our part of it.

    `signature` has the names that are shown, `metadata` is the user's, `compressed` are the shards that have a `.gz`,
    `classify` says which output the labels name, `pixels` by input how pictures become it. Raises ModelError where the
    topology holds a number that JSON cannot express.
    """
    entries = [dict(weight.entry) for weight in weights]
    shown = _signature_json(signature)
    hashes = {shard.name: shard.sha256 for shard in shards}
    try:
        version = sha256_bytes(
            dumps(
                [artifacts.topology, _initializer_json(artifacts), entries, shown, labels, [s.sha256 for s in shards]]
            ).encode()
        )[:16]
    except ValueError as error:
        raise ModelError(f"the model's configuration holds a number that JSON cannot express: {error}") from error
    ours: dict[str, Any] = {
        "signature": shown,
        "async": artifacts.asynchronous,
        "fingerprint": _FINGERPRINT,
        "version": version,
        "shards": hashes,
        "digest": _DIGEST,
    }
    if compressed:
        ours["compressed"] = [each.shard.name for each in compressed]
    if labels is not None:
        ours["labels"] = list(labels)
    if classify is not None:
        ours["classify"] = dict(classify)
    if pixels:
        ours["pixels"] = {name: dict(preparation) for name, preparation in pixels.items()}
    content: dict[str, Any] = {
        "format": _FORMATS[artifacts.format],
        "generatedBy": artifacts.generated_by,
        "convertedBy": CONVERTED_BY,
        "modelTopology": artifacts.topology,
        "weightsManifest": [{"paths": [shard.name for shard in shards], "weights": entries}],
        "userDefinedMetadata": {**metadata, KEY: ours},
        **_initializer_json(artifacts),
    }
    if artifacts.format == "graph":
        content["signature"] = _graph_signature(signature)
    return _text(content), _metadata(artifacts.format, ours)


def seal(content: bytes, fingerprint: str) -> bytes:
    """Enter the fingerprint into what `model_json` gave, and the digest over the whole.

    The fingerprint needs the hash of the source, which the parent computes while its child converts.
    """
    text = content.replace(_FINGERPRINT.encode(), fingerprint.encode())
    return text.replace(_DIGEST.encode(), sha256_bytes(text.replace(_DIGEST.encode(), b"")).encode())


def unsealed(content: bytes) -> Metadata:
    """Return our metadata from what `model_json` gave, before it was sealed; raises ValueError, KeyError, TypeError."""
    document = json.loads(content)
    metadata = _metadata(_FROM_JSON[document["format"]], document["userDefinedMetadata"][KEY])
    if not _is_sound(metadata):
        raise ValueError("it is none of tfjs-build's")
    return metadata


def read(data: bytes) -> Metadata | None:
    """Return our metadata from a model.json, or None where it is not ours or has been edited.

    Its shards are called after their hashes: a file may be anybody's, and what it names is read and deleted.
    """
    try:
        content = json.loads(data)
        ours = content["userDefinedMetadata"][KEY]
        digest = ours["digest"]
        # The text that was sealed is canonical; what only a forger writes, half a character, has an escape.
        if sha256_bytes(data.replace(digest.encode(), b"")) != digest or (b"\\u" in data and _text(content) != data):
            return None
        metadata = _metadata(_FROM_JSON[content["format"]], ours)
        named = all(name == shard_name(sha256) for name, sha256 in metadata.shards.items())
        return metadata if named and _is_sound(metadata) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _text(content: Mapping[str, Any]) -> bytes:
    parts = (
        f"{dumps(key)}:{_in_order(content[key]) if key == 'signature' else dumps(content[key])}"
        for key in sorted(content)
    )
    return f"{{{','.join(parts)}}}\n".encode()


def _in_order(signature: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a graph's signature with its inputs and outputs in the order that they have."""
    sides = (
        f"{dumps(side)}:{{{','.join(f'{dumps(name)}:{dumps(spec)}' for name, spec in signature[side].items())}}}"
        for side in sorted(signature)
    )
    return f"{{{','.join(sides)}}}"


def _metadata(format: str, ours: Mapping[str, Any]) -> Metadata:
    signature = ours["signature"]
    return Metadata(
        format=format,
        signature=Signature(_specs(signature["inputs"]), _specs(signature["outputs"])),
        asynchronous=ours["async"],
        labels=tuple(ours["labels"]) if "labels" in ours else None,
        fingerprint=ours["fingerprint"],
        version=ours["version"],
        shards=dict(ours["shards"]),
        raw=ours,
        compressed=tuple(ours.get("compressed", ())),
    )


def _is_sound(metadata: Metadata) -> bool:
    """Whether what stubs and events are made of is of the types that they count on: a file may be anybody's."""
    specs = (*metadata.signature.inputs, *metadata.signature.outputs)
    return (
        all(isinstance(spec.name, str) and isinstance(spec.node, str) and spec.dtype in GRAPH_DEF for spec in specs)
        and all(spec.shape is None or all(size is None or type(size) is int for size in spec.shape) for spec in specs)
        and all(isinstance(label, str) for label in metadata.labels or ())
        and isinstance(metadata.version, str)
        and isinstance(metadata.asynchronous, bool)
        and all(_HASH.fullmatch(sha256) for sha256 in metadata.shards.values())
        and all(isinstance(name, str) and name in metadata.shards for name in metadata.compressed)
        and _is_sound_classify(metadata)
        and _is_sound_pixels(metadata)
    )


def _is_sound_classify(metadata: Metadata) -> bool:
    classify = metadata.raw.get("classify")
    if classify is None:
        return True
    outputs = [spec.name for spec in metadata.signature.outputs]
    return (
        isinstance(classify, dict)
        and sorted(classify) == ["output", "softmax"]
        and classify["output"] in outputs
        and isinstance(classify["softmax"], bool)
        and metadata.labels is not None
    )


def _is_sound_pixels(metadata: Metadata) -> bool:
    pixels = metadata.raw.get("pixels", {})
    inputs = [spec.name for spec in metadata.signature.inputs]
    return isinstance(pixels, dict) and all(
        name in inputs
        and isinstance(preparation, dict)
        and sorted(preparation) == ["channels", "first", "fit", "offset", "resize", "scale"]
        and preparation["channels"] in get_args(Channels)
        and preparation["fit"] in get_args(Fit)
        and preparation["resize"] in get_args(Resize)
        and isinstance(preparation["first"], bool)
        and all(_is_number_for_channels(preparation[key]) for key in ("scale", "offset"))
        for name, preparation in pixels.items()
    )


def _is_number_for_channels(value: object) -> bool:
    numbers = value if isinstance(value, list) else [value]
    return len(numbers) in (1, 3) and all(isinstance(each, int | float) and isfinite(each) for each in numbers)


def _specs(values: Sequence[Mapping[str, Any]]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(
            name=value["name"],
            node=value["node"],
            shape=None if value["shape"] is None else tuple(value["shape"]),
            dtype=value["dtype"],
        )
        for value in values
    )


def _signature_json(signature: Signature) -> dict[str, Any]:
    def part(specs: tuple[TensorSpec, ...]) -> list[dict[str, Any]]:
        return [asdict(spec) | {"shape": None if spec.shape is None else list(spec.shape)} for spec in specs]

    return {"inputs": part(signature.inputs), "outputs": part(signature.outputs)}


def _initializer_json(artifacts: ModelArtifacts) -> dict[str, Any]:
    if artifacts.initializer is None:
        return {}
    return {
        "modelInitializer": artifacts.initializer.topology,
        "initializerSignature": artifacts.initializer.signature,
    }


def _graph_signature(signature: Signature) -> dict[str, Any]:
    def part(specs: tuple[TensorSpec, ...]) -> dict[str, Any]:
        return {
            spec.name: {
                "name": spec.node if ":" in spec.node else f"{spec.node}:0",
                "dtype": GRAPH_DEF[spec.dtype],
                "tensorShape": {"unknownRank": True}
                if spec.shape is None
                else {"dim": [{"size": str(-1 if size is None else size)} for size in spec.shape]},
            }
            for spec in specs
        }

    return {"inputs": part(signature.inputs), "outputs": part(signature.outputs)}
