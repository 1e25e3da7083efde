"""A project in a temporary folder, and the real command run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Result:
    """What a run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The objects that `--json` printed; fails where a line is not one."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def steps(self) -> list[str]:
        """The kinds of the events, without what all begin with, and the progress that only slow machines show."""
        return [event["event"] for event in self.events if event["event"] not in ("project", "progress")]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [each for each in self.events if each["event"] == event]


class Project:
    """A folder with a manifest, in which `tfjs-build` runs as a user runs it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def manifest(self, text: str) -> None:
        """Write tfjs.yaml."""
        (self.root / "tfjs.yaml").write_text(text, encoding="utf-8")

    def run(self, *arguments: str, env: dict[str, str] | None = None, code: str | None = None) -> Result:
        """Run `tfjs-build` with these arguments, or Python `code` in its place."""
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "error", **(env or {})}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled modules are half of the start-up
        done = subprocess.run(
            [sys.executable, *(["-m", "tfjs_build"] if code is None else ["-c", code]), *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def files(self) -> dict[str, bytes]:
        """Every file but those in `.tfjs-build/`, by its path in the project."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".tfjs-build" not in path.parts
        }

    def mtimes(self) -> dict[str, int]:
        """The mtimes of the same files."""
        return {name: (self.root / name).stat().st_mtime_ns for name in self.files()}
