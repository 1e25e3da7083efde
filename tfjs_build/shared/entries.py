"""An entry of the shared cache as one object, so that a reader sees a whole one or none.

    tfjs-build cache 1 <SHA-256 of the head> <HMAC-SHA-256 of the head, or ->
    {"fingerprint": …, "parts": [[name, size, SHA-256], …]}
    the parts' bytes: model.json (not sealed), notes.json, the shards, their `.gz` where they have one

It comes from somebody else: nothing is taken from it that does not have the hash which the head gives, under a name
that follows from that hash (a `.gz`: from that of what comes out of it), for the fingerprint that was asked for. With a
key the head must be signed, too. An entry of a fingerprint is unpacked into a folder as the local cache has them, which
checks it again when it is used.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tfjs_build.cache import HASH, INDEX, MOST_BYTES, NOTES, entry_hash, texts
from tfjs_build.convert import model_json
from tfjs_build.convert.compression import held
from tfjs_build.convert.shards import compressed_name, shard_name
from tfjs_build.fs import open_own, read_own, sha256_bytes, sha256_file

_MAGIC = "tfjs-build cache 1"
_LONGEST_FIRST_LINE = 256
_LONGEST_HEAD = 16 * 1024 * 1024
_MOST_OF_A_TEXT = 256 * 1024 * 1024
_BLOCK = 1024 * 1024
_COMPRESSED = re.compile(r"weights\.[0-9a-f]{16}\.bin\.gz")

Told = Callable[[float], None]
"""Is told which part (0 to 1) has been read."""


class DamagedError(Exception):
    """An entry is not what it says, or is not signed; the text says how."""


def pack(digest: str, entry: Path, target: IO[bytes], key: bytes | None) -> None:
    """Write the local cache's entry of a fingerprint into an open file.

    Raises OSError and DamagedError where the entry is not whole; what was written is then worth nothing.
    """
    index, notes = read_own(entry / INDEX), read_own(entry / NOTES)
    if read_own(entry / HASH) != entry_hash(digest, index, notes):
        raise DamagedError("its hash is another")
    shards, compressed = _shards(digest, index)
    parts = [(INDEX, len(index), sha256_bytes(index)), (NOTES, len(notes), sha256_bytes(notes))]
    parts += [(name, (entry / name).lstat().st_size, sha256) for name, sha256 in shards.items()]
    parts += [(name, (entry / name).lstat().st_size, sha256_file(entry / name)) for name in compressed]
    head = json.dumps({"fingerprint": digest, "parts": parts}, separators=(",", ":")).encode() + b"\n"
    target.write(f"{_MAGIC} {sha256_bytes(head)} {_signature(head, key)}\n".encode())
    target.write(head)
    target.write(index)
    target.write(notes)
    for name, size, sha256 in parts[2:]:
        with open_own(entry / name, os.O_RDONLY) as file:
            _copy(file, target, size, sha256, lambda _: None)


def unpack(digest: str, source: IO[bytes], folder: Path, key: bytes | None, told: Told) -> None:
    """Read an entry of a fingerprint into an empty folder, as the local cache has entries.

    Raises DamagedError for what is not whole, too large, of another fingerprint or, where there is a `key`, not signed
    with it; OSError.
    """
    parts = _parts(digest, source, key)
    whole = sum(size for _, size, _ in parts) or 1
    begun = 0
    for name, size, sha256 in parts:
        with (folder / name).open("xb") as file:
            _copy(source, file, size, sha256, lambda done, begun=begun: told((begun + done) / whole))  # type: ignore[misc]
        begun += size
    if source.read(1):
        raise DamagedError("there is more in it than it says")
    index, notes = ((folder / name).read_bytes() for name in (INDEX, NOTES))
    try:
        texts(json.loads(notes))
    except (ValueError, TypeError, RecursionError) as error:
        raise DamagedError("its notes are none") from error
    shards, compressed = _shards(digest, index)
    plain = {name: sha256 for name, _, sha256 in parts[2:] if name not in compressed}
    if plain != shards:
        raise DamagedError("its shards are not those of its model.json")
    for name, shard in compressed.items():
        if held(folder / name) != shards[shard]:
            raise DamagedError("a compressed shard is not that of its name")
    (folder / HASH).write_bytes(entry_hash(digest, index, notes))


def _parts(digest: str, source: IO[bytes], key: bytes | None) -> list[tuple[str, int, str]]:
    """Read the head, and return the parts: name, size, SHA-256."""
    first = source.readline(_LONGEST_FIRST_LINE)
    head = source.readline(_LONGEST_HEAD)
    found = first.decode("latin-1").removesuffix("\n").rsplit(" ", 2)
    if len(found) != 3 or found[0] != _MAGIC or not first.endswith(b"\n") or found[1] != sha256_bytes(head):
        raise DamagedError("it does not begin as an entry does")
    if key is not None and not hmac.compare_digest(found[2].encode(), _signature(head, key).encode()):
        raise DamagedError("it is not signed with TFJS_BUILD_CACHE_KEY")
    try:
        content = json.loads(head)
        parts = [_part(number, *part) for number, part in enumerate(content["parts"])]
        is_asked_for = content["fingerprint"] == digest
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DamagedError("its head is damaged") from error
    if not is_asked_for:
        raise DamagedError("it is that of another fingerprint")
    if len(parts) < 2 or len({name for name, _, _ in parts}) != len(parts):
        raise DamagedError("its parts are not those of an entry")
    if sum(size for _, size, _ in parts[2:]) > MOST_BYTES or any(size > _MOST_OF_A_TEXT for _, size, _ in parts[:2]):
        raise DamagedError("it is too large")
    return parts


def _part(number: int, name: object, size: object, sha256: object) -> tuple[str, int, str]:
    if not isinstance(name, str) or not isinstance(sha256, str) or type(size) is not int or size < 0:
        raise TypeError("not a part")
    named = (INDEX, NOTES)[number] if number < 2 else shard_name(sha256)
    if not (name == named or (number > 1 and _COMPRESSED.fullmatch(name))) or not _is_hash(sha256):
        raise ValueError(f"{name!r} is not the name of part {number}")
    return name, size, sha256


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _shards(digest: str, index: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return the shards that a model.json names, with their hashes, and what is compressed, with its shard; once it is
    known to be one. Raises DamagedError."""
    try:
        metadata = model_json.read(model_json.seal(index, digest))
    except UnicodeError:
        metadata = None
    if metadata is None or metadata.fingerprint != digest:
        raise DamagedError("its model.json is none of tfjs-build's")
    return dict(metadata.shards), {compressed_name(name): name for name in metadata.compressed}


def _copy(source: IO[bytes], target: IO[bytes], size: int, sha256: str, told: Told) -> None:
    digest = hashlib.sha256()
    left = size
    while left:
        data = source.read(min(left, _BLOCK))
        if not data:
            raise DamagedError("it is cut short")
        digest.update(data)
        target.write(data)
        left -= len(data)
        told(size - left)
    if digest.hexdigest() != sha256:
        raise DamagedError("a part of it has another hash than it says")


def _signature(head: bytes, key: bytes | None) -> str:
    return "-" if key is None else hmac.new(key, head, hashlib.sha256).hexdigest()
