"""Checkpoints: shards, slices, types, and files that are damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.saved_model.making import block, write_checkpoint, write_table
from tfjs_build.convert import artifacts
from tfjs_build.convert.saved_model import checkpoint as module
from tfjs_build.convert.saved_model.checkpoint import Checkpoint, _signed, _slice_key
from tfjs_build.convert.saved_model.checksums import extend, masked
from tfjs_build.convert.saved_model.table import read_table
from tfjs_build.errors import RefusedError, SourceError


def test_a_table_with_many_blocks_and_shared_prefixes(tmp_path: Path) -> None:
    entries = {f"layer/{i:03d}/kernel".encode(): bytes([i]) * i for i in range(40)}
    write_table(tmp_path / "t.index", entries)
    assert read_table(tmp_path / "t.index") == entries


@pytest.mark.parametrize("cut", [0, 20, 47, 200])
def test_a_truncated_table(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.index"
    write_table(path, {b"a": b"1" * 300})
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(SourceError, match="was not written to its end"):
        read_table(path)


def test_a_table_whose_index_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "t.index"
    write_table(path, {b"a": b"1" * 300})
    data = path.read_bytes()
    path.write_bytes(data[200:])
    with pytest.raises(SourceError, match="damaged"):
        read_table(path)


def test_blocks_that_are_compressed(tmp_path: Path) -> None:
    entries = {f"layer/{i:03d}/kernel".encode(): bytes([i]) * i for i in range(40)}
    write_table(tmp_path / "t.index", entries, compression=1)
    assert read_table(tmp_path / "t.index") == entries


def test_compressed_blocks_that_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "t.index"
    write_table(path, {b"a": b"1" * 300}, compression=1)
    inside = b"\x01" + block({b"a": b"1" * 300}, compression=1)[1:-4]
    path.write_bytes(inside + masked(extend(0, inside)).to_bytes(4, "little") + path.read_bytes()[len(inside) + 4 :])
    with pytest.raises(SourceError, match="is damaged: its index cannot be followed"):
        read_table(path)


def test_blocks_that_are_compressed_otherwise(tmp_path: Path) -> None:
    write_table(tmp_path / "t.index", {b"a": b"1"}, compression=2)
    with pytest.raises(RefusedError, match=r"uses an unsupported compression \(number 2\)"):
        read_table(tmp_path / "t.index")


def test_tensors_of_every_type_in_several_shards(tmp_path: Path) -> None:
    tensors = {
        "f": np.arange(6, dtype=np.float32).reshape(2, 3),
        "half": np.array([0.5, -2], np.float16),
        "brain": np.array([1.5, -3], np.float32),
        "i": np.array([2**40, -1], np.int64),
        "flags": np.array([True, False, True]),
        "words": np.array(["the", "", "größe"], object),
        "none": np.zeros((0, 3), np.float32),
        "one": np.float32(7).reshape(()),
    }
    write_checkpoint(tmp_path / "variables", tensors, shards=3, dtypes={"brain": "bfloat16"})
    found = Checkpoint(tmp_path / "variables")
    assert sorted(found.names()) == sorted(tensors)
    for name, expected in tensors.items():
        constant = found.tensor(name)
        assert constant is not None
        assert constant.shape == expected.shape
        if name == "words":
            assert constant.array().tolist() == [word.encode() for word in expected]
        else:
            np.testing.assert_array_equal(constant.array(), expected)
    assert found.tensor("nobody") is None
    brain = found.tensor("brain")
    assert brain is not None
    assert brain.dtype == "bfloat16"


def test_large_tensors_are_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_BYTES", 64)
    write_checkpoint(tmp_path / "v", {"w": np.arange(50, dtype=np.float32)})
    constant = Checkpoint(tmp_path / "v").tensor("w")
    assert constant is not None
    blocks = list(constant.blocks())
    assert [block.size for block in blocks] == [16, 16, 16, 2]
    np.testing.assert_array_equal(np.concatenate(blocks), np.arange(50))
    assert artifacts.BLOCK_BYTES == 1 << 20


def test_partitioned_tensors(tmp_path: Path) -> None:
    whole = np.arange(40, dtype=np.float32).reshape(10, 4)
    parts = [((0, 4), (0, -1)), ((4, 3), (0, -1)), ((7, 3), (0, -1))]
    write_checkpoint(tmp_path / "v", {"w": whole}, shards=2, slices={"w": parts})
    found = Checkpoint(tmp_path / "v")
    entire, stored, cut = (found.tensor("w", part) for part in ("", "10 4 4,3:-", "10 4 3,5:1,2"))
    assert entire is not None and stored is not None and cut is not None
    np.testing.assert_array_equal(entire.array(), whole)
    np.testing.assert_array_equal(stored.array(), whole[4:7])
    np.testing.assert_array_equal(cut.array(), whole[3:8, 1:3])


def test_a_part_of_a_tensor_that_is_stored_whole(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "v", {"w": np.arange(6, dtype=np.float32)})
    part = Checkpoint(tmp_path / "v").tensor("w", "6 2,3")
    assert part is not None
    np.testing.assert_array_equal(part.array(), [2, 3, 4])


def test_the_code_of_slices() -> None:
    """The values are those of OrderedCode::WriteSignedNumIncreasing."""
    assert [_signed(n).hex() for n in (0, 1, 63, 64, -1, -64, -65, 8191, 8192)] == [
        "80", "81", "bf", "c040", "7f", "40", "3fbf", "dfff", "e02000",
    ]  # fmt: skip
    assert _slice_key("a\0\xff", ((0, -1), (2, 3))).hex() == (
        "00" + "61" + "00ff" + "c3" + "bf" + "0001" + "0102" + "80" + "7f" + "82" + "83"
    )


def test_a_missing_shard(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "v", {"w": np.zeros(3, np.float32)})
    (tmp_path / "v.data-00000-of-00001").unlink()
    with pytest.raises(SourceError, match=r"v\.data-00000-of-00001 is missing"):
        Checkpoint(tmp_path / "v").tensor("w")


def test_a_truncated_shard(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "v", {"a": np.zeros(3, np.float32), "w": np.zeros(3, np.float32)})
    path = tmp_path / "v.data-00000-of-00001"
    path.write_bytes(path.read_bytes()[:-1])
    found = Checkpoint(tmp_path / "v")
    assert found.tensor("a") is not None
    with pytest.raises(SourceError, match="the tensor w reaches beyond the end of the file"):
        found.tensor("w")


def test_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        Checkpoint(tmp_path / "v")
