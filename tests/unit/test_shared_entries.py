"""Entries of the shared cache: whole and of the fingerprint that was asked for, or damaged."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build.cache import Cache
from tfjs_build.shared.entries import DamagedError, pack, unpack

_KEY = b"0123456789abcdef"


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """A fingerprint, and its entry."""
    return _made(Project(tmp_path_factory.mktemp("app")), "labels: [a, b]")


@pytest.fixture(scope="module")
def compressed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """A fingerprint, and its entry, which has a compressed shard."""
    return _made(Project(tmp_path_factory.mktemp("compressed")), "compress: gzip", inputs=2048)


def _made(project: Project, keys: str, **sizes: int) -> tuple[str, bytes]:
    project.manifest(f"version: 1\noutput: public\nmodels:\n  net: {{source: net.keras, {keys}}}\n")
    write_dense(project.root / "net.keras", **sizes)
    assert project.run("build").code == 0
    (local,) = (project.root / ".tfjs-build" / "cache").iterdir()
    packed = io.BytesIO()
    pack(local.name, local, packed, None)
    return local.name, packed.getvalue()


def taken(digest: str, data: bytes, folder: Path, key: bytes | None = None) -> list[float]:
    """Unpack an entry into a new folder, and return what was told of its progress."""
    folder.mkdir(parents=True)
    told: list[float] = []
    unpack(digest, io.BytesIO(data), folder, key, told.append)
    return told


def _packed(digest: str, parts: list[tuple[str, bytes]], changed: dict[str, object] | None = None) -> bytes:
    """An entry whose hashes are right, whatever it holds."""
    listed = [[name, len(data), hashlib.sha256(data).hexdigest()] for name, data in parts]
    head = json.dumps({"fingerprint": digest, "parts": listed, **(changed or {})}).encode() + b"\n"
    first = f"tfjs-build cache 1 {hashlib.sha256(head).hexdigest()} -\n".encode()
    return b"".join([first, head, *(data for _, data in parts)])


def _parts(data: bytes) -> list[tuple[str, bytes]]:
    _, head, rest = data.split(b"\n", 2)
    found = []
    for name, size, _ in json.loads(head)["parts"]:
        found.append((name, rest[:size]))
        rest = rest[size:]
    return found


def _flipped(at: int) -> Callable[[str, bytes], bytes]:
    def flip(digest: str, entry: bytes) -> bytes:
        data = bytearray(entry)
        data[at % len(data)] ^= 1
        return bytes(data)

    return flip


def _renamed_shard(digest: str, entry: bytes) -> bytes:
    index, told, (_, shard) = _parts(entry)
    return _packed(digest, [index, told, ("../../../mine.txt", shard)])


def _other_shard(digest: str, entry: bytes) -> bytes:
    """Another shard than the one that model.json names, under the name that its content has."""
    index, told, (_, shard) = _parts(entry)
    shard = bytes(len(shard))
    return _packed(digest, [index, told, (f"weights.{hashlib.sha256(shard).hexdigest()[:16]}.bin", shard)])


def _other_index(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    def change(digest: str, entry: bytes) -> bytes:
        (name, index), *rest = _parts(entry)
        assert old in index
        return _packed(digest, [(name, index.replace(old, new)), *rest])

    return change


def _other_notes(text: bytes) -> Callable[[str, bytes], bytes]:
    def change(digest: str, entry: bytes) -> bytes:
        index, _, shard = _parts(entry)
        return _packed(digest, [index, ("notes.json", text), shard])

    return change


def _other_head(**changed: object) -> Callable[[str, bytes], bytes]:
    return lambda digest, entry: _packed(digest, _parts(entry), changed)


_ZEROS = "0" * 64

DAMAGES = {
    "empty": lambda digest, entry: b"",
    "text": lambda digest, entry: b"<html>no such page</html>\n\n",
    "first byte": _flipped(0),
    "hash": _flipped(30),
    "head": _flipped(100),
    "somewhere": _flipped(1500),
    "last byte": _flipped(-1),
    "cut": lambda digest, entry: entry[:-1],
    "cut in the head": lambda digest, entry: entry[:150],
    "longer": lambda digest, entry: entry + b"\n",
    "other fingerprint": lambda digest, entry: _packed(_ZEROS, _parts(entry)),
    "renamed shard": _renamed_shard,
    "other shard": _other_shard,
    "no parts": _other_head(parts=[]),
    "no list": _other_head(parts=7),
    "parts of another type": _other_head(parts=[["model.json", "1", _ZEROS], ["notes.json", True, _ZEROS]]),
    "negative size": _other_head(parts=[["model.json", -1, _ZEROS], ["notes.json", 1, _ZEROS]]),
    "huge": _other_head(parts=[["model.json", 1 << 60, _ZEROS], ["notes.json", 1, _ZEROS]]),
    "twice": lambda digest, entry: _packed(digest, [*(parts := _parts(entry)), parts[-1]]),
    "notes of another type": _other_notes(b'{"a": 1}'),
    "notes that are none": _other_notes(b"[1]"),
    "deep notes": _other_notes(b"[" * 100_000),
    "no model": _other_index(b'"format"', b'"former"'),
    "a name of another type": _other_index(b'"name":"y"', b'"name":5'),
    "classify of another type": _other_index(b'"softmax":false', b'"softmax":"no"'),
    "classify by no output": _other_index(b'"output":"y"', b'"output":"z"'),
    "no place for the fingerprint": _other_index(b'"fingerprint":"', b'"fingerprint":"0'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_or_planted_is_not_taken(tmp_path: Path, entry: tuple[str, bytes], damage: str) -> None:
    damaged = DAMAGES[damage](*entry)
    assert damaged != entry[1]
    with pytest.raises(DamagedError):
        taken(entry[0], damaged, tmp_path / "cache" / entry[0])
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [entry[0]]


def _with_compressed(change: Callable[[str, bytes], list[tuple[str, bytes]]]) -> Callable[[str, bytes], bytes]:
    """Put something else in the place of the compressed shard."""

    def changed(digest: str, entry: bytes) -> bytes:
        *others, last = _parts(entry)
        return _packed(digest, [*others, *change(*last)])

    return changed


COMPRESSED_DAMAGES = {
    "left out": _with_compressed(lambda name, data: []),
    "of another shard": _with_compressed(lambda name, data: [(name, gzip.compress(b"another"))]),
    "a bomb": _with_compressed(lambda name, data: [(name, gzip.compress(bytes(50_000_000)))]),
    "cut": _with_compressed(lambda name, data: [(name, data[:-1])]),
    "longer": _with_compressed(lambda name, data: [(name, data + b"\0")]),
    "no gzip": _with_compressed(lambda name, data: [(name, b"no gzip")]),
    "of another name": _with_compressed(lambda name, data: [(f"weights.{'0' * 16}.bin.gz", data)]),
    "elsewhere": _with_compressed(lambda name, data: [(f"../../{name}", data)]),
    "one too many": _with_compressed(lambda name, data: [(name, data), (f"weights.{'0' * 16}.bin.gz", data)]),
    "the shard alone": lambda digest, entry: _packed(digest, [*(parts := _parts(entry))[:2], parts[3]]),
    "not named": _other_index(b'"compressed":["weights.', b'"former":["weights.'),
    "of no shard": _other_index(b'"compressed":["weights.', b'"compressed":["w.'),
    "of another type": _other_index(b'"compressed":["', b'"compressed":[5,"'),
}


@pytest.mark.parametrize("damage", COMPRESSED_DAMAGES)
def test_what_is_planted_as_a_compressed_shard_is_not_taken(
    tmp_path: Path, compressed: tuple[str, bytes], damage: str
) -> None:
    damaged = COMPRESSED_DAMAGES[damage](*compressed)
    with pytest.raises(DamagedError):
        taken(compressed[0], damaged, tmp_path / "cache" / compressed[0])
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [compressed[0]]


@pytest.mark.parametrize("kind", ["entry", "compressed"])
def test_what_is_packed_again_is_the_same_and_the_local_cache_takes_it(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    digest, data = request.getfixturevalue(kind)
    assert _packed(digest, _parts(data)).partition(b"\n")[2] != b""
    told = taken(digest, data, tmp_path / "cache" / digest)
    assert told == sorted(told)
    assert told[-1] == 1.0
    again = io.BytesIO()
    pack(digest, tmp_path / "cache" / digest, again, None)
    assert again.getvalue() == data
    assert Cache(tmp_path / "cache").get(digest, tmp_path / "staging") is not None


def test_what_was_edited_is_not_packed(tmp_path: Path, entry: tuple[str, bytes]) -> None:
    digest, data = entry
    taken(digest, data, tmp_path / digest)
    (shard,) = (tmp_path / digest).glob("*.bin")
    shard.write_bytes(bytes(shard.stat().st_size))
    with pytest.raises(DamagedError, match="another hash"):
        pack(digest, tmp_path / digest, io.BytesIO(), None)
    (tmp_path / digest / "notes.json").write_text('["look here"]')
    with pytest.raises(DamagedError, match="its hash"):
        pack(digest, tmp_path / digest, io.BytesIO(), None)


def test_a_signature_is_of_the_key_and_of_the_head(tmp_path: Path, entry: tuple[str, bytes]) -> None:
    digest, data = entry
    taken(digest, data, tmp_path / digest)
    signed = io.BytesIO()
    pack(digest, tmp_path / digest, signed, _KEY)
    taken(digest, signed.getvalue(), tmp_path / "signed", _KEY)
    taken(digest, signed.getvalue(), tmp_path / "without")  # who has no key looks at hashes alone
    with pytest.raises(DamagedError, match="not signed"):
        taken(digest, data, tmp_path / "unsigned", _KEY)
    with pytest.raises(DamagedError, match="not signed"):
        taken(digest, signed.getvalue(), tmp_path / "other", _KEY[::-1])
    first, _, rest = signed.getvalue().partition(b"\n")
    changed = _packed(digest, _parts(data)[:2] + [(name, part) for name, part in _parts(data)[2:]])
    moved = changed.partition(b"\n")[0].rsplit(b" ", 1)[0] + b" " + first.rsplit(b" ", 1)[1]
    with pytest.raises(DamagedError, match="not signed"):
        taken(digest, moved + b"\n" + changed.partition(b"\n")[2], tmp_path / "moved", _KEY)
    assert rest == data.partition(b"\n")[2]
