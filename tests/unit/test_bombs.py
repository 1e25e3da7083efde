"""Small sources that ask for much: each is refused in one line that says what, far within its limits of time and
memory. What no reader can tell by itself meets a limit: `test_over_limits.py`."""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.support.keras_files import dense_config, write_archive, write_dense
from tests.unit.keras import files
from tests.unit.saved_model.making import MAGIC, Model, Type, seal, varint
from tfjs_build.build import BuildOptions, build
from tfjs_build.events import Event, Failed
from tfjs_build.manifest import load
from tfjs_build.session import FAILED

MB = 1 << 20


def failure(folder: Path, source: str, keys: str = "") -> str:
    """Build a model of `source` in a folder; return the one line that it fails with, without the folder's name."""
    limits = "limits: { time: 10s, memory: 2GB }"
    text = f"version: 1\noutput: public\nmodels:\n  net: {{ source: {source}, {limits}{keys} }}\n"
    (folder / "tfjs.yaml").write_text(text)
    events: list[Event] = []
    begun = time.monotonic()
    assert build(load(folder / "tfjs.yaml"), BuildOptions(), events.append) == FAILED
    seconds = time.monotonic() - begun
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert not (folder / "public").exists()
    assert "\n" not in failed.message
    message = failed.message.replace(f"{folder}/", "")
    if record := os.environ.get("TFJS_BUILD_BOMBS"):  # of `make bombs`
        test = os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].partition(" (")[0]
        with Path(record).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"test": test, "seconds": seconds, "message": message}) + "\n")
    return message


def weights(write: Callable[[h5py.Group], None]) -> bytes:
    """Return the weights of a dense layer, written by `write`."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        group = file.create_group("layers/dense/vars")
        group.attrs["name"] = "y"
        write(group)
    return data.getvalue()


def test_a_chunk_of_two_gigabytes(tmp_path: Path) -> None:
    def write(group: h5py.Group) -> None:
        space = h5py.h5s.create_simple((3, 2), (h5py.h5s.UNLIMITED, 2))
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((1 << 28, 2))  # a chunk may have more rows than there are
        properties.set_deflate(1)
        kernel = h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, space, properties)
        packer = zlib.compressobj(1)
        packed = b"".join(packer.compress(bytes(MB)) for _ in range(64)) + packer.flush()
        kernel.write_direct_chunk((0, 0), packed)
        group["1"] = np.zeros(2, np.float32)

    write_archive(tmp_path / "net.keras", dense_config(), weights(write))
    assert failure(tmp_path, "net.keras") == (
        "net.keras: `layers/dense/vars/0` is stored in chunks of 2.0 GB, more than 512 MB"
    )


def test_a_small_chunk_that_unpacks_to_megabytes(tmp_path: Path) -> None:
    def write(group: h5py.Group) -> None:
        kernel = group.create_dataset("0", (3, 2), "f4", chunks=(3, 2), compression="gzip")
        packer = zlib.compressobj(1)
        packed = b"".join(packer.compress(bytes(MB)) for _ in range(64)) + packer.flush()
        kernel.id.write_direct_chunk((0, 0), packed)
        group["1"] = np.zeros(2, np.float32)

    write_archive(tmp_path / "net.keras", dense_config(), weights(write))
    message = failure(tmp_path, "net.keras")
    assert message.startswith("net.keras: `layers/dense/vars/0` claims 24 bytes and holds ")
    assert message.endswith("; the file is damaged")


def test_a_configuration_of_nothing_but_brackets(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "net.keras", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("config.json", '{"a": [' + "{}," * 20_000_000 + "{}]}")
        archive.writestr("metadata.json", "{}")
    assert failure(tmp_path, "net.keras") == (
        "net.keras: `config.json` has 40,000,003 values, too many for a model's configuration"
    )


def test_an_archive_with_very_many_members(tmp_path: Path) -> None:
    path = write_dense(tmp_path / "net.keras")
    whole = path.read_bytes()
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    directory = whole[start:end] * 50_000
    path.write_bytes(whole[:start] + directory + whole[end:].replace(
        (end - start).to_bytes(4, "little"), len(directory).to_bytes(4, "little")
    ))  # fmt: skip
    assert failure(tmp_path, "net.keras") == (
        f"net.keras: the archive is damaged, or no model: its directory has {len(directory):,} bytes"
    )


def network() -> Model:
    model = Model()
    model.placeholder("x", (None, 2))
    return model


def saved(folder: Path, model: Model, last: str) -> str:
    """Save a model whose output is the node `last`; return its source."""
    model.signature({"x": "x:0"}, {"y": f"{last}:0"})
    model.save(folder / "net")
    return "net"


def test_forty_doublings_of_a_constant(tmp_path: Path) -> None:
    model = network()
    last = model.const("c", np.zeros((8, 1024), np.float32))
    model.const("zero", np.int32(0))
    model.const("axes", np.array([0], np.int32))
    for number in range(40):
        other = model.node("ReverseV2", f"r{number}", [last, "axes"], T=Type("float32"), Tidx=Type("int32"))
        last = model.node("ConcatV2", f"d{number}", [last, other, "zero"], T=Type("float32"), N=2, Tidx=Type("int32"))
    model.const("two", np.array([0, 1], np.int32))
    rows = model.node("GatherV2", "rows", [last, "two", "zero"], Tparams=Type("float32"), Tindices=Type("int32"),
                      Taxis=Type("int32"))  # fmt: skip
    product = model.node("MatMul", "product", ["x", rows], T=Type("float32"))
    assert failure(tmp_path, saved(tmp_path, model, product)) == (
        "ConcatV2 (d18) gives a tensor of 4,294,967,296 elements, which is more than TensorFlow.js can hold."
    )


def test_constants_that_many_read_are_computed_once(tmp_path: Path) -> None:
    """Each reads the one before twice: 2 to the power of 40 sums, were none kept."""
    model = network()
    last = model.const("c", np.zeros((2, 10_000), np.float32))
    model.const("axes", np.array([0], np.int32))
    for number in range(40):
        other = model.node("ReverseV2", f"r{number}", [last, "axes"], T=Type("float32"), Tidx=Type("int32"))
        last = model.node("AddV2", f"s{number}", [last, other], T=Type("float32"))
    product = model.node("MatMul", "product", ["x", last], T=Type("float32"))
    limits = "limits: { time: 10s, memory: 2GB }"
    text = f"version: 1\noutput: public\nmodels:\n  net: {{ source: {saved(tmp_path, model, product)}, {limits} }}\n"
    (tmp_path / "tfjs.yaml").write_text(text)
    assert build(load(tmp_path / "tfjs.yaml"), BuildOptions(), lambda _: None) == 0


@pytest.mark.parametrize("number", [1 << 28, (1 << 16) + 1])
def test_outputs_without_end(tmp_path: Path, number: int) -> None:
    model = network()
    model.const("one", np.int32(1))
    last = model.node("Split", "split", ["one", "x"], num_split=number, T=Type("float32"))
    assert failure(tmp_path, saved(tmp_path, model, last)) == (
        f"Split (split): expects num_split from 1 to 65536, got {number}."
    )


def test_a_kernel_with_a_million_zeros_between_its_entries(tmp_path: Path) -> None:
    config = {"module": "keras", "class_name": "Sequential", "registered_name": None, "config": {
        "name": "net", "dtype": "float32", "layers": [
            files.input_layer("x", 8, 8, 3),
            files.layer("Conv2DTranspose", "y", filters=2, kernel_size=[3, 3], strides=[2, 2], padding="same",
                        dilation_rate=[1_000_000, 1_000_000], activation="linear", use_bias=True, data_format=None,
                        output_padding=None, groups=1),
        ]}}  # fmt: skip

    def write(group: h5py.Group) -> None:
        group["0"] = np.zeros((3, 3, 2, 3), np.float32)
        group["1"] = np.zeros(2, np.float32)

    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        write(file.create_group("layers/conv2d_transpose/vars"))
    write_archive(tmp_path / "net.keras", config, data.getvalue())
    assert "dilat" in failure(tmp_path, "net.keras")


def index(entries: bytes, blocks: int) -> bytes:
    """Return a table with one block of these entries, which its index has `blocks` times."""
    restarts = (0).to_bytes(4, "little") + (1).to_bytes(4, "little")
    data = seal(entries + restarts)
    handle = varint(0) + varint(len(data) - 5)
    rows = b"".join(varint(0) + varint(4) + varint(len(handle)) + number.to_bytes(4, "big") + handle
                    for number in range(blocks))  # fmt: skip
    meta, inner = seal(restarts), seal(rows + restarts)
    footer = varint(len(data)) + varint(len(meta) - 5) + varint(len(data) + len(meta)) + varint(len(inner) - 5)
    return data + meta + inner + footer.ljust(40, b"\0") + MAGIC


@pytest.mark.parametrize(
    ("table", "message"),
    [
        # Keys that share the megabyte before them, a hundred thousand times.
        (
            index(varint(0) + varint(MB) + b"\0" + b"k" * MB + (varint(MB) + b"\1\0z") * 100_000, 1),
            "net/variables/variables.index is damaged: it has more than 256 MB of names.",
        ),
        # One block that the index names again and again.
        (
            index((varint(0) + varint(100) + varint(0) + b"k" * 100) * 10_000, 100_000),
            "net/variables/variables.index is damaged: its index cannot be followed.",
        ),
    ],
)  # fmt: skip
def test_tables_of_names(tmp_path: Path, table: bytes, message: str) -> None:
    model = network()
    model.variable("w", np.zeros((2, 3), np.float32))
    model.restore()
    read = model.node("ReadVariableOp", "read", ["w"], dtype=Type("float32"))
    product = model.node("MatMul", "product", ["x", read], T=Type("float32"))
    source = saved(tmp_path, model, product)
    (tmp_path / "net" / "variables" / "variables.index").write_bytes(table)
    assert failure(tmp_path, source) == message


def packed(parts: list[bytes]) -> bytes:
    """Compress what need not be in memory at once."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join([*(packer.compress(part) for part in parts), packer.flush()])


def header(kind: bytes, size: int) -> bytes:
    member = tarfile.TarInfo("x")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_headers_of_a_gigabyte(tmp_path: Path, kind: bytes) -> None:
    (tmp_path / "net.tar.gz").write_bytes(packed([header(kind, 1 << 30), bytes(MB)]))
    assert failure(tmp_path, "net.tar.gz").startswith("net.tar.gz: the archive is damaged or cut short (")


def test_headers_without_end(tmp_path: Path) -> None:
    one = header(tarfile.XHDTYPE, 512) + b"20 comment=xxxxxxxx\n".ljust(512, b"\0")
    (tmp_path / "net.tar.gz").write_bytes(packed([one * 10_000] * 20))
    assert failure(tmp_path, "net.tar.gz") == (
        "net.tar.gz: the archive is damaged or cut short (it has more headers than a model)"
    )


def test_an_archive_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    (tmp_path / "net.tar.gz").write_bytes(packed([header(tarfile.REGTYPE, 1 << 30), bytes(MB)]))
    assert failure(tmp_path, "net.tar.gz") == "net.tar.gz: the archive unpacks to more than a model could be"
    (tmp_path / "net.tar.gz").write_bytes(packed([header(tarfile.REGTYPE, 9 << 30)]))
    assert failure(tmp_path, "net.tar.gz") == "net.tar.gz: the archive unpacks to 9.0 GB, more than 8.0 GB"


def test_an_archive_that_goes_on_behind_its_end(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("saved_model.pb"))
    (tmp_path / "net.tar.gz").write_bytes(packed([whole.getvalue(), *[bytes(MB)] * 70]))
    assert failure(tmp_path, "net.tar.gz") == (
        "net.tar.gz: the archive is damaged or cut short (it goes on behind its end)"
    )


def sparse(path: Path, nbytes: int) -> None:
    """Make a file of zeros that takes no place."""
    with path.open("wb") as file:
        file.truncate(nbytes)


def test_a_line_of_labels_of_300_megabytes(tmp_path: Path) -> None:
    write_dense(tmp_path / "net.keras")
    sparse(tmp_path / "labels.txt", 300 * MB)
    assert failure(tmp_path, "net.keras", ", labels: labels.txt") == (
        "labels.txt has more than 16 MB: too much for labels"
    )


def test_an_asset_of_300_megabytes(tmp_path: Path) -> None:
    model = network()
    model.const("file", "vocabulary.txt")
    asset = model.meta.asset_file_def.add(filename="vocabulary.txt")
    asset.tensor_info.name = "file:0"
    key, value = Type("string"), Type("int64")
    model.node("HashTableV2", "table", key_dtype=key, value_dtype=value)
    model.node("InitializeTableFromTextFileV2", "fill", ["table", "file"], key_index=-2, value_index=-1)
    model.node("NoOp", "init", ["^fill"])
    model.meta.collection_def["saved_model_main_op"].node_list.value.append("init")
    model.placeholder("words", (None,), "string")
    model.const("none", np.int64(-1), "int64")
    found = model.node("LookupTableFindV2", "found", ["table", "words", "none"], Tin=key, Tout=value)
    model.signature({"words": "words:0"}, {"y": f"{found}:0"}, dtype="int64")
    model.save(tmp_path / "net")
    (tmp_path / "net" / "assets").mkdir()
    sparse(tmp_path / "net" / "assets" / "vocabulary.txt", 300 * MB)
    assert failure(tmp_path, "net") == (
        "net/assets/vocabulary.txt has more than 64 MB: too much for the table table, which it fills."
    )
