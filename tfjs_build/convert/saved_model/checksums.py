"""Checksums of checkpoints: CRC-32C, masked as TensorFlow and LevelDB store it (tensorflow/core/lib/hash/crc32c.h)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

_MASK: Final = 0xA282EAD8


def extend(crc: int, data: Any) -> int:
    """Return the CRC-32C of what has the checksum `crc` (0 for nothing), followed by the buffer `data`."""
    from google_crc32c import extend as extended  # 10 GB/s; imported here, as not every model has a checkpoint

    result: int = extended(crc, data)
    return result


def masked(crc: int) -> int:
    """Return a checksum as it is stored: those of data that hold checksums themselves would be weak."""
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF


def strings(lengths: Iterable[int], texts: Iterable[bytes]) -> tuple[int, bytes]:
    """Return the checksum of a tensor of strings, and the four bytes that stand between their lengths and them: the
    lengths' own checksum.

    Lengths count as four bytes, or eight where they need them (tensor_bundle.cc, `WriteStringTensor`).
    """
    data = b"".join(length.to_bytes(4 if length < 1 << 32 else 8, "little") for length in lengths)
    crc = extend(0, data)
    between = masked(crc).to_bytes(4, "little")
    return masked(extend(crc, b"".join((between, *texts)))), between


def checked(blocks: Iterable[NDArray[Any]], stored: int, fault: Exception) -> Iterator[NDArray[Any]]:
    """Yield blocks; raises `fault` before the last one if their masked checksum is not `stored`: behind it, whoever has
    enough might not look."""
    crc = 0
    held = None
    for block in blocks:
        crc = extend(crc, block)
        if held is not None:
            yield held
        held = block
    if masked(crc) != stored:
        raise fault
    if held is not None:
        yield held
