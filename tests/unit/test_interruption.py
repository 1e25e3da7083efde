"""What ends a build from outside, and takes its conversions along."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
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
    signal.signal(signal.SIGALRM, lambda *_: os.write(1, b'{"event": "survived"}\\n'))
    signal.alarm(30)
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


def interrupted(project: Project, number: signal.Signals) -> tuple[list[dict[str, object]], int]:
    """Build, and send a signal once the second model's conversion has begun, which never ends; return the events, to
    the last that the build or its children can write, and the exit code."""
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW, "build", "--json", "-j", "1"],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "child":
                process.send_signal(number)
        return [event for event in events if event["event"] != "progress"], process.wait()


def test_sigterm(project: Project) -> None:
    events, code = interrupted(project, signal.SIGTERM)
    assert [event["event"] for event in events] == ["project", "started", "written", "started", "child", "stopped"]
    assert events[-1] == {"event": "stopped", "code": 130}
    assert code == 130
    assert "net" in StateFolder(project.root / "tfjs.yaml").load().models


def test_a_conversion_ends_with_a_build_that_is_killed(project: Project) -> None:
    events, code = interrupted(project, signal.SIGKILL)  # comes back only when nobody has the pipe any more
    assert events[-1]["event"] == "child"
    assert code == -signal.SIGKILL


def test_what_was_published_before_a_kill_is_known(project: Project) -> None:
    interrupted(project, signal.SIGKILL)
    state = StateFolder(project.root / "tfjs.yaml").load()
    assert list(state.models) == ["net"]
    assert not (project.root / ".tfjs-build" / "tfjs.yaml.state.json").exists()
    (project.root / "tfjs.yaml").write_text("version: 1\noutput: models\nmodels:\n  slow: {source: slow.keras}\n")
    assert project.run("build").code == 0
    assert [path.name for path in (project.root / "models").iterdir()] == ["slow"]
    assert not (project.root / ".tfjs-build" / "tfjs.yaml.journal").exists()


_UNRECORDED = """
import os, sys
from tfjs_build import cli, publish
def killed(*_):
    os._exit(9)
publish._record = killed
sys.exit(cli.main())
"""


def test_what_a_kill_kept_from_being_recorded_is_recorded_by_the_next_build(project: Project) -> None:
    stubs = "version: 1\noutput: models\nstubs: src\nlanguage: {}\nmodels:\n  net: {{source: net.keras}}\n"
    project.manifest(stubs.format("typescript"))
    assert project.run("build").code == 0
    project.manifest(stubs.format("javascript"))
    write_dense(project.root / "net.keras", seed=7)
    assert project.run("build", code=_UNRECORDED).code == 9
    unfinished = project.root / "models" / "net" / ".model.json.99.tmp"
    unfinished.write_text("half")
    theirs = project.root / "models" / "net" / ".mine.99.tmp"
    theirs.write_text("mine")
    assert (project.root / "src" / "net.ts").exists()
    result = project.run("build", "--json")
    assert result.steps == ["fresh", "stopped"]
    assert sorted(path.name for path in (project.root / "src").iterdir()) == [
        *("_runtime.d.ts", "_runtime.js", "net.d.ts", "net.js"),
    ]
    assert sorted(path.suffix for path in (project.root / "models" / "net").iterdir()) == [".bin", ".json", ".tmp"]
    assert theirs.exists()
    state = StateFolder(project.root / "tfjs.yaml").load()
    assert "models/net/model.json" in state.models["net"].files
    assert project.run("build", "--json").steps == ["fresh", "stopped"]
