"""Tensor files: what is written is what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.oracle.tensors import Group, read_groups, write_groups


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    groups: list[Group] = [
        {"a": np.array([True]), "b": np.arange(6, dtype=np.float32).reshape(2, 3).T, "c": np.int32(-7).reshape(())},
        {"text": np.array([[b"bytes", "größe"]], dtype=object)},
        {},
    ]
    write_groups(tmp_path / "file", groups)
    first, second, third = read_groups(tmp_path / "file")
    assert first["a"].tolist() == [True]
    assert first["b"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert (first["c"].shape, first["c"].dtype, int(first["c"])) == ((), np.dtype(np.int32), -7)
    assert second["text"].tolist() == [["bytes", "größe"]]
    assert third == {}


def test_wider_numbers_are_stored_as_tensorflow_js_has_them(tmp_path: Path) -> None:
    write_groups(tmp_path / "file", [{"i": np.array([3], np.int64), "f": np.array([0.5], np.float64)}])
    [group] = read_groups(tmp_path / "file")
    assert (group["i"].dtype, group["f"].dtype) == (np.dtype(np.int32), np.dtype(np.float32))


@pytest.mark.parametrize(("array", "error"), [(np.array([1 << 31]), OverflowError), (np.array([1j]), TypeError)])
def test_what_does_not_fit_is_not_written(tmp_path: Path, array: NDArray[Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        write_groups(tmp_path / "file", [{"x": array}])
