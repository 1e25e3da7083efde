"""What gzip saves of weights, by coding, and what it would if the bytes of their numbers lay apart.

    python -m bench.compression [--npm FOLDER…]

The networks are those of `bench.codings`. Each is converted in each coding and its weights are compressed as
`compress: gzip` does, at zlib's default level, and with the bytes of wider codes apart: first the low bytes of a
weight, then the next ones. TensorFlow.js reads no such order; a loader would have to put them back. Writes the table of
docs/quantization.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from bench.codings import OURS, PACKAGED, TRAINED, build
from bench.places import REPOSITORY, TF_BIN
from tfjs_build.sizes import size_text
from tools.sections import write_section

CODINGS = ("none", "float16", "uint16", "uint8", "auto")


@dataclass(frozen=True)
class Row:
    """One network in one coding: bytes of its weights, at zlib's levels 9 and 6, and at 9 with bytes apart; seconds of
    the first two."""

    network: str
    coding: str
    plain: int
    best: int
    default: int
    apart: int
    best_seconds: float
    default_seconds: float


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.compression", description=__doc__)
    parser.add_argument("--npm", nargs="*", type=Path, default=[], metavar="FOLDER")
    given = parser.parse_args(arguments)
    if not all((TRAINED / f"{name}.keras").exists() for name in OURS):
        script = Path(__file__).with_name("make_trained.py")
        subprocess.run([TF_BIN / "python", script, TRAINED], check=True)
    rows: list[Row] = []
    for name, source in _networks(given.npm):
        for coding in CODINGS:
            folder = build(name, source, coding)
            if folder is not None:
                rows.append(_row(name, coding, folder))
                print(rows[-1], file=sys.stderr)
    text = _table(rows)
    print(text)
    write_section(REPOSITORY / "docs" / "quantization.md", "compression", text)


def _networks(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    for name in OURS:
        yield name, TRAINED / f"{name}.keras"
    for name in PACKAGED:
        source = next((found for folder in folders for found in folder.rglob(f"{name}.json")), None)
        if source is not None:
            yield name, source


def _row(network: str, coding: str, folder: Path) -> Row:
    index = json.loads((folder / "model.json").read_bytes())
    [group] = index["weightsManifest"]
    shards = [(folder / path).read_bytes() for path in group["paths"]]
    whole = b"".join(shards)
    best, best_seconds = _compressed(shards, 9)
    default, default_seconds = _compressed(shards, 6)
    apart, _ = _compressed([b"".join(_apart(group["weights"], whole))], 9)
    return Row(network, coding, len(whole), best, default, apart, best_seconds, default_seconds)


def _compressed(parts: Sequence[bytes], level: int) -> tuple[int, float]:
    begun = time.perf_counter()
    return sum(len(zlib.compress(part, level)) for part in parts), time.perf_counter() - begun


def _apart(entries: Sequence[Mapping[str, Any]], data: bytes) -> Iterator[bytes]:
    """Yield the bytes of weights, weight by weight, those of wider numbers apart."""
    begin = 0
    for entry in entries:
        stored = entry.get("quantization", entry)["dtype"]
        width = 1 if stored in ("bool", "string") else np.dtype(stored).itemsize
        length = prod(entry["shape"]) * width
        yield np.frombuffer(data, np.uint8, length, begin).reshape(-1, width).T.tobytes()
        begin += length


def _table(rows: Sequence[Row]) -> str:
    lines = ["| network | `quantize` | weights | gzip | with bytes apart |", "|---|---|---|---|---|"]
    for row in rows:
        best, apart = (f"{size_text(each)} ({100 * each / row.plain:.0f} %)" for each in (row.best, row.apart))
        lines.append(f"| `{row.network}` | {row.coding} | {size_text(row.plain)} | {best} | {apart} |")
    plain, best, default = (sum(getattr(row, name) for row in rows) for name in ("plain", "best", "default"))
    best_seconds, default_seconds = (
        sum(getattr(row, f"{name}_seconds") for row in rows) for name in ("best", "default")
    )
    lines += [
        "",
        f"Level 9 took {1e9 * best_seconds / plain:.0f} ms for a megabyte, the default level "
        f"{1e9 * default_seconds / plain:.0f} ms, for {100 * (default / best - 1):.2g} % more.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
