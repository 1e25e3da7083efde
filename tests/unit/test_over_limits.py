"""What goes beyond a model's limits fails with what it was and how much, and the key to raise."""

from __future__ import annotations

import io
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.support.keras_files import dense_config, write_archive, write_dense
from tests.support.web import Quiet, Web
from tests.unit.keras import files
from tests.unit.saved_model.making import Model, Type
from tfjs_build import children
from tfjs_build.build import BuildOptions, build
from tfjs_build.errors import ModelError
from tfjs_build.events import Event, Failed
from tfjs_build.limits import enforced
from tfjs_build.manifest import load
from tfjs_build.model import Limits
from tfjs_build.session import FAILED


def failure(folder: Path, source: str, limits: str) -> Failed:
    """Build a model of `source` in a folder; return how it failed."""
    text = f"version: 1\noutput: public\nmodels:\n  net:\n    source: {source}\n    limits: {{ {limits} }}\n"
    (folder / "tfjs.yaml").write_text(text)
    events: list[Event] = []
    assert build(load(folder / "tfjs.yaml"), BuildOptions(), events.append) == FAILED
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert not (folder / "public").exists()
    return failed


def test_the_message_has_the_key_and_its_place(tmp_path: Path) -> None:
    write_dense(tmp_path / "net.keras")
    failed = failure(tmp_path, "net.keras", "output: 10B")
    assert failed.message == "the converted model has 32 B, more than 10 B"
    assert failed.hint == "A damaged source can ask for anything. If this one is sound, raise `limits: { output: … }`."
    assert (failed.line, failed.column) == (6, 5)


def test_a_graph_counts_as_output_too(tmp_path: Path) -> None:
    write_dense(tmp_path / "net.keras")
    assert failure(tmp_path, "net.keras", "output: 100B").message.endswith(" KB, more than 100 B")


def endless(_folder: Path) -> None:
    while True:
        pass


def test_time(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the conversion took longer than 0\.1s"):
        children.call(Limits(time=0.1), endless, tmp_path)


def test_an_endless_loop_in_libhdf5(tmp_path: Path) -> None:
    """Eight bytes: the size of the heap in which the configuration lies."""
    kernel, bias = np.ones((3, 2), np.float32), np.ones(2, np.float32)
    net = {"class_name": "Sequential", "config": {"name": "net", "layers": []}}
    path = files.write_h5(tmp_path / "net.h5", net, {"y": [("kernel", kernel), ("bias", bias)]})
    data = bytearray(path.read_bytes())
    place = data.index(b"GCOL") + 8
    data[place : place + 8] = (0x1800).to_bytes(8, "little")
    path.write_bytes(data)
    assert failure(tmp_path, "net.h5", "time: 2s").message == "the conversion took longer than 2s"


@pytest.mark.skipif("sys.platform != 'linux'", reason="memory is limited on Linux only")
def test_memory(tmp_path: Path) -> None:
    """A gigabyte of one number takes a hundred bytes in the file."""
    model = Model()
    model.placeholder("x", (None, 2))
    model.const("c", np.float32(1))
    proto = model.graph.node[-1].attr["value"].tensor
    proto.ClearField("tensor_content")
    proto.float_val.append(1)
    for size in (2, 1 << 27):
        proto.tensor_shape.dim.add(size=size)
    model.node("MatMul", "y", ["x", "c"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "y:0"})
    model.save(tmp_path / "net")
    assert failure(tmp_path, "net", "memory: 700MB").message == "the conversion needs more than 700 MB of memory"


@pytest.mark.skipif("sys.platform != 'linux'", reason="memory is limited on Linux only")
def test_memory_of_libhdf5(tmp_path: Path) -> None:
    rows, packer, data = 1 << 24, zlib.compressobj(1), io.BytesIO()
    with h5py.File(data, "w") as file:
        kernel = file.create_dataset("layers/dense/vars/0", (rows, 2), "f4", chunks=(rows, 2), compression="gzip")
        kernel.id.write_direct_chunk((0, 0), packer.compress(bytes(rows * 8)) + packer.flush())
        file["layers/dense/vars/1"] = np.zeros(2, np.float32)
    write_archive(tmp_path / "net.keras", dense_config(2, rows), data.getvalue())
    assert failure(tmp_path, "net.keras", "memory: 150MB").message == "the conversion needs more than 150 MB of memory"


def test_what_is_unpacked(tmp_path: Path) -> None:
    path = write_dense(tmp_path / "net.keras")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    message = failure(tmp_path, "net.keras", "disk: 1000B").message
    assert message.startswith(f"{path}: `model.weights.h5` unpacks to ")
    assert message.endswith(" KB, more than 1000 B")


def test_no_file_grows_beyond_its_limit(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="would have more than 1000 B"), enforced(Limits(disk=10, output=1000)):
        (tmp_path / "large").write_bytes(bytes(2000))
    (tmp_path / "large").write_bytes(bytes(2000))  # the limit is gone


@pytest.fixture
def dripping(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """A server that answers with a byte at a time and never ends: after the headers, or within them."""
    monkeypatch.setenv("TFJS_BUILD_HUB", str(tmp_path / "cache" / "hub"))
    monkeypatch.setenv("no_proxy", "*")
    stopped = threading.Event()

    class Handler(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            if self.path.startswith("/body"):
                self.wfile.write(b"Content-Type: application/gzip\r\n\r\n")
            while not stopped.wait(0.05):
                self.wfile.write(b"x")

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # it was hung up on, as it should be
                return

    web = Web(Handler)
    yield lambda where: f"{web.url}/{where}/1"
    stopped.set()
    web.stop()


@pytest.mark.parametrize("where", ["body", "headers"])
def test_a_download_that_drips(tmp_path: Path, dripping: Callable[[str], str], where: str) -> None:
    failed = failure(tmp_path, dripping(where), "download: 1s")
    assert failed.message == "the download took longer than 1s"
    assert (
        failed.hint == "A damaged source can ask for anything. If this one is sound, raise `limits: { download: … }`."
    )
