"""Tensors come out of a message as they went in; what is no message is refused."""

from __future__ import annotations

import numpy as np
import pytest

from tfjs_build.verify.wire import pack, unpack


def test_all_kinds_of_tensors() -> None:
    group = {
        "floats": np.array([[1.5, -2, np.nan]], np.float32),
        "__proto__": np.array([1, -2], np.int32),
        "bools": np.array([True, False, True]),
        "complex": np.array([1 + 2j], np.complex64),
        "picture": np.arange(8, dtype=np.uint8).reshape(1, 2, 4),
        "texts": np.array([["a", "東京"]], dtype=object),
        "scalar": np.array(3, np.int32),
        "empty": np.zeros((0, 2), np.float32),
    }
    header, groups = unpack(pack({"do": "run", "n": 1}, [group, {}]))
    assert header == {"do": "run", "n": 1}
    assert list(groups[0]) == list(group)
    assert groups[1] == {}
    for name, array in group.items():
        assert groups[0][name].dtype == array.dtype
        np.testing.assert_array_equal(groups[0][name], array)


def test_wider_numbers_become_those_of_tensorflow_js() -> None:
    _, [group] = unpack(pack({}, [{"a": np.array([1.25]), "b": np.array([7])}]))
    assert [str(array.dtype) for array in group.values()] == ["float32", "int32"]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x02\0\0\0{}",
        b"\xff\xff\xff\xffx",
        b"\x04\0\0\0null",
        pack({}, [{"a": np.zeros(4, np.float32)}])[:-1],
        pack({}, [{"a": np.zeros(4, np.float32)}]).replace(b'"offset": 0', b'"offset":-8'),
        pack({}, [{"a": np.zeros(4, np.float32)}]).replace(b"float32", b"float99"),
        pack({}, [{"a": np.zeros(4, np.float32)}]).replace(b"[4]", b"[9]"),
    ],
)
def test_what_is_no_message(message: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(message)
