"""TF Hub modules by handle: downloaded once, kept in the user's cache.

A handle is the address of a module (`https://tfhub.dev/google/…/1`); with `?tf-hub-format=compressed` the server
answers with a `.tar.gz`, mostly by way of a redirect. Handles name versions, so what is in the cache is never asked for
again.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from tfjs_build.convert.saved_model.archives import find_module, unpack
from tfjs_build.errors import SourceError

_TIMEOUT_SECONDS: Final = 60
_CHUNK: Final = 1 << 20
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ARCHIVES: Final = (".tar.gz", ".tgz")


def is_handle(source: str) -> bool:
    """Whether a source is an address rather than a path."""
    return source.startswith(("https://", "http://"))


def cache_folder() -> Path:
    """Return the folder of this user's cache for modules."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "tfjs-build" / "hub"


def fetch_module(handle: str, cache: Path | None = None) -> Path:
    """Return the folder of the module `handle`, downloading it unless it is in the cache. Raises SourceError."""
    _check_address(handle)
    cache = cache or cache_folder()
    entry = cache / hashlib.sha256(handle.encode()).hexdigest()[:32]
    if not entry.is_dir():
        _download(handle, cache, entry)
    return find_module(entry, handle)


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS):
        return
    raise SourceError(
        f"{address} is not fetched: only https addresses are (plain http to this machine alone).",
        hint="Use the module's https address, or download it and give its folder or .tar.gz as `source`.",
    )


def _download(handle: str, cache: Path, entry: Path) -> None:
    """Fill a cache entry; it appears when it is whole."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix="incoming-", dir=cache))
    except OSError as error:
        raise SourceError(f"The cache for modules, {cache}, cannot be written: {error.strerror}.") from error
    try:
        archive = work / "module.tar.gz"
        with _open(handle, cache) as response, archive.open("wb") as file:
            _check_answer(response, handle)
            while chunk := _read(response, handle):
                file.write(chunk)
        folder = work / "module"
        folder.mkdir()
        unpack(archive, folder, handle)
        find_module(folder, handle)
        try:
            folder.rename(entry)
        except OSError:
            if not entry.is_dir():  # else another process was faster
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _request_address(handle: str) -> str:
    parts = urlsplit(handle)
    if parts.path.endswith(_ARCHIVES):
        return handle
    query = "&".join(filter(None, (parts.query, urlencode({"tf-hub-format": "compressed"}))))
    return urlunsplit(parts._replace(query=query))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to addresses that would be fetched themselves."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Refuse to leave https."""
        _check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(handle: str, cache: Path) -> Any:
    request = urllib.request.Request(_request_address(handle), headers={"User-Agent": "tfjs-build"})
    try:
        return urllib.request.build_opener(_Redirects).open(request, timeout=_TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            raise SourceError(
                f"{handle} cannot be fetched: the server answers {error.code} ({error.reason}).",
                hint="Check the handle in a browser.",
            ) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceError(
            f"{handle} cannot be reached ({reason}), and is not in the cache ({cache}).",
            hint="Build once with a connection, or download the module and give its folder or .tar.gz as `source`.",
        ) from error


def _check_answer(response: Any, handle: str) -> None:
    kind = str(response.headers.get_content_type())
    if kind.startswith("text/"):
        raise SourceError(
            f"{handle} answers with a page ({kind}), not with a module.",
            hint="Use the module's own handle, or download it and give its folder or .tar.gz as `source`.",
        )


def _read(response: Any, handle: str) -> bytes:
    try:
        data: bytes = response.read(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise SourceError(f"{handle}: the connection broke off while the module was downloaded ({error}).") from error
    return data
