"""Edits of zip and `.tar.gz` archives: of what is in them, and of the fields of their headers."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tests.fuzz.edits import odd, raw

Edits = Mapping[str, Callable[[bytes, Random], bytes]]
"""How members are changed, by the end of their names."""

_NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_HEADERS = ((b"PK\x01\x02", 46), (b"PK\x03\x04", 30), (b"PK\x05\x06", 22))
_BLOCK = 512


def edit_zip(members: Edits) -> Callable[[bytes, Random], bytes]:
    """Return the edit of a zip archive: mostly of one of its members."""

    def changed(data: bytes, random: Random) -> bytes:
        choice = random.random()
        if choice < 0.05:
            return raw.edit(data, random)
        if choice < 0.15:
            return _zip_field(data, random)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
            if choice < 0.25 or not entries:
                return _zip(_renamed(entries, random), random)
            return _zip(_with_one_changed(entries, members, random), random)
        except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
            return raw.edit(data, random)

    return changed


def _with_one_changed(entries: list[tuple[str, bytes]], members: Edits, random: Random) -> list[tuple[str, bytes]]:
    known = [at for at, (name, _) in enumerate(entries) if any(name.endswith(end) for end in members)]
    at = random.choice(known or list(range(len(entries))))
    name, data = entries[at]
    edit = next((edit for end, edit in members.items() if name.endswith(end)), raw.edit)
    return [*entries[:at], (name, edit(data, random)), *entries[at + 1 :]]


def _renamed(entries: list[tuple[str, bytes]], random: Random) -> list[tuple[str, bytes]]:
    if not entries:
        return [(odd.text(random), odd.data(random))]
    at = random.randrange(len(entries))
    name, data = entries[at]
    choice = random.randrange(4)
    if choice == 0:
        del entries[at]
    elif choice == 1:
        entries[at] = (random.choice((odd.text(random), f"a/{name}", name.upper(), f"{name}/")), data)
    elif choice == 2:
        entries.append((name, random.choice((data, odd.data(random)))))
    else:
        random.shuffle(entries)
    return entries


def _zip(entries: list[tuple[str, bytes]], random: Random) -> bytes:
    content = io.BytesIO()
    methods = (zipfile.ZIP_STORED,) if random.random() < 0.7 else _METHODS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        with zipfile.ZipFile(content, "w") as archive:
            for name, data in entries:
                info = zipfile.ZipInfo(name.encode("utf-8", "replace").decode() or "x")
                archive.writestr(info, data, random.choice(methods))
    return content.getvalue()


def _zip_field(data: bytes, random: Random) -> bytes:
    """Change a number in one of the headers."""
    signature, length = random.choice(_HEADERS)
    starts = [at for at in range(len(data) - length) if data.startswith(signature, at)]
    starts += [len(data) - length] if data[-length:].startswith(signature) else []
    if not starts:
        return raw.edit(data, random)
    start = random.choice(starts)
    width = random.choice((2, 4))
    at = start + random.randrange(4, length - width + 1, 2)
    old = int.from_bytes(data[at : at + width], "little")
    number = random.choice((*_NUMBERS, old + 1, old - 1, old * 2)) % (1 << 8 * width)
    return data[:at] + number.to_bytes(width, "little") + data[at + width :]


def edit_tar(members: Edits) -> Callable[[bytes, Random], bytes]:
    """Return the edit of a `.tar.gz` archive: mostly of one of its members."""

    def changed(data: bytes, random: Random) -> bytes:
        choice = random.random()
        if choice < 0.1:
            return raw.edit(data, random)
        try:
            plain = gzip.decompress(data)
            if choice < 0.4:
                return _packed(_tar_field(plain, random), random)
            with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
                entries = [(info, _content(archive, info)) for info in archive]
        except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, struct.error):
            return raw.edit(data, random)
        files = [at for at, (info, _) in enumerate(entries) if info.isreg()]
        if not files:
            return raw.edit(data, random)
        if choice < 0.6:
            _change_member(entries, random.choice(files), random)
        else:
            at = random.choice(files)
            info, content = entries[at]
            edit = next((edit for end, edit in members.items() if info.name.endswith(end)), raw.edit)
            entries[at] = (info, edit(content, random))
        return _packed(_tar(entries), random)

    return changed


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(info) if info.isreg() else None
    return b"" if file is None else file.read()


def _change_member(entries: list[tuple[tarfile.TarInfo, bytes]], at: int, random: Random) -> None:
    info, _ = entries[at]
    choice = random.randrange(7)
    if choice == 0:
        del entries[at]
    elif choice == 1:
        info.name = random.choice((odd.text(random), f"a/{info.name}", f"../{info.name}", f"/{info.name}", "x" * 300))
    elif choice == 2:
        info.type = random.choice(
            (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)
        )
        info.linkname = random.choice(("../../mine.txt", "/", info.name, odd.text(random)))
    elif choice == 3:
        entries.append((info, odd.data(random)))
    elif choice == 4:
        key = random.choice(("path", "size", "linkpath", "GNU.sparse.map", "GNU.sparse.name", "hdrcharset", "x"))
        info.pax_headers = {key: random.choice((odd.text(random), str(odd.number(random))))}
    elif choice == 5:
        info.mode = random.choice((0, 0o777, 0o4777))
    else:
        info.name = entries[random.randrange(len(entries))][0].name


def _tar(entries: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(
        fileobj=content, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8", errors="replace"
    ) as archive:
        for info, data in entries:
            info.size = len(data) if info.isreg() else 0
            info.name = info.name.encode("utf-8", "replace").decode()
            info.pax_headers = {
                key: value.encode("utf-8", "replace").decode() for key, value in info.pax_headers.items()
            }
            archive.addfile(info, io.BytesIO(data))
    return content.getvalue()


def _tar_field(data: bytes, random: Random) -> bytes:
    """Change a field of one header, whose checksum is right then."""
    starts = [at for at in range(0, len(data) - _BLOCK + 1, _BLOCK) if data[at + 257 : at + 262] == b"ustar"]
    if not starts:
        return raw.edit(data, random)
    start = random.choice(starts)
    header = bytearray(data[start : start + _BLOCK])
    first, length = random.choice(
        ((0, 100), (100, 8), (124, 12), (124, 12), (136, 12), (156, 1), (156, 1), (157, 100), (345, 155))
    )
    if length == 1:
        field = random.choice(
            (b"0", b"1", b"2", b"3", b"5", b"6", b"7", b"D", b"K", b"L", b"S", b"x", b"g", b"X", b"\0", b"z")
        )
    elif length in (8, 12):
        field = random.choice(
            (
                b"7" * (length - 1),
                b"\x80" + b"\0" * (length - 2) + b"\x01",
                b"\xff" * length,
                b"\x80" + b"\x7f" * (length - 1),
                b"-1",
                b"x",
                b"",
                b"0",
                b"00000000001",
            )
        )
    else:
        field = random.choice((odd.text(random).encode("utf-8", "replace"), b"../x", b"/x", b"\xff\xfe", b"x" * length))
    header[first : first + length] = field[:length].ljust(length, b"\0")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return data[:start] + bytes(header) + data[start + _BLOCK :]


def _packed(data: bytes, random: Random) -> bytes:
    packed = gzip.compress(data, mtime=0)
    choice: Any = random.random()
    if choice < 0.05:
        return packed + packed
    if choice < 0.1:
        return packed + b"trailing"
    if choice < 0.15:
        return packed[:-8] + b"\0" * 8  # the checksum and the size
    if choice < 0.2:
        return gzip.compress(packed, mtime=0)
    return packed
