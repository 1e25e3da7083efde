"""`python -m bench.watch`: how long after a save the model is published, what a watch costs while nothing happens, and
what is left in memory after two hundred rebuilds.

Every save has content never seen before. Beside it, one plain run of `tensorflowjs_converter` on the same model.
"""

from __future__ import annotations

import io
import os
import shutil
import statistics
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from bench.__main__ import FILES, TF_BIN, WORK, _empty, _stock
from bench.measure import Measured, measure
from tests.watch.watching import Watching, watching

SAVES, REBUILDS, IDLE_SECONDS = 30, 200, 60.0


@dataclass(frozen=True)
class Latency:
    """Seconds from the end of a save to the `written` event."""

    work: str
    seconds: list[float]
    theirs: Measured
    budget: float


def main() -> None:
    """Measure and print a Markdown table."""
    measure([TF_BIN / "python", Path(__file__).with_name("make_files.py"), FILES], cwd=Path(__file__).parent.parent)
    rows = [
        Latency("small `.keras`", _latency("small.keras", _save_keras), _stock("small.keras"), 0.2),
        Latency("MobileNetV2 `.keras`", _latency("mobilenet_v2.keras", _save_keras), _stock("mobilenet_v2.keras"), 0.4),
        Latency("MobileNetV2 SavedModel", _latency("mobilenet_v2", _save_saved_model), _stock_graph(), 0.4),
    ]
    print("| a save | median | worst of 30 | tensorflowjs_converter 4.22, one run | budget | |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        median, worst = statistics.median(row.seconds), max(row.seconds)
        met = "met" if median <= row.budget else "missed"
        theirs = f"{row.theirs.seconds:.2f} s"
        print(f"| {row.work} | {median:.3f} s | {worst:.3f} s | {theirs} | {row.budget} s | {met} |")
    print()
    print(_upkeep())
    shutil.rmtree(WORK, ignore_errors=True)


def _latency(name: str, save: Callable[[Path, Path, int], float]) -> list[float]:
    project = _project(name)
    target = project / name
    with watching(project) as watch:
        watch.until("ready")
        return [_saved(watch, save(FILES / name, target, seed)) for seed in range(SAVES)]


def _saved(watch: Watching, ended: float) -> float:
    watch.until("written", model="net")
    seconds = time.perf_counter() - ended
    time.sleep(0.2)  # each save by itself
    return seconds


def _upkeep() -> str:
    project = _project("small.keras")
    with watching(project) as watch:
        watch.until("ready")
        process = watch.process.pid
        before, begun = _cpu(process), time.perf_counter()
        time.sleep(IDLE_SECONDS)
        idle = (_cpu(process) - before) / (time.perf_counter() - begun)
        first = _megabytes(process)
        for seed in range(REBUILDS):
            _save_keras(FILES / "small.keras", project / "small.keras", seed)
            watch.until("written", model="net")
        last = _megabytes(process)
    return f"Idle for a minute: {idle:.2%} of a core. Memory: {first:.0f} MB, {last:.0f} MB after {REBUILDS} rebuilds."


def _project(name: str) -> Path:
    folder = _empty(WORK / "watch")
    source = FILES / name
    if source.is_dir():
        shutil.copytree(source, folder / name)
    else:
        shutil.copyfile(source, folder / name)
    (folder / "tfjs.yaml").write_text(
        f"version: 1\noutput: public/models\nstubs: src/models\nmodels:\n  net:\n    source: {name}\n"
    )
    return folder


def _save_keras(source: Path, target: Path, seed: int) -> float:
    """Write the archive with one weight changed; return when that was done."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(members["model.weights.h5"])
    with h5py.File(weights, "r+") as file:
        found: list[h5py.Dataset] = []
        file.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) and item.shape else None)
        found[-1][...] = np.random.default_rng(seed + time.time_ns()).normal(size=found[-1].shape)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, weights.getvalue() if name.endswith(".h5") else data)
    target.write_bytes(content.getbuffer())
    return time.perf_counter()


def _save_saved_model(source: Path, target: Path, seed: int) -> float:
    """Write over a SavedModel in the order in which TensorFlow does, with other weights."""
    (data,) = (source / "variables").glob("*.data-*")
    content = np.fromfile(data, np.uint8)
    weights = content[len(content) // 2 : len(content) // 2 + 40_000 : 4]
    weights ^= np.random.default_rng(seed + time.time_ns()).integers(1, 255, weights.shape, np.uint8)
    content.tofile(target / "variables" / data.name)
    for name in ("variables/variables.index", "saved_model.pb", "fingerprint.pb"):
        shutil.copyfile(source / name, target / name)
    return time.perf_counter()


def _stock_graph() -> Measured:
    folder = _empty(WORK / "stock")
    command: list[str | Path] = [
        TF_BIN / "tensorflowjs_converter",
        "--input_format=tf_saved_model",
        FILES / "mobilenet_v2",
        folder / "out",
    ]
    return measure(command, cwd=folder, env={"TF_CPP_MIN_LOG_LEVEL": "3"})


def _cpu(process: int) -> float:
    """Return the CPU time in seconds of a process and of those that it has waited for."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _megabytes(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no memory of {process}")


if __name__ == "__main__":
    main()
