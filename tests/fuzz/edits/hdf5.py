"""Edits of HDF5 files: attributes, datasets, groups and links, through h5py; and of their bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from random import Random
from typing import Any

import h5py
import numpy as np

from tests.fuzz.edits import json_values, odd, raw


def edit(data: bytes, random: Random) -> bytes:
    """Change an HDF5 file in one place; what is none is changed as bytes."""
    if random.random() < 0.1:
        return raw.edit(data, random)
    content = io.BytesIO(data)
    try:
        with h5py.File(content, "r+") as file:
            objects: list[Any] = [file]
            file.visititems(lambda _name, each: objects.append(each))
            chosen = random.choice(objects)
            if chosen.attrs and random.random() < 0.4:
                _edit_attribute(chosen, random)
            elif isinstance(chosen, h5py.Dataset):
                _edit_dataset(chosen, random)
            else:
                _edit_group(chosen, random)
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, OverflowError):
        return raw.edit(data, random)
    return content.getvalue()


def _edit_attribute(holder: Any, random: Random) -> None:
    name = random.choice(sorted(holder.attrs))
    value = holder.attrs[name]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str) and value[:1] == "{" and random.random() < 0.8:
        holder.attrs[name] = json_values.edit(value.encode(), random)
        return
    choice = random.randrange(5)
    if choice == 0:
        del holder.attrs[name]
    elif choice == 1:
        holder.attrs[name] = _array(random)
    elif choice == 2 and isinstance(value, np.ndarray) and value.size:
        names = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in value.ravel()]
        holder.attrs[name] = [each.encode("utf-8", "replace") for each in _edit_names(names, random)]
    elif choice == 3:
        holder.attrs[name] = json.dumps(odd.value(random))
    else:
        del holder.attrs[name]
        holder.attrs[random.choice((f"{name}0", f"{name}x", "layer_names", "weight_names", "name"))] = value


def _edit_names(names: list[str], random: Random) -> list[str]:
    at = random.randrange(len(names))
    choice = random.randrange(4)
    if choice == 0:
        names[at] = odd.text(random)
    elif choice == 1:
        names.append(names[at])
    elif choice == 2:
        del names[at]
    else:
        random.shuffle(names)
    return [name.replace("\0", "0") or "x" for name in names] or ["x"]


def _array(random: Random) -> Any:
    """Return an array, or what HDF5 has instead of one: other types and ranks, of no or many elements."""
    choice = random.randrange(9)
    size = random.choice(((), (0,), (1,), (3,), (2, 2), (1, 1, 1, 1, 1)))
    if choice == 0:
        return h5py.Empty(random.choice(("f4", "i8", h5py.string_dtype())))
    if choice == 1:
        return np.array(odd.text(random).replace("\0", ""), h5py.string_dtype())
    if choice == 2:
        return np.zeros(size, random.choice(("f2", "f8", "i1", "u8", "b1", "c8", ">f4", "S3")))
    if choice == 3:
        return np.zeros(size, [("a", "f4"), ("b", "i4")])
    if choice == 4:
        return np.full(size, random.choice((np.nan, np.inf, 1e300, -1.0)), "f8")
    if choice == 5:
        return np.array([np.array([1, 2]), np.array([3])], h5py.vlen_dtype("i4"))
    if choice == 6:
        return np.void(b"\x01\x02")
    if choice == 7:
        return np.zeros(size, "V2")
    return np.zeros(size, h5py.enum_dtype({"A": 0, "B": 1}, "i1"))


def _edit_dataset(dataset: Any, random: Random) -> None:
    parent, name = dataset.parent, dataset.name.rpartition("/")[2]
    value = dataset[()]
    attributes = dict(dataset.attrs)
    del parent[name]
    make: list[Callable[[], object]] = [
        lambda: None,
        lambda: parent.create_dataset(name, data=_array(random)),
        lambda: parent.create_dataset(name, data=np.asarray(value).reshape(-1)),
        lambda: parent.create_dataset(name, data=np.asarray(value)[None]),
        lambda: parent.create_dataset(
            name, data=np.asarray(value).astype(random.choice(("f8", "f2", "i8", ">f4", "u1")))
        ),
        lambda: parent.create_dataset(name, data=value, chunks=True, compression=random.choice(("gzip", "lzf"))),
        lambda: parent.create_dataset(name, data=value, chunks=True, fletcher32=True, shuffle=True),
        lambda: parent.create_dataset(name, shape=odd_shape(random), dtype="f4", chunks=True),
        lambda: parent.create_dataset(name, shape=odd_shape(random), dtype="f4"),
        lambda: parent.create_group(name),
        lambda: parent.__setitem__(name, h5py.SoftLink(random.choice(("/", "/nowhere", name)))),
        lambda: parent.__setitem__(name, h5py.ExternalLink("../mine.txt", "/")),
        lambda: parent.create_dataset(name, shape=(4,), dtype="f4", external=[("../mine.txt", 0, 16)]),
        lambda: _virtual(parent, name),
    ]
    random.choice(make)()
    if isinstance(parent.get(name), h5py.Dataset):
        for key, each in attributes.items():
            parent[name].attrs[key] = each


def odd_shape(random: Random) -> tuple[int, ...]:
    """Return a shape of a dataset without data: it may claim what no memory holds."""
    return tuple(random.choice((0, 1, 2, 3, 1000, 2**20, 2**31)) for _ in range(random.randrange(1, 5)))


def _virtual(parent: Any, name: str) -> None:
    layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
    layout[:] = h5py.VirtualSource("../mine.txt", "x", shape=(4,))
    parent.create_virtual_dataset(name, layout)


def _edit_group(group: Any, random: Random) -> None:
    names = sorted(group)
    if not names:
        group.create_dataset(random.choice(("0", "1", "vars")), data=_array(random))
        return
    name, other = random.choice(names), random.choice(names)
    choice = random.randrange(7)
    if choice == 0:
        del group[name]
    elif choice == 1:
        group.move(name, random.choice((f"{name}x", "0", "1", "vars", "layers", "dense_1", "é")))
    elif choice == 2:
        del group[name]
        group[name] = group.file  # a cycle
    elif choice == 3:
        del group[name]
        group[name] = group[other] if other != name else h5py.SoftLink("/")
    elif choice == 4:
        del group[name]
        group.create_dataset(name, data=_array(random))
    elif choice == 5:
        group.attrs[random.choice(("weight_names", "layer_names", "name", "keras_version", "backend"))] = _array(random)
    else:
        group.copy(name, random.choice((f"{name}_copy", "0", "1", "2")))
