"""The kinds of sources: all that is to be known of one stands in its module, so that another is one module more."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
from pathlib import Path
from typing import get_args

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY, Project
from tests.watch.published import read_whole
from tests.watch.watching import watching
from tfjs_build import sources
from tfjs_build.manifest import schema
from tfjs_build.model import InputFormat
from tfjs_build.sources.registry import KINDS

ADDED = """
import os
import typing
from tfjs_build import model, sources

model.InputFormat = typing.Literal[(*typing.get_args(model.InputFormat), "made_up")]
sources.__path__.append(os.path.dirname(__file__))
"""

MADE_UP = '''
"""A kind of source for a test: a folder with `made.txt`, and a Keras file in `parts/`; or one that is made from it."""

import shutil
from pathlib import Path

from tfjs_build.errors import SourceError
from tfjs_build.sources.keras import KIND as KERAS
from tfjs_build.sources.kind import Kind, Scheme

MADE = Path(__file__).parent / "made"


class MadeUp(Kind):
    input_format = "made_up"
    called = "a made-up model"
    schemes = (Scheme("made:", "[a-z]+", "a made-up model is a word"),)
    reference = "made: word"
    endings = file_names = (".made",)
    begins = (b"MADE",)
    folder_files = ("made.txt",)
    folders = ("parts",)
    keys = ("outputs",)

    def files(self, path):
        if path.is_file():
            return {"": path}
        return {name: path / name for name in ("made.txt", "parts/net.keras")}

    def complete(self, path):
        return "incomplete" if (path / "parts" / "unfinished").exists() else super().complete(path)

    def located(self, reference):
        if not self.has_scheme(reference):
            return reference
        if not MADE.exists():
            raise SourceError(f"{reference} has not been made")
        return str(MADE)

    def needs_preparing(self, model):
        return self.has_scheme(model.source) and not MADE.exists()

    def prepare(self, task, progress):
        progress("making", 0.0)
        shutil.copytree(task.model.source.removeprefix("made:"), task.staging)
        task.staging.rename(MADE)
        return MADE

    def open(self, path, model):
        return KERAS.open(path / "parts" / "net.keras", model)


KIND = MadeUp()
'''


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PYTHONPATH with a module for the kind, which every Python there adds to those that there are."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(ADDED, encoding="utf-8")
    (folder / "made_up.py").write_text(MADE_UP, encoding="utf-8")
    return f"{folder}{os.pathsep}{REPOSITORY}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "app")
    (project.root / "net" / "parts").mkdir(parents=True)
    (project.root / "net" / "made.txt").write_text("made", encoding="utf-8")
    write_dense(project.root / "net" / "parts" / "net.keras")
    return project


def manifest(source: str, options: str = "") -> str:
    return f"version: 1\noutput: models\nmodels:\n  net: {{source: {json.dumps(source)}{options}}}\n"


def test_the_kinds_are_those_of_the_manifest() -> None:
    names = [found.name for found in pkgutil.iter_modules(sources.__path__)]
    modules = {name: importlib.import_module(f"{sources.__name__}.{name}") for name in names}
    values = {name: module.KIND for name, module in modules.items() if hasattr(module, "KIND")}
    assert set(values) == set(get_args(InputFormat))
    assert {name: kind.input_format for name, kind in values.items()} == {name: name for name in values}
    assert {kind.input_format: kind for kind in KINDS} == values
    model = schema()["definitions"]["model"]["properties"]
    assert set(model["input_format"]["enum"]) == set(values)


@pytest.mark.parametrize("modules", ["manifest", "sources.opening, tfjs_build.sources.preparing"])
def test_to_know_the_kinds_costs_no_converter(project: Project, modules: str) -> None:
    slow = ["numpy", "h5py", "google.protobuf", "tarfile", "zipfile", "urllib.request", "difflib"]
    slow += [f"tfjs_build.{name}" for name in ("hub", "convert.keras", "convert.saved_model", "convert.graph")]
    code = f"import sys, tfjs_build.{modules}; print([name for name in {slow} if name in sys.modules])"
    result = project.run(code=code)
    assert (result.out, result.err) == ("[]\n", "")


def test_a_kind_that_is_added_is_told_by_what_it_is(project: Project, path: str) -> None:
    for name, content in {"net.made": b"", "other": b"MADE", "unknown": b"?"}.items():
        (project.root / name).write_bytes(content)
    project.manifest(
        "version: 1\noutput: models\nmodels:\n"
        + "".join(
            f"  {name}: {{source: {source}}}\n"
            for name, source in {"a": "net", "b": "net.made", "c": "other", "d": "unknown", "e": "{made: word}"}.items()
        )
    )
    told = project.run("doctor", env={"PYTHONPATH": path}).err
    for name in "abc":
        assert f"ok  {name}: a source of the kind made_up\n" in told
    assert (
        "Known by their names: .keras, .h5, .hdf5, .made, .pb, .tar.gz, model.json, .tflite, and SavedModel folders."
        in told
    )
    assert "NO  e: made:word has not been made\n" in told


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("a.made", ", tags: [a]", "`tags` is not an option of a made-up model: only a SavedModel has any"),
        ("made: A", "", "a made-up model is a word, not `A`"),
        ("made:a", ", input_format: keras", "a made-up model is not a Keras file"),
        ("a", ", input_format: made", "tf_frozen_model, tfjs, tflite, python or made_up, not `made`"),
        (
            "https://",
            "",
            "`source` takes a path, an https address, made: word, or python: package.module:function, not",
        ),
    ],
)
def test_the_manifest_knows_a_kind_that_is_added(
    project: Project, path: str, source: str, options: str, message: str
) -> None:
    project.manifest(manifest(source, options))
    result = project.run("build", "--dry-run", env={"PYTHONPATH": path})
    assert result.code == 2
    assert message in result.err


def test_a_kind_that_is_added_is_built_and_watched(project: Project, path: str) -> None:
    project.manifest(manifest("net"))
    with watching(project.root, prefix=["env", f"PYTHONPATH={path}"]) as watch:
        first = watch.until("written", model="net")
        watch.until("ready")
        parts = project.root / "net" / "parts"
        (parts / "unfinished").touch()
        write_dense(parts / "net.keras", seed=1)
        assert watch.until("waiting", model="net")["finding"] == "incomplete"
        (parts / "unfinished").unlink()
        second = watch.until("written", model="net")
        assert second["version"] != first["version"]
    assert read_whole(project.root / "models" / "net") == second["version"]
    (explained,) = project.run("explain", "--json", env={"PYTHONPATH": path}).of("explained")
    assert explained["reasons"] == []
    assert explained["fields"]["input_format"] == "made_up"
    assert {"source made.txt", "source parts/net.keras"} <= explained["fields"].keys()
    assert explained["fields"]["format"] == "auto"


def test_a_kind_that_is_added_is_prepared(project: Project, path: str) -> None:
    project.manifest(manifest("made:net"))
    env = {"PYTHONPATH": path}
    check = project.run("build", "--check", "--json", env=env)
    assert [event["message"] for event in check.of("failed")] == ["made:net has not been made"]
    result = project.run("build", "--json", env=env)
    assert (result.code, [event["model"] for event in result.of("written")]) == (0, ["net"]), result
    assert project.run("build", "--check", env=env).code == 0
