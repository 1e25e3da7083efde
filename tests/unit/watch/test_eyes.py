"""Where the system gives no notice of changes, the watch polls and says why."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from watchdog.observers import Observer

from tfjs_build.watch.eyes import NATIVE_SECONDS, POLLING_SECONDS, Eyes


@pytest.fixture
def hinted() -> threading.Event:
    return threading.Event()


def test_a_change_is_a_hint_and_reading_is_none(tmp_path: Path, hinted: threading.Event) -> None:
    source = tmp_path / "net.keras"
    source.write_bytes(b"one")
    eyes = Eyes(hinted.set, poll=False)
    eyes.watch([source], tmp_path)
    try:
        assert source.read_bytes() == b"one"
        (tmp_path / "unrelated").write_bytes(b"")
        source.write_bytes(b"two")
        assert hinted.wait(10)
    finally:
        eyes.close()
    assert eyes.seconds == NATIVE_SECONDS
    assert eyes.problem is None


def test_reading_gives_no_hint(tmp_path: Path, hinted: threading.Event) -> None:
    source, other = tmp_path / "net.keras", tmp_path / "other.keras"
    for path in (source, other):
        path.write_bytes(b"one")
    eyes = Eyes(hinted.set, poll=False)
    seen: list[str] = []
    eyes._seen = lambda event: seen.append(os.fsdecode(event.src_path))  # type: ignore[method-assign]
    eyes.watch([source], tmp_path)
    try:
        source.read_bytes()
        other.write_bytes(b"two")
        while str(other) not in seen:  # all that came before has been seen by then
            threading.Event().wait(0.01)
    finally:
        eyes.close()
    assert not hinted.is_set()


def test_a_limit_of_the_system_makes_it_poll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    monkeypatch.setattr(Observer, "schedule", refuse)
    threads = threading.active_count()
    eyes = Eyes(lambda: None, poll=False)
    eyes.watch([tmp_path / "net.keras"], tmp_path)
    assert eyes.problem == "inotify watch limit reached"
    assert eyes.seconds == POLLING_SECONDS
    assert threading.active_count() == threads
    eyes.problem = None
    eyes.watch([tmp_path / "net.keras"], tmp_path)
    assert eyes.problem is None


def test_polling_needs_no_watchdog(tmp_path: Path) -> None:
    threads = threading.active_count()
    eyes = Eyes(lambda: None, poll=True)
    eyes.watch([tmp_path / "net.keras"], tmp_path)
    assert (eyes.seconds, threading.active_count()) == (POLLING_SECONDS, threads)


def test_a_folder_that_was_deleted_and_made_again_is_watched_again(tmp_path: Path, hinted: threading.Event) -> None:
    folder = tmp_path / "training"
    source = folder / "net.keras"
    eyes = Eyes(hinted.set, poll=False)
    try:
        for _ in range(5):
            folder.mkdir(exist_ok=True)
            eyes.watch([source], tmp_path)
            hinted.clear()
            source.write_bytes(b"new")
            assert hinted.wait(10)
            source.unlink()
            folder.rmdir()
            # Whoever watches looks again when the folder goes.
            while all(emitter.should_keep_running() for emitter in eyes._observer.emitters):
                threading.Event().wait(0.005)
    finally:
        eyes.close()


def test_what_watchdog_logs_is_not_for_the_user(tmp_path: Path) -> None:
    code = (
        "import logging, sys; from pathlib import Path; from tfjs_build.watch.eyes import Eyes\n"
        "eyes = Eyes(lambda: None, poll=False); eyes.watch([Path(sys.argv[1])], Path(sys.argv[1]).parent)\n"
        "logging.getLogger('watchdog.observers.inotify').error('queue_events() called when the thread is inactive')\n"
        "eyes.close()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "net.keras")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
