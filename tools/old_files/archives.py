"""The archive of one writer: its sources and numbers, small enough to be kept in the repository.

`outputs.npz` has what each case gave, `inputs.json` the shape and dtype of what it was given: the values are seeded
(`values.py`), and images of random numbers would take most of the room.
"""

import io
import json
import lzma
import os
import shutil
import tarfile

import numpy as np

LIMIT = 145000
"""Bytes that an archive may have: eleven of them are to stay near one and a half million."""


def write(folder, numbers, target):
    """Write `<target>.tar.xz` and the list of its sources, `<target>.json`, leaving out the largest cases while there
    is too much. Cases are files or folders in `folder`; `numbers` are arrays by "<case>/inputs/<sample>/<name>" and
    "<case>/outputs/<sample>/<name>". The same content gives the same bytes."""
    cases = sorted({key.split("/")[0] for key in numbers})
    sizes = {case: _size(folder, case, numbers) for case in cases}
    content = _packed(folder, cases, numbers)
    while len(content) > LIMIT:
        excess = len(content) - LIMIT
        while excess > 0:
            largest = max(cases, key=lambda case: sizes[case])
            print(f"{largest} is left out: it takes {sizes[largest]} bytes")
            cases.remove(largest)
            excess -= sizes[largest]
        content = _packed(folder, cases, numbers)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target + ".tar.xz", "wb") as file:
        file.write(content)
    with open(target + ".json", "w") as file:
        file.write(json.dumps([_source(folder, case) for case in cases], indent=1) + "\n")
    print(f"{target}: {len(cases)} cases, {len(content)} bytes")


def forget(folder, case):
    """Delete what there is of a case's source."""
    shutil.rmtree(os.path.join(folder, case), ignore_errors=True)
    for extension in (".h5", ".pb"):
        if os.path.exists(os.path.join(folder, case + extension)):
            os.remove(os.path.join(folder, case + extension))


def _source(folder, case):
    return next(case + ext for ext in ("", ".h5", ".pb") if os.path.exists(os.path.join(folder, case + ext)))


def _files(folder, case):
    """Return the paths of a case's source below `folder`."""
    source = _source(folder, case)
    if os.path.isfile(os.path.join(folder, source)):
        return [source]
    walk = os.walk(os.path.join(folder, source))
    return sorted(os.path.relpath(os.path.join(parent, name), folder) for parent, _, names in walk for name in names)


def _read(folder, path):
    with open(os.path.join(folder, path), "rb") as file:
        return file.read()


def _numbers(cases, numbers):
    """Return the files that hold the cases' numbers, by path."""
    outputs, inputs = {}, {}
    for key in sorted(numbers):
        case, kind, index, name = key.split("/", 3)
        if case in cases and kind == "outputs":
            outputs["/".join([case, index, name])] = numbers[key]
        elif case in cases and index == "0":
            inputs.setdefault(case, {})[name] = [list(numbers[key].shape), numbers[key].dtype.name]
    data = io.BytesIO()
    np.savez(data, **outputs)
    return {"inputs.json": json.dumps(inputs, sort_keys=True).encode(), "outputs.npz": data.getvalue()}


def _size(folder, case, numbers):
    parts = [_read(folder, path) for path in _files(folder, case)] + list(_numbers([case], numbers).values())
    return len(lzma.compress(b"".join(parts)))


def _packed(folder, cases, numbers):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz", preset=9, format=tarfile.USTAR_FORMAT) as archive:
        contents = [(path, _read(folder, path)) for case in cases for path in _files(folder, case)]
        for path, content in contents + list(_numbers(cases, numbers).items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()
