"""Finds tfjs.yaml and reads it from disk."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from tfjs_build.errors import ManifestError
from tfjs_build.filenames import MANIFEST
from tfjs_build.fs import sha256_bytes
from tfjs_build.manifest.check import check
from tfjs_build.manifest.faults import LINE_BREAK, Faults
from tfjs_build.manifest.read import read
from tfjs_build.manifest.tree import Span
from tfjs_build.model import Manifest


def find(start: Path) -> Path:
    """Return the manifest in the folder `start` or the nearest one above it; raises ManifestError where there is none.

    The path is absolute where `start` is, and otherwise relative to the working directory, as messages show it best.
    """
    absolute = start.absolute()
    for folder in (absolute, *absolute.parents):
        if (folder / MANIFEST).is_file():
            found = folder / MANIFEST
            return found if start.is_absolute() else Path(os.path.relpath(found))
    other = next((name for name in ("tfjs.yml", ".tfjs.yaml", ".tfjs.yml") if (absolute / name).is_file()), None)
    if other is not None:
        raise ManifestError(f"there is no {MANIFEST} in {absolute}, only {other}", hint=f"Rename it to {MANIFEST}.")
    raise ManifestError(
        f"there is no {MANIFEST} in {absolute} or above it",
        hint="`tfjs-build init` writes one; `-c FILE` names another.",
    )


def load(path: Path, *, loaders: Path | None = None) -> Manifest:
    """Return the manifest in the file `path`; where it names no `stubs`, they go to `loaders`, in JavaScript.

    Places are given in terms of `path` as it is; the paths in the manifest are relative to the folder that it stands
    in, symbolic links resolved, and are absolute in the result. Raises ManifestError with every fault.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ManifestError(f"there is no manifest {path}", hint="`tfjs-build init` writes one.") from None
    except OSError as error:
        raise ManifestError(f"cannot read {path}: {error.strerror}") from None
    manifest = _parse(_decode(data, path), path, Path(os.path.realpath(path.parent), path.name), True, loaders)
    if loaders is None or manifest.stubs is not None:
        return manifest
    return replace(manifest, stubs=Path(os.path.normpath(manifest.root / loaders)), language="javascript")


def parse(text: str, path: Path) -> Manifest:
    """Return the manifest `text`, as if it stood in the file `path`, without a look at the disk.

    Symbolic links are not followed, and the folder of templates need not exist. Raises ManifestError with every fault.
    """
    return _parse(text, path, path.absolute(), on_disk=False)


def _parse(text: str, shown: Path, path: Path, on_disk: bool, loaders: Path | None = None) -> Manifest:
    text = text.removeprefix("\ufeff")
    faults = Faults(text, shown)
    root = read(text, faults)
    manifest = None if root is None else check(root, path, faults, on_disk=on_disk, loaders=loaders is not None)
    if faults or manifest is None:
        raise faults.error()
    return replace(manifest, text_sha256=sha256_bytes(text.encode("utf-8", "surrogatepass")))


def _decode(data: bytes, path: Path) -> str:
    """Return the text of a UTF-8 file, or raise ManifestError at its first byte that is something else."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        lines = LINE_BREAK.split(before)
        line, column = len(lines) - 1, len(lines[-1])
        faults = Faults(before + LINE_BREAK.split(data[error.start :].decode(errors="replace"))[0], path)
        hint = "Save the file as UTF-8."
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            faults = Faults("", path)
            faults.add(Span(0, 0, 0, 1), "not UTF-8: the file is UTF-16", hint)
        else:
            message = f"not UTF-8: the byte 0x{data[error.start]:02X} does not begin a character"
            faults.add(Span(line, column, line, column + 1), message, hint)
        raise faults.error() from None
