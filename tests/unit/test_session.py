"""The steps that builds and the watch share: what is not believed, not forgotten and not swallowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build import manifest, publish
from tfjs_build.convert.model_json import KEY, dumps
from tfjs_build.errors import PublishError
from tfjs_build.events import Event, Failed, Note, Removed
from tfjs_build.fs import sha256_bytes
from tfjs_build.session import Session
from tfjs_build.state import StateFolder

TWO = """\
version: 1
output: public/models
stubs: src/models
models:
  a:
    source: a.keras
  b:
    source: b.keras
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two models, built."""
    project = Project(tmp_path / "app")
    project.manifest(TWO)
    for seed, name in enumerate("ab"):
        write_dense(project.root / f"{name}.keras", seed=seed)
    assert project.run("build").code == 0
    return project


def session(project: Project, events: list[Event]) -> Session:
    path = project.root / "tfjs.yaml"
    return Session(manifest.load(path), StateFolder(path), events.append)


def test_what_cannot_be_removed_is_told_and_not_forgotten(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.manifest(TWO[: TWO.index("  b:")])
    events: list[Event] = []
    each = session(project, events)

    def fail(*_: object) -> list[str]:
        raise PublishError("cannot delete public/models/b/model.json: Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(publish, "remove", fail)
        each.remove_unlisted()
    (failed,) = events
    assert isinstance(failed, Failed)
    assert (failed.model, failed.message) == ("b", "cannot delete public/models/b/model.json: Permission denied")
    assert each.code == 1
    each.remove_unlisted()
    assert isinstance(events[-1], Removed)


def test_what_cannot_be_discarded_is_noted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PublishError("cannot delete it")

    monkeypatch.setattr(publish, "discard", fail)
    events: list[Event] = []
    session(project, events).discard()
    assert events == [Note(None, "cannot delete it")]


def test_the_cache_is_not_asked_where_all_is_to_be_made_anew(project: Project) -> None:
    each = session(project, [])
    plan = each.plan(each.manifest.models[0])
    assert plan is not None
    assert each.prepare(plan, cached=False) is None
    assert each.prepare(plan) is not None


def test_a_bug_in_planning_one_model_is_that_models_failure(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("tfjs_build.session.plan", fail)
    events: list[Event] = []
    each = session(project, events)
    assert each.plan(each.manifest.models[0]) is None
    (failed,) = events
    assert isinstance(failed, Failed)
    assert failed.message == "a bug in tfjs-build: ZeroDivisionError: division by zero"
    assert each.code == 3


def test_stubs_that_were_moved_are_missing_until_each_is_built(project: Project) -> None:
    project.manifest(TWO.replace("src/models", "lib"))
    assert [event["model"] for event in project.run("build", "a", "--json").of("written")] == ["a"]
    check = project.run("build", "--check", "--json")
    assert check.code == 1
    assert check.of("stale") == [{"event": "stale", "model": "b", "reasons": ["lib/b.ts is missing"]}]
    assert project.run("build").code == 0
    assert {path for path in project.files() if path.endswith(".ts")} == {"lib/a.ts", "lib/b.ts", "lib/_runtime.d.ts"}


def test_what_is_not_available_is_refused_though_it_was_built_before(project: Project) -> None:
    project.manifest(
        TWO.replace("    source: a.keras\n", "    source: a.keras\n    engine: tensorflow\n    format: layers\n")
    )
    for arguments in (("build",), ("build", "--force"), ("build", "--check")):
        result = project.run(*arguments, "--json")
        assert result.code == 1
        assert [event["message"] for event in result.of("failed")] == ["`engine: tensorflow` gives a graph, not layers"]


def test_a_state_that_is_not_ours_is_replaced(project: Project) -> None:
    state = project.root / ".tfjs-build" / "tfjs.yaml.state.json"
    for nonsense in ('{"format": 2, "models": {"a": {"fields": 5, "files": [1]}}}', "[" * 100_000):
        state.write_text(nonsense)
        assert project.run("build", "--json").steps == ["fresh", "fresh", "stopped"]
    state.unlink()
    state.mkdir()
    assert project.run("build", "--force", "--json").steps.count("written") == 2
    assert state.is_file()
    assert not list(state.parent.glob("*.tmp"))


def test_a_hostile_model_json_names_no_file_elsewhere(project: Project) -> None:
    victim = project.root / "LICENSE"
    victim.write_bytes(b"mine")
    index = project.root / "public/models/a/model.json"
    content = json.loads(index.read_bytes())
    ours = content["userDefinedMetadata"][KEY]
    ours["shards"]["../../../LICENSE"] = sha256_bytes(b"mine")
    ours["digest"] = ""
    ours["digest"] = sha256_bytes(dumps(content).encode() + b"\n")
    index.write_bytes(dumps(content).encode() + b"\n")
    (project.root / ".tfjs-build" / "tfjs.yaml.state.json").unlink()
    assert project.run("build", "--check").code == 1
    assert project.run("clean").code == 0
    assert victim.exists()


def test_templates_that_do_not_say_whose_they_are(project: Project) -> None:
    (project.root / "mine").mkdir()
    (project.root / "mine/stub.ts.j2").write_text("export const name = {{ model.name | js }};\n")
    project.manifest(TWO.replace("stubs:", "templates: mine\nstubs:"))
    assert project.run("build").code == 0
    stub = (project.root / "src/models/a.ts").read_text()
    assert stub == '// Generated by tfjs-build\nexport const name = "a";\n'
    for path in (project.root / ".tfjs-build").iterdir():
        if path.is_file():
            path.unlink()
    assert project.run("build", "--force").code == 0
    assert project.run("clean").code == 0
    assert {path for path in project.files() if path.startswith(("src", "public"))} == set()


STUCK = """
import errno, sys
from pathlib import Path
from tfjs_build import cli
unlink = Path.unlink
def stuck(path, missing_ok=False):
    if path.name == "model.json" and path.parent.name == "a":
        raise OSError(errno.EACCES, "Permission denied", str(path))
    unlink(path, missing_ok)
Path.unlink = stuck
sys.exit(cli.main())
"""


def test_clean_remembers_what_it_could_not_remove(project: Project) -> None:
    result = project.run("clean", "--json", code=STUCK)
    assert result.code == 1
    (failed,) = result.of("failed")
    assert (failed["model"], failed["message"]) == ("a", "cannot delete public/models/a/model.json: Permission denied")
    assert [event["model"] for event in result.of("removed")] == ["b"]
    assert project.run("clean").code == 0
    assert set(project.files()) == {"tfjs.yaml", "a.keras", "b.keras"}


def test_clean_leaves_what_another_manifest_in_the_folder_needs(project: Project) -> None:
    other = TWO.replace("  a:\n    source: a.keras\n", "").replace("  b:", "  c:")
    (project.root / "other.yaml").write_text(other)
    assert project.run("-c", "other.yaml", "build").code == 0
    before = project.files()
    assert project.run("-c", "other.yaml", "clean").code == 0
    assert {path: content for path, content in before.items() if "/c" not in path} == project.files()
    assert project.run("build", "--json").steps == ["fresh", "fresh", "stopped"]
    assert project.run("clean").code == 0
    assert set(project.files()) == {"tfjs.yaml", "other.yaml", "a.keras", "b.keras"}
    assert not (project.root / ".tfjs-build").exists()
