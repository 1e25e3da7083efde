"""A published model with one number changed, so well forged that it loads: what the comparison must notice."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from tfjs_build.convert.graph.half.builder import HALF_SCOPE

KEY = "tfjs-build"


def tamper(model: Path, copy: Path) -> str:
    """Copy the folder of a published model and change the sign of the largest number of one of its weights (a matrix or
    kernel from the middle of the network), with the names, hashes and digest of its files put right.

    Returns the weight's name. Fails where the model has no weights in float32.
    """
    shutil.copytree(model, copy)
    document = json.loads((copy / "model.json").read_text(encoding="utf-8"))
    group = document["weightsManifest"][0]
    files = [bytearray((copy / path).read_bytes()) for path in group["paths"]]
    data = b"".join(files)
    name, start, size = _victim(group["weights"], data)
    values = np.frombuffer(data, "<f4", size, start)
    position = start + 4 * int(np.abs(values).argmax()) + 3  # the byte that holds the sign
    for index, content in enumerate(files):
        if position < len(content):
            content[position] ^= 0x80
            _replace(copy, document, index, bytes(content))
            break
        position -= len(content)
    ours = document["userDefinedMetadata"][KEY]
    ours["digest"] = ""
    ours["digest"] = hashlib.sha256(_text(document)).hexdigest()
    (copy / "model.json").write_bytes(_text(document))
    return name


def has_kernels(model: Path) -> bool:
    """Return whether a published model has a float32 weight of two dimensions or more, for `tamper` to change, and no
    strings, whose sizes in bytes their shapes do not tell."""
    document = json.loads((model / "model.json").read_text(encoding="utf-8"))
    weights = [weight for group in document["weightsManifest"] for weight in group["weights"]]
    kernels = [weight for weight in weights if _changes(weight) and len(weight["shape"]) > 1]
    return bool(kernels) and all(weight["dtype"] != "string" for weight in weights)


def _victim(weights: list[dict[str, Any]], data: bytes) -> tuple[str, int, int]:
    """Return the name, first byte and size of the weight to change: the middle one of the kernels, if there are any.

    Embeddings come last, since a sample does not have all tokens.
    """
    offset, candidates = 0, []
    for weight in weights:
        size = int(np.prod(weight["shape"], dtype=np.int64))
        if _changes(weight) and np.frombuffer(data, "<f4", size, offset).any():  # zero has no sign
            rank = 0 if "embeddings" in weight["name"] else 2 if len(weight["shape"]) > 1 else 1
            candidates.append((rank, weight["name"], offset, size))
        offset += size * np.dtype(_stored(weight)).itemsize
    best = max(rank for rank, *_ in candidates)
    eligible = [each for each in candidates if each[0] == best]
    _, name, start, size = eligible[len(eligible) // 2]
    return name, start, size


def _changes(weight: dict[str, Any]) -> bool:
    """Return whether a weight can be changed with an effect: masks that are spelled for half floats as well stand there
    in two spellings, of which a backend reads one."""
    return _stored(weight) == "float32" and not weight["name"].startswith(f"{HALF_SCOPE}/")


def _stored(weight: dict[str, Any]) -> str:
    """Return the dtype that a weight has in its file."""
    return str(weight.get("quantization", weight)["dtype"])


def _replace(folder: Path, document: dict[str, Any], index: int, content: bytes) -> None:
    paths, ours = document["weightsManifest"][0]["paths"], document["userDefinedMetadata"][KEY]
    sha256 = hashlib.sha256(content).hexdigest()
    old, new = paths[index], f"weights.{sha256[:16]}.bin"
    (folder / old).unlink()
    (folder / new).write_bytes(content)
    paths[index] = new
    ours["shards"] = {
        new if name == old else name: sha256 if name == old else of for name, of in ours["shards"].items()
    }


def _text(document: object) -> bytes:
    return (json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()
