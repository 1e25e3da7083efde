"""Where shards are cut, and that what is written is what was to be written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from random import Random

import pytest

from tfjs_build.convert.quantize import Encoded
from tfjs_build.convert.shards import cut, write


@pytest.mark.parametrize(
    ("sizes", "shards"),
    [
        ([], []),
        ([0, 0], []),
        ([10], [10]),
        ([10, 10, 10], [30]),
        ([60, 30, 20], [90, 20]),  # the third would not fit: it opens a shard of its own
        ([60, 50], [60, 50]),
        ([100, 100], [100, 100]),
        ([250], [100, 100, 50]),  # only a weight that is larger than a shard is torn
        ([10, 250, 40], [10, 100, 100, 90]),
        ([0, 100, 0], [100]),
        ([60, 60, 30], [60, 60, 30]),  # TensorFlow.js would read zeros from a larger last shard after equal ones
        ([60, 90], [60, 45, 45]),
        ([40, 80], [40, 40, 40]),
        ([40, 81], [40, 41, 40]),
    ],
)
def test_cut(sizes: list[int], shards: list[int]) -> None:
    assert cut(sizes, 100) == shards
    assert sum(shards) == sum(sizes)


def test_tensorflow_js_finds_every_byte() -> None:
    """What tfjs-core's CompositeArrayBuffer does: a division where the sizes but the last are equal, else a search."""
    random = Random(1)
    for _ in range(3000):
        sizes = [random.choice([1, 2, 3, 5, 40, 60, 99, 100, 101, 250]) for _ in range(random.randint(1, 5))]
        shards = cut(sizes, 100)
        assert sum(shards) == sum(sizes)
        if len(set(shards[:-1])) == 1:
            assert shards[-1] <= shards[0], (sizes, shards)


def test_an_unchanged_weight_stays_in_an_unchanged_shard(tmp_path: Path) -> None:
    backbone = [bytes([index]) * 60 for index in range(5)]
    before = write([_encoded(data) for data in [*backbone, b"x" * 30]], 100, _folder(tmp_path / "a"), _ignore)
    after = write([_encoded(data) for data in [*backbone, b"y" * 36]], 100, _folder(tmp_path / "b"), _ignore)
    assert [shard.name for shard in before[:-1]] == [shard.name for shard in after[:-1]]
    assert before[-1].name != after[-1].name


def test_the_shards_hold_the_bytes_in_order(tmp_path: Path) -> None:
    data = [bytes(range(256)) * 3, b"", b"tail" * 400_000, b"end"]
    fractions: list[float] = []
    shards = write([_encoded(part) for part in data], 600_000, _folder(tmp_path), fractions.append)
    assert b"".join(shard.path.read_bytes() for shard in shards) == b"".join(data)
    assert all(shard.path.stat().st_size == shard.nbytes <= 600_000 for shard in shards)
    assert all(hashlib.sha256(shard.path.read_bytes()).hexdigest() == shard.sha256 for shard in shards)
    assert all(shard.name == f"weights.{shard.sha256[:16]}.bin" for shard in shards)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_a_shard_that_the_cache_has_linked_stays_what_it_is(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "staging")
    [shard] = write([_encoded(b"first")], 100, folder, _ignore)
    (tmp_path / "cached").hardlink_to(shard.path)
    write([_encoded(b"second")], 100, folder, _ignore)
    assert (tmp_path / "cached").read_bytes() == b"first"


def test_a_weight_of_another_length_than_announced_is_a_bug(tmp_path: Path) -> None:
    wrong = Encoded({"name": "dense/kernel"}, 9, lambda: iter((memoryview(b"12345678"),)))
    with pytest.raises((ValueError, RuntimeError)):
        write([wrong, _encoded(b"1")], 100, _folder(tmp_path), _ignore)


def _encoded(data: bytes) -> Encoded:
    # In uneven blocks, as a converter may yield them.
    return Encoded(
        {"name": "w"}, len(data), lambda: (memoryview(data)[at : at + 700_001] for at in range(0, len(data), 700_001))
    )


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _ignore(fraction: float) -> None:
    del fraction
