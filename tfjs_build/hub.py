"""TF Hub modules: downloaded once into the user's cache, and unpacked where nothing can escape.

A module is a SavedModel: as a folder, as a `.tar.gz`, or behind an https handle, of which a server gives the archive
when asked with `tf-hub-format=compressed` (TF Hub's hosting protocol). A handle names one version for ever, so what was
downloaded is never asked for again: builds work offline from then on.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import os
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, cast

from tfjs_build.errors import ModelError, SourceError
from tfjs_build.limits import over, within_disk
from tfjs_build.model import Limits
from tfjs_build.sizes import size_text

if TYPE_CHECKING:
    from http.client import HTTPMessage as Message
    from http.client import HTTPResponse

Progress = Callable[[str, float], None]
"""Is told a step, and its fraction (0 to 1)."""

MOST_MEMBERS = 10_000
BOMB_FLOOR_BYTES = 64 << 20
BOMB_RATIO = 200
"""An archive above the floor that unpacks to more than this many times its size is refused."""

_TOO_MANY = "it has more headers than a model"
_GZIP = b"\x1f\x8b"
_MOST_READ_BYTES = 1 << 20
_MOST_HEADER_BYTES = 64 << 20
"""Most bytes of headers: long names and what else stands between the members (PAX) may have any size."""

_TIMEOUT_SECONDS = 30
_LEFT_SECONDS = 24 * 60 * 60
"""A download that nothing was added to for so long was killed."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ARCHIVES = (".tar.gz", ".tgz")
_PARTIAL = "download-"
_MOST_NAME_BYTES = 255
_MODULE_HINT = "A TF Hub module is a .tar.gz that holds a SavedModel."


def cache_folder() -> Path:
    """Return the folder of downloaded modules: `$TFJS_BUILD_HUB`, or where the system keeps caches."""
    if chosen := os.environ.get("TFJS_BUILD_HUB"):
        return Path(chosen)
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "tfjs-build" / "hub"


class NotDownloadedError(SourceError):
    """A handle has not been downloaded yet, and whoever asks is not to do it."""

    def __init__(self, handle: str) -> None:
        super().__init__(
            f"{handle} has not been downloaded yet",
            hint=f"`tfjs-build build` downloads it, once, into {cache_folder()}.",
        )


def place_of(handle: str) -> Path:
    """Return where the archive of a handle is kept, downloaded or not."""
    key = hashlib.sha256(handle.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return cache_folder() / f"{key}.tar.gz"


def kept(handle: str) -> Path:
    """Return the archive of a handle that has been downloaded. Raises NotDownloadedError."""
    archive = place_of(handle)
    if not archive.exists():
        raise NotDownloadedError(handle)
    return archive


def fetch(handle: str, progress: Progress = lambda _step, _fraction: None, *, most: int = Limits().disk) -> Path:
    """Return the archive of a handle, downloading it the first time; raises SourceError, and ModelError for an archive
    of more than `most` bytes, packed or unpacked.

    What is downloaded is looked through before it is kept: an error page or half an archive is never cached.
    """
    archive = place_of(handle)
    if archive.exists():
        return archive
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        _remove_left_over(archive.parent)
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix=_PARTIAL) as folder:
            partial = Path(folder) / archive.name
            with partial.open("wb") as file:
                _download(handle, file, progress, most)
            with _members(partial, handle, most) as members:
                _check(members, handle)
            partial.replace(archive)
    except OSError as error:
        raise SourceError(f"cannot keep {handle} in {archive.parent}: {error.strerror or error}") from error
    return archive


def _remove_left_over(cache: Path) -> None:
    """Remove what downloads that were killed have left."""
    for folder in cache.glob(f"{_PARTIAL}*"):
        with contextlib.suppress(OSError):  # others may be about it as well
            newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if newest < time.time() - _LEFT_SECONDS:
                shutil.rmtree(folder)


@contextlib.contextmanager
def unpacked(archive: Path, *, most: int = Limits().disk) -> Iterator[Path]:
    """Unpack a module's archive into a temporary folder and yield its SavedModel; raises SourceError, and ModelError
    for more than `most` bytes.

    Errors of whoever uses the folder name the archive in its place.
    """
    with tempfile.TemporaryDirectory(prefix="tfjs-build-hub-") as folder:
        with _members(archive, str(archive), most) as members:
            _check(members, str(archive))
            for member, name in members.files:
                target = Path(folder) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                source = members.archive.extractfile(member)
                assert source is not None  # a regular file
                with source, target.open("wb") as file:
                    shutil.copyfileobj(source, file, _MOST_READ_BYTES)
        try:
            yield next(Path(folder).rglob("saved_model.pb")).parent
        except ModelError as error:
            error.message = error.message.replace(folder, str(archive))
            raise


def _download(handle: str, file: IO[bytes], progress: Progress, most: int) -> None:
    import http.client
    import urllib.error
    import urllib.request

    address = handle
    if not handle.endswith(_ARCHIVES):
        address += f"{'&' if '?' in handle else '?'}tf-hub-format=compressed"

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(
            self, request: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
        ) -> urllib.request.Request | None:
            _allow(newurl, handle)
            return super().redirect_request(request, fp, code, msg, headers, newurl)

        def http_error_302(
            self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message
        ) -> Any:
            try:
                return super().http_error_302(req, fp, code, msg, headers)
            except (SourceError, ValueError):
                fp.close()
                raise

        http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    try:
        _allow(address, handle)
        request = urllib.request.Request(address, headers={"User-Agent": "tfjs-build"})
        with urllib.request.build_opener(Redirects).open(request, timeout=_TIMEOUT_SECONDS) as response:
            kind = response.headers.get_content_type()
            if kind == "text/html":
                raise SourceError(
                    f"{handle} was answered with a web page, not with a module",
                    hint="Give the handle of a TensorFlow 2 SavedModel, as in `hub.load(handle)`.",
                )
            _copy(response, file, handle, progress, most)
    except urllib.error.HTTPError as error:
        error.close()
        # The text is the server's, and that of a redirect which leads nowhere has three lines.
        said = " ".join(str(error.reason).partition("\n")[0].split())
        raise SourceError(f"{handle} was answered with {error.code} {said}") from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceError(
            f"cannot download {handle}: {reason}",
            hint="Once downloaded it is kept, and builds work offline.",
        ) from error
    except (ValueError, OverflowError) as error:  # also UnicodeError, which a host that cannot be one gives
        raise SourceError(
            f"{handle} is not an address, or leads to something that is not one ({error})",
            hint="A handle is https://HOST/PATH, as in `hub.load(handle)`.",
        ) from error


def _copy(response: HTTPResponse, file: IO[bytes], handle: str, progress: Progress, most: int) -> None:
    count, total = 0, response.length or 0  # what the server says; 0 where it does not
    progress("downloading", 0.0)
    while data := response.read(1 << 20):
        count += len(data)
        if count > most:
            raise over("disk", f"{handle} has more than {size_text(most)}")
        file.write(data)
        progress("downloading", min(1.0, count / total) if total else 0.0)


def _allow(address: str, handle: str) -> None:
    """Refuse plain http to other machines: also where a server redirects to it. ValueError for no address."""
    import urllib.parse

    parts = urllib.parse.urlsplit(address)
    _ = parts.port  # a ValueError where it is none: from 3.12 on a connection says that no more
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SourceError(f"{handle} leads to {address}, which is not https")


class _Members:
    """The regular files of an open archive, each with a path that stays inside."""

    def __init__(self, archive: tarfile.TarFile, what: str, packed: int, most: int) -> None:
        self.archive = archive
        self.files: list[tuple[tarfile.TarInfo, PurePosixPath]] = []
        size = 0
        for member in archive:
            name = PurePosixPath(member.name)
            if name.is_absolute() or ".." in name.parts or "\\" in member.name or "\0" in member.name:
                raise SourceError(f"{what}: the archive has a member outside of it: {member.name!r}")
            if member.isdir():
                continue
            if not member.isreg():
                raise SourceError(f"{what}: the archive has a link or a device: {member.name!r}")
            size += member.size
            self.files.append((member, name))
            within_disk(size, most, f"{what}: the archive")
            if len(self.files) > MOST_MEMBERS or (size > BOMB_FLOOR_BYTES and size > BOMB_RATIO * packed):
                raise SourceError(f"{what}: the archive unpacks to more than a model could be")
        names = {name for _, name in self.files}
        for name in names:
            if any(parent in names for parent in name.parents) or any(
                len(part.encode("utf-8", "surrogateescape")) > _MOST_NAME_BYTES for part in name.parts
            ):
                raise SourceError(f"{what}: the archive is damaged: {str(name)!r} can be no file", hint=_MODULE_HINT)


class _Unpacked(io.RawIOBase):
    """What an archive unpacks to, read in pieces of a bounded size. Headers come first: of them there is a bounded
    number, too."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self.headers_left: float = _MOST_HEADER_BYTES

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        """Return the next `size` bytes; raises ValueError for too many, as a header is that claims to be huge."""
        if size is None or not 0 <= size <= _MOST_READ_BYTES:
            raise ValueError("a header of it is larger than any name")
        self.headers_left -= size
        if self.headers_left < 0:
            raise ValueError(_TOO_MANY)
        return self._stream.read(size)

    def check(self) -> None:
        """Read on to the end, behind which the checksum of all stands."""
        while self._stream.read(_MOST_READ_BYTES):
            self.headers_left -= _MOST_READ_BYTES
            if self.headers_left < 0:
                raise ValueError("it goes on behind its end")
        self.headers_left = math.inf


@contextlib.contextmanager
def _members(archive: Path, what: str, most: int) -> Iterator[_Members]:
    import gzip
    import zlib

    try:
        with archive.open("rb") as file:
            if file.read(2) != _GZIP:
                raise ValueError("not a gzip file")
        with gzip.open(archive) as stream:
            unpacked = _Unpacked(cast("IO[bytes]", stream))
            with tarfile.open(fileobj=cast("IO[bytes]", unpacked), mode="r:") as opened:
                members = _Members(opened, what, archive.stat().st_size, most)
                unpacked.check()
                yield members
    except (tarfile.TarError, EOFError, zlib.error, OSError, OverflowError, ValueError, RecursionError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        said = _TOO_MANY if isinstance(error, RecursionError) else error
        raise SourceError(f"{what}: the archive is damaged or cut short ({said})", hint=_MODULE_HINT) from error


def _check(members: _Members, what: str) -> None:
    found = [name for _, name in members.files if name.name == "saved_model.pb"]
    if len(found) != 1:
        raise SourceError(
            f"{what}: the archive holds {len(found) or 'no'} SavedModels",
            hint=_MODULE_HINT,
        )
