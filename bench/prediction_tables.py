"""The tables of predictions: what was kept of them, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bench.places import TITLES
from bench.runs import Run, Runs

HEADS = {"keras": "`.keras`", "saved_model": "SavedModel", "stock": "stock", "onnx": "ONNX Runtime"}
OURS = ("keras", "saved_model")
_NOT_MEASURED = ""


class Reasons:
    """Why there are no numbers, each with a letter for the tables."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def letter(self, reason: str) -> str:
        """Return the letter of a reason, the next one if it is new."""
        return self._letters.setdefault(reason, _letter(len(self._letters)))

    def lines(self) -> list[str]:
        """Return what the letters mean."""
        return [f"- {letter}: {reason}" for reason, letter in self._letters.items()]


def section(runs: Runs) -> str:
    """Return all tables of what was kept, without networks and backends of which there is nothing, and why cells are
    empty."""
    reasons = Reasons()
    parts = [_counts(runs, reasons), _first(runs, reasons), _wasm(runs, reasons), _cpu(runs, reasons)]
    if lines := reasons.lines():
        parts.append(["Letters stand where there is nothing to measure:", "", *lines])
    return "\n\n".join("\n".join(part) for part in parts if part)


def beside(runs: Mapping[str, Mapping[str, Run]], cell: Callable[[Run], str], compared: bool) -> str:
    """Return a table of contenders by network; `compared`: with what each takes as a part of what the first does."""
    reasons = Reasons()
    labels = list(dict.fromkeys(label for by_label in runs.values() for label in by_label))
    rows = []
    for network, by_label in runs.items():
        cells = [network, *(_cell(by_label.get(label), cell, reasons) for label in labels)]
        if compared:
            cells += [ratio(by_label.get(label), by_label.get(labels[0])) for label in labels[1:]]
        rows.append(cells)
    heads = ["", *labels, *(f"{label} / {labels[0]}" for label in labels[1:] if compared)]
    return "\n".join(_table(heads, rows) + reasons.lines())


def ratio(run: Run | None, other: Run | None) -> str:
    """Return what a prediction takes as a part of what another's takes: below 1 is faster."""
    if run is None or other is None or run.error or other.error:
        return ""
    return f"{run.next / other.next:.2f}"


def time(run: Run) -> str:
    """Return a time of wasm or cpu, in milliseconds, and whether the model wants `executeAsync`."""
    return f"{milliseconds(run.next)}{_way(run)}"


def counts(run: Run) -> str:
    """Return dispatches and, in parentheses, programs."""
    return f"{run.dispatches} ({run.programs}){_way(run)}"


def first_and_next(run: Run) -> str:
    """Return the times of a first prediction, in seconds, and of a next one."""
    return f"{run.first / 1000:.1f} s, {milliseconds(run.next)} ms"


def milliseconds(value: float) -> str:
    """Return a time with three digits, or all before the point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _counts(runs: Runs, reasons: Reasons) -> list[str]:
    labels = (*OURS, "stock")
    heads = [
        "dispatches (programs)",
        *(f"webgl: {HEADS[label]}" if label == "keras" else HEADS[label] for label in labels),
    ]
    heads += [f"webgpu: {HEADS[label]}" if label == "keras" else HEADS[label] for label in labels]
    rows = [
        [
            TITLES[network],
            *_cells(runs, network, "webgl", labels, counts, reasons),
            *_cells(runs, network, "webgpu", labels, counts, reasons),
        ]
        for network in _measured(runs, "webgl", "webgpu")
    ]
    return _table(heads, rows)


def _first(runs: Runs, reasons: Reasons) -> list[str]:
    labels = (*OURS, "stock")
    rows = [
        [TITLES[network], *_cells(runs, network, "webgl", labels, first_and_next, reasons)]
        for network in _measured(runs, "webgl")
    ]
    return _table(["webgl in software: first, next", *(HEADS[label] for label in labels)], rows)


def _wasm(runs: Runs, reasons: Reasons) -> list[str]:
    labels = (*OURS, "stock", "onnx")
    rows = [
        [
            TITLES[network],
            *_cells(runs, network, "wasm", labels, time, reasons),
            _ratios(runs, network, "wasm", "stock"),
            _ratios(runs, network, "wasm", "onnx"),
        ]
        for network in _measured(runs, "wasm")
    ]
    heads = ["wasm, one thread: ms", *(HEADS[label] for label in labels), "ours / stock", "ours / ONNX Runtime"]
    return _table(heads, rows)


def _cpu(runs: Runs, reasons: Reasons) -> list[str]:
    labels = (*OURS, "stock")
    rows = [
        [
            TITLES[network],
            *_cells(runs, network, "cpu", labels, time, reasons),
            _ratios(runs, network, "cpu", "stock"),
        ]
        for network in _measured(runs, "cpu")
    ]
    return _table(["cpu: ms", *(HEADS[label] for label in labels), "ours / stock"], rows)


def _measured(runs: Runs, *backends: str) -> list[str]:
    return [network for network in TITLES if any(backend in runs.get(network, {}) for backend in backends)]


def _cells(
    runs: Runs, network: str, backend: str, labels: Sequence[str], cell: Callable[[Run], str], reasons: Reasons
) -> list[str]:
    by_label = runs[network].get(backend, {})
    return [_cell(by_label.get(label), cell, reasons) for label in labels]


def _cell(run: Run | None, cell: Callable[[Run], str], reasons: Reasons) -> str:
    if run is None:
        return _NOT_MEASURED
    return f"({reasons.letter(run.error)})" if run.error else cell(run)


def _ratios(runs: Runs, network: str, backend: str, other: str) -> str:
    by_label = runs[network].get(backend, {})
    found = [ratio(by_label.get(label), by_label.get(other)) for label in OURS]
    return ", ".join(found) if all(found) else "".join(found)


def _way(run: Run) -> str:
    return "" if run.synchronous else " async"


def _letter(index: int) -> str:
    return (_letter(index // 26 - 1) if index >= 26 else "") + chr(ord("a") + index % 26)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    return [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
