"""Conversions on a Dask cluster: a scheduler and workers that are processes of their own, some of which are killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY, Project, Result
from tests.support.s3 import closed_port
from tests.unit.saved_model.making import Model, Type

pytestmark = pytest.mark.full


class Farm:
    """A scheduler and its workers; each worker has one thread, no nanny, and a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        while not (folder / "scheduler.json").exists():  # which it writes when it listens
            assert self._processes[self.scheduler].poll() is None
            time.sleep(0.05)
        self.address = str(json.loads((folder / "scheduler.json").read_text())["address"])

    def worker(self, **env: str) -> int:
        """Start a worker, and return its process id once it is known to the scheduler."""
        before = self.count()
        place = self.folder / f"worker{len(self._processes)}"
        options = ("--no-nanny", "--nthreads", "1", "--local-directory", str(place))
        pid = self._start("worker", *options, "--preload", "tests.support.dask_gate", **env)
        while self.count() == before:
            assert self._processes[pid].poll() is None
            time.sleep(0.05)
        return pid

    def need(self, count: int) -> None:
        """Start workers until there are so many."""
        for _ in range(count - self.count()):
            self.worker()

    def count(self) -> int:
        """How many workers the scheduler knows."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            return len(client.nthreads())

    def kill(self, pid: int) -> None:
        """Kill a worker, as a system that is out of memory does."""
        process = self._processes.pop(pid)
        process.kill()
        process.wait()

    def close(self) -> None:
        """Kill them all."""
        for pid in list(self._processes):
            self.kill(pid)

    def gate(self) -> None:
        """Have the next conversion stand still."""
        (self.folder / "taken").unlink(missing_ok=True)
        os.mkfifo(self.folder / "new")
        (self.folder / "new").rename(self.folder / "gate")

    def stands(self, build: subprocess.Popen[str]) -> tuple[int, int]:
        """Wait until a conversion of a build stands still; return the process ids of its worker and of itself."""
        while not (self.folder / "taken").exists():
            assert build.poll() is None, build.communicate()
            time.sleep(0.02)
        worker, process = (self.folder / "taken").read_text().split()
        return int(worker), int(process)

    def _start(self, *arguments: str, **env: str) -> int:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TFJS_BUILD_GATE": str(self.folder), **env}
        with (self.folder / f"{arguments[0]}{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "dask", *arguments),
                    *("--no-dashboard", "--scheduler-file", str(self.folder / "scheduler.json")),
                ],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
        self._processes[process.pid] = process
        return process.pid


@pytest.fixture(scope="module")
def whole_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    farm = Farm(tmp_path_factory.mktemp("farm"))
    try:
        farm.need(2)
        yield farm
    finally:
        farm.close()


@pytest.fixture
def farm(whole_farm: Farm) -> Farm:
    """The farm, which has a worker at least, whatever the tests before this one have killed."""
    whole_farm.need(1)
    return whole_farm


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    project.manifest(
        "version: 1\noutput: public\nstubs: src\nmodels:\n"
        "  net: {source: net.keras}\n  other: {source: other.keras, compress: gzip}\n"
    )
    for seed, name in enumerate(("net", "other")):
        write_dense(project.root / f"{name}.keras", seed=seed, inputs=2048)
    return project


def build(project: Project, farm: Farm, *arguments: str) -> Result:
    result = project.run("build", "--json", "--dask", farm.address, *arguments)
    assert result.err == "", result
    return result


def begun(project: Project, farm: Farm, *arguments: str) -> subprocess.Popen[str]:
    """Start a build."""
    return subprocess.Popen(
        [sys.executable, "-m", "tfjs_build", "build", "--json", "--dask", farm.address, *arguments],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Result:
    out, err = process.communicate()
    return Result(process.returncode, out, err)


def test_a_cluster_publishes_what_this_machine_does(project: Project, farm: Farm, tmp_path: Path) -> None:
    result = build(project, farm)
    assert result.code == 0
    assert result.steps == ["started", "started", "written", "written", "stopped"]
    on_the_farm = project.files()
    assert [name for name in on_the_farm if name.endswith(".gz")] != []
    shutil.rmtree(project.root / "public")
    shutil.rmtree(project.root / ".tfjs-build")
    assert project.run("build").code == 0
    assert project.files() == on_the_farm
    assert not list(farm.folder.glob("worker*/**/jobs/*"))  # nothing of it is left there


def test_files_are_sent_in_blocks_once_and_results_come_back_so(project: Project, farm: Farm) -> None:
    project.manifest("version: 1\noutput: public\nmodels:\n  net: {source: large.keras, shard_size: 6MB}\n")
    write_dense(project.root / "large.keras", units=1500, inputs=1500)  # some 9 MB
    first = build(project, farm, "-j", "1")
    assert first.code == 0
    sent = [each["fraction"] for each in first.of("progress") if each["step"] == "sending"]
    assert len(sent) == 3
    assert (sent[-1], sent) == (1.0, sorted(sent))
    whole = project.files()
    again = build(project, farm, "--force", "-j", "1")
    assert "sending" not in [each["step"] for each in again.of("progress")]
    project.run("build", "--force")
    assert project.files() == whole


def test_a_source_of_several_files(project: Project, farm: Farm) -> None:
    model = Model()
    model.placeholder("x", (None, 2))
    model.variable("w", np.arange(6, dtype=np.float32).reshape(2, 3))
    model.node("ReadVariableOp", "w/read", ["w"], dtype=Type("float32"))
    model.node("MatMul", "y", ["x", "w/read"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "y:0"})
    model.restore()
    model.save(project.root / "exported")
    project.manifest("version: 1\noutput: public\nmodels:\n  net: {source: exported}\n")
    assert build(project, farm).code == 0
    whole = project.files()
    project.run("build", "--force")
    assert project.files() == whole


def test_a_failure_names_the_file_that_is_here(project: Project, farm: Farm) -> None:
    (project.root / "net.keras").write_bytes((project.root / "net.keras").read_bytes()[:-100])
    result = build(project, farm)
    assert (result.code, len(result.of("written"))) == (1, 1)
    (failed,) = result.of("failed")
    assert failed["message"] == project.run("build", "--json").of("failed")[0]["message"]
    assert str(project.root / "net.keras") in failed["message"]


def test_what_is_cached_is_not_sent(project: Project, farm: Farm) -> None:
    assert project.run("build").code == 0
    shutil.rmtree(project.root / "public")
    assert {each["cache"] for each in build(project, farm).of("written")} == {"local"}


def test_a_worker_that_is_killed_loses_nothing(project: Project, farm: Farm) -> None:
    farm.need(2)
    before = farm.count()
    farm.gate()
    process = begun(project, farm)
    worker, conversion = farm.stands(process)
    farm.kill(worker)
    result = ended(process)
    assert (result.code, result.err) == (0, "")
    assert {each["model"] for each in result.of("written")} == {"net", "other"}
    assert farm.count() == before - 1
    gone(conversion)


def test_an_interruption_ends_what_runs_there(project: Project, farm: Farm) -> None:
    farm.gate()
    process = begun(project, farm, "net")
    _, conversion = farm.stands(process)
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert (result.code, result.err) == (130, "")
    gone(conversion)
    assert build(project, farm).code == 0


def gone(pid: int) -> None:
    """Wait until a process is no more."""
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}/exe").exists():
        assert time.monotonic() < deadline


def test_workers_with_another_version_are_refused(project: Project, farm: Farm) -> None:
    other = farm.worker(TFJS_BUILD_OTHER="0.0.7")
    result = project.run("build", "--dask", farm.address)
    assert result.code == 2
    assert "the same tfjs-build as this machine, 0.1.0 (conversion revision " in result.err
    assert ": tcp://127.0.0.1:" in result.err
    assert " has 0.0.7 (conversion revision " in result.err
    assert not (project.root / "public").exists()
    farm.kill(other)


def test_what_loses_its_workers_again_and_again_fails(project: Project, farm: Farm) -> None:
    farm.need(3)
    farm.gate()
    process = begun(project, farm, "net")
    for number in range(3):
        worker, _ = farm.stands(process)
        if number < 2:
            farm.gate()
        farm.kill(worker)
    result = ended(process)
    assert (result.code, result.err) == (1, "")
    (failed,) = result.of("failed")
    assert failed["model"] == "net"
    assert failed["message"].startswith("the conversion was lost 3 times, with the Dask workers tcp://127.0.0.1:")


def test_a_cluster_out_of_reach(project: Project) -> None:
    result = project.run("build", "--dask", f"tcp://127.0.0.1:{closed_port()}")
    assert result.code == 2
    assert "cannot reach the Dask scheduler at tcp://127.0.0.1:" in result.err


def test_a_missing_package_is_named_with_the_command_that_installs_it(project: Project) -> None:
    code = "import sys; sys.modules['distributed'] = None\nfrom tfjs_build.cli import main; sys.exit(main())"
    result = project.run("build", "--dask", "tcp://127.0.0.1:1", code=code)
    assert result.code == 2
    assert 'pip install "tfjs-build[dask]"' in result.err


def test_a_scheduler_that_goes_fails_what_is_under_way(project: Project, farm: Farm) -> None:
    """The last one: there is none for others after it."""
    farm.gate()
    process = begun(project, farm, "net")
    farm.stands(process)
    farm.kill(farm.scheduler)
    result = ended(process)
    assert (result.code, result.err) == (1, "")
    assert result.of("failed")[0]["message"].startswith("the Dask cluster cannot be reached any more")
