"""An independent reader: what is wrong with what is served, told from the files alone."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import zlib
from pathlib import Path

SERVED = ("public", "static")


def torn(root: Path) -> list[str]:
    """Return what is wrong with what is served, as somebody reads it who knows nothing of the program but its files:
    every model.json is JSON, and has the shards that it names, whose names say what they hold, compressed ones too."""
    return [
        fault for folder in SERVED for index in (root / folder).rglob("model.json") for fault in torn_model(index)[1]
    ]


def torn_model(index: Path) -> tuple[bytes, list[str]]:
    """Return the content of a model.json, and what is wrong with the model; raises FileNotFoundError where it is not
    there."""
    if os.path.lexists(index) and not index.is_file():
        return b"", [f"{index} is no file"]
    data = index.read_bytes()
    try:
        content = json.loads(data)
        names = [name for group in content["weightsManifest"] for name in group["paths"]]
        names += [f"{name}.gz" for name in content["userDefinedMetadata"]["tfjs-build"].get("compressed", ())]
    except (ValueError, KeyError, TypeError):
        return data, [f"{index} is no model"]
    return data, [fault for name in names if (fault := _torn_shard(index.with_name(name))) is not None]


def torn_under_way(index: Path) -> list[str]:
    """Return what is wrong with a model that may be replaced or removed while it is read: a page then reads model.json
    again, and finds another, or none. It never finds the same one without its shards."""
    try:
        data, faults = torn_model(index)
        return faults if faults and index.read_bytes() == data and torn_model(index) == (data, faults) else []
    except FileNotFoundError:
        return []


def _torn_shard(shard: Path) -> str | None:
    hashed = re.fullmatch(r"weights\.([0-9a-f]{16})\.bin(\.gz)?", shard.name)
    try:
        data = shard.read_bytes()
        data = gzip.decompress(data) if shard.suffix == ".gz" else data
    except FileNotFoundError:
        return f"{shard} is missing"
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return f"{shard} is torn"
    if hashed is None or not hashlib.sha256(data).hexdigest().startswith(hashed[1]):
        return f"{shard} is torn"
    return None
