"""Every finding of the fuzzer as a small project, kept for ever: `corpus/NAME.zip`."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).with_name("corpus")


def read() -> dict[str, dict[str, bytes]]:
    """Return all projects that are kept, by name."""
    found = {}
    for path in sorted(FOLDER.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            found[path.stem] = {name: archive.read(name) for name in archive.namelist()}
    return found


def keep(folder: Path, kind: str, files: Mapping[str, bytes], told: str) -> Path:
    """Keep a project, always under the same name; what is `told` of it is the archive's comment."""
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        digest.update(f"{name} {len(data)}\n".encode() + data)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}-{digest.hexdigest()[:10]}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        archive.comment = told.encode()[:1000]
    return path
