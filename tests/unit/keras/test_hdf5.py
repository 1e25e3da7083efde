"""Weights out of HDF5 files: types, blocks, storage layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.keras import hdf5
from tfjs_build.convert.keras.archive import Span
from tfjs_build.errors import SourceError


def weight_of(path: Path, **options: Any) -> tuple[Weight, list[NDArray[Any]]]:
    """Write one dataset, and return it as a weight with its blocks."""
    with h5py.File(path, "w") as file:
        file.create_dataset("w", **options)
    with hdf5.open_hdf5(Span(path, 0, path.stat().st_size), "FILE") as file:
        dataset = file.dataset(file.root, "w")
        assert dataset is not None
        weight = file.weight(dataset)
        return weight, list(weight.blocks())


@pytest.mark.parametrize(
    ("stored", "dtype", "expected"),
    [
        (np.array([1.5, -2.5], "f4"), "float32", [1.5, -2.5]),
        (np.array([1.5, -2.5], ">f4"), "float32", [1.5, -2.5]),
        (np.array([1.5, -2.5], "f2"), "float32", [1.5, -2.5]),
        (np.array([1.5, 1e300], "f8"), "float32", [1.5, np.inf]),
        (np.array([3, -4], "i4"), "int32", [3, -4]),
        (np.array([1 << 40, -(1 << 40)], "i8"), "int32", [(1 << 31) - 1, -(1 << 31)]),
        (np.array([200, 7], "u1"), "int32", [200, 7]),
        (np.array([True, False]), "bool", [True, False]),
        (np.array([0x3FC0, 0xC020], "<u2").view("V2"), "float32", [1.5, -2.5]),  # bfloat16, as h5py stores it
    ],
)
@pytest.mark.parametrize("options", [{}, {"chunks": (1,)}, {"chunks": (2,), "compression": "gzip"}])
def test_dtypes(tmp_path: Path, stored: NDArray[Any], dtype: str, expected: list[Any], options: dict[str, Any]) -> None:
    weight, [block] = weight_of(tmp_path / "w.h5", data=stored, **options)
    assert (weight.shape, weight.dtype) == ((2,), dtype)
    np.testing.assert_array_equal(block, expected)
    assert block.dtype == np.dtype({"float32": "<f4", "int32": "<i4", "bool": "bool"}[dtype])


def test_strings(tmp_path: Path) -> None:
    weight, [block] = weight_of(tmp_path / "w.h5", data=[b"a", b"bc"], dtype=h5py.string_dtype())
    assert weight.dtype == "string"
    assert list(block) == [b"a", b"bc"]


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"`w` has the dtype complex64, which TensorFlow.js lacks"):
        weight_of(tmp_path / "w.h5", data=np.array([1j], "c8"))


@pytest.mark.parametrize("chunks", [None, (3, 2, 2)])
@pytest.mark.parametrize("limit", [8, 40, 64, 1000])
def test_blocks_are_small_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: tuple[int, ...] | None, limit: int
) -> None:
    monkeypatch.setattr(hdf5, "BLOCK_BYTES", limit)
    array = np.arange(60, dtype="f4").reshape(5, 4, 3)
    weight, blocks = weight_of(tmp_path / "w.h5", data=array, chunks=chunks)
    np.testing.assert_array_equal(np.concatenate(blocks), array.reshape(-1))
    assert all(block.ndim == 1 and block.nbytes <= max(limit, 12) for block in blocks)
    assert weight.size == 60


@pytest.mark.parametrize("data", [np.float32(2.5), np.zeros((0, 3), "f4")])
def test_scalars_and_empty_arrays(tmp_path: Path, data: NDArray[Any]) -> None:
    weight, blocks = weight_of(tmp_path / "w.h5", data=data)
    assert weight.shape == data.shape
    assert sum(block.size for block in blocks) == data.size


def test_weights_can_be_read_twice(tmp_path: Path) -> None:
    weight, first = weight_of(tmp_path / "w.h5", data=np.arange(3, dtype="f4"))
    np.testing.assert_array_equal(first, list(weight.blocks()))


def test_strings_that_are_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each refers to its text, and all can refer to one: the file grows by 16 bytes a string."""
    monkeypatch.setattr(hdf5, "_MOST_TEXT_BYTES", 1 << 24)
    path = tmp_path / "file"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("w", (1000,), h5py.string_dtype())
        dataset[0] = "x" * (1 << 20)
    data = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        offset = file["w"].id.get_offset()
    data[offset : offset + 16_000] = data[offset : offset + 16] * 1000
    path.write_bytes(data)
    with hdf5.open_hdf5(Span(path, 0, len(data)), "FILE") as file:
        dataset = file.dataset(file.root, "w")
        assert dataset is not None
        with pytest.raises(SourceError, match="`w` has more than 16 MB of text; the file is damaged"):
            list(file.weight(dataset).blocks())


def attribute_of(path: Path, value: object, type: object = None) -> list[str] | None:
    """Write one attribute, and return it as a list of strings."""
    with h5py.File(path, "w") as file:
        file.attrs.create("names", value, dtype=type)
    with hdf5.open_hdf5(Span(path, 0, path.stat().st_size), "FILE") as file:
        return file.strings(file.root, "names")


@pytest.mark.parametrize("value", [[], ["a", "b"], [b"a", b"b"], np.array([], "S4")])
def test_lists_of_strings(tmp_path: Path, value: Any) -> None:
    expected = [each.decode() if isinstance(each, bytes) else str(each) for each in value]
    assert attribute_of(tmp_path / "names.h5", value) == expected


_ROWS = np.empty(1, object)
_ROWS[0] = np.array([1, 2], "i4")


@pytest.mark.parametrize(
    ("value", "type"),
    [([1.5], "f4"), (_ROWS, h5py.vlen_dtype(np.dtype("i4"))), (3, "i8")],
    ids=["floats", "rows", "int"],
)
def test_attributes_that_are_no_text(tmp_path: Path, value: Any, type: Any) -> None:
    with pytest.raises(SourceError, match="FILE: `names` cannot be read; the file is damaged \\(it is no text\\)"):
        attribute_of(tmp_path / "names.h5", value, type)
