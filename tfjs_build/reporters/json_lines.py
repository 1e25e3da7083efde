"""`--json`: one JSON object a line on stdout, and nothing else there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.errors import ManifestError, TfjsBuildError
from tfjs_build.events import Failed, Note, Stopped

if TYPE_CHECKING:
    from tfjs_build.events import Event
    from tfjs_build.reporters.streams import Writable


class JsonReporter:
    """Writes every event as it comes."""

    def __init__(self, out: Writable) -> None:
        self._out = out

    def event(self, event: Event) -> None:
        """Write one event."""
        self._write(event.as_json())

    def failed(self, error: TfjsBuildError) -> None:
        """Write one `failed` for each fault of the manifest, or one for the run."""
        if isinstance(error, ManifestError) and error.faults:
            for fault in error.faults:
                place = fault.location
                self.event(
                    Failed(
                        model=None,
                        message=fault.message,
                        file=str(place.file),
                        line=place.line,
                        column=place.column,
                        hint=fault.hint or None,
                        excerpt=fault.excerpt or None,
                    )
                )
        else:
            self.event(Failed(model=None, message=error.message, hint=error.hint or None))

    def bug(self, report: Path | str) -> None:
        """Write a `failed` for the run, with the report's place or text."""
        self.event(Failed(model=None, message="a bug in tfjs-build", hint=f"Please report it: {report}"))

    def say(self, text: str) -> None:
        """Write a note; the commands that have such text take no `--json`."""
        self.event(Note(model=None, message=text))

    def print(self, text: str) -> None:
        """Write a text result as it is; the commands that have one take no `--json`."""
        self._out.write(text + "\n")
        self._out.flush()

    def close(self, code: int) -> None:
        """Write `stopped`."""
        self.event(Stopped(code))

    def _write(self, value: object) -> None:
        self._out.write(json.dumps(value) + "\n")
        self._out.flush()
