"""Where the entries of a shared cache are: a folder, or an address that fsspec can open."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import time
from pathlib import Path
from typing import IO, Protocol

from tfjs_build.fs import open_own

_BLOCK = 4 * 1024 * 1024
_OLD_SECONDS = 24 * 3600
_PACKAGES = {"s3": "", "s3a": "", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "http": "aiohttp"}


class Store(Protocol):
    """Objects by name. The methods may be called by several threads, and raise what the backend does."""

    def open(self, name: str) -> IO[bytes]:
        """Open an object to be read from its beginning; raises FileNotFoundError where it is not there."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is such an object."""
        ...

    def put(self, file: Path, name: str) -> None:
        """Store a file's content as an object, which readers see whole or not at all."""
        ...


class FolderStore:
    """Objects as files of a folder, which may be on a network drive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> IO[bytes]:
        """Open a file of the folder."""
        return open_own(self._folder / name, os.O_RDONLY)

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self._folder / name).is_file()

    def put(self, file: Path, name: str) -> None:
        """Copy a file into the folder, under its name once it is whole; what others were killed over goes."""
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(".*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - left.lstat().st_mtime > _OLD_SECONDS:
                    left.unlink()
        beside = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
        try:
            shutil.copyfile(file, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


class AddressStore:
    """Objects behind an address; credentials and the like are the backend's own business."""

    def __init__(self, address: str) -> None:
        """Raises ImportError, with the command that installs what is missing, and what the backend raises."""
        try:
            import fsspec

            # What another process writes meanwhile is not in a listing of ours.
            self._system, self._root = fsspec.url_to_fs(address, use_listings_cache=False)
        except ImportError as error:
            package = _PACKAGES.get(address.partition("://")[0])
            if package is None:
                raise
            command = " ".join(filter(None, ('pip install "tfjs-build[cache]"', package)))
            raise ImportError(f"a package is missing ({error.name or error}): {command}") from error

    def open(self, name: str) -> IO[bytes]:
        """Open an object; it is read in blocks."""
        file = self._system.open(self._path(name), "rb", block_size=_BLOCK, cache_type="readahead")
        return io.BufferedReader(file)  # whose lines can be bounded

    def has(self, name: str) -> bool:
        """Whether there is such an object."""
        return bool(self._system.exists(self._path(name)))

    def put(self, file: Path, name: str) -> None:
        """Upload a file as one object."""
        self._system.put_file(str(file), self._path(name))

    def _path(self, name: str) -> str:
        return f"{str(self._root).rstrip('/')}/{name}"


def store(place: str) -> Store:
    """Return the store at an address or in a folder; raises what its backend does."""
    return AddressStore(place) if "://" in place else FolderStore(Path(place))


def name_of(digest: str) -> str:
    """Return the name of the object that holds a fingerprint's entry."""
    return f"v1/{digest[:2]}/{digest}"
