"""What grows with the number and the size of models, counted and not timed: bytes read, folders listed, calls made."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build import events, fs, manifest, publish
from tfjs_build.build import BuildOptions, build
from tfjs_build.convert.quantize import Encoded
from tfjs_build.convert.shards import write
from tfjs_build.job import Job, run
from tfjs_build.session import Session, plan_all
from tfjs_build.sources.resolve import resolve
from tfjs_build.state import Published, State, StateFolder

MB = 1 << 20
MODELS = 20

_RUN_AND_LIST = """
import json, os, sys
sys.path.remove("")  # of `python -c`: where modules are looked for
seen = []
def look(event, arguments):
    if event in ("os.listdir", "os.scandir") and not isinstance(arguments[0], int):
        seen.append(os.path.abspath(os.fsdecode(arguments[0] or ".")))
sys.addaudithook(look)
from tfjs_build.cli import main
code = main()
print(json.dumps(seen))
sys.exit(code)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "app")


def _write(project: Project, count: int) -> manifest.Manifest:
    for index in range(count):
        write_dense(project.root / f"n{index}.keras", seed=index)
    models = "".join(f"  n{index}: {{ source: n{index}.keras }}\n" for index in range(count))
    project.manifest(f"version: 1\noutput: public/models\nstubs: src/models\nmodels:\n{models}")
    return manifest.load(project.root / "tfjs.yaml")


def _calls(work: Callable[[], object]) -> int:
    """Return how many functions are called, in Python and in C."""
    count = 0

    def look(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(look)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_a_model_that_is_fresh_costs_few_calls(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """2,000 of them are to take less than a second; each took 4,000 calls once, and that was two."""
    loaded = _write(project, MODELS)
    monkeypatch.setattr(fs, "_RACY_NS", 0)  # as if the files were older than a moment
    assert build(loaded, BuildOptions(), lambda _: None) == 0
    fresh: list[object] = []
    assert build(loaded, BuildOptions(), lambda _: None) == 0  # its hashes are known to the next one

    def again() -> None:
        loaded = manifest.load(project.root / "tfjs.yaml")
        build(loaded, BuildOptions(), fresh.append)

    def none() -> None:
        (project.root / "none.yaml").write_text("version: 1\noutput: other\nstubs: src/other\nmodels: {}\n")
        build(manifest.load(project.root / "none.yaml"), BuildOptions(), lambda _: None)

    none()
    assert (_calls(again) - _calls(none)) / MODELS < 1600
    assert [type(event) for event in fresh] == [events.Project, *[events.Fresh] * MODELS]


def test_publishing_one_model_costs_the_same_among_many(project: Project) -> None:
    loaded = _write(project, 1)
    session = Session(loaded, StateFolder(loaded.path), lambda _: None)
    (each,) = plan_all(session, loaded.models)
    staged = run(session.job(each), lambda _step, _done: None)
    stubs = session._rendered("n0", staged)

    def among(others: int) -> int:
        state = State({f"x{index}": Published({}, {f"public/x{index}/model.json": ""}) for index in range(others)})
        again = run(session.job(each), lambda _step, _done: None)
        staging = session.folder.staging
        return _calls(lambda: publish.publish(loaded, "n0", again, stubs, each.fingerprint, state, staging))

    among(1)  # what is imported then is not counted
    assert among(1000) < among(1) + 10


def _io() -> dict[str, int]:
    lines = Path("/proc/self/io").read_text().splitlines()
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what a process has read")
@pytest.mark.parametrize(("quantize", "reads", "bytes_written"), [("none", 1, 1), ("uint8", 1, 1 / 4)])
def test_a_source_is_read_once_to_convert_it(project: Project, quantize: str, reads: int, bytes_written: float) -> None:
    """Even where codings look at the numbers more than once; its shards are written once, and never read."""
    write_dense(project.root / "n0.keras", units=2000, inputs=2000)
    size = (project.root / "n0.keras").stat().st_size
    text = f"version: 1\noutput: models\nmodels:\n  n0: {{ source: n0.keras, quantize: {quantize} }}\n"
    project.manifest(text)
    loaded = manifest.load(project.root / "tfjs.yaml")
    (model,) = loaded.models
    job = Job(model, resolve(model), None, None, project.root / ".tfjs-build" / "staging" / "n0")
    run(job, lambda _step, _done: None)  # imports are not counted
    before = _io()
    run(job, lambda _step, _done: None)
    after = _io()
    assert reads * size <= after["rchar"] - before["rchar"] < reads * size + MB
    assert size * bytes_written - MB / 16 < after["wchar"] - before["wchar"] < size * bytes_written + MB / 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what a process has read")
def test_a_source_is_hashed_once_for_its_fingerprint(project: Project) -> None:
    """And what is published is neither read nor copied: shards are moved and, for the cache, linked."""
    write_dense(project.root / "n0.keras", units=2000, inputs=2000)
    size = (project.root / "n0.keras").stat().st_size
    loaded = _write_manifest(project)
    session = Session(loaded, StateFolder(loaded.path), lambda _: None)
    (each,) = plan_all(session, loaded.models)
    staged = run(session.job(each), lambda _step, _done: None)
    session.prepare(each)  # imports Jinja
    assert session.finish(each, staged, 0.0)
    (project.root / "n0.keras").touch()
    (each,) = plan_all(Session(loaded, StateFolder(loaded.path), lambda _: None), loaded.models)
    before = _io()
    assert each.fingerprint.digest == each.fingerprint.digest
    hashed = _io()
    assert hashed["rchar"] - before["rchar"] < size + MB
    staged = run(session.job(each), lambda _step, _done: None)
    (project.root / "models" / "n0" / staged.shards[0].name).unlink()
    before = _io()
    assert session.finish(each, staged, 0.0)
    after = _io()
    assert after["rchar"] - before["rchar"] < size + MB
    assert after["wchar"] - before["wchar"] < MB


def _write_manifest(project: Project) -> manifest.Manifest:
    project.manifest("version: 1\noutput: models\nmodels:\n  n0: { source: n0.keras }\n")
    return manifest.load(project.root / "tfjs.yaml")


@pytest.mark.parametrize("command", [["build"], ["watch", "--", "true"]])
def test_nothing_lists_what_lies_beside_the_sources(project: Project, command: list[str]) -> None:
    """Neither a build nor a watch does: folders of data and packages may have any number of files."""
    (project.root / "nets" / "data").mkdir(parents=True)
    write_dense(project.root / "nets" / "net.keras")
    (project.root / "node_modules" / "a").mkdir(parents=True)
    project.manifest(
        "version: 1\noutput: public/models\nstubs: src/models\nmodels: { net: { source: nets/net.keras } }\n"
    )
    result = project.run(*command, code=_RUN_AND_LIST)
    assert result.code == 0, result
    listed = {Path(path) for path in json.loads(result.out.splitlines()[-1])}
    own = [project.root / name for name in ("public", "src", ".tfjs-build")]
    assert any(path.is_relative_to(folder) for path in listed for folder in own)
    inside = [path for path in listed if path.is_relative_to(project.root)]
    assert [path for path in inside if not any(path.is_relative_to(folder) for folder in own)] == []


def _encoded(data: bytes, announced: int | None = None) -> Encoded:
    def blocks() -> Iterator[memoryview]:
        view = memoryview(data)
        return (view[start : start + MB] for start in range(0, len(view), MB))

    return Encoded({"name": "w"}, len(data) if announced is None else announced, blocks)


def test_a_large_model_is_hashed_beside_its_writing_with_the_same_result(tmp_path: Path) -> None:
    data = [os.urandom(9 * MB + 5), b"small", os.urandom(3 * MB)]
    written = write([_encoded(each) for each in data], 4 * MB, tmp_path, lambda _: None)
    assert b"".join(shard.path.read_bytes() for shard in written) == b"".join(data)
    assert [shard.sha256 for shard in written] == [fs.sha256_file(shard.path) for shard in written]
    assert threading.active_count() == 1


def test_what_hashes_ends_with_a_weight_that_is_not_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has 9437184 bytes"):
        write([_encoded(bytes(9 * MB), 8 * MB), _encoded(bytes(MB))], 4 * MB, tmp_path, lambda _: None)
    assert threading.active_count() == 1
