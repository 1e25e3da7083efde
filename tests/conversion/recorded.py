"""What the oracle wrote, recorded in the repository: an archive for each family but the large ones.

It takes a processor a quarter of an hour to have TensorFlow write what fits into a few megabytes, and what it writes
differs in its last digits from machine to machine. An archive is called after the scripts and the locked packages that
it was made with; where these have changed, TensorFlow is asked, and `make oracle` records what it says.
"""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

RECORDED = Path(__file__).with_name("recorded")
LARGE = ("applications",)
"""Families that are not worth a place: hundreds of megabytes of whole architectures' weights."""


def archive_of(suite: str, family: str, scripts: str, folder: Path = RECORDED) -> Path:
    """Return where a family is recorded, or would be; `scripts` is the hash of what wrote it."""
    return folder / suite / f"{family}.{scripts}.tar.xz"


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive of `pack` as `folder`, which must not exist."""
    folder.mkdir(parents=True)
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")


def pack(folder: Path) -> bytes:
    """Return an archive of all that is below a folder, the same bytes for the same files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", preset=9, format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            if path.is_dir():
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(entry)
            else:
                content = path.read_bytes()
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def main() -> None:
    """Record every family as it is now, and forget what was recorded of others."""
    from tests.conversion.oracle import everything

    wanted: set[Path] = set()
    for archive, folder in everything():
        wanted.add(archive)
        if not archive.exists():
            archive.parent.mkdir(parents=True, exist_ok=True)
            archive.write_bytes(pack(folder))
            sys.stdout.write(f"{archive.relative_to(RECORDED)}: {archive.stat().st_size} bytes\n")
    for archive in archives():
        if archive not in wanted:
            archive.unlink()
            sys.stdout.write(f"{archive.relative_to(RECORDED)}: gone\n")


def archives(folder: Path = RECORDED) -> Iterator[Path]:
    """Yield what is recorded."""
    yield from sorted(folder.glob("*/*.tar.xz"))


if __name__ == "__main__":
    main()
