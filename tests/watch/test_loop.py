"""What the loop does where two things fall together, which no real save can be made to do."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tests.watch.conftest import MANIFEST
from tfjs_build.events import Event
from tfjs_build.manifest import load
from tfjs_build.session import Session
from tfjs_build.state import StateFolder
from tfjs_build.watch.loop import Watch, WatchOptions


@pytest.fixture
def events() -> list[Event]:
    return []


def _fail(error: Exception) -> None:
    pytest.fail(str(error))


@pytest.fixture
def watch(project: Project, events: list[Event]) -> Iterator[Watch]:
    """A watch of two models that are fresh, and quiet for a second."""
    project.manifest(MANIFEST + "  other: {source: training/net.keras}\n")
    assert project.run("build").code == 0
    manifest = load(project.root / "tfjs.yaml")
    each = Watch(Session(manifest, StateFolder(manifest.path), events.append), WatchOptions(poll=True), _fail)
    each._begin()
    while each.machine.is_busy():
        each._round()
    yield each
    each._end()


def test_a_model_is_saved_and_removed_from_the_manifest_at_the_same_time(
    project: Project, watch: Watch, events: list[Event]
) -> None:
    write_dense(project.root / "training" / "net.keras", seed=1)
    project.manifest(MANIFEST)
    watch._look(time.monotonic())
    assert {watch.machine.phase(name) for name in ("", "net", "other")} == {"settling"}
    watch._do(watch.machine.due(time.monotonic() + 1))
    watch._fill()
    assert [event.event for event in events][-4:] == ["removed", "reloaded", "project", "started"]
    assert list(watch.running) == ["net"]


def test_a_model_is_removed_while_it_is_converted(project: Project, watch: Watch, events: list[Event]) -> None:
    write_dense(project.root / "training" / "net.keras", seed=1)
    watch._look(time.monotonic())
    watch._do(watch.machine.due(time.monotonic() + 1))
    watch._fill()
    assert sorted(watch.running) == ["net", "other"]
    project.manifest(MANIFEST)
    watch._look(time.monotonic())
    watch._do(watch.machine.due(time.monotonic() + 1))
    assert list(watch.running) == ["net"]
    assert [event.event for event in events][-3:] == ["removed", "reloaded", "project"]


def test_what_the_state_does_not_know_is_recorded_again(project: Project, events: list[Event]) -> None:
    assert project.run("build").code == 0
    (project.root / ".tfjs-build" / "tfjs.yaml.state.json").unlink()
    folder = StateFolder(project.root / "tfjs.yaml")
    each = Watch(Session(load(project.root / "tfjs.yaml"), folder, events.append), WatchOptions(poll=True), _fail)
    each._begin()
    while each.machine.is_busy():
        each._round()
    each._end()
    assert [event.event for event in events] == ["project", "fresh"]
    assert list(folder.load().models) == ["net"]
