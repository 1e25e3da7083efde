"""`make sizes`: how time and memory grow with the number of models, the size of one, and what lies beside the sources.

Each row has `cp` of the same bytes in the same run, in turns. The files are made on the spot, one large one at a time,
and deleted afterwards. The table is written into docs/reliability.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Used, quartile, used
from tools.sections import write_section

REPOSITORY = Path(__file__).parent.parent
FILES = REPOSITORY / ".cache" / "bench"
OURS = Path(sys.executable).parent / "tfjs-build"
COUNTS = (1, 100, 2000)
MB = 1 << 20
SIZES = {"1 MB": MB, "100 MB": 100 * MB, "1 GB": 1024 * MB, "4 GB": 4096 * MB}
BESIDE = 200_000
_RACY_SECONDS = 3.5
"""A file that is younger is hashed anew by each build: it may still change without its time showing it."""


@dataclass(frozen=True)
class Row:
    """What a piece of work took, and what `cp` of its bytes did; None where there is nothing to copy."""

    work: str
    ours: Sequence[Used]
    copy: Sequence[Used] | None = None
    budget: str = ""


def main() -> None:
    """Measure, and write the table."""
    quick = "--quick" in sys.argv
    FILES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sizes-", dir=FILES) as folder:
        work = Path(folder)
        rows = [*_numbers(work, COUNTS[:2] if quick else COUNTS), *_beside(work, 1000 if quick else BESIDE)]
        for name, nbytes in list(SIZES.items())[: 2 if quick else None]:
            rows += _size(work, name, nbytes)
    text = _text(rows)
    print(text)
    if not quick:
        write_section(REPOSITORY / "docs" / "reliability.md", "sizes", text)


def _numbers(work: Path, counts: Sequence[int]) -> Iterator[Row]:
    """Yield what many small models take: built at first, and with nothing to do."""
    for count in counts:
        _say(f"{count} models")
        with _folder(work / "many") as project:
            sources = [f"nets/n{index}.keras" for index in range(count)]
            _write("many", project / "nets", count)
            _manifest(project, sources)
            built, copied = _beside_copy(1 if count > 100 else 3, project, "nets")
            models = "1 model" if count == 1 else f"{count:,} models"
            yield Row(f"{models}, all new", built, copied)
            time.sleep(_RACY_SECONDS)
            _build(project)
            again = [_build(project) for _ in range(5)]
            yield Row(f"{models}, nothing to do", again, None, "1 s" if count == COUNTS[-1] else "")


def _beside(work: Path, files: int) -> Iterator[Row]:
    """Yield what a build takes in a project with many files that are not its own, and without them."""
    _say(f"{files} files beside")
    with _folder(work / "beside") as project:
        _write("many", project / "nets", 1)
        _manifest(project, ["nets/n0.keras"])

        def runs(state: str) -> Iterator[Row]:
            yield Row(f"a new model, {state}", [_build(project, new=True) for _ in range(3)])
            yield Row(f"a watch's start to end, {state}", [_watch(project) for _ in range(3)])

        yield from runs("nothing beside it")
        for index in range(files):
            folder = project / "data" / str(index // 1000)
            if index % 1000 == 0:
                folder.mkdir(parents=True)
            (folder if index % 2 else project / "nets").joinpath(f"{index}.jpg").touch()
        yield from runs(f"{files:,} files beside it")


def _size(work: Path, name: str, nbytes: int) -> Iterator[Row]:
    """Yield what one large model takes, plain and quantized."""
    _say(name)
    with _folder(work / "large") as project:
        _write("large", project / "net.h5", nbytes)
        runs = 2 if nbytes > 1 << 30 else 4
        budgets = {"none": "1.5 × `cp` (3 × in CPU), 300 MB", "uint8": "4 s, 300 MB"} if name == "1 GB" else {}
        for quantize in ("none", "uint8"):
            _manifest(project, ["net.h5"], f", quantize: {quantize}")
            built, copied = _beside_copy(runs, project, "net.h5")
            coding = "" if quantize == "none" else f", {quantize}"
            yield Row(f"{name} `.h5`{coding}", built, copied, budgets.get(quantize, ""))


def _write(what: str, path: Path, count: int) -> None:
    """Write sources, in a process of its own: what this one has in memory, those that it starts are said to have."""
    subprocess.run([sys.executable, "-m", "bench.make_sizes", what, path, str(count)], cwd=REPOSITORY, check=True)


def _manifest(project: Path, sources: Sequence[str], options: str = "") -> None:
    models = "".join(f"  n{index}: {{ source: {source}{options} }}\n" for index, source in enumerate(sources))
    text = f"version: 1\noutput: public/models\nstubs: src/models\nmodels:\n{models}"
    (project / "tfjs.yaml").write_text(text, encoding="utf-8")


def _build(project: Path, *, new: bool = False) -> Used:
    """Build a project; `new`, with nothing known and nothing published."""
    if new:
        for name in ("public", "src", ".tfjs-build"):
            shutil.rmtree(project / name, ignore_errors=True)
    return used([OURS, "build"], cwd=project)


def _watch(project: Path) -> Used:
    """Start a watch, which ends once it is ready."""
    return used([OURS, "watch", "--", "true"], cwd=project)


def _beside_copy(runs: int, project: Path, source: str) -> tuple[list[Used], list[Used]]:
    """Build a project as new and copy its sources, in turns: what slows the machine slows both."""
    built, copied = [], []
    target = project / "copy"
    for _ in range(runs):
        built.append(_build(project, new=True))
        copied.append(used(["cp", "-r", project / source, target], cwd=project))
        subprocess.run(["rm", "-r", target], check=True)
    return built, copied


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    path.mkdir()
    try:
        yield path
    finally:
        # Much faster than rmtree of hundreds of thousands of files.
        subprocess.run(["rm", "-rf", path], check=True)


def _text(rows: Sequence[Row]) -> str:
    lines = [
        "## Sizes",
        "",
        "`make sizes` wrote this table: whole processes, in turns with `cp` of the sources. A cell has the lower",
        "quartile and the median of its runs; CPU is that of all processes, memory that of the largest. In the last",
        f"quarter of an hour, {os.getloadavg()[2]:.0f} processes wanted the {os.cpu_count()} cores: with more of them",
        "than cores, the wall says little.",
        "",
        "What a large plain model takes beyond `cp` is, for the most part, two SHA-256: of its source, for the",
        "fingerprint, and of its shards, which are called after theirs.",
        "",
        "| work | wall | CPU | memory | `cp`: wall | CPU | ratio of the wall | of CPU | budget |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row.work, _cell(row.ours, "seconds"), _cell(row.ours, "cpu"), f"{row.ours[0].megabytes:.0f} MB"]
        if row.copy is None:
            cells += ["", "", "", ""]
        else:
            cells += [_cell(row.copy, "seconds"), _cell(row.copy, "cpu")]
            cells += [_ratio(row.ours, row.copy, "seconds"), _ratio(row.ours, row.copy, "cpu")]
        lines.append(f"| {' | '.join([*cells, row.budget])} |")
    return "\n".join(lines)


def _cell(runs: Sequence[Used], what: str) -> str:
    values = [getattr(run, what) for run in runs]
    low, middle = quartile(values, 1), quartile(values, 2)
    return f"{low:.2f}, {middle:.2f} s" if len(values) > 1 else f"{middle:.2f} s"


def _ratio(ours: Sequence[Used], copy: Sequence[Used], what: str) -> str:
    theirs = quartile([getattr(run, what) for run in copy], 1)
    return f"{quartile([getattr(run, what) for run in ours], 1) / theirs:.1f}" if theirs >= 0.01 else ""


def _say(text: str) -> None:
    print(f"{text} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
