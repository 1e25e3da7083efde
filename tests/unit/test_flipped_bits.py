"""One bit of a source is flipped, at many places: the model is refused, or what is published is the same.

Formats have no checksum over some of their bytes. There a flip cannot be told, and is counted apart: the numbers of a
plain HDF5 file, and a SavedModel's program. `make flips` tries many more places and writes docs/reliability.md.
"""

from __future__ import annotations

import io
import random
import shutil
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.support.keras_files import dense_config, write_archive, write_dense
from tests.unit.keras import files
from tests.unit.saved_model.making import Model as SavedModel
from tests.unit.saved_model.making import Type
from tfjs_build import children, job
from tfjs_build.errors import Location, ModelError
from tfjs_build.model import Limits, Model
from tfjs_build.sources.resolve import resolve

FLIPS = 16
SIZE = 600
"""Of a matrix: its megabyte is read as one piece, and its checksum joined with those of what is around it."""
_STRUCTURE = 8192
"""Bytes at both ends of a file that hold more than numbers."""


def stored(folder: Path) -> Path:
    return write_dense(folder / "net.keras", units=SIZE, inputs=SIZE)


def deflated(folder: Path) -> Path:
    path = stored(folder)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def summed(folder: Path) -> Path:
    """HDF5's own checksum, inside a member that has one, too: so it is left as a file of its own."""
    return plain(folder, fletcher32=True)


def plain(folder: Path, **options: bool) -> Path:
    kernel = np.random.default_rng(0).normal(size=(SIZE, SIZE)).astype(np.float32)
    arrays = {"x": [], "y": [("y/kernel", kernel), ("y/bias", kernel[0])]}
    path = files.write_h5(folder / "net.h5", dense_config(SIZE, SIZE), arrays, version="3.15.1")
    with h5py.File(path, "a") as file:
        if options:
            del file["model_weights/y/y/kernel"]
            file["model_weights/y"].create_dataset("y/kernel", data=kernel, **options)
    return path


def saved(folder: Path) -> Path:
    model = SavedModel()
    model.placeholder("x", (None, SIZE))
    model.variable("w", np.random.default_rng(0).normal(size=(SIZE, SIZE)).astype(np.float32))
    model.restore()
    read = model.node("ReadVariableOp", "read", ["w"], dtype=Type("float32"))
    model.node("MatMul", "y", ["x", read], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "y:0"})
    return model.save(folder / "net")


def packed(folder: Path) -> Path:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz", compresslevel=1) as archive:
        archive.add(saved(folder), ".")
    path = folder / "net.tar.gz"
    path.write_bytes(whole.getvalue())
    return path


def published(source: Path, staging: Path) -> tuple[bytes, tuple[str, ...]]:
    """Convert a source; return all that would be published of it."""
    model = Model("net", str(source), Location(source, 1, 1))
    staged = job.run(job.Job(model, resolve(model), None, None, staging), lambda _step, _fraction: None)
    return staged.model_json, tuple(shard.sha256 for shard in staged.shards)


def outcome(source: Path, folder: Path, expected: object) -> str:
    """Return what became of a conversion, in a child, which a damaged file may kill."""
    try:
        found = children.call(Limits(time=10), published, source, folder / "staging")
    except ModelError as error:
        assert "\n" not in error.message
        return "refused"
    finally:
        shutil.rmtree(folder / "staging", ignore_errors=True)
    return "the same" if found == expected else "other"


def flips(data: bytes, dense: range, count: int) -> list[int]:
    """Return the bits to flip, `count` in all, half of them outside of the bytes `dense`, which are most."""
    choice = random.Random(20261127)
    rest = [*range(dense.start), *range(dense.stop, len(data))]
    return [choice.randrange(8) + 8 * (choice.choice(rest) if number % 2 and rest else choice.randrange(len(data)))
            for number in range(count)]  # fmt: skip


def counted(file: Path, source: Path, folder: Path, count: int = FLIPS) -> Counter[str]:
    """Flip one bit of a file after the other, half of them outside of its large array; count what became of them."""
    size = file.stat().st_size
    dense = range(_STRUCTURE, max(_STRUCTURE, size - _STRUCTURE)) if size > 1 << 16 else range(0)
    expected = published(source, folder / "staging")  # here, so that forks find all modules imported
    whole, found = file.read_bytes(), Counter[str]()
    for bit in flips(whole, dense, count):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        file.write_bytes(data)
        found[outcome(source, folder, expected)] += 1
    file.write_bytes(whole)
    return found


Case = tuple[Callable[[Path], Path], str]
"""What makes a source, and the file of it that is damaged."""

CASES: dict[str, Case] = {
    "a .keras archive": (stored, ""),
    "a compressed .keras archive": (deflated, ""),
    "a checkpoint's numbers": (saved, "variables/variables.data-00000-of-00001"),
    "a checkpoint's index": (saved, "variables/variables.index"),
    "an archive of TF Hub": (packed, ""),
}
WITHOUT_CHECKSUM: dict[str, Case] = {
    "a plain HDF5 file": (plain, ""),
    "a SavedModel's program": (saved, "saved_model.pb"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_flipped_bit_is_never_published(tmp_path: Path, name: str) -> None:
    make, part = CASES[name]
    source = make(tmp_path)
    file = source / part if part else source
    found = counted(file, source, tmp_path)
    assert found["other"] == 0
    assert found["refused"] > FLIPS // 4


def test_the_numbers_of_an_hdf5_file_with_checksums(tmp_path: Path) -> None:
    source = summed(tmp_path)
    data = source.read_bytes()
    with h5py.File(source) as file:
        chunks = file["model_weights/y/y/kernel"].id
        places = [chunks.get_chunk_info(number) for number in range(chunks.get_num_chunks())]
    expected = published(source, tmp_path / "staging")
    choice = random.Random(7)
    for _ in range(FLIPS):
        place = choice.choice(places)
        at = place.byte_offset + choice.randrange(place.size)
        source.write_bytes(data[:at] + bytes([data[at] ^ 1 << choice.randrange(8)]) + data[at + 1 :])
        assert outcome(source, tmp_path, expected) == "refused"


@pytest.mark.parametrize("name", WITHOUT_CHECKSUM)
def test_what_no_checksum_covers_cannot_be_told(tmp_path: Path, name: str) -> None:
    """Whatever comes of it is one of the three."""
    make, part = WITHOUT_CHECKSUM[name]
    source = make(tmp_path)
    file = source / part if part else source
    found = counted(file, source, tmp_path)
    assert found.total() == FLIPS


def test_the_message_names_file_and_member_and_what_to_do(tmp_path: Path) -> None:
    source = stored(tmp_path)
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 1
    source.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        published(source, tmp_path / "staging")
    assert str(caught.value) == (
        f"{source} is damaged: `model.weights.h5` in it does not have the checksum that it was saved with\n"
        "Save the model again, or copy it again."
    )


def test_the_message_names_the_tensor(tmp_path: Path) -> None:
    source = saved(tmp_path)
    file = source / "variables" / "variables.data-00000-of-00001"
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        published(source, tmp_path / "staging")
    assert str(caught.value) == (
        f"{file} is damaged: the tensor w does not have the checksum that it was saved with.\n"
        "Copy the model again, or export it again."
    )


def test_what_is_not_published_is_not_read(tmp_path: Path) -> None:
    """A tensor of a checkpoint that no output needs has no say; a zip archive has one checksum for all."""
    model = SavedModel()
    model.placeholder("x", (None, 2))
    model.variable("w", np.ones((2, 2), np.float32))
    model.variable("momentum", np.ones((2, 2), np.float32))
    model.restore()
    read = model.node("ReadVariableOp", "read", ["w"], dtype=Type("float32"))
    model.node("MatMul", "y", ["x", read], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "y:0"})
    source = model.save(tmp_path / "net")
    expected = published(source, tmp_path / "staging")
    file = source / "variables" / "variables.data-00000-of-00001"
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    assert published(source, tmp_path / "again") == expected


def test_archives_without_what_keras_writes_are_refused(tmp_path: Path) -> None:
    """A bit of a name in the directory would else hide who wrote the file."""
    write_archive(tmp_path / "net.keras", dense_config(), b"")
    data = (tmp_path / "net.keras").read_bytes().replace(b"metadata.json", b"metadatA.json")
    (tmp_path / "net.keras").write_bytes(data)
    with pytest.raises(ModelError, match=r"the archive has no `metadata\.json`"):
        published(tmp_path / "net.keras", tmp_path / "staging")
