"""What lies in the output folder of a model: its model.json, its weights as they are decoded, and its bytes."""

from __future__ import annotations

import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tfjs_build.convert import model_json
from tfjs_build.convert.model_json import Metadata
from tfjs_build.convert.tfjs.document import read_document
from tfjs_build.convert.tfjs.weights import read_weights
from tfjs_build.errors import ModelError
from tfjs_build.records import record
from tfjs_build.report.facts import Download

GZIP_LEVEL: Final = 6
"""That of most servers."""

_BLOCK: Final = 1 << 20


@record(frozen=True)
class Published:
    """A model as it is served: `entries` are those of `weightsManifest`, `numbers` the decoded weights, by name."""

    metadata: Metadata
    document: Mapping[str, Any]
    entries: Mapping[str, Mapping[str, Any]]
    numbers: Mapping[str, NDArray[Any]]
    download: Download


def read_published(index: Path) -> Published:
    """Read a published model, `index` being its model.json. Raises ModelError, SourceError for weights that are missing
    or damaged."""
    try:
        data = index.read_bytes()
        metadata, document = model_json.unsealed(data), json.loads(data)
    except FileNotFoundError as error:
        raise ModelError("it is not published", hint="`tfjs-build build` publishes it.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"{index} is not what tfjs-build has published", hint="`tfjs-build build` mends it."
        ) from error
    read = read_document(index)
    return Published(
        metadata=metadata,
        document=document,
        entries={entry["name"]: entry for group in read.groups for entry in group.specs},
        numbers=read_weights(read),
        download=_download(data, [file for group in read.groups for file in group.files]),
    )


def gzipped(blocks: Iterable[bytes | memoryview]) -> int:
    """Return how many bytes gzip makes of some."""
    packer = zlib.compressobj(GZIP_LEVEL, wbits=zlib.MAX_WBITS | 16)
    size = sum(len(packer.compress(block)) for block in blocks)
    return size + len(packer.flush())


def parts(document: Mapping[str, Any]) -> dict[str, int]:
    """Count a graph's nodes by op, those of its functions too, or the layers by class."""
    topology = document["modelTopology"]
    if "node" in topology:
        functions = topology.get("library", {}).get("function", ())
        nodes = [*topology["node"], *(node for each in functions for node in each.get("nodeDef", ()))]
        names = [str(node["op"]) for node in nodes]
    else:
        config = topology.get("model_config", topology)["config"]
        names = [str(layer["class_name"]) for layer in (config if isinstance(config, list) else config["layers"])]
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))


def nbytes(entry: Mapping[str, Any], numbers: NDArray[Any] | None = None) -> int:
    """Return the bytes of a weight in its shard; those of strings are in its `numbers`, and unknown (0) without."""
    if entry["dtype"] == "string":
        texts: list[bytes] = [] if numbers is None else numbers.reshape(-1).tolist()
        return sum(4 + len(text) for text in texts)
    dtype = entry.get("quantization", entry)["dtype"]
    return math.prod(map(int, entry["shape"])) * int(np.dtype(dtype).itemsize)


def _download(index: bytes, shards: Iterable[Path]) -> Download:
    weights = packed = served = 0
    compressed = False
    for shard in dict.fromkeys(shards):
        size = shard.stat().st_size
        beside = shard.with_name(f"{shard.name}.gz")
        weights += size
        packed += gzipped(_blocks(shard))
        there = beside.is_file()
        served += beside.stat().st_size if there else size
        compressed |= there
    return Download(len(index), gzipped([index]), weights, packed, served, compressed)


def _blocks(file: Path) -> Iterable[bytes]:
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            yield block
