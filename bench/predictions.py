"""Predictions of fifteen networks: what they ask of a device, and their times beside those of others, in turns.

    python -m bench.predictions [NAME…] [--only BACKEND…]
        Measures our models (from `.keras` and from SavedModels), the stock converter's, and ONNX Runtime Web, and
        writes the tables in docs/performance.md. What is left out stays as it was measured last, which is kept in
        .cache/bench/predictions.json.
    python -m bench.predictions [NAME…] --compare LABEL=PLACE… [--source KIND…] [--only BACKEND…]
        Compares and prints, on wasm if nothing else is said; writes nothing. A place is a checkout of tfjs-build, which
        converts the networks, or a folder that has a model in NAME/model.json; or `stock` or `onnx`, with no label.
    python -m bench.predictions NAME… --profile [--compare LABEL=PLACE…]
        Prints where the time goes on wasm, kernel by kernel; with `--only webgl` or `webgpu`, dispatches and programs.

On wasm and cpu, models of a network take turns in one process of Node. webgl and webgpu are rendered in software in
Chromium: what is counted there is exact, what is timed says little of a GPU.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import devices, kernel_times
from bench.contenders import OTHERS, SOURCES, Contender, ours, published, write_networks
from bench.places import REPOSITORY, TITLES
from bench.prediction_tables import beside, counts, section, time
from bench.runs import Run, keep, read_kept, reference
from bench.turns import take_turns
from tools.sections import write_section

BACKENDS = ("wasm", "webgl", "webgpu", "cpu")
DEVICES = ("webgl", "webgpu")


def main(arguments: Sequence[str]) -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.predictions", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TITLES)} (default: all)")
    parser.add_argument("--only", nargs="+", choices=BACKENDS, metavar="BACKEND")
    parser.add_argument("--compare", nargs="+", metavar="LABEL=PLACE")
    parser.add_argument("--source", nargs="+", choices=tuple(SOURCES), default=tuple(SOURCES), metavar="KIND")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(TITLES):
        parser.error(f"no network is called {', '.join(sorted(unknown))}")
    names = [name for name in TITLES if not given.names or name in given.names]
    write_networks()
    if given.profile:
        places = given.compare or [f"ours={REPOSITORY}", "onnx"]
        for name, contenders in _contenders(names, places, given.source).items():
            kernel_times.show(name, contenders, given.only or ("wasm",))
    elif given.compare:
        for backend in given.only or ("wasm",):
            print(_compared(names, given.compare, given.source, backend))
    else:
        _measure_all(names, given.only or BACKENDS)


def _measure_all(names: Sequence[str], backends: Sequence[str]) -> None:
    """Measure one network after the other, and write the tables after each step."""
    for name in names:
        contenders = [ours([name], source)[name] for source in SOURCES]
        contenders += [OTHERS[other]([name])[name] for other in OTHERS if other != "onnx" or "wasm" in backends]
        for backend in backends:
            runs = _measure(contenders, backend, name)
            kept = read_kept()
            kept.setdefault(name, {})[backend] = runs
            keep(kept)
            _say(name, backend, runs)
            load = f"The load of the machine, with {os.cpu_count()} cores, was {os.getloadavg()[2]:.1f} at last."
            write_section(REPOSITORY / "docs" / "performance.md", "predictions", f"{section(kept)}\n\n{load}")


def _compared(names: Sequence[str], places: Sequence[str], sources: Sequence[str], backend: str) -> str:
    runs = {}
    for name, contenders in _contenders(names, places, sources).items():
        runs[name] = _measure(contenders, backend, name)
        _say(name, backend, runs[name])
    return beside(runs, counts if backend in DEVICES else time, backend not in DEVICES)


def _contenders(
    names: Sequence[str], places: Sequence[str], sources: Sequence[str]
) -> Mapping[str, Sequence[Contender]]:
    """Return what is at each place, for each network."""
    found: list[dict[str, Contender]] = []
    for place in places:
        label, _, path = place.rpartition("=")
        if not label and place in OTHERS:
            found.append(OTHERS[place](names))
        elif (Path(path) / "tfjs_build").is_dir():
            for source in sources:
                found.append(ours(names, source, Path(path), f"{label or path} {source}".strip()))
        else:
            found.append(published(names, Path(path), label or path))
    return {name: [each[name] for each in found] for name in names}


def _measure(contenders: Sequence[Contender], backend: str, name: str) -> dict[str, Run]:
    if backend in DEVICES:
        return devices.count(contenders, backend, reference(name))
    there = [each for each in contenders if each.kind == "tfjs" or backend == "wasm"]
    return take_turns(there, backend, reference(name))


def _say(name: str, backend: str, runs: Mapping[str, Run]) -> None:
    cell = counts if backend in DEVICES else time
    found = ", ".join(f"{label} {run.error or cell(run)}" for label, run in runs.items())
    print(f"{name}, {backend}: {found}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
