"""Files of other programs that are named as sources: told by their content, with what can be done about each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tfjs_build.errors import SourceError
from tfjs_build.sources.registry import by_name

_NOT_HERE: Final = "tfjs-build converts models of Keras and TensorFlow."
_PYTORCH: Final = (
    f"{_NOT_HERE} Build the network in Keras and copy the weights into it, or export it as ONNX (torch.onnx.export) "
    "and run that in the page with ONNX Runtime Web."
)
_NUMBERS: Final = "It holds numbers without a model: save the whole model in Keras (model.save('model.keras'))."


def foreign_file(path: Path, start: bytes) -> SourceError | None:
    """Return what to say of a file that another program wrote, None where it may be a model of Keras or TensorFlow.

    `start` are its first eight bytes.
    """
    found = _by_content(path, start) or _by_name(path.name.lower())
    if found is None:
        return None
    what, hint = found
    return SourceError(f"{path} is {what}", hint=hint)


def _by_content(path: Path, start: bytes) -> tuple[str, str] | None:
    if start.startswith(b"PK"):
        return _archive(path)
    if start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return (
            "a Python pickle, as older PyTorch and scikit-learn write",
            f"{_PYTORCH} A pickle is never opened: to load one runs code.",
        )
    if start.startswith(b"\x93NUMPY"):
        return "an array of NumPy", _NUMBERS
    return None


def _archive(path: Path) -> tuple[str, str] | None:
    from tfjs_build.convert.keras.archive import open_archive  # imported here: not every file is an archive

    try:
        with open_archive(path) as archive:
            names = archive.namelist()
    except (SourceError, OSError, ValueError):
        return None  # the reader says what is wrong with it
    if "config.json" in names:
        return None
    if any(name.endswith("/data.pkl") or name == "data.pkl" for name in names):
        return "a PyTorch file", _PYTORCH
    inner = next((name for name in names if name.rpartition("/")[2] == "saved_model.pb"), None)
    if inner is not None:
        return "a SavedModel in a zip archive", "Unpack it, and name the folder that holds saved_model.pb."
    inner = next((name for name in names if (kind := by_name(name)) is not None and kind.in_zip), None)
    if inner is not None and inner != "model.weights.h5":
        return f"a zip archive with {inner} in it", "Unpack it, and name that file."
    if names and all(name.endswith(".npy") for name in names):
        return "a file of NumPy arrays", _NUMBERS
    return None


_BY_NAME: Final = (
    ((".onnx",), "an ONNX model", f"{_NOT_HERE} ONNX Runtime Web runs it in the page."),
    (
        (".safetensors",),
        "a file of weights without a model",
        f"{_NOT_HERE} Build the network in Keras and copy them in.",
    ),
    ((".pt", ".pth"), "a PyTorch file", _PYTORCH),
    (
        (".ckpt", ".index", ".meta"),
        "a part of a TensorFlow checkpoint",
        "A checkpoint holds numbers without a model. Export the model as a SavedModel, and list its folder.",
    ),
)


def _by_name(name: str) -> tuple[str, str] | None:
    if ".data-0000" in name:
        name = ".ckpt"
    return next(((what, hint) for endings, what, hint in _BY_NAME if name.endswith(endings)), None)
