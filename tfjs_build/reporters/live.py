"""A watch on a terminal: one line a model, redrawn in place, with errors that stay until they are mended."""

from __future__ import annotations

import shutil
import textwrap
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tfjs_build.errors import TfjsBuildError
from tfjs_build.events import (
    Event,
    Failed,
    Fresh,
    Note,
    Progress,
    Ready,
    Reloaded,
    Removed,
    Started,
    Waiting,
    Written,
)
from tfjs_build.reporters.printable import lines, printable_event
from tfjs_build.reporters.text import TextReporter, place_text
from tfjs_build.sizes import size_text

if TYPE_CHECKING:
    from tfjs_build.reporters.streams import Writable

_MARKS = {"done": ("✓", "green"), "busy": ("●", "cyan"), "waiting": ("●", "yellow"), "failed": ("✗", "red")}


@dataclass
class _Row:
    """What is known of one model: how it stands, in one line, and what there is to say besides."""

    state: str
    text: str
    details: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    last: str = ""
    nbytes: int | None = None


class LiveReporter(TextReporter):
    """The display of a watch that has the terminal to itself."""

    def __init__(self, err: Writable, out: Writable, *, color: bool) -> None:
        super().__init__(err, out, color=color, live=True)
        self._rows: dict[str, _Row] = {}
        self._trouble: list[str] = []
        self._said: list[str] = []
        self._drawn = 0
        self._ready = False

    def event(self, event: Event) -> None:
        """Take an event in, and draw anew."""
        event = printable_event(event)
        model = getattr(event, "model", None)
        if model is None:
            self._take_general(event)
        elif isinstance(event, Removed):
            self._rows.pop(model, None)
        else:
            self._take(self._rows.setdefault(model, _Row("busy", "")), event)
        self._draw()

    def failed(self, error: TfjsBuildError) -> None:
        """Show what is wrong with the manifest, until it is read again."""
        self._trouble = lines(str(error)).split("\n")
        if self._ready:
            self._trouble.append("The last good manifest stays in force.")
        self._draw()

    def close(self, code: int) -> None:
        """Leave what was drawn last; the exit code says the rest."""
        del code
        if self._trouble and not self._ready:
            return
        self._line("stopped" if self._ready else "interrupted")

    def _take_general(self, event: Event) -> None:
        if isinstance(event, Ready):
            self._ready = True
        elif isinstance(event, Reloaded):
            self._trouble = []
        elif isinstance(event, Note):
            self._said = [*self._said, event.message][-3:]
        elif isinstance(event, Failed):
            self._trouble = [event.message, *([event.hint] if event.hint else [])]

    def _take(self, row: _Row, event: Event) -> None:
        if isinstance(event, Started):
            row.state, row.text, row.details, row.notes = "busy", "converting", [], []
        elif isinstance(event, Progress):
            row.text = f"{event.step} {event.fraction:.0%}"
        elif isinstance(event, Fresh):
            row.state, row.text, row.details = "done", row.last or "up to date", []
        elif isinstance(event, Written):
            size = size_text(event.bytes) + _change(row.nbytes, event.bytes)
            row.last = f"{event.format:<6}  {size}  {event.seconds:.2f} s  at {time.strftime('%H:%M:%S')}"
            row.state, row.text, row.details, row.nbytes = "done", row.last, [], event.bytes
        elif isinstance(event, Waiting):
            row.state, row.text, row.details = "waiting", event.message, []
        elif isinstance(event, Failed):
            row.state, row.text = "failed", event.message
            row.details = [event.hint] if event.hint else []
            if event.line is not None:
                row.details.append(place_text(event))
        elif isinstance(event, Note):
            row.notes.append(event.message)

    def _draw(self) -> None:
        columns, lines = shutil.get_terminal_size()
        width = max(20, columns - 1)
        head = f"tfjs-build  {'watching' if self._ready else 'building'} {len(self._rows)} " + (
            "model" if len(self._rows) == 1 else "models"
        )
        block = [self._style(head[:width], "dim")]
        names = max(map(len, self._rows), default=0)
        # What is wrong comes last, where the eye is; it is also what must not be cut off.
        ordered = sorted(self._rows.items(), key=lambda item: item[1].state == "failed")
        for name, row in ordered:
            block += self._row(name, row, names, width)
        for text in self._said:
            block += [self._style(line, "dim") for line in textwrap.wrap(text, width)]
        for text in self._trouble:
            block.append(self._style(text[:width], "red"))
        if len(block) >= lines:
            block = [block[0], self._style("…", "dim"), *block[len(block) - lines + 3 :]]
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        self._err.write(f"{up}\r\x1b[J" + "".join(f"{line}\n" for line in block))
        self._err.flush()
        self._drawn = len(block)

    def _row(self, name: str, row: _Row, names: int, width: int) -> list[str]:
        mark, color = _MARKS[row.state]
        indent = " " * (names + 4)
        text = textwrap.wrap(row.text, max(20, width - len(indent))) or [""]
        first = f"{self._style(mark, color)} {self._style(name.ljust(names), 'bold')}  {text[0]}"
        more = [
            line for each in (*row.details, *row.notes) for line in textwrap.wrap(each, max(20, width - len(indent)))
        ]
        return [first, *(indent + line for line in text[1:]), *(indent + self._style(line, "dim") for line in more)]


def _change(before: int | None, now: int) -> str:
    if before is None or before == now:
        return ""
    return f" ({'+' if now > before else '−'}{size_text(abs(now - before))})"
