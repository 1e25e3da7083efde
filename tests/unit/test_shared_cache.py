"""The shared cache: what one machine has converted another takes, whole or not at all, and it never fails a build."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY, Project, Result
from tests.support.s3 import S3, closed_port, environment, refusing_server, s3_server, silent_server
from tfjs_build.cache import Cache
from tfjs_build.shared.stores import FolderStore

_KEY = "0123456789abcdef0123456789abcdef"


def machine(root: Path, cache: str, seed: int = 0) -> Project:
    """A checkout of the same project on another machine."""
    project = Project(root)
    project.manifest(
        f"version: 1\noutput: public\nstubs: src\ncache: {cache}\n"
        "models:\n  net: {source: net.keras, labels: [a, b]}\n"
    )
    write_dense(root / "net.keras", seed=seed)
    return project


def build(project: Project, *arguments: str, **env: str) -> Result:
    result = project.run("build", "--json", *arguments, env={"TFJS_BUILD_CACHE_TIMEOUT": "60", **env})
    assert (result.code, result.err) == (0, ""), result
    return result


def origin(result: Result) -> str | None:
    (written,) = result.of("written")
    cache: str | None = written.get("cache")
    return cache


def notes(result: Result) -> list[str]:
    return [note["message"] for note in result.of("note")]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    """The file of the one entry of a folder that a first machine has filled."""
    build(machine(tmp_path / "one", str(tmp_path / "shared")))
    (found,) = [path for path in (tmp_path / "shared").rglob("*") if path.is_file()]
    return found


def test_what_one_machine_converted_another_takes(tmp_path: Path) -> None:
    one, two = (machine(tmp_path / name, "../shared") for name in ("one", "two"))
    first = build(one)
    assert (origin(first), notes(first)) == (None, ["1 model added to the shared cache"])
    second = build(two)
    assert (origin(second), notes(second)) == ("shared", ["1 model taken from the shared cache"])
    assert two.files() == one.files()
    assert build(two, "--check").steps == ["fresh", "stopped"]
    assert not list((two.root / ".tfjs-build").rglob("*.tmp"))


@pytest.mark.full
def test_through_s3(tmp_path: Path, s3: S3) -> None:
    s3.make("models")
    one, two = (machine(tmp_path / name, "{ url: s3://models/a/b }") for name in ("one", "two"))
    assert notes(build(one, **s3.env)) == ["1 model added to the shared cache"]
    assert origin(build(two, **s3.env)) == "shared"
    assert two.files() == one.files()
    listed = s3.read("models?list-type=2").decode()
    assert listed.count("<Key>a/b/v1/") == listed.count("<Key>") == 1


@pytest.mark.full
def test_a_damaged_entry_on_s3_is_replaced(tmp_path: Path, s3: S3) -> None:
    s3.make("damaged")
    one, two, three = (machine(tmp_path / name, "s3://damaged") for name in ("one", "two", "three"))
    build(one, **s3.env)
    key = s3.read("damaged?list-type=2").decode().partition("<Key>")[2].partition("</Key>")[0]
    whole = s3.read(f"damaged/{key}")
    s3.write(f"damaged/{key}", whole[:-1])
    result = build(two, **s3.env)
    assert origin(result) is None
    assert notes(result) == [
        "its entry in the shared cache is not used: it is cut short",
        "1 model added to the shared cache",
    ]
    assert s3.read(f"damaged/{key}") == whole
    assert origin(build(three, **s3.env)) == "shared"


def test_the_local_cache_comes_first(tmp_path: Path) -> None:
    one = machine(tmp_path / "one", str(tmp_path / "shared"))
    build(one)
    whole = one.files()
    shutil.rmtree(one.root / "public")
    shutil.rmtree(tmp_path / "shared")
    result = build(one)
    assert origin(result) == "local"
    assert one.files() == whole
    assert notes(result) == ["1 model added to the shared cache"]  # where it is not any more


def test_force_converts(tmp_path: Path) -> None:
    one, two = (machine(tmp_path / name, str(tmp_path / "shared")) for name in ("one", "two"))
    build(one)
    assert origin(build(two, "--force")) is None


@pytest.mark.full
def test_several_models_come_at_once(tmp_path: Path) -> None:
    names = [f"net{number}" for number in range(20)]
    projects = [Project(tmp_path / name) for name in ("one", "two")]
    for project in projects:
        models = "".join(f"  {name}: {{source: {name}.keras}}\n" for name in names)
        project.manifest(f"version: 1\noutput: public\ncache: ../shared\nmodels:\n{models}")
        for seed, name in enumerate(names):
            write_dense(project.root / f"{name}.keras", seed=seed)
    assert notes(build(projects[0])) == ["20 models added to the shared cache"]
    write_dense(projects[1].root / "net7.keras", seed=99)
    result = build(projects[1])
    assert {each["model"] for each in result.of("written") if each.get("cache") != "shared"} == {"net7"}
    assert notes(result) == ["19 models taken from, 1 model added to the shared cache"]


@pytest.mark.parametrize("how", ["manifest", "environment"])
def test_read_only(tmp_path: Path, how: str) -> None:
    shared = tmp_path / "shared"
    manifest = f"{{ url: {shared}, read_only: true }}" if how == "manifest" else str(shared)
    env = {} if how == "manifest" else {"TFJS_BUILD_CACHE_READ_ONLY": "1"}
    one, two = (machine(tmp_path / name, manifest) for name in ("one", "two"))
    assert notes(build(one, **env)) == []
    assert not shared.exists()
    build(one, "--force", TFJS_BUILD_CACHE_READ_ONLY="0")
    assert shared.exists()
    assert origin(build(two, **env)) == "shared"


def test_the_environment_has_another_place_or_none(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    one, two, three = (machine(tmp_path / name, str(shared)) for name in ("one", "two", "three"))
    build(one, TFJS_BUILD_CACHE=str(tmp_path / "other"))
    assert not shared.exists()
    assert notes(build(two, TFJS_BUILD_CACHE="off")) == []
    assert origin(build(three, TFJS_BUILD_CACHE="../other", TFJS_BUILD_CACHE_READ_ONLY="")) == "shared"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TFJS_BUILD_CACHE_READ_ONLY", "maybe"),
        ("TFJS_BUILD_CACHE_KEY", "short"),
        ("TFJS_BUILD_CACHE_TIMEOUT", "soon"),
        ("TFJS_BUILD_CACHE_TIMEOUT", "nan"),
    ],
)
def test_what_the_environment_says_wrong(tmp_path: Path, name: str, value: str) -> None:
    result = machine(tmp_path / "one", str(tmp_path / "shared")).run("build", env={name: value})
    assert result.code == 2
    assert name in result.err
    assert not (tmp_path / "one" / "public").exists()


@pytest.mark.parametrize("at", [0, 1500])
def test_a_damaged_entry_is_not_used(tmp_path: Path, entry: Path, at: int) -> None:
    whole = entry.read_bytes()
    entry.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    two = machine(tmp_path / "two", str(tmp_path / "shared"))
    result = build(two)
    assert origin(result) is None
    (note, added) = notes(result)
    assert note.startswith("its entry in the shared cache is not used: ")
    assert added == "1 model added to the shared cache"
    assert entry.read_bytes() == whole  # it was replaced
    assert two.files() == Project(tmp_path / "one").files()
    assert not list((two.root / ".tfjs-build").rglob("*.tmp"))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_in_a_folder_does_not_hang_a_build(
    tmp_path: Path, entry: Path, make: Callable[[Path], None]
) -> None:
    entry.unlink()
    make(entry)
    two = machine(tmp_path / "two", str(tmp_path / "shared"))
    assert origin(build(two)) is None


def test_with_a_key_only_what_is_signed_is_taken(tmp_path: Path, entry: Path) -> None:
    shared = str(tmp_path / "shared")
    two, three, four, five = (machine(tmp_path / name, shared) for name in ("two", "three", "four", "five"))
    result = build(two, TFJS_BUILD_CACHE_KEY=_KEY)
    unsigned = "its entry in the shared cache is not used: it is not signed with TFJS_BUILD_CACHE_KEY"
    assert (origin(result), notes(result)[0]) == (None, unsigned)
    assert origin(build(three, TFJS_BUILD_CACHE_KEY=_KEY)) == "shared"
    assert origin(build(four, TFJS_BUILD_CACHE_KEY=_KEY[::-1], TFJS_BUILD_CACHE_READ_ONLY="1")) is None
    assert origin(build(five)) == "shared"  # who has no key looks at hashes alone


def _unusable(tmp_path: Path, cache: str = "s3://bucket/models", **env: str) -> list[str]:
    """The notes of a build whose shared cache cannot be used; nothing else is to come of that."""
    project = machine(tmp_path / "one", cache)
    result = build(project, **env)
    assert result.steps == ["note", "started", "written", "stopped"] or result.steps == [
        "started",
        "written",
        "note",
        "stopped",
    ]
    assert not list((project.root / ".tfjs-build").rglob("*.tmp"))
    return notes(result)


@pytest.mark.full
def test_a_server_that_is_down(tmp_path: Path) -> None:
    (note,) = _unusable(tmp_path, **environment(closed_port()))
    assert note.startswith("the shared cache s3://bucket/models is not used: Could not connect to the endpoint URL")


@pytest.mark.full
def test_a_server_that_forbids(tmp_path: Path) -> None:
    with refusing_server(reads=403, writes=403) as env:
        (note,) = _unusable(tmp_path, **env)
    assert note == "the shared cache s3://bucket/models is not used: Forbidden"


@pytest.mark.full
def test_a_server_that_forbids_to_write(tmp_path: Path) -> None:
    with refusing_server(reads=404, writes=403) as env:
        (note,) = _unusable(tmp_path, **env)
    assert note.startswith("cannot add to the shared cache s3://bucket/models: ")
    assert note.endswith("(`read_only: true` asks for no more than to read)")


@pytest.mark.full
def test_a_server_that_says_nothing(tmp_path: Path) -> None:
    with silent_server() as (_, env):
        (note,) = _unusable(tmp_path, **env | {"TFJS_BUILD_CACHE_TIMEOUT": "0.5"})
    assert note == "the shared cache s3://bucket/models is not used: no answer within 0.5 s"


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    (note,) = _unusable(tmp_path, "../file/cache")
    assert "Not a directory" in note


def test_a_missing_package_is_named_with_the_command_that_installs_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['s3fs'] = None\nfrom tfjs_build.cli import main; sys.exit(main())"
    result = machine(tmp_path / "one", "s3://bucket").run("build", "--json", code=code)
    assert result.code == 0
    (note,) = notes(result)
    assert note.endswith(': pip install "tfjs-build[cache]"')


@pytest.mark.full
def test_an_address_of_no_known_kind(tmp_path: Path) -> None:
    (note,) = _unusable(tmp_path, "nowhere://bucket")
    assert "Protocol not known: nowhere" in note


@pytest.mark.full
def test_what_asks_ends_with_a_build_that_is_killed(tmp_path: Path) -> None:
    project = machine(tmp_path / "one", "s3://bucket")
    with silent_server() as (listening, env):
        process = subprocess.Popen(
            [sys.executable, "-m", "tfjs_build", "build"],
            cwd=project.root,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TFJS_BUILD_CACHE_TIMEOUT": "600", **env},
        )
        connection, _ = listening.accept()
        with connection:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            assert len(children) == 1
            process.send_signal(signal.SIGKILL)
            process.wait()
            while connection.recv(65536):  # what was asked, and then the end, for nobody has the connection any more
                pass
    deadline = time.monotonic() + 30
    while Path(f"/proc/{children[0]}/exe").exists():
        assert time.monotonic() < deadline


@pytest.mark.full
def test_two_writers_at_once(tmp_path: Path) -> None:
    projects = [machine(tmp_path / name, str(tmp_path / "shared")) for name in ("one", "two")]
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "tfjs_build", "build", "--force"]
    running = [subprocess.Popen(command, cwd=project.root, env=environ) for project in projects]
    assert [process.wait() for process in running] == [0, 0]
    files = [path for path in (tmp_path / "shared").rglob("*") if path.is_file()]
    assert len(files) == 1
    assert origin(build(machine(tmp_path / "three", str(tmp_path / "shared")))) == "shared"


def test_what_a_killed_writer_left_in_a_folder_goes_after_a_day(tmp_path: Path) -> None:
    old, new = tmp_path / "v1" / ".a.1.tmp", tmp_path / "v1" / ".b.2.tmp"
    old.parent.mkdir()
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (1, 1))
    (tmp_path / "file").write_text("whole")
    FolderStore(tmp_path).put(tmp_path / "file", "v1/c")
    assert sorted(path.name for path in old.parent.iterdir()) == [".b.2.tmp", "c"]


def test_what_is_taken_counts_in_the_local_cache(tmp_path: Path) -> None:
    (tmp_path / "cache" / "taken").mkdir(parents=True)
    (tmp_path / "cache" / "taken" / "weights").write_bytes(bytes(100))
    cache = Cache(tmp_path / "cache", most_bytes=50)
    cache.prune()
    assert (tmp_path / "cache" / "taken").exists()
    cache.grown()
    cache.prune()
    assert not (tmp_path / "cache" / "taken").exists()
