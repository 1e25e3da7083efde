"""Text for people, on stderr: a line a model, errors with their place, and one line at the end.

On a terminal, work that takes more than a moment shows its progress on a line that is overwritten.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import ManifestError, TfjsBuildError
from tfjs_build.events import (
    Event,
    Explained,
    Failed,
    Fresh,
    Inspected,
    Note,
    Opened,
    Progress,
    Ready,
    Reloaded,
    Removed,
    Reported,
    Serving,
    Stale,
    Untried,
    Verified,
    Waiting,
    Written,
)
from tfjs_build.reporters.printable import lines, printable_event
from tfjs_build.sizes import size_text
from tfjs_build.verify import words

if TYPE_CHECKING:
    from tfjs_build.reporters.streams import Writable

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class TextReporter:
    """Plain lines, with color and live progress where the terminal can show them."""

    def __init__(self, err: Writable, out: Writable, *, color: bool, live: bool) -> None:
        self._err, self._out, self._color, self._live = err, out, color, live
        self._begun = time.monotonic()
        self._counts: dict[str, int] = {}
        self._status = ""
        self._verifying: str | None = None
        self._places: dict[str, str] = {}

    def event(self, event: Event) -> None:
        """Show one event."""
        event = printable_event(event)
        self._counts[event.event] = self._counts.get(event.event, 0) + 1
        if isinstance(event, Progress):
            self._show_status(f"  {event.model}  {event.step} {event.fraction:4.0%}")
        elif isinstance(event, Written):
            size, seconds = size_text(event.bytes), f"{event.seconds:.2f} s"
            seconds += f", from the {event.cache} cache" if event.cache else ""
            name = self._style(event.model, "bold")
            self._line(f"{self._style('✓', 'green')} {name}  {event.format}  {size}  {self._style(seconds, 'dim')}")
        elif isinstance(event, Failed):
            self._failed(event)
        elif isinstance(event, Stale):
            self._line(f"{self._style('!', 'yellow')} {self._style(event.model, 'bold')} is stale")
            self._lines(event.reasons)
        elif isinstance(event, Removed):
            files = "1 file" if len(event.files) == 1 else f"{len(event.files)} files"
            self._line(f"{self._style('-', 'yellow')} {self._style(event.model, 'bold')}  {files} removed")
        elif isinstance(event, Note):
            self._line(f"  {event.model}: {event.message}" if event.model else f"  {event.message}")
        elif isinstance(event, Waiting):
            self._line(f"{self._style('…', 'yellow')} {self._style(event.model, 'bold')}: {event.message}")
        elif isinstance(event, Ready):
            self._line(self._style("watching for changes", "dim"))
        elif isinstance(event, Reloaded):
            self._line(f"  {_short(event.file)} was read again")
        elif isinstance(event, Explained):
            self._explained(event)
        elif isinstance(event, Inspected):
            self._inspected(event)
        elif isinstance(event, Verified):
            self._verified(event)
        elif isinstance(event, Reported):
            self._reported(event)
        elif isinstance(event, Untried):
            name = f"{self._style(event.model, 'bold')} " if event.model and event.model != self._verifying else ""
            self._line(f"  {self._style('–', 'yellow')} {name}{words.not_tried(event)}")
        elif isinstance(event, Serving):
            self._serving(event)
        elif isinstance(event, Opened):
            self._verifying = None
            self._line(f"{self._style('→', 'cyan')} {event.device} has opened the page")

    def failed(self, error: TfjsBuildError) -> None:
        """Show what ended the run, all faults of a manifest at once."""
        text = lines(str(error))
        self._line(text if isinstance(error, ManifestError) else f"{self._style('error:', 'red')} {text}")

    def bug(self, report: Path | str) -> None:
        """Ask for a report of a bug."""
        self._line(self._style("error: a bug in tfjs-build, not in your project", "red"))
        self._line(lines(f"Please report it, with {report}" if isinstance(report, Path) else report))

    def say(self, text: str) -> None:
        """Show text that was asked for."""
        self._line(lines(text))

    def print(self, text: str) -> None:
        """Print a result on stdout."""
        self._clear()
        print(lines(text), file=self._out, flush=True)

    def close(self, code: int) -> None:
        """Sum up what was done."""
        self._clear()
        if Ready.event in self._counts:
            self._line(self._style("stopped", "dim"))
        elif summary := self._summary():
            self._line(self._style(summary, "dim"))
        elif code == 130:
            self._line("interrupted")

    def _summary(self) -> str:
        count = self._counts.get
        built, fresh, failures = count(Written.event, 0), count(Fresh.event, 0), count(Failed.event, 0)
        stale = count(Stale.event, 0)
        if verified := count(Verified.event, 0) + count(Untried.event, 0):
            return self._verification_summary(verified)
        seconds = f"{time.monotonic() - self._begun:.2f} s"
        if not (built or failures or stale or count(Removed.event, 0)):
            return f"nothing to do: {_models(fresh)} fresh ({seconds})" if fresh else ""
        parts = [f"{_models(built)} built"] if built else []
        parts += [f"{stale} stale"] if stale else []
        parts += [f"{fresh} fresh"] if fresh else []
        parts += [f"{failures} failed"] if failures else []
        return f"{', '.join(parts)} ({seconds})" if parts else ""

    def _verification_summary(self, tried: int) -> str:
        wrong, untried = self._counts.get("wrong", 0), self._counts.get(Untried.event, 0)
        failures = self._counts.get(Failed.event, 0)
        parts = [f"{tried - wrong - untried} right"]
        parts += [f"{wrong} wrong"] if wrong else []
        parts += [f"{failures} failed"] if failures else []
        parts += [f"{untried} not tried"] if untried else []
        return f"{', '.join(parts)} ({time.monotonic() - self._begun:.2f} s)"

    def _failed(self, event: Failed) -> None:
        mark, name = self._style("✗", "red"), self._style(event.model or "tfjs-build", "bold")
        self._line(f"{mark} {name}: {event.message}")
        if event.hint:
            self._lines([event.hint])
        if event.line is not None:
            self._lines([self._style(place_text(event), "dim")])

    def _explained(self, event: Explained) -> None:
        verdict = "is stale" if event.reasons else "is fresh"
        self._line(f"{self._style(event.model, 'bold')} {verdict}")
        self._lines(event.reasons)
        self._line(f"  fingerprint {event.fingerprint}")
        width = max(map(len, event.fields), default=0)
        self._lines(f"  {name:<{width}}  {value}" for name, value in event.fields.items())

    def _verified(self, event: Verified) -> None:
        self._counts["wrong"] = self._counts.get("wrong", 0) + (not event.ok)
        if event.model != self._verifying:
            self._verifying = event.model
            self._line(f"{self._style(event.model, 'bold')}  {self._style(words.heading(event), 'dim')}")
        first, *rest = words.verdict(event)
        mark = self._style("✓", "green") if event.ok else self._style("✗", "red")
        half = self._style(" half floats", "yellow") if event.half_floats else ""
        times = self._style(words.times(event), "dim")
        self._line(f"  {mark} {event.backend:<6}{half} {first}  {times}")
        self._lines(f"         {line}" for line in rest)
        if (place := words.where(event)) != self._places.get(event.backend):  # it is said once
            self._places[event.backend] = place
            self._line(f"           {self._style(place, 'dim')}")

    def _reported(self, event: Reported) -> None:
        sizes = event.download
        whole = size_text(sizes["model_json"] + sizes["served"])
        packed = size_text(sizes["model_json_gzip"] + sizes["weights_gzip"])
        stale = self._style("  stale", "yellow") if event.stale else ""
        self._line(f"{self._style(event.model, 'bold')}  {event.format}  {whole}, {packed} gzipped{stale}")

    def _serving(self, event: Serving) -> None:
        self._line("Open this on the device to try (Ctrl-C ends it):")
        self._lines(self._style(address, "bold") for address in event.addresses)
        self._lines(f"\x1b[30;107m{line}\x1b[0m" if self._color else line for line in event.qr or ())

    def _inspected(self, event: Inspected) -> None:
        def tensor(spec: dict[str, object]) -> str:
            return f"{spec['name']}  {spec['dtype']} {_shape(spec['shape'])}"

        self._line(f"{self._style(event.model, 'bold')}  {event.format} ({event.reason}), from {event.generated_by}")
        for title, specs in (("inputs", event.inputs), ("outputs", event.outputs)):
            self._line(f"  {title}")
            self._lines(f"  {tensor(spec)}" for spec in specs)
        self._line("  layers" if event.format == "layers" else "  ops")
        self._line(
            "    " + ", ".join(f"{name} × {count}" if count > 1 else name for name, count in event.parts.items())
        )
        elements = sum(int(str(weight["size"])) for weight in event.weights)
        total = size_text(sum(int(str(weight["bytes"])) for weight in event.weights))
        self._line(f"  weights: {len(event.weights)}, with {elements:,} numbers in {total}")
        self._lines(f"  {tensor(weight)}{_stored(weight)}" for weight in event.weights)
        self._lines(event.notes)

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._line(f"  {line}")

    def _line(self, text: str) -> None:
        self._clear()
        print(text, file=self._err, flush=True)

    def _show_status(self, text: str) -> None:
        if self._live:
            self._clear()
            self._status = text
            print(text, end="", file=self._err, flush=True)

    def _clear(self) -> None:
        if self._status:
            print("\r\x1b[K", end="", file=self._err, flush=True)
            self._status = ""

    def _style(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._color else text


def place_text(event: Failed) -> str:
    """Return where a failure is, as editors and terminals make a link of it."""
    return f"{_short(event.file or '')}:{event.line}:{event.column}"


def _models(count: int) -> str:
    return "1 model" if count == 1 else f"{count} models"


def _shape(shape: object) -> str:
    if not isinstance(shape, list):
        return "of any rank"
    return f"[{', '.join('?' if size is None else str(size) for size in shape)}]"


def _stored(weight: dict[str, object]) -> str:
    """Return how large a weight is in its file, and as what it is stored there, if as something else."""
    changed = f" as {weight['stored']}" if weight["stored"] != weight["dtype"] else ""
    return f"{changed}, {size_text(int(str(weight['bytes'])))}"


def _short(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file
