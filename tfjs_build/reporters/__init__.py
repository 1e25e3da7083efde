"""Reporters: the only code that prints. Which one speaks depends on `--json` and on what stderr is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tfjs_build.reporters.streams import Stream

if TYPE_CHECKING:
    from tfjs_build.errors import TfjsBuildError
    from tfjs_build.events import Event


class Reporter(Protocol):
    """Where all that a command has to say goes."""

    def event(self, event: Event) -> None:
        """Show an event of a build."""

    def failed(self, error: TfjsBuildError) -> None:
        """Show what ended the run: a usage or manifest error."""

    def bug(self, report: Path | str) -> None:
        """Show that tfjs-build itself failed; `report` is the file with the traceback, or the traceback."""

    def say(self, text: str) -> None:
        """Show text for people that was asked for, on stderr as all such text; it may have several lines."""

    def print(self, text: str) -> None:
        """Print a result for programs, on stdout."""

    def close(self, code: int) -> None:
        """Say the last word: the run ends with this exit code."""


def make_reporter(*, json: bool, live: bool = False) -> Reporter:
    """Return the reporter for this run; `live`: it goes on, and has the terminal to itself.

    Its methods raise OutputError where what they say cannot be written, BrokenPipeError where its reader has gone.
    """
    out, err = Stream(sys.stdout, "stdout"), Stream(sys.stderr, "stderr")
    if json:
        from tfjs_build.reporters.json_lines import JsonReporter

        return JsonReporter(out)
    terminal = err.isatty() and os.environ.get("TERM") != "dumb"
    color = terminal and not os.environ.get("NO_COLOR")
    if live and terminal:
        from tfjs_build.reporters.live import LiveReporter

        return LiveReporter(err, out, color=color)
    from tfjs_build.reporters.text import TextReporter

    return TextReporter(err, out, color=color, live=terminal)
