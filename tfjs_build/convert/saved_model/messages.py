"""TensorFlow's messages (saved_model.proto), made from their descriptors for whatever protobuf runtime is installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory

from tfjs_build.errors import SourceError

DESCRIPTORS: Final = Path(__file__).with_name("saved_model.desc")


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


def parse(name: str, data: bytes, source: Path) -> Any:
    """Return `data` as the message `name`. Raises SourceError, naming `source`, if it is none."""
    try:
        return message_class(name).FromString(data)
    except message.DecodeError as error:
        raise SourceError(
            f"{source} is damaged or of another kind: it cannot be read as a {name}.",
            hint="Export the model again; if the file is being written, wait until that is done.",
        ) from error


def parse_text(name: str, text: str, source: Path) -> Any:
    """Return the text form of the message `name`; fields that saved_model.proto leaves out are skipped."""
    from google.protobuf import text_format

    try:
        return text_format.Parse(text, message_class(name)(), allow_unknown_field=True, descriptor_pool=_pool())
    except text_format.ParseError as error:
        raise SourceError(f"{source} is damaged: {error}") from error
