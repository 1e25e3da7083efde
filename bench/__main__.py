"""`make bench`: one run in which tfjs-build, `tensorflowjs_converter` and `cp` do the same work, one after the other.

Prints two Markdown tables: conversions, and predictions of the models that came of them. What counts are the
ratios; seconds are this machine's.
"""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.inference import Pair, Speed, run_in_turns
from bench.measure import Measured, measure, median, medians

REPOSITORY = Path(__file__).parent.parent
FILES = REPOSITORY / ".cache" / "bench"
WORK = FILES / "work"
GRAPHS = WORK / "graphs"
"""What came of each SavedModel: `<name>/ours` and `<name>/stock`; of a Keras file `graph` and `layers`."""
TF_BIN = REPOSITORY / ".venv-tf" / "bin"
OURS = Path(sys.executable).parent / "tfjs-build"


@dataclass(frozen=True)
class Row:
    """One piece of work: what we took, what today's tool took, and the budget (if any) with whether it is met."""

    work: str
    ours: Measured
    theirs: Measured
    budget: str = ""
    met: bool | None = None


def main() -> None:
    """Measure everything and print the tables."""
    print("Writing the models …", file=sys.stderr)
    measure([TF_BIN / "python", REPOSITORY / "bench" / "make_files.py", FILES], cwd=REPOSITORY)
    rows = []
    for section in (_nothing_changed, _small, _mobilenet, _large, _saved_models):
        print(f"{section.__name__.strip('_').replace('_', ' ')} …", file=sys.stderr)
        rows += section()
    print("inference …", file=sys.stderr)
    speeds = _inference()
    shutil.rmtree(WORK, ignore_errors=True)
    print(_table(rows))
    print()
    print(_speeds(speeds))


def _nothing_changed() -> list[Row]:
    ours = _project("mobilenet_v2.h5")
    measure([OURS, "build"], cwd=ours)
    time.sleep(4)  # what is younger than 3 s may change again without its time stamp showing it, and is hashed anew
    again = median(15, lambda: measure([OURS, "build"], cwd=ours))
    theirs = _stock("mobilenet_v2.h5")
    return [Row("nothing changed (MobileNetV2)", again, theirs, "0.12 s", again.seconds <= 0.12)]


def _small() -> list[Row]:
    ours = _cold("small.keras", runs=5)
    return [Row("small `.keras`, cold", ours, _stock("small.keras"), "0.3 s", ours.seconds <= 0.3)]


def _mobilenet() -> list[Row]:
    rows = []
    for name in ("mobilenet_v2.h5", "mobilenet_v2.keras"):
        theirs = _stock(name)
        for format in ("graph", "layers"):
            ours = _cold(name, f"format: {format}", runs=7, folder=GRAPHS / name / format)
            met = ours.seconds <= 0.5 and ours.megabytes <= 150
            work = f"MobileNetV2 `{Path(name).suffix}` as {format}, cold"
            rows.append(Row(work, ours, theirs, "0.5 s, 150 MB", met))
    return rows


def _large() -> list[Row]:
    copy, plain = medians(7, lambda: _copy("large.h5"), lambda: _once("large.h5"))
    met = plain.seconds <= 3 * copy.seconds and plain.megabytes <= 300
    ratio = f"3 × `cp` ({3 * copy.seconds:.1f} s), 300 MB"
    rows = [Row("1 GB `.h5`", plain, _stock("large.h5"), ratio, met)]
    quantized = _cold("large.h5", "quantize: uint8", runs=3)
    met = quantized.seconds <= 4 and quantized.megabytes <= 300
    theirs = _stock("large.h5", "--quantize_uint8=*")
    return [*rows, Row("1 GB `.h5`, uint8", quantized, theirs, "4 s, 300 MB", met)]


def _saved_models() -> list[Row]:
    small, mobilenet, resnet = _both("small"), _both("mobilenet_v2"), _both("resnet50")
    met = mobilenet[0].seconds <= 0.5 and mobilenet[0].megabytes <= 150
    return [
        Row("small SavedModel, cold", *small, "0.3 s", small[0].seconds <= 0.3),
        Row("MobileNetV2 SavedModel, cold", *mobilenet, "0.5 s, 150 MB", met),
        Row("ResNet50 SavedModel, cold", *resnet),
    ]


def _inference() -> list[Speed]:
    _both("lstm")
    shapes = {"mobilenet_v2": (1, 96, 96, 3), "resnet50": (1, 64, 64, 3), "lstm": (1, 50, 16)}
    pairs = [
        Pair(name, shape, _published(GRAPHS / name / "ours"), GRAPHS / name / "stock" / "out", "stock graph")
        for name, shape in shapes.items()
    ]
    keras = GRAPHS / "mobilenet_v2.keras"
    formats = _published(keras / "graph"), _published(keras / "layers")
    pairs.append(Pair("mobilenet_v2.keras", shapes["mobilenet_v2"], *formats, "our layers model"))
    return run_in_turns(pairs, ("cpu", "wasm"), WORK)


def _both(name: str) -> tuple[Measured, Measured]:
    """Convert a SavedModel with both tools, and leave what comes of it in GRAPHS."""
    ours = _cold(name, runs=5, folder=GRAPHS / name / "ours")
    folder = _empty(GRAPHS / name / "stock")
    command: list[str | Path] = [TF_BIN / "tensorflowjs_converter", "--input_format=tf_saved_model"]
    command += [FILES / name, folder / "out"]
    return ours, measure(command, cwd=folder, env={"TF_CPP_MIN_LOG_LEVEL": "3"})


def _cold(name: str, option: str = "", *, runs: int, folder: Path = WORK / "ours") -> Measured:
    """Build a project with one model, of which nothing is known and nothing published."""
    return median(runs, lambda: _once(name, option, folder))


def _once(name: str, option: str = "", folder: Path = WORK / "ours") -> Measured:
    return measure([OURS, "build"], cwd=_project(name, option, folder))


def _project(name: str, option: str = "", folder: Path = WORK / "ours") -> Path:
    _empty(folder)
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
    command: list[str | Path] = [
        TF_BIN / "tensorflowjs_converter",
        f"--input_format={kind}",
        "--output_format=tfjs_layers_model",
        *options,
        source,
        folder / "out",
    ]
    return measure(command, cwd=folder, env={"TF_CPP_MIN_LOG_LEVEL": "3"})


def _copy(name: str) -> Measured:
    return measure(["cp", FILES / name, _empty(WORK / "copy") / name], cwd=WORK)


def _published(project: Path) -> Path:
    return project / "public" / "models" / "net"


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
            f"{'' if row.met is None else 'met' if row.met else 'missed'} |"
        )
    return "\n".join(lines)


def _speeds(speeds: list[Speed]) -> str:
    lines = [
        "| a prediction | backend | our graph | beside | | ratio | budget | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for speed in speeds:
        other = f"does not run: {speed.error}" if speed.other is None else f"{speed.other:.1f} ms"
        ratio = "" if speed.ratio is None else f"{speed.ratio:.2f}"
        met = "only ours runs" if speed.ratio is None else "met" if speed.ratio <= 1.05 else "missed"
        cells = [speed.name, speed.backend, f"{speed.ours:.1f} ms", speed.beside, other, ratio, "1.05", met]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(measured: Measured) -> str:
    return f"{measured.seconds:.2f} s, {measured.megabytes:.0f} MB"


if __name__ == "__main__":
    main()
