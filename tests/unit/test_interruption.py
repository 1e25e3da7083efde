"""SIGTERM, which ends a build as Ctrl-C does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY, Project
from tfjs_build.state import StateFolder

_SLOW = """
import json, os, signal, sys
from tfjs_build import cli, job
run = job.run
def never(each, progress):
    if each.model.name == "net":
        return run(each, progress)
    os.write(1, json.dumps({"event": "child", "pid": os.getpid()}).encode() + b"\\n")
    signal.pause()
job.run = never
sys.exit(cli.main())
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    for seed, name in enumerate(("net", "slow")):
        write_dense(project.root / f"{name}.keras", seed=seed)
    project.manifest("version: 1\noutput: models\nmodels:\n  net: {source: net.keras}\n  slow: {source: slow.keras}\n")
    return project


def begun(project: Project) -> Iterator[dict[str, object]]:
    """Build, and yield the events; the last one is the exit code. The second model's conversion never ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW, "build", "--json", "-j", "1"],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "child":
                process.send_signal(signal.SIGTERM)
            yield event
        process.wait()
        yield {"event": "exit", "code": process.returncode}


def test_sigterm(project: Project) -> None:
    events = [event for event in begun(project) if event["event"] != "progress"]
    assert [event["event"] for event in events] == ["started", "written", "started", "child", "stopped", "exit"]
    assert events[-2:] == [{"event": "stopped", "code": 130}, {"event": "exit", "code": 130}]
    child = events[3]["pid"]
    assert isinstance(child, int)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert "net" in StateFolder(project.root / "tfjs.yaml").load().models
