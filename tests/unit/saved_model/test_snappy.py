"""Snappy's raw format, from blocks that Google's library has written and from such as it would not."""

from __future__ import annotations

import pytest

from tfjs_build.convert.saved_model.snappy import decompress

MOST = 1 << 20


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"\x00", b""),
        (b".,layer/kernelv\x0c\x00\x0cbias", b"layer/kernel" * 3 + b"layer/bias"),  # written by the library
        (b"\x05\x00a\x01\x01", b"aaaaa"),  # one byte, then the one before four times
        (b"\x08\x04ab\x09\x02", b"abababab"),
        (b"\x05\x04ab\x0a\x02\x00", b"ababa"),
        (b"\x05\x04ab\x0b\x02\x00\x00\x00", b"ababa"),
        (b"\x46\xf0\x45" + b"x" * 70, b"x" * 70),  # a length of one byte
        (b"\x80\x02\xf4\xff\x00" + b"x" * 256, b"x" * 256),  # of two
        (b"\x80\x02\xf8\xff\x00\x00" + b"x" * 256, b"x" * 256),
        (b"\x80\x02\xfc\xff\x00\x00\x00" + b"x" * 256, b"x" * 256),
    ],
)
def test_every_kind_of_element(data: bytes, content: bytes) -> None:
    assert decompress(data, MOST) == content


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x05\x04ab",  # shorter than it says
        b"\x01\x04ab",  # longer
        b"\x05\x10ab",  # ends in a literal
        b"\x05\xf0",  # ends in a length
        b"\x05\x00a\x01",  # ends in a distance
        b"\x05\x00a\x0e\x01",
        b"\x05\x00a\x01\x02",  # refers to what comes before the content
        b"\x05\x00a\x01\x00",  # refers to itself
        b"\xff\xff\xff\xff\x0f\x00a",  # claims four gigabytes
    ],
)
def test_damaged_blocks(data: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        decompress(data, MOST)
