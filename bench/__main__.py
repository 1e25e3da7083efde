"""`make bench`: one run in which tfjs-build, `tensorflowjs_converter` and `cp` do the same work, one after the other.

Prints a Markdown table. What counts are the ratios; seconds are this machine's.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Measured, measure, median

REPOSITORY = Path(__file__).parent.parent
FILES = REPOSITORY / ".cache" / "bench"
WORK = FILES / "work"
TF_BIN = REPOSITORY / ".venv-tf" / "bin"
OURS = Path(sys.executable).parent / "tfjs-build"


@dataclass(frozen=True)
class Row:
    """One piece of work: what we took, what today's tool took, and the budget in words with whether it is met."""

    work: str
    ours: Measured
    theirs: Measured
    budget: str
    met: bool


def main() -> None:
    """Measure everything and print the table."""
    print("Writing the models …", file=sys.stderr)
    measure([TF_BIN / "python", REPOSITORY / "bench" / "make_files.py", FILES], cwd=REPOSITORY)
    rows = []
    for section in (_nothing_changed, _small, _mobilenet, _large):
        print(f"{section.__name__.strip('_').replace('_', ' ')} …", file=sys.stderr)
        rows += section()
    shutil.rmtree(WORK, ignore_errors=True)
    print(_table(rows))


def _nothing_changed() -> list[Row]:
    ours = _project("mobilenet_v2.h5")
    measure([OURS, "build"], cwd=ours)
    again = median(7, lambda: measure([OURS, "build"], cwd=ours))
    theirs = _stock("mobilenet_v2.h5")
    return [Row("nothing changed (MobileNetV2)", again, theirs, "0.12 s", again.seconds <= 0.12)]


def _small() -> list[Row]:
    ours = _cold("small.keras", runs=5)
    return [Row("small `.keras`, cold", ours, _stock("small.keras"), "0.3 s", ours.seconds <= 0.3)]


def _mobilenet() -> list[Row]:
    rows = []
    for name in ("mobilenet_v2.h5", "mobilenet_v2.keras"):
        ours = _cold(name, runs=5)
        met = ours.seconds <= 0.5 and ours.megabytes <= 150
        rows.append(Row(f"MobileNetV2 `{Path(name).suffix}`, cold", ours, _stock(name), "0.5 s, 150 MB", met))
    return rows


def _large() -> list[Row]:
    copy = median(3, lambda: _copy("large.h5"))
    plain = _cold("large.h5", runs=3)
    met = plain.seconds <= 3 * copy.seconds and plain.megabytes <= 300
    ratio = f"3 × `cp` ({3 * copy.seconds:.1f} s), 300 MB"
    rows = [Row("1 GB `.h5`", plain, _stock("large.h5"), ratio, met)]
    quantized = _cold("large.h5", "quantize: uint8", runs=3)
    met = quantized.seconds <= 4 and quantized.megabytes <= 300
    theirs = _stock("large.h5", "--quantize_uint8=*")
    return [*rows, Row("1 GB `.h5`, uint8", quantized, theirs, "4 s, 300 MB", met)]


def _cold(name: str, option: str = "", *, runs: int) -> Measured:
    """Build a project with one model, of which nothing is known and nothing published."""

    def once() -> Measured:
        return measure([OURS, "build"], cwd=_project(name, option))

    return median(runs, once)


def _project(name: str, option: str = "") -> Path:
    folder = _empty(WORK / "ours")
    (folder / "tfjs.yaml").write_text(
        "version: 1\noutput: public/models\nstubs: src/models\nmodels:\n  net:\n"
        f"    source: {FILES / name}\n" + (f"    {option}\n" if option else "")
    )
    return folder


def _stock(name: str, *options: str) -> Measured:
    folder = _empty(WORK / "stock")
    kind = "keras_keras" if name.endswith(".keras") else "keras"
    # The tool unzips a .keras into the source's own folder.
    source = folder / name
    source.symlink_to(FILES / name)
    command = [TF_BIN / "tensorflowjs_converter", f"--input_format={kind}", *options, source, folder / "out"]
    return measure(command, cwd=folder, env={"TF_CPP_MIN_LOG_LEVEL": "3"})


def _copy(name: str) -> Measured:
    return measure(["cp", FILES / name, _empty(WORK / "copy") / name], cwd=WORK)


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _table(rows: list[Row]) -> str:
    lines = [
        "| work | tfjs-build | tensorflowjs_converter 4.22 | ratio | budget | |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = f"{row.theirs.seconds / row.ours.seconds:.0f} × faster"
        lines.append(
            f"| {row.work} | {_cell(row.ours)} | {_cell(row.theirs)} | {ratio} | {row.budget} | "
            f"{'met' if row.met else 'missed'} |"
        )
    return "\n".join(lines)


def _cell(measured: Measured) -> str:
    return f"{measured.seconds:.2f} s, {measured.megabytes:.0f} MB"


if __name__ == "__main__":
    main()
