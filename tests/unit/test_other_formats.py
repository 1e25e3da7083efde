"""Files of other programs, named as sources: what is said of each."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.unit.test_sources import refusal
from tfjs_build.errors import Location, SourceError
from tfjs_build.model import Model
from tfjs_build.sources.opening import open_artifacts
from tfjs_build.sources.resolve import resolve

_PYTORCH = (
    "tfjs-build converts models of Keras and TensorFlow. Build the network in Keras and copy the weights into it, or "
    "export it as ONNX (torch.onnx.export) and run that in the page with ONNX Runtime Web."
)


def archive(path: Path, *members: str) -> None:
    """Write a zip archive of empty files."""
    with zipfile.ZipFile(path, "w") as file:
        for member in members:
            file.writestr(member, b"")


@pytest.mark.parametrize(
    ("name", "members", "message"),
    [
        ("net.pt", ["net/data.pkl", "net/data/0"], f"…/net.pt is a PyTorch file\n{_PYTORCH}"),
        ("net.bin", ["archive/data.pkl"], f"…/net.bin is a PyTorch file\n{_PYTORCH}"),
        (
            "net.zip",
            ["net/saved_model.pb", "net/variables/variables.index"],
            "…/net.zip is a SavedModel in a zip archive\nUnpack it, and name the folder that holds saved_model.pb.",
        ),
        ("net.zip", ["net.keras"], "…/net.zip is a zip archive with net.keras in it\nUnpack it, and name that file."),
        (
            "net.npz",
            ["a.npy", "b.npy"],
            "…/net.npz is a file of NumPy arrays\nIt holds numbers without a model: save the whole model in Keras "
            "(model.save('model.keras')).",
        ),
    ],
)
def test_archives(tmp_path: Path, name: str, members: list[str], message: str) -> None:
    archive(tmp_path / name, *members)
    assert refusal(tmp_path, name) == message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "net.pth",
            b"\x80\x02}q\x00.",
            "…/net.pth is a Python pickle, as older PyTorch and scikit-learn write\n"
            f"{_PYTORCH} A pickle is never opened: to load one runs code.",
        ),
        (
            "net.onnx",
            b"\x08\x07",
            "…/net.onnx is an ONNX model\n"
            "tfjs-build converts models of Keras and TensorFlow. ONNX Runtime Web runs it in the page.",
        ),
        (
            "model.ckpt.data-00000-of-00001",
            b"abc",
            "…/model.ckpt.data-00000-of-00001 is a part of a TensorFlow checkpoint\n"
            "A checkpoint holds numbers without a model. Export the model as a SavedModel, and list its folder.",
        ),
        (
            "net.safetensors",
            b"\x08\0\0\0\0\0\0\0{}",
            "…/net.safetensors is a file of weights without a model\n"
            "tfjs-build converts models of Keras and TensorFlow. Build the network in Keras and copy them in.",
        ),
    ],
)
def test_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path, name) == message


def test_under_the_name_of_a_keras_file(tmp_path: Path) -> None:
    path = tmp_path / "net.h5"
    archive(path, "net/data.pkl")
    model = Model("net", str(path), Location(tmp_path / "tfjs.yaml", 1, 1))
    with pytest.raises(SourceError, match=r"net\.h5 is a PyTorch file"), open_artifacts(model, resolve(model)):
        pass
