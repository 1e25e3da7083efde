"""What a power cut may leave of a folder: what was not synced is lost, whatever was done later is not.

Runs in the process that is disturbed: it notes which files and which listings of folders were on the disk for certain
(`os.fsync`), and after the cut gives back the worst of what the disk may hold then.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

Cut = Literal["contents", "names", "index", "others"]
CUTS: tuple[Cut, ...] = ("contents", "names", "index", "others")
"""What is lost of what was not synced: the content of files; or also all that was done in folders; or that, but for
what was done to `model.json`; or only what was done to that."""

_KEPT: Mapping[Cut, Callable[[str], bool]] = {
    "contents": lambda _: True,
    "names": lambda _: False,
    "index": lambda name: name == "model.json",
    "others": lambda name: name != "model.json",
}


class Disk:
    """The served folders of a project, and what is certain of them, kept in the folder `kept` beside the project."""

    def __init__(self, root: Path, folders: tuple[str, ...], kept: Path) -> None:
        self.root, self.kept = root, kept
        kept.mkdir()
        (kept / "files").mkdir()
        (kept / "listings").mkdir()
        self._folders = tuple(str(root / folder) for folder in folders)
        for folder in folders:
            for path in sorted((root / folder).rglob("*")):
                if path.is_file():
                    self._keep(path)
        for folder in folders:
            for each in (root / folder, *(root / folder).rglob("*")):
                if each.is_dir():
                    self._list(each)

    def synced(self, descriptor: int) -> None:
        """Note that a file, or the listing of a folder, is on the disk."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            if str(path).startswith(self._folders):
                self._list(path)
        else:
            self._keep(path)

    def after(self, cut: Cut) -> None:
        """Make of the project what the power cut leaves of it."""
        listings = {
            self.root / file.name.replace("|", os.sep): _read(file) for file in (self.kept / "listings").iterdir()
        }
        folders = {Path(each) for folder in self._folders for each, _, _ in os.walk(folder)} | listings.keys()
        for folder in folders:
            self._cut(folder, listings.get(folder, {}), cut)

    def _cut(self, folder: Path, listing: Mapping[str, str], cut: Cut) -> None:
        now = {path.name for path in folder.iterdir() if path.is_file()} if folder.is_dir() else set()
        for name in now | listing.keys():
            path = folder / name
            if _KEPT[cut](name):
                if name in now and not (self.kept / "files" / _identity(path)).exists():
                    half = path.read_bytes()[: path.stat().st_size // 2]
                    path.unlink()
                    path.write_bytes(half)
                continue
            path.unlink(missing_ok=True)
            if name in listing:
                folder.mkdir(parents=True, exist_ok=True)
                kept = self.kept / "files" / listing[name]
                path.write_bytes(kept.read_bytes() if kept.exists() else b"")

    def _keep(self, path: Path) -> None:
        kept = self.kept / "files" / _identity(path)
        if not kept.exists():
            shutil.copyfile(path, kept)

    def _list(self, folder: Path) -> None:
        """Note which files a folder holds, and which folders in it are gone."""
        for file in (self.kept / "listings").iterdir():
            of = self.root / file.name.replace("|", os.sep)
            if of.parent == folder and not of.exists():
                file.unlink()
        names = {path.name: _identity(path) for path in folder.iterdir() if path.is_file()}
        file = self.kept / "listings" / str(folder.relative_to(self.root)).replace(os.sep, "|")
        file.write_text("".join(f"{identity} {name}\n" for name, identity in names.items()), encoding="utf-8")


def _identity(path: Path) -> str:
    found = path.stat()
    return f"{found.st_ino}-{found.st_mtime_ns}"


def _read(listing: Path) -> dict[str, str]:
    lines = listing.read_text(encoding="utf-8").splitlines()
    return {name: identity for identity, _, name in (line.partition(" ") for line in lines)}
