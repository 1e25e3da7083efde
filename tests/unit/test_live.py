"""The display of a watch on a terminal: what stands on the screen after each event."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest

from tfjs_build.errors import Fault, Location, ManifestError
from tfjs_build.events import Failed, Fresh, Note, Progress, Ready, Reloaded, Removed, Started, Waiting, Written
from tfjs_build.reporters.live import LiveReporter


class Screen(io.StringIO):
    """Understands as much of a terminal as the reporter uses: up, to the left, and clear to the end."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        if match := re.match(r"(?:\x1b\[(\d+)A)?\r\x1b\[J", text):
            del self.lines[len(self.lines) - int(match[1] or 0) :]
            text = text[match.end() :]
        self.lines += [line for line in text.splitlines() if line]  # `print` writes the line and its end
        return len(text)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    size = os.terminal_size((60, 12))
    monkeypatch.setattr("shutil.get_terminal_size", lambda fallback=(80, 24): size)  # pytest asks with a fallback.
    monkeypatch.setattr("time.strftime", lambda _: "12:00:00")
    return Screen()


@pytest.fixture
def report(screen: Screen) -> LiveReporter:
    return LiveReporter(screen, io.StringIO(), color=False)


def written(model: str, nbytes: int) -> Written:
    return Written(model, "graph", "v", ["a"], nbytes, 0.181)


def test_a_line_a_model(screen: Screen, report: LiveReporter) -> None:
    report.event(Started("digits"))
    assert screen.lines == ["tfjs-build  building 1 model", "● digits  converting"]
    report.event(Progress("digits", "writing", 0.4))
    report.event(Fresh("net", "v"))
    assert screen.lines == ["tfjs-build  building 2 models", "● digits  writing 40%", "✓ net     up to date"]
    report.event(written("digits", 2048))
    report.event(Ready())
    report.event(Started("digits"))
    report.event(written("digits", 1024))
    assert screen.lines == [
        "tfjs-build  watching 2 models",
        "✓ digits  graph   1.0 KB (−1.0 KB)  0.18 s  at 12:00:00",
        "✓ net     up to date",
    ]
    report.event(Removed("net", ["f"]))
    assert len(screen.lines) == 2
    report.close(130)
    assert screen.lines[-1] == "stopped"


def test_errors_stay_until_they_are_mended(screen: Screen, report: LiveReporter) -> None:
    report.event(written("b", 10))
    report.event(Failed("a", "it is broken\nhere", "tfjs.yaml", 4, 3, hint="Mend it. " * 8))
    report.event(Ready())
    report.event(written("b", 10))
    assert screen.lines == [
        "tfjs-build  watching 2 models",
        "✓ b  graph   10 B  0.18 s  at 12:00:00",
        "✗ a  it is broken\\nhere",
        "     Mend it. Mend it. Mend it. Mend it. Mend it. Mend it.",
        "     Mend it. Mend it.",
        "     tfjs.yaml:4:3",
    ]
    report.event(Waiting("a", "missing", "a.keras is gone"))
    assert screen.lines[1:] == ["✓ b  graph   10 B  0.18 s  at 12:00:00", "● a  a.keras is gone"]
    report.event(Note("b", "three labels, two values"))
    assert screen.lines[2] == "     three labels, two values"
    report.event(Started("b"))
    report.event(written("b", 10))
    assert "three" not in "".join(screen.lines)


def test_a_manifest_with_faults(screen: Screen, report: LiveReporter) -> None:
    fault = Fault(Location(Path("tfjs.yaml"), 1, 1), "unknown key `versoin`", "1 | versoin: 1\n  | ^^^^^^^")
    report.event(Ready())
    report.failed(ManifestError("1 fault", faults=[fault]))
    assert screen.lines == [
        "tfjs-build  watching 0 models",
        "tfjs.yaml:1:1: unknown key `versoin`",
        "1 | versoin: 1",
        "  | ^^^^^^^",
        "The last good manifest stays in force.",
    ]
    report.event(Reloaded("tfjs.yaml"))
    assert screen.lines == ["tfjs-build  watching 0 models"]


def test_it_never_is_higher_than_the_terminal(screen: Screen, report: LiveReporter) -> None:
    for index in range(30):
        report.event(Fresh(f"m{index}", "v"))
    report.event(Failed("m3", "broken"))
    assert len(screen.lines) == 11
    assert screen.lines[0] == "tfjs-build  building 30 models"
    assert screen.lines[1] == "…"
    assert screen.lines[-1] == "✗ m3   broken"


def test_names_do_not_steer_the_terminal(screen: Screen, report: LiveReporter) -> None:
    report.event(Failed("a", "layer `x\x1b]0;owned\x07\n✓ a  fine\u2028\u202e`", hint="\x9b2J"))
    report.event(Note("a", "\r\x1b[2K"))
    assert screen.lines[1:] == [
        r"✗ a  layer `x\x1b]0;owned\x07\n✓ a  fine\u2028\u202e`",
        r"     \x9b2J",
        r"     \r\x1b[2K",
    ]
