"""Compressed shards: what is written, and how another one is judged."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np
import pytest

from tfjs_build.convert.compression import MOST, compress, content_hash, held
from tfjs_build.convert.shards import Shard, compressed_name, shard_name

DATA = np.random.default_rng(0).integers(0, 16, 3 << 20, np.uint8).tobytes()
SHA256 = hashlib.sha256(DATA).hexdigest()


def shard(folder: Path, data: bytes, file: str = "shard-0") -> Shard:
    (folder / file).write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    return Shard(shard_name(sha256), folder / file, sha256, len(data))


def test_what_comes_out_is_the_shard(tmp_path: Path) -> None:
    [each] = compress([shard(tmp_path, DATA)])
    assert each.name == f"weights.{SHA256[:16]}.bin.gz"
    assert each.nbytes == each.path.stat().st_size < MOST * len(DATA)
    assert gzip.decompress(each.path.read_bytes()) == DATA
    assert content_hash(each.path, len(DATA)) == SHA256


def test_the_bytes_depend_on_the_shard_alone(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    [first] = compress([shard(one, DATA)])
    [second] = compress([shard(other, DATA, "another name")])
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.path.read_bytes()[:10].hex() == "1f8b08000000000000ff"  # no flags, no time, no system


def test_what_saves_little_is_left_out(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).bytes(1 << 16)
    shards = [shard(tmp_path, noise), shard(tmp_path, DATA, "shard-1"), shard(tmp_path, b"", "shard-2")]
    assert [each.shard for each in compress(shards)] == [shards[1]]


def test_a_shard_that_is_there_twice_is_compressed_once(tmp_path: Path) -> None:
    shards = [shard(tmp_path, DATA), shard(tmp_path, DATA, "shard-1")]
    assert len(compress(shards)) == 1


def test_an_earlier_file_that_has_a_second_name_stays_as_it_is(tmp_path: Path) -> None:
    [each] = compress([shard(tmp_path, DATA)])
    kept = tmp_path / "kept"
    kept.hardlink_to(each.path)
    compress([shard(tmp_path, bytes(1000))])
    assert content_hash(kept, len(DATA)) == SHA256


def _member(data: bytes, level: int = 9) -> bytes:
    return gzip.compress(data, level)


SOUND = {
    "another level": _member(DATA, 1),
    "stored": _member(DATA, 0),
    "with a name and a time": bytes.fromhex("1f8b0808aabbccdd0203") + b"weights.bin\0" + _member(DATA)[10:],
}
UNSOUND = {
    "empty": b"",
    "no gzip": DATA,
    "zlib's own format": zlib.compress(DATA),
    "another content": _member(DATA[:-1] + b"x"),
    "less": _member(DATA[:-1]),
    "more": _member(DATA + b"\0"),
    "cut short": _member(DATA)[:-9],
    "without its checksum": _member(DATA)[:-8],
    "with another checksum": _member(DATA)[:-8] + bytes(4) + _member(DATA)[-4:],
    "in two members": _member(DATA[:1000]) + _member(DATA[1000:]),
    "with another member behind it": _member(DATA) + _member(b""),
    "with a byte behind it": _member(DATA) + b"\0",
}


@pytest.mark.parametrize("kind", SOUND)
def test_what_another_program_made_is_as_good(kind: str, tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(SOUND[kind])
    assert content_hash(tmp_path / "x.gz", len(DATA)) == SHA256


@pytest.mark.parametrize("kind", UNSOUND)
def test_what_holds_something_else_is_told(kind: str, tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(UNSOUND[kind])
    assert content_hash(tmp_path / "x.gz", len(DATA)) != SHA256


def test_a_member_may_end_where_a_block_of_the_file_ends(tmp_path: Path) -> None:
    data = bytes(1 << 20)
    sizes = {len(_member(data[:length], 0)): length for length in range(len(data) - 200, len(data))}
    for size in ((1 << 20) - 1, 1 << 20, (1 << 20) + 1):  # of what is read at a time
        length = sizes[size]
        stored = _member(data[:length], 0)
        (tmp_path / "x.gz").write_bytes(stored)
        assert content_hash(tmp_path / "x.gz", length) is not None
        (tmp_path / "x.gz").write_bytes(stored + b"\0")
        assert content_hash(tmp_path / "x.gz", length) is None


def test_a_bomb_is_unpacked_no_further_than_the_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "weights.0123456789abcdef.bin.gz"
    bomb.write_bytes(_member(bytes(64 << 20)))
    bomb.with_suffix("").write_bytes(bytes(5 << 20))
    unpacked = 0

    class Counting:
        def __init__(self, wbits: int) -> None:
            self._inflate = decompressobj(wbits)

        def __getattr__(self, name: str) -> object:
            return getattr(self._inflate, name)

        def decompress(self, data: bytes, most: int) -> bytes:
            nonlocal unpacked
            block = self._inflate.decompress(data, most)
            unpacked += len(block)
            return block

    decompressobj = zlib.decompressobj
    monkeypatch.setattr(zlib, "decompressobj", Counting)
    assert held(bomb) is None
    assert 5 << 20 < unpacked <= 6 << 20


def test_what_has_no_shard_beside_it_holds_none(tmp_path: Path) -> None:
    [each] = compress([shard(tmp_path, DATA)])
    beside = tmp_path / compressed_name(each.shard.name)
    each.path.rename(beside)
    assert held(beside) is None
    each.shard.path.rename(tmp_path / each.shard.name)
    assert held(beside) == SHA256
