"""A model that is as it was when it was found fresh is not read again; one that is not, is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tfjs_build import fs
from tfjs_build.build import BuildOptions, build, check
from tfjs_build.convert import model_json
from tfjs_build.events import Event, Failed, Fresh, Stale
from tfjs_build.manifest import load

MANIFEST = """version: 1
output: models
stubs: stubs
templates: templates
models:
  net: { source: net.keras, labels: labels.txt }
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose model was found fresh, and may not be read again before it is changed."""
    monkeypatch.setattr(fs, "_RACY_NS", 0)  # else all that is younger than seconds may change unseen
    root = tmp_path / "project"
    (root / "templates").mkdir(parents=True)
    write_dense(root / "net.keras")
    (root / "labels.txt").write_text("yes\nno\n")
    (root / "tfjs.yaml").write_text(MANIFEST)
    assert _built(root) == 0
    assert _built(root) == 0
    return root


def _built(root: Path) -> int:
    return build(load(root / "tfjs.yaml"), BuildOptions(), lambda _: None)


def _checked(root: Path) -> list[Event]:
    events: list[Event] = []
    check(load(root / "tfjs.yaml"), (), events.append)
    return events


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every model.json that is parsed."""
    found: list[bytes] = []
    read = model_json.read

    def noted(data: bytes) -> model_json.Metadata | None:
        found.append(data)
        return read(data)

    monkeypatch.setattr(model_json, "read", noted)
    return found


def _version(root: Path) -> str:
    document = json.loads((root / "models/net/model.json").read_bytes())
    version: str = document["userDefinedMetadata"]["tfjs-build"]["version"]
    return version


def test_nothing_is_read_again(project: Path, reads: list[bytes]) -> None:
    assert _checked(project) == [Fresh("net", _version(project))]
    assert _built(project) == 0
    assert reads == []


def test_what_is_young_is_read_again(project: Path, reads: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fs, "_RACY_NS", 1 << 62)
    (project / "labels.txt").touch()
    for times in (1, 2):
        assert _built(project) == 0
        assert len(reads) == times


def _same_size(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def _option(root: Path) -> None:
    (root / "tfjs.yaml").write_text(MANIFEST.replace("labels:", "shard_size: 1KB, labels:"))


CHANGES: dict[str, Callable[[Path], object]] = {
    "the source": lambda root: write_dense(root / "net.keras", seed=1),
    "the labels": lambda root: (root / "labels.txt").write_text("ja\nnein\n"),
    "an option": _option,
    "a template": lambda root: (root / "templates/stub.ts.j2").write_text("// mine"),
    "model.json": lambda root: _same_size(root / "models/net/model.json"),
    "no model.json": lambda root: (root / "models/net/model.json").unlink(),
    "a shard": lambda root: _same_size(next((root / "models/net").glob("*.bin"))),
    "no shard": lambda root: next((root / "models/net").glob("*.bin")).unlink(),
    "the stub": lambda root: _same_size(root / "stubs/net.ts"),
    "no stub": lambda root: (root / "stubs/net.ts").unlink(),
    "the runtime": lambda root: _same_size(root / "stubs/_runtime.js"),
    "no runtime": lambda root: (root / "stubs/_runtime.d.ts").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(change: str, project: Path) -> None:
    CHANGES[change](project)
    assert [type(event) for event in _checked(project)] == [Stale]
    assert _built(project) == 0
    assert [type(event) for event in _checked(project)] == [Fresh]


def test_a_file_that_looks_the_same_by_size_and_time(project: Path) -> None:
    index = project / "models/net/model.json"
    times = index.stat().st_atime_ns, index.stat().st_mtime_ns
    _same_size(index)
    os.utime(index, ns=times)
    assert [type(event) for event in _checked(project)] == [Stale]


def test_a_source_that_is_gone(project: Path) -> None:
    (project / "net.keras").unlink()
    assert _built(project) == 1


def test_labels_that_are_gone(project: Path) -> None:
    (project / "labels.txt").unlink()
    (event,) = _checked(project)
    assert isinstance(event, Failed)
    assert "cannot read the labels" in event.message


def test_a_copy_is_looked_at(project: Path, tmp_path: Path, reads: list[bytes]) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    shutil.rmtree(project)
    copy.rename(project)
    assert [type(event) for event in _checked(project)] == [Fresh]
    assert len(reads) == 1


@pytest.mark.parametrize(
    "glances", [{"net": ["0" * 64, "1"]}, {"net": ["0" * 64]}, {"net": 3}, [], {"net": [1, 2]}, {"net": {}}]
)
def test_a_damaged_state_is_not_believed(glances: object, project: Path, reads: list[bytes]) -> None:
    path = project / ".tfjs-build/tfjs.yaml.state.json"
    state = json.loads(path.read_bytes())
    assert list(state["glances"]) == ["net"]
    path.write_text(json.dumps({**state, "glances": glances}))
    assert _checked(project) == [Fresh("net", _version(project))]
    assert len(reads) == 1


def test_another_version_is_not_believed(project: Path) -> None:
    path = project / ".tfjs-build/tfjs.yaml.state.json"
    path.write_text(path.read_text().replace(f'"{_version(project)}"]', '"0123456789abcdef"]'))
    assert _checked(project) == [Fresh("net", _version(project))]


def test_a_state_of_before_is_read(project: Path, reads: list[bytes]) -> None:
    path = project / ".tfjs-build/tfjs.yaml.state.json"
    state = json.loads(path.read_bytes())
    del state["glances"]
    path.write_text(json.dumps(state))
    assert [type(event) for event in _checked(project)] == [Fresh]
    assert len(reads) == 1
