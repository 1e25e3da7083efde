"""Conversions in child processes: done, killed, or dead."""

from __future__ import annotations

import contextlib
import copyreg
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tfjs_build import manifest
from tfjs_build.children import Advanced, Children, Ended, Task
from tfjs_build.errors import ModelError, RefusedError
from tfjs_build.job import Job
from tfjs_build.sources.resolve import resolve
from tfjs_build.staged import Staged


@pytest.fixture
def job(tmp_path: Path) -> Job:
    write_dense(tmp_path / "net.keras")
    text = "version: 1\noutput: models\nmodels:\n  net: {source: net.keras}\n"
    (model,) = manifest.parse(text, tmp_path / "tfjs.yaml").models
    return Job(model, resolve(model), None, None, tmp_path / "staging")


def _outcome(children: Children) -> object:
    while True:
        for message in children.wait():
            if isinstance(message, Ended):
                return message.outcome


def _alive() -> list[int | None]:
    return [process.pid for process in multiprocessing.active_children()]


def test_a_job_comes_to_an_end_and_leaves_nothing_behind(job: Job) -> None:
    with Children() as children:
        children.start(job)
        assert "net" in children
        assert isinstance(_outcome(children), Staged)
        assert len(children) == 0
    assert _alive() == []


def test_closing_ends_what_is_under_way(job: Job) -> None:
    with Children() as children:
        children.start(job)
    assert _alive() == []


def test_a_job_can_be_killed(job: Job) -> None:
    with Children() as children:
        children.start(job)
        children.kill("net")
        assert _alive() == []
        assert len(children) == 0


def test_a_child_that_dies_is_told_of(job: Job) -> None:
    os.mkfifo(job.source.path.with_name("fifo.keras"))  # nobody writes: the child waits until it is killed
    waiting = replace(job, source=replace(job.source, reference=str(job.source.path.with_name("fifo.keras"))))
    with Children() as children:
        children.start(waiting)
        (child,) = multiprocessing.active_children()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        outcome = _outcome(children)
    assert isinstance(outcome, ModelError)
    assert outcome.message == "the conversion died (signal SIGKILL)"


def _temporary(_task: object, _progress: object) -> Path:
    return Path(tempfile.mkdtemp(prefix="tfjs-build-"))


def test_what_a_child_unpacks_is_where_the_next_build_deletes_it(job: Job) -> None:
    with Children() as children:
        children.start(job, _temporary)
        outcome = _outcome(children)
    assert isinstance(outcome, Path)
    assert outcome.parent.parent == job.staging.parent


def _send_half() -> None:
    for descriptor in range(3, 100):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.write(descriptor, b"\0\0\1\0half")


def _half(_task: object, _progress: object) -> Path:
    """Send the first half of an answer, and die."""
    _send_half()
    os._exit(3)


def test_a_child_that_dies_in_the_midst_of_its_answer_is_told_of(job: Job) -> None:
    with Children() as children:
        children.start(job, _half)
        outcome = _outcome(children)
    assert isinstance(outcome, ModelError)
    assert outcome.message == "the conversion died (exit code 3)"


def _half_and_no_more(_task: object, _progress: object) -> None:
    """Send the first half of an answer, and live on."""
    _send_half()
    signal.pause()


def test_half_an_answer_is_not_waited_for(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfjs_build.children.PATIENCE", 0.1)
    with Children() as children:
        children.start(job, _half_and_no_more)
        outcome = _outcome(children)
    assert isinstance(outcome, ModelError)
    assert outcome.message == "the conversion sent what is no answer"


def _told(_task: object, progress: Callable[[str, float], None]) -> Path:
    """Say how far it is, and be done."""
    for _ in range(3):
        progress("writing", 0.5)
    return Path("done")


def test_what_is_done_in_time_is_not_late_because_nobody_read_it(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfjs_build.children._QUIET_SECONDS", -1.0)
    monkeypatch.setattr("tfjs_build.children._PROGRESS_SECONDS", -1.0)
    limits = replace(job.model.limits, time=0.0)  # over, as soon as anybody looks
    with Children() as children:
        children.start(replace(job, model=replace(job.model, limits=limits)), _told)
        children._running["net"].child.connection.poll(60)
        assert [type(message) for message in children.wait(60)] == [Advanced]


def test_who_may_take_little_memory_has_a_child_of_its_own(job: Job) -> None:
    limits = replace(job.model.limits, memory=job.model.limits.memory // 2)
    with Children() as children:
        children.start(job, _process)
        first = _outcome(children)
        children.start(replace(job, model=replace(job.model, limits=limits)), _process)
        assert _outcome(children) != first


def _nonsense(_task: object, _progress: object) -> object:
    return {"shards": "../../mine.txt"}


def test_what_is_no_answer_is_refused(job: Job) -> None:
    with Children() as children:
        children.start(job, _nonsense)
        outcome = _outcome(children)
    assert isinstance(outcome, ModelError)
    assert outcome.message == "the conversion sent what is no answer"


def _named(job: Job, name: str) -> Job:
    return replace(job, model=replace(job.model, name=name), staging=job.staging.with_name(name))


def _process(_task: object, _progress: object) -> Path:
    return Path(str(os.getpid()))


def _failing(_task: object, _progress: object) -> None:
    raise ModelError(str(os.getpid()))


def _blocking(task: Task, _progress: object) -> None:
    task.staging.with_suffix(".fifo").read_bytes()  # nobody writes: until it is killed


def test_a_child_that_is_done_takes_the_next_task(job: Job) -> None:
    with Children() as children:
        seen = []
        for name in ("a", "b", "c"):
            children.start(_named(job, name), _process)
            seen.append(_outcome(children))
        assert len(set(seen)) == 1
        children.rest()
        assert _alive() == []
        children.start(job, _process)
        assert _outcome(children) not in seen


def test_one_that_is_dismissed_takes_none(job: Job) -> None:
    with Children() as children:
        children.start(job, _process)
        first = _outcome(children)
        children.dismiss()
        children.start(job, _process)
        assert _outcome(children) != first
        children.dismiss()
    assert _alive() == []


def test_h5py_starts_no_process() -> None:
    refuse = "sys.addaudithook(lambda event, _: event == 'subprocess.Popen' and sys.exit('a process was started'))"
    code = f"import sys; from tfjs_build import children; children._no_uname(); {refuse}; import h5py"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_one_that_failed_takes_none(job: Job) -> None:
    with Children() as children:
        children.start(job, _failing)
        failed = _outcome(children)
        assert isinstance(failed, ModelError)
        assert _alive() == []
        children.start(job, _process)
        assert str(_outcome(children)) != failed.message


def _refusing(_task: object, _progress: object) -> Path:
    raise RefusedError(str(os.getpid()))


def test_one_that_refused_takes_the_next_task(job: Job) -> None:
    with Children() as children:
        children.start(job, _refusing)
        refused = _outcome(children)
        assert isinstance(refused, RefusedError)
        children.start(job, _process)
        assert Path(str(_outcome(children))).name == refused.message
    assert _alive() == []


def test_one_that_died_while_it_waited_is_replaced(job: Job) -> None:
    with Children() as children:
        children.start(job, _process)
        first = _outcome(children)
        assert isinstance(first, Path)
        pid = int(first.name)
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        children.start(job, _process)
        assert _outcome(children) not in (first, None)


def test_a_child_takes_no_more_than_so_many(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfjs_build.children.MOST_TASKS", 2)
    with Children() as children:
        seen = []
        for _ in range(5):
            children.start(job, _process)
            seen.append(_outcome(children))
    assert [seen.count(pid) for pid in dict.fromkeys(seen)] == [2, 2, 1]


def test_a_task_that_is_killed_leaves_the_others(job: Job) -> None:
    os.mkfifo(job.staging.with_name("hangs").with_suffix(".fifo"))
    with Children() as children:
        children.start(_named(job, "hangs"), _blocking)
        children.start(_named(job, "net"))
        children.start(_named(job, "other"))
        children.kill("hangs")
        ended: list[Ended] = []
        while len(ended) < 2:
            ended += [message for message in children.wait() if isinstance(message, Ended)]
        assert [isinstance(each.outcome, Staged) for each in ended] == [True, True]
        assert "hangs" not in children


def test_a_converted_model_is_the_same_whatever_its_child_has_converted_before(job: Job) -> None:
    write_dense(job.source.path.with_name("large.keras"), seed=1, units=64, inputs=64)
    large = replace(job.source, reference=str(job.source.path.with_name("large.keras")))
    results = []
    with Children() as children:
        for each in (job, replace(_named(job, "large"), source=large), _named(job, "again")):
            children.start(each)
            staged = _outcome(children)
            assert isinstance(staged, Staged)
            results.append((staged.model_json, [shard.sha256 for shard in staged.shards]))
    assert results[0] == results[2] != results[1]


def _refused(_task: object, _progress: object) -> None:
    raise ModelError("no such luck", hint="Try again.", key="source")


def test_an_error_arrives_though_a_library_pickles_errors_in_its_own_way(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask does so in a process that imports it."""
    monkeypatch.setitem(copyreg.dispatch_table, ModelError, lambda error: (str, (repr(error),)))
    with Children() as children:
        children.start(job, _refused)
        outcome = _outcome(children)
    assert isinstance(outcome, ModelError)
    assert (outcome.message, outcome.hint, outcome.key) == ("no such luck", "Try again.", "source")
