"""Members of a zip archive, read where they lie: nothing is unpacked beside the source, no member's path is used."""

from __future__ import annotations

import io
import lzma
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjs_build.convert.keras.crc import Pieces
from tfjs_build.errors import SourceError
from tfjs_build.limits import within_disk
from tfjs_build.records import record

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_TEXT_BYTES = 64 << 20
"""A larger config.json is not a model's architecture."""

BOMB_FLOOR_BYTES = 64 << 20
BOMB_RATIO = 200
"""A member above the floor that unpacks to more than this many times its packed size is refused."""

_MOST_DIRECTORY_BYTES = 8 << 20
"""A directory of a hundred thousand members, of which a model has three and a few vocabularies."""

_AGAIN = "Save the model again, or copy it again."
_DIRECTORY_END, _LONG_DIRECTORY_END = b"PK\x05\x06", b"PK\x06\x06"
_TAIL_BYTES = (1 << 16) + 128
_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError)
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, …, length of the name, length of the extra field


@record(frozen=True)
class Span:
    """`size` bytes of the file `path` from `offset`."""

    path: Path
    offset: int
    size: int


@record(frozen=True)
class Member:
    """Where a member's bytes lie. `read` is to be told what was read of them, and at which offset of the file; `check`
    raises SourceError where they do not have their checksum."""

    span: Span
    read: Callable[[int, Any], None]
    check: Callable[[], None]


class SpanReader(io.RawIOBase):
    """A read-only file over a span of another file."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self._file = span.path.open("rb")
        self._span = span
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._span.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)[: max(0, self._span.size - self._position)]
        self._file.seek(self._span.offset + self._position)
        count = self._file.readinto(view)
        self._position += count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a zip archive; a damaged or truncated one raises SourceError."""
    _reject_directory(path)
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: the archive is damaged or cut short ({error})", hint=_AGAIN) from error
    except NotImplementedError as error:  # what it needs to be unpacked with
        raise SourceError(
            f"{path}: the archive is damaged, or of a kind of zip that Python cannot read ({error})", hint=_AGAIN
        ) from error


def read_text(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """Return a small member's bytes (limit: `MAX_TEXT_BYTES`); raises SourceError where it is missing or damaged."""
    info = _member(archive, name, path)
    if info.file_size > MAX_TEXT_BYTES:
        raise SourceError(f"{path}: `{name}` claims {info.file_size} bytes, too many for a model's configuration")
    _reject_bomb(info, path)
    try:
        with archive.open(info) as file:
            data = file.read(MAX_TEXT_BYTES + 1)
    except _UNREADABLE as error:
        raise SourceError(f"{path}: `{name}` in the archive cannot be read ({error})", hint=_AGAIN) from error
    return data


@contextmanager
def member(archive: zipfile.ZipFile, name: str, path: Path, most: int) -> Iterator[Member]:
    """Yield where a member's bytes lie: in the archive itself where it is stored, else in a temporary file, of at most
    `most` bytes."""
    info = _member(archive, name, path)
    if info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1:
        span = _stored_span(info, path)
        pieces = Pieces(span.path, span.offset, span.size)

        def check() -> None:
            if pieces.whole() != info.CRC:
                raise SourceError(
                    f"{path} is damaged: `{name}` in it does not have the checksum that it was saved with", hint=_AGAIN
                )

        yield Member(span, pieces.read, check)
        return
    _reject_bomb(info, path)
    within_disk(info.file_size, most, f"{path}: `{name}`")
    with tempfile.TemporaryDirectory(prefix="tfjs-build-") as folder:
        unpacked = Path(folder) / "member"
        try:
            # zipfile itself stops at the size that the archive's directory declares.
            with archive.open(info) as source, unpacked.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except OSError as error:
            if error.errno is not None:  # of the disk, not of what is in the archive
                raise
            raise _not_unpacked(path, name, error) from error
        except _UNREADABLE as error:  # at its end, also for its checksum
            raise _not_unpacked(path, name, error) from error
        yield Member(Span(unpacked, 0, info.file_size), lambda _offset, _data: None, lambda: None)


def _not_unpacked(path: Path, name: str, error: Exception) -> SourceError:
    return SourceError(f"{path}: `{name}` in the archive cannot be unpacked ({error})", hint=_AGAIN)


def _reject_directory(path: Path) -> None:
    """Refuse an archive of more members than any model has, before they are all listed."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, io.SEEK_END) - _TAIL_BYTES))
        tail = file.read()
    end = tail.rfind(_DIRECTORY_END)
    size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    long = tail.rfind(_LONG_DIRECTORY_END, 0, max(0, end))
    if size == 0xFFFFFFFF and long >= 0:
        size = int.from_bytes(tail[long + 40 : long + 48], "little")
    if size > _MOST_DIRECTORY_BYTES:
        raise SourceError(f"{path}: the archive is damaged, or no model: its directory has {size:,} bytes", hint=_AGAIN)


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(name)
    except KeyError:
        raise SourceError(
            f"{path}: the archive has no `{name}`, so it is not a Keras model",
            hint="A .keras file holds config.json, metadata.json and model.weights.h5 (model.save('model.keras')).",
        ) from None


def _stored_span(info: zipfile.ZipInfo, path: Path) -> Span:
    with path.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(_LOCAL_HEADER.size)
        end = file.seek(0, io.SEEK_END)
    if len(header) == _LOCAL_HEADER.size:
        signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        offset = info.header_offset + _LOCAL_HEADER.size + name_length + extra_length
        if signature == b"PK\x03\x04" and offset + info.file_size <= end:
            return Span(path, offset, info.file_size)
    raise SourceError(f"{path}: the archive is damaged: `{info.filename}` is not where its directory says")


def _reject_bomb(info: zipfile.ZipInfo, path: Path) -> None:
    if info.file_size > BOMB_FLOOR_BYTES and info.file_size > BOMB_RATIO * max(1, info.compress_size):
        raise SourceError(
            f"{path}: `{info.filename}` would unpack from {info.compress_size} to {info.file_size} bytes; "
            "refused as a decompression bomb"
        )
