"""`compress: gzip` as a user has it: what is published beside the shards, when it is stale, and what is deleted."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project

PLAIN = "version: 1\noutput: public/models\nstubs: src\nmodels:\n  net:\n    source: net.keras\n"
MANIFEST = PLAIN + "    compress: gzip\n"
FOLDER = "public/models/net"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    project.manifest(MANIFEST)
    write_dense(project.root / "net.keras", units=64, inputs=64)
    return project


def built(project: Project, *arguments: str) -> dict[str, Any]:
    result = project.run("build", "--json", *arguments)
    assert result.code == 0, result
    (written,) = result.of("written")
    return written


def weights(project: Project) -> tuple[Path, Path]:
    """Return the only shard and its `.gz`."""
    (shard,) = (project.root / FOLDER).glob("*.bin")
    (compressed,) = (project.root / FOLDER).glob("*.gz")
    assert compressed.name == f"{shard.name}.gz"
    return shard, compressed


def ours(project: Project) -> dict[str, Any]:
    index = json.loads((project.root / FOLDER / "model.json").read_bytes())
    found: dict[str, Any] = index["userDefinedMetadata"]["tfjs-build"]
    return found


def reasons(project: Project) -> list[str]:
    result = project.run("build", "--check", "--json")
    assert result.code == (1 if result.of("stale") else 0)
    return [reason for stale in result.of("stale") for reason in stale["reasons"]]


def test_what_is_published(project: Project) -> None:
    written = built(project)
    shard, compressed = weights(project)
    assert gzip.decompress(compressed.read_bytes()) == shard.read_bytes()
    assert ours(project)["compressed"] == [shard.name]
    assert {f"{FOLDER}/{file.name}" for file in (shard, compressed)} < set(written["files"])
    index = project.root / FOLDER / "model.json"
    assert written["bytes"] == index.stat().st_size + compressed.stat().st_size  # what a loader takes
    assert project.run("build", "--json").steps == ["fresh", "stopped"]
    assert reasons(project) == []


def test_without_it_nothing_is_said_of_it(project: Project) -> None:
    compressed = built(project)
    with_it = project.files()
    project.manifest(PLAIN)
    assert reasons(project) == ["compress is gone"]
    plain = built(project)
    assert plain["version"] == compressed["version"]  # the model is the same
    assert "compressed" not in ours(project)
    gone = set(with_it) - set(project.files())
    assert gone == {name for name in with_it if name.endswith(".gz")}
    assert len(gone) == 1
    changed = {name for name, data in project.files().items() if data != with_it[name]}
    assert changed == {f"{FOLDER}/model.json", "tfjs.yaml"}
    project.manifest(PLAIN + "    compress: none\n")
    assert reasons(project) == []


def test_it_is_for_defaults(project: Project) -> None:
    project.manifest(PLAIN.replace("models:", "defaults: { compress: gzip }\nmodels:"))
    built(project)
    weights(project)


def test_what_it_does_not_make_smaller_is_told(project: Project) -> None:
    write_dense(project.root / "net.keras")
    result = project.run("build", "--json")
    assert [note["message"] for note in result.of("note")] == [
        "`compress: gzip` saves less than 3 % of each file of weights: none is published compressed"
    ]
    assert not list((project.root / FOLDER).glob("*.gz"))
    assert "compressed" not in ours(project)
    assert reasons(project) == []


def test_a_quantized_build_says_what_goes_over_the_wire(project: Project) -> None:
    project.manifest(MANIFEST + "    quantize: uint8\n")
    note = project.run("build", "--json").of("note")[0]["message"]
    _, compressed = weights(project)
    assert note.startswith(f"16 KB of weights are 4.2 KB, {compressed.stat().st_size / 1024:.1f} KB compressed (")


@pytest.mark.parametrize("state", [True, False], ids=["with its state", "without"])
@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(b"x"), "was edited"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "was edited"),
        (lambda path: path.write_bytes(path.read_bytes() * 2), "was edited"),
        (lambda path: path.write_bytes(gzip.compress(bytes(50_000_000))), "was edited"),
    ],
    ids=["missing", "no gzip", "torn", "twice", "a bomb"],
)
def test_one_that_is_not_right_is_stale_and_mended(project: Project, change: Any, wrong: str, state: bool) -> None:
    built(project)
    before = project.files()
    _, compressed = weights(project)
    change(compressed)
    if not state:
        shutil.rmtree(project.root / ".tfjs-build")
    assert reasons(project) == [f"{FOLDER}/{compressed.name} {wrong}"]
    built(project)
    assert project.files() == before


@pytest.mark.parametrize("state", [True, False], ids=["with its state", "without"])
def test_one_that_another_program_wrote_is_fresh_and_stays(project: Project, state: bool) -> None:
    built(project)
    shard, compressed = weights(project)
    theirs = gzip.compress(shard.read_bytes(), 1)
    compressed.write_bytes(theirs)
    if not state:
        shutil.rmtree(project.root / ".tfjs-build")
    assert reasons(project) == []
    assert project.run("build", "--json").steps == ["fresh", "stopped"]
    write_dense(project.root / "net.keras", units=64, inputs=64, seed=1)
    built(project)
    write_dense(project.root / "net.keras", units=64, inputs=64)
    built(project)
    compressed.write_bytes(theirs)
    built(project, "--force")
    assert compressed.read_bytes() == theirs  # it was not rewritten
    assert project.run("build", "--json").steps == ["fresh", "stopped"]


def test_a_replaced_one_goes_with_its_shard(project: Project) -> None:
    built(project)
    before = weights(project)
    write_dense(project.root / "net.keras", units=64, inputs=64, seed=1)
    built(project)
    assert not any(path.exists() for path in before)
    weights(project)


def test_strays_go_only_if_they_hold_what_their_name_says(project: Project) -> None:
    built(project)
    stray, compressed = weights(project)
    kept = {file: file.read_bytes() for file in (stray, compressed)}
    folder = project.root / FOLDER
    write_dense(project.root / "net.keras", units=64, inputs=64, seed=1)
    built(project)
    for file, data in kept.items():
        file.write_bytes(data)
    theirs = {
        folder / "weights.0123456789abcdef.bin.gz": gzip.compress(b"of no shard"),
        folder / "weights.fedcba9876543210.bin": b"another",
        folder / "weights.fedcba9876543210.bin.gz": gzip.compress(b"another"),
        folder / "notes.txt.gz": gzip.compress(b"mine"),
    }
    for file, data in theirs.items():
        file.write_bytes(data)
    shutil.rmtree(project.root / ".tfjs-build")
    write_dense(project.root / "net.keras", units=64, inputs=64, seed=2)
    built(project)
    assert not any(file.exists() for file in kept)
    assert all(file.read_bytes() == data for file, data in theirs.items())


@pytest.mark.parametrize("state", [True, False], ids=["with its state", "without"])
def test_clean_takes_it_along_unless_it_was_edited(project: Project, state: bool) -> None:
    before = project.files()
    written = built(project)
    if not state:
        shutil.rmtree(project.root / ".tfjs-build")
    (removed,) = project.run("clean", "--json").of("removed")
    assert sorted(removed["files"]) == sorted(written["files"])
    assert project.files() == before
    built(project)
    shard, compressed = weights(project)
    compressed.write_bytes(b"mine")
    if not state:
        shutil.rmtree(project.root / ".tfjs-build")
    assert project.run("clean").code == 0
    assert compressed.read_bytes() == b"mine"
    assert not shard.exists()


def test_it_comes_back_from_the_cache_as_it_was(project: Project) -> None:
    built(project)
    before = project.files()
    shutil.rmtree(project.root / FOLDER)
    assert built(project)["cache"] == "local"
    assert project.files() == before


def test_a_damaged_one_in_the_cache_is_not_used(project: Project) -> None:
    built(project)
    before = project.files()
    (kept,) = (project.root / ".tfjs-build" / "cache").glob("*/*.gz")
    kept.unlink()
    kept.write_bytes(gzip.compress(b"another"))
    shutil.rmtree(project.root / FOLDER)
    assert "cache" not in built(project)
    assert project.files() == before


def test_machines_share_it(project: Project, tmp_path: Path) -> None:
    project.manifest(MANIFEST + f"cache: {tmp_path / 'shared'}\n")
    built(project)
    before = project.files()
    other = Project(tmp_path / "other")
    other.manifest(MANIFEST + f"cache: {tmp_path / 'shared'}\n")
    shutil.copy(project.root / "net.keras", other.root)
    assert built(other)["cache"] == "shared"
    assert other.files() == before


def test_max_size_counts_what_is_served(project: Project) -> None:
    size = built(project)["bytes"]
    project.manifest(MANIFEST + f"    max_size: {size}B\n")
    assert reasons(project) == []
    assert project.run("build").code == 0
    project.manifest(MANIFEST + f"    max_size: {size - 1}B\n")
    assert reasons(project) == ["it is larger than max_size"]
    (failed,) = project.run("build", "--json").of("failed")
    assert failed["hint"] == "`quantize: float16` halves it, `quantize: uint8` quarters it; or raise `max_size`."
    project.manifest(PLAIN + f"    max_size: {size}B\n")
    (failed,) = project.run("build", "--json").of("failed")
    assert failed["hint"] == (
        "`quantize: float16` halves it, `quantize: uint8` quarters it, `compress: gzip` takes off a little; "
        "or raise `max_size`."
    )
