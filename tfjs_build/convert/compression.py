"""Shards compressed by gzip, each beside its plain one: written, and judged by what comes out of them.

The same zlib gives the same bytes, another one may give others that are as good. So a `.gz` is not known by its own
bytes: it is sound if one member of gzip comes out of it that is the shard, with nothing behind it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfjs_build.convert.shards import compressed_name
from tfjs_build.fs import all_at_once, begin_syncing, open_regular
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.shards import Shard

MOST: Final = 0.97
"""Part of a shard that its `.gz` may be at most: what saves less is not worth a second file."""

NOT_WORTH_IT: Final = "`compress: gzip` saves less than 3 % of each file of weights: none is published compressed"

_LEVEL: Final = 6
"""Of zlib: 9 takes 1.8 times as long, for weights that are 0.3 % smaller (`bench.compression`)."""

_BLOCK_BYTES: Final = 1 << 20

_HEAD: Final = bytes.fromhex("1f8b08000000000000ff")
"""Of a member that says neither when nor on which system it was made: zlib's own differs between systems."""

_GZIP: Final = 16 + zlib.MAX_WBITS


@record(frozen=True)
class Compressed:
    """The `.gz` of a shard, a file in the staging folder."""

    shard: Shard
    path: Path
    nbytes: int

    @property
    def name(self) -> str:
        """The name under which it is published."""
        return compressed_name(self.shard.name)


def compress(shards: Sequence[Shard]) -> list[Compressed]:
    """Compress shards beside where they are, some at a time; return those of which it makes less than `MOST`. Raises
    OSError."""
    different = list({shard.name: shard for shard in shards}.values())
    paths = {shard.path: shard.path.with_name(compressed_name(shard.path.name)) for shard in different}
    all_at_once(lambda path: _compress(path, paths[path]), list(paths))
    written = [Compressed(shard, paths[shard.path], paths[shard.path].stat().st_size) for shard in different]
    return [each for each in written if each.nbytes <= MOST * each.shard.nbytes]


def content_hash(path: Path, nbytes: int) -> str | None:
    """Return the SHA-256 of what comes out of a `.gz`, as 64 hex digits; None where that is not one member of `nbytes`
    bytes. What is larger is not unpacked any further. Raises OSError."""
    digest, left = hashlib.sha256(), nbytes
    try:
        for block in _unpacked(path):
            left -= len(block)
            if left < 0:
                return None
            digest.update(block)
    except zlib.error:
        return None
    return None if left else digest.hexdigest()


def held(path: Path) -> str | None:
    """Return the SHA-256 of what a `.gz` holds, if that is as much as the plain shard beside it is large; None where it
    is not, and where one of the two cannot be read."""
    try:
        return content_hash(path, path.with_suffix("").stat().st_size)
    except OSError:
        return None


def _compress(path: Path, target: Path) -> None:
    target.unlink(missing_ok=True)  # the cache may have linked one of an earlier conversion
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    checksum = count = 0
    with path.open("rb") as file, target.open("wb") as out:
        out.write(_HEAD)
        while block := file.read(_BLOCK_BYTES):
            checksum, count = zlib.crc32(block, checksum), count + len(block)
            out.write(deflate.compress(block))
        out.write(deflate.flush())
        out.write(checksum.to_bytes(4, "little") + (count % (1 << 32)).to_bytes(4, "little"))
        out.flush()
        begin_syncing(out.fileno())


def _unpacked(path: Path) -> Iterator[bytes]:
    """Yield what comes out of a file that is one member; raises OSError, and zlib.error for what is none, or more."""
    inflate = zlib.decompressobj(_GZIP)
    with open_regular(path) as file:
        data = file.read(_BLOCK_BYTES)
        while not inflate.eof:
            block = inflate.decompress(data, _BLOCK_BYTES)
            data = inflate.unconsumed_tail or file.read(_BLOCK_BYTES)
            if not block and not data and not inflate.eof:
                raise zlib.error("it is cut short")
            yield block
        if inflate.unused_data or data:
            raise zlib.error("there is more behind the member")
