"""Weights into shards: where to cut, and writing them in one stream with each shard's hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.fs import begin_syncing
from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.quantize import Encoded

_OVERLAP_BYTES = 1 << 22
"""Models from this size on are hashed on a second core."""

_BLOCKS_AHEAD = 4
"""How far reading and writing may be ahead of hashing: each block is memory."""

_KEPT_BYTES = 1 << 24


@record(frozen=True)
class Shard:
    """One finished weight file in the staging folder; `name` is the one under which it is published."""

    name: str
    path: Path
    sha256: str
    nbytes: int


def shard_name(sha256: str) -> str:
    """Return the file name of a shard with this content."""
    return f"weights.{sha256[:16]}.bin"


def compressed_name(shard: str) -> str:
    """Return what the `.gz` of a shard is called."""
    return f"{shard}.gz"


def cut(sizes: Sequence[int], limit: int) -> list[int]:
    """Return the lengths of the shards for weights of these sizes, in bytes; their sum is that of the sizes.

    A weight is not torn apart unless it is larger than `limit`: so a weight that keeps its content keeps its shard,
    whatever happens to the weights after it.
    """
    shards: list[int] = []
    filled = 0
    for size in sizes:
        if filled and filled + size > limit:
            shards.append(filled)
            filled = 0
        filled += size
        while filled > limit:
            shards.append(limit)
            filled -= limit
    return _readable([*shards, filled] if filled else shards, sizes)


def _readable(shards: list[int], sizes: Sequence[int]) -> list[int]:
    """Keep TensorFlow.js from reading zeros: if all shards but the last are of one size, it takes the last one to be
    no larger (tfjs-core 4.22, composite_array_buffer.ts, `findShardForByte`). A larger last one becomes two, where a
    weight begins if that helps."""
    if _is_readable(shards):
        return shards
    *others, last = shards
    begin = sum(others)
    cuts = [at - begin for at in accumulate(sizes) if begin < at < begin + last]
    options = ([*others, at, last - at] for at in [*cuts, last // 2, last // 2 + 1])
    return next(option for option in options if _is_readable(option))


def _is_readable(shards: list[int]) -> bool:
    return len(set(shards[:-1])) != 1 or shards[-1] <= shards[0]


def write(weights: Sequence[Encoded], limit: int, folder: Path, progress: Callable[[float], None]) -> list[Shard]:
    """Write all weights, in order, as shards of at most `limit` bytes into `folder`; raises OSError.

    Memory does not grow with the model. `progress` is called with the fraction done, often. Raises ValueError if a
    weight yields other than the number of bytes that it announced, for then every later weight would be misread.
    """
    lengths = cut([weight.nbytes for weight in weights], limit)
    total = sum(lengths) or 1
    stream = _Stream(_checked(weights))
    digests, done = [hashlib.sha256() for _ in lengths], 0
    paths = [folder / f"shard-{index}" for index in range(len(lengths))]
    with _hashing(beside=total >= _OVERLAP_BYTES) as update:
        for path, digest, length in zip(paths, digests, lengths, strict=True):
            path.unlink(missing_ok=True)  # the cache may have linked one of an earlier conversion
            with path.open("wb", buffering=0) as file:
                for data in stream.take(length):
                    update(digest, data)
                    _write_all(file.write, data)
                    done += len(data)
                    progress(done / total)
                begin_syncing(file.fileno())
    return [
        Shard(shard_name(digest.hexdigest()), path, digest.hexdigest(), length)
        for path, digest, length in zip(paths, digests, lengths, strict=True)
    ]


def _checked(weights: Sequence[Encoded]) -> Iterator[memoryview]:
    for weight in weights:
        count = 0
        for block in weight.blocks():
            count += len(block)
            if count > weight.nbytes:  # at once: nobody may ask for more when the last weight has its bytes
                break
            yield block
        if count != weight.nbytes:
            raise ValueError(f"weight {weight.entry['name']!r} has {count} bytes, not {weight.nbytes}")


class _Stream:
    """Blocks of any length, handed out in pieces that end where a shard ends."""

    def __init__(self, blocks: Iterator[memoryview]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def take(self, length: int) -> Iterator[memoryview]:
        while length:
            if not self._rest:
                self._rest = next(self._blocks)
                continue
            piece = self._rest[:length]
            self._rest = self._rest[length:]
            length -= len(piece)
            yield piece


@contextmanager
def _hashing(*, beside: bool) -> Iterator[Callable[[hashlib._Hash, memoryview], None]]:
    """Yield what enters data into a hash: at once, or on a second core (`beside`), which is done when the context ends.
    Both hashing and input and output release the interpreter's lock."""
    if not beside:
        yield lambda digest, data: digest.update(data)
        return
    import queue
    import threading

    waiting: queue.Queue[tuple[hashlib._Hash, memoryview] | None] = queue.Queue(_BLOCKS_AHEAD)

    def work() -> None:
        while (task := waiting.get()) is not None:
            task[0].update(task[1])

    bytearray(_KEPT_BYTES)  # given back at once: glibc's malloc keeps what is smaller from then on, for the next block
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield lambda digest, data: waiting.put((digest, data))
    finally:
        waiting.put(None)
        thread.join()


def _write_all(write: Callable[[memoryview], int], data: memoryview) -> None:
    while data:
        data = data[write(data) :]
