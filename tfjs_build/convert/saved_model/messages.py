"""TensorFlow's messages (saved_model.proto), made from their descriptors for whatever protobuf runtime is installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory

from tfjs_build.errors import SourceError

DESCRIPTORS: Final = Path(__file__).with_name("saved_model.desc")

_MOST_BYTES: Final = (1 << 31) - 1
"""No protobuf message can be larger."""

_POINTER: Final = b"version https://git-lfs"


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    # A pool of our own: TensorFlow's messages may be registered in the default one.
    pool = descriptor_pool.DescriptorPool()
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


@cache
def message_class(name: str) -> type[Any]:
    """Return the class of the message `name` (`SavedModel`, `GraphDef` …)."""
    descriptor = _pool().FindMessageTypeByName(f"tfjs_build.{name}")
    return message_factory.GetMessageClass(descriptor)


def refuse_pointer(data: bytes, source: Path) -> None:
    """Raise SourceError for what Git LFS leaves in a file's place until the file is fetched."""
    if data.startswith(_POINTER):
        raise SourceError(f"{source} is a pointer of Git LFS, not the file itself.", hint="Run `git lfs pull`.")


def parse(name: str, data: bytes, source: Path) -> Any:
    """Return `data` as the message `name`. Raises SourceError, naming `source`, if it cannot be parsed."""
    refuse_pointer(data, source)
    try:
        return message_class(name).FromString(data)
    except message.DecodeError as error:
        raise SourceError(
            f"{source} is damaged or of another kind: it cannot be read as a {name}.",
            hint="Export the model again; if the file is being written, wait until that is done.",
        ) from error


def parse_text(name: str, data: bytes, source: Path) -> Any:
    """Return `data` as the text form of the message `name`; fields that saved_model.proto leaves out are skipped.

    Raises SourceError, naming `source`, if it cannot be parsed.
    """
    from google.protobuf import text_format

    try:
        return text_format.Parse(
            data.decode(), message_class(name)(), allow_unknown_field=True, descriptor_pool=_pool()
        )
    except UnicodeDecodeError as error:
        raise SourceError(f"{source} is not UTF-8 text: the byte 0x{data[error.start]:02X} at {error.start}") from error
    except text_format.ParseError as error:
        raise SourceError(f"{source} is damaged: {error!s:.200}") from error
    except RecursionError as error:
        raise SourceError(f"{source} is nested too deep") from error


def read_program(path: Path) -> bytes:
    """Return the content of a file that holds one message; raises OSError, and SourceError where it is too large."""
    if path.stat().st_size > _MOST_BYTES:
        raise SourceError(f"{path} is damaged: it has more than 2 GB, which no graph's file can.")
    return path.read_bytes()


def is_saved_model(data: bytes) -> bool:
    """Whether a file holds a SavedModel, whatever it is called: its version comes first, then a graph."""
    return data[:1] == b"\x08" and bool(_read("SavedModel", data, "meta_graphs"))


def is_graph(data: bytes) -> bool:
    """Whether a file holds a GraphDef, whatever it is called: nodes come first."""
    return data[:1] == b"\x0a" and any(node.op for node in _read("GraphDef", data, "node") or ())


def _read(name: str, data: bytes, field: str) -> Any:
    try:
        return getattr(message_class(name).FromString(data), field)
    except message.DecodeError:
        return None
