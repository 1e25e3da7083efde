"""`tfjs-build build` as a user runs it: what is built when, what is published, and what is said."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project

MANIFEST = """\
version: 1
output: public/models
stubs: src/models
models:
  net:
    source: net.keras
"""


_RUN_AND_LIST = """
import sys
from tfjs_build.cli import main
code = main()
heavy = {"numpy", "h5py", "jinja2", "google.protobuf", "watchdog", "tensorflow", "multiprocessing"}
heavy |= {"fsspec", "distributed"}
print(sorted(heavy & set(sys.modules)))
sys.exit(code)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    project.manifest(MANIFEST)
    write_dense(project.root / "net.keras")
    return project


def built(project: Project, *arguments: str) -> dict[str, Any]:
    result = project.run("build", "--json", *arguments)
    assert result.code == 0, result
    (written,) = result.of("written")
    return written


def test_what_a_first_build_writes_and_says(project: Project) -> None:
    result = project.run("build", "--json")
    assert result.code == 0, result
    assert result.err == ""
    assert result.steps == ["started", "written", "stopped"]
    (written,) = result.of("written")
    assert set(written) == {"event", "model", "format", "version", "files", "bytes", "seconds"}
    index = json.loads((project.root / "public/models/net/model.json").read_text())
    ours = index["userDefinedMetadata"]["tfjs-build"]
    assert written["model"] == "net"
    assert written["format"] == "graph"
    assert written["version"] == ours["version"]
    assert set(project.files()) == {"tfjs.yaml", "net.keras", *written["files"]}
    published = [name for name in written["files"] if name.startswith("public/")]
    assert written["bytes"] == sum(len(project.files()[name]) for name in published)
    assert ours["version"] in project.files()["src/models/net.ts"].decode()
    assert result.events[-1] == {"event": "stopped", "code": 0}


def test_the_second_build_has_nothing_to_do(project: Project) -> None:
    written = built(project)
    before = project.mtimes()
    result = project.run("build", "--json")
    assert result.events[0]["event"] == "project"
    assert result.events[1:] == [
        {"event": "fresh", "model": "net", "version": written["version"]},
        {"event": "stopped", "code": 0},
    ]
    assert project.mtimes() == before


def test_nothing_to_do_imports_nothing_heavy(project: Project) -> None:
    built(project)
    done = project.run("build", code=_RUN_AND_LIST)
    assert (done.code, done.out) == (0, "[]\n")
    project.manifest(MANIFEST + "cache: s3://bucket/models\n")  # which is not asked, nor is a cluster
    done = project.run("build", "--dask", "tcp://127.0.0.1:1", code=_RUN_AND_LIST)
    assert (done.code, done.out) == (0, "[]\n")


def test_neither_a_shared_cache_nor_a_cluster_is_imported_unasked(project: Project) -> None:
    names = ("fsspec", "distributed", "tfjs_build.shared.client", "tfjs_build.shared.settings", "tfjs_build.cluster")
    code = (
        f"import sys\nfrom tfjs_build.cli import main\nmain()\nprint([name for name in {names} if name in sys.modules])"
    )
    assert project.run("build", code=code).out == "[]\n"


def test_new_content_is_published_and_old_shards_go(project: Project) -> None:
    first = built(project)
    write_dense(project.root / "net.keras", seed=1)
    second = built(project)
    assert first["version"] != second["version"]
    assert set(project.files()) == {"tfjs.yaml", "net.keras", *second["files"]}


def test_a_touched_source_is_not_converted_again(project: Project) -> None:
    built(project)
    os.utime(project.root / "net.keras", ns=(1, 1))
    assert project.run("build", "--json").steps == ["fresh", "stopped"]


def test_two_builds_give_the_same_bytes_wherever_the_project_lies(project: Project, tmp_path: Path) -> None:
    built(project)
    elsewhere = Project(tmp_path / "other" / "deep")
    elsewhere.manifest(MANIFEST)
    write_dense(elsewhere.root / "net.keras")
    built(elsewhere)
    assert elsewhere.files() == project.files()


def test_force_builds_again_and_rewrites_nothing(project: Project) -> None:
    first = built(project)
    before = project.mtimes()
    again = built(project, "--force")
    assert again["version"] == first["version"]
    assert project.mtimes() == before


def test_options_make_it_stale_and_explain_says_which(project: Project) -> None:
    built(project)
    project.manifest(MANIFEST + "    quantize: uint8\n    labels: [a, b]\n")
    (stale,) = project.run("build", "--dry-run", "--json").of("stale")
    assert stale["reasons"] == ['quantize changed from {} to {"uint8": true}', "labels changed"]
    explained = project.run("explain", "--json").events[0]
    assert explained["reasons"] == stale["reasons"]
    assert explained["fields"]["quantize"] == '{"uint8": true}'
    written = built(project)
    assert "netLabels" in project.files()["src/models/net.ts"].decode()
    assert project.run("explain", "--json").events[0]["reasons"] == []
    assert written["version"]


@pytest.mark.full
@pytest.mark.parametrize("state", [True, False])
def test_check(project: Project, state: bool) -> None:
    """`--check` needs no state, writes nothing, and notices whatever is stale, missing or edited."""

    def check() -> tuple[int, list[str]]:
        if not state:
            shutil.rmtree(project.root / ".tfjs-build", ignore_errors=True)
        before, folder = project.mtimes(), (project.root / ".tfjs-build").exists()
        result = project.run("build", "--check", "--json")
        assert project.mtimes() == before
        assert (project.root / ".tfjs-build").exists() == folder
        return result.code, [reason for event in result.of("stale") for reason in event["reasons"]]

    assert check() == (1, ["not built yet"])
    written = built(project)
    assert check() == (0, [])
    for name in written["files"]:
        path = project.root / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + b"#")
        code, reasons = check()
        assert code == 1, name
        assert name in reasons[0]
        assert "edited" in reasons[0]
        path.unlink()
        code, reasons = check()
        assert code == 1, name
        assert reasons == (["not built yet"] if name.endswith("model.json") else [f"{name} is missing"])
        path.write_bytes(content)
        assert check() == (0, []), name
    write_dense(project.root / "net.keras", seed=2)
    expected = "source changed" if state else "the published model was made from another source or other options"
    assert check() == (1, [expected])


def test_a_build_mends_what_was_edited_or_deleted(project: Project) -> None:
    files = built(project)["files"]
    whole = project.files()
    for name in files:
        (project.root / name).unlink()
        built(project)
        assert project.files() == whole, name
    (project.root / files[0]).write_bytes(b"damaged")
    built(project)
    assert project.files() == whole


def test_one_failing_model_does_not_stop_the_others(project: Project) -> None:
    project.manifest(MANIFEST + "  missing:\n    source: nett.keras\n  other:\n    source: net.keras\n")
    result = project.run("build", "--json")
    assert result.code == 1
    assert sorted(event["model"] for event in result.of("written")) == ["net", "other"]
    (failed,) = result.of("failed")
    assert failed["model"] == "missing"
    assert failed["message"] == f"source not found: {project.root / 'nett.keras'}"
    assert failed["hint"] == "Did you mean net.keras?"
    assert (Path(failed["file"]).name, failed["line"], failed["column"]) == ("tfjs.yaml", 7, 3)
    assert result.events[-1] == {"event": "stopped", "code": 1}


def test_a_failed_build_leaves_the_last_good_one(project: Project) -> None:
    built(project)
    whole = project.files()
    source = project.root / "net.keras"
    source.write_bytes(source.read_bytes()[:700])
    result = project.run("build", "--json")
    assert result.code == 1
    assert {**project.files(), "net.keras": b""} == {**whole, "net.keras": b""}


def test_a_removed_model_takes_its_files_along(project: Project) -> None:
    project.manifest(MANIFEST + "  other:\n    source: net.keras\n")
    project.run("build")
    files = set(project.files())
    project.manifest(MANIFEST)
    assert project.run("build", "--check", "--json").code == 1
    result = project.run("build", "--json")
    (removed,) = result.of("removed")
    assert removed["model"] == "other"
    assert files - set(project.files()) == set(removed["files"])
    assert all("other" in name for name in removed["files"])


def test_building_by_name_leaves_the_others_alone(project: Project) -> None:
    project.manifest(MANIFEST + "  other:\n    source: net.keras\n")
    result = project.run("build", "--json", "other")
    assert [event["model"] for event in result.of("written")] == ["other"]
    result = project.run("build", "--json", "othr")
    assert result.code == 2
    assert result.events[1:] == [
        {"event": "failed", "model": None, "message": "tfjs.yaml has no model 'othr'", "hint": "Did you mean 'other'?"},
        {"event": "stopped", "code": 2},
    ]


def test_clean_leaves_what_is_not_ours(project: Project) -> None:
    before = project.files()
    built(project)
    (project.root / "public/models/net/notes.txt").write_text("mine")
    shutil.rmtree(project.root / ".tfjs-build")  # the state is gone: what is on disk tells enough
    result = project.run("clean", "--json")
    assert result.code == 0
    assert len(result.of("removed")[0]["files"]) == 5
    assert set(project.files()) - set(before) == {"public/models/net/notes.txt"}
    assert not (project.root / ".tfjs-build").exists()


def test_rename_metadata_and_labels(project: Project) -> None:
    (project.root / "labels.txt").write_text("yes\nno\n")
    project.manifest(
        MANIFEST + "    rename: { x: features, y: scores }\n    labels: labels.txt\n    metadata: { author: me }\n"
    )
    built(project)
    index = json.loads((project.root / "public/models/net/model.json").read_text())
    ours = index["userDefinedMetadata"]["tfjs-build"]
    assert [spec["name"] for spec in ours["signature"]["inputs"] + ours["signature"]["outputs"]] == [
        "features",
        "scores",
    ]
    assert ours["labels"] == ["yes", "no"]
    assert index["userDefinedMetadata"]["author"] == "me"
    project.manifest(MANIFEST + "    rename: { z: scores }\n")
    (failed,) = project.run("build", "--json").of("failed")
    assert failed["message"] == "rename: the model has no input or output 'z'"


def test_max_size(project: Project) -> None:
    project.manifest(MANIFEST + "    max_size: 100B\n")
    result = project.run("build", "--json")
    assert result.code == 1
    (failed,) = result.of("failed")
    assert "more than max_size (100 B)" in failed["message"]
    assert not (project.root / "public/models/net").exists()
    project.manifest(MANIFEST)
    built(project)
    project.manifest(MANIFEST + "    max_size: 100B\n")
    assert project.run("build", "--json").code == 1


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("engine: tensorflow", "this needs TensorFlow, which is not installed"),
        ("verify: smoke", "`verify`: the project does not have @tensorflow/tfjs"),
    ],
)
def test_what_is_not_there_is_refused_by_name(project: Project, key: str, message: str) -> None:
    project.manifest(MANIFEST + f"    {key}\n")
    result = project.run("build", "--json")
    assert result.code == 1, result
    assert result.of("failed")[0]["message"].startswith(message)


def test_plain_text_for_people(project: Project) -> None:
    result = project.run("build")
    assert result.out == ""
    lines = result.err.splitlines()
    assert lines[0].startswith("✓ net  graph  ")
    assert lines[1].startswith("1 model built (")
    assert "\x1b" not in result.err
    assert project.run("build").err.startswith("nothing to do: 1 model fresh (")
    assert project.run("build", "--check").code == 0


def test_a_symbolic_link_or_a_folder_in_the_way(project: Project) -> None:
    (project.root / "public").write_text("a file where the output folder should be")
    result = project.run("build", "--json")
    assert result.code == 1
    assert "cannot write" in result.of("failed")[0]["message"]
