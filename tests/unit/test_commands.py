"""The small commands, and what is said where there is nothing to do."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import Project
from tfjs_build.convert import quantize
from tfjs_build.convert.artifacts import Weight
from tfjs_build.errors import Location, ModelError
from tfjs_build.job import Job, run
from tfjs_build.manifest import load
from tfjs_build.model import Model, Quantize
from tfjs_build.sources.opening import open_artifacts
from tfjs_build.sources.resolve import Source, resolve

HEADER = "version: 1\noutput: public/models\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "app")


@pytest.mark.parametrize("text", ["x", "0", "-1", "1.5", "", "²"])
def test_a_number_that_is_none(project: Project, text: str) -> None:
    result = project.run("build", "-j", text)
    assert result.code == 2
    assert result.err.endswith(f"argument -j: expected a positive integer, not {text!r}\n")


def test_a_manifest_without_models(project: Project) -> None:
    project.manifest(HEADER + "models: {}\n")
    for arguments in (["build"], ["build", "--check"]):
        result = project.run(*arguments)
        assert (result.code, result.out, result.err) == (0, "", "  no models in tfjs.yaml\n")
    result = project.run("clean")
    assert (result.code, result.out, result.err) == (0, "", "  nothing to remove\n")


def test_init_leaves_out_what_a_manifest_cannot_name(project: Project) -> None:
    for name in ("net.keras", "two\nlines.keras", "control\x07.h5"):
        write_dense(project.root / name)
    with contextlib.suppress(OSError):  # some file systems have no such name
        os.close(os.open(os.fsencode(project.root) + b"/half\xff.keras", os.O_CREAT))
    result = project.run("init")
    assert (result.code, result.out) == (0, ""), result
    assert r"two\nlines.keras" in result.err
    assert [model.source for model in load(project.root / "tfjs.yaml").models] == [str(project.root / "net.keras")]
    assert project.run("build").code == 0


def test_doctor_opens_the_sources(project: Project) -> None:
    (project.root / "model.json").write_text(json.dumps({"weightsManifest": [{"paths": ["gone.bin"]}]}))
    write_dense(project.root / "net.keras")
    project.manifest(HEADER + "models:\n  net: {source: net.keras}\n  web: {source: model.json}\n")
    result = project.run("doctor")
    assert (result.code, result.out) == (1, "")
    assert "ok  net: a source of the kind keras\n" in result.err
    assert f"NO  web: cannot read {project.root}/gone.bin: No such file or directory\n" in result.err


def test_doctor_looks_for_what_a_shared_cache_needs(project: Project) -> None:
    project.manifest(HEADER + "cache: s3://bucket\nmodels: {}\n")
    code = "import sys; sys.modules['fsspec'] = None\nfrom tfjs_build.cli import main; sys.exit(main())"
    result = project.run("doctor", code=code)
    assert result.code == 1
    assert 'NO  fsspec can be imported, for the shared cache: pip install "tfjs-build[cache]"\n' in result.err


def test_the_schema_is_for_programs(project: Project) -> None:
    result = project.run("schema")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["type"] == "object"


def test_a_failure_names_the_key_that_is_to_blame(project: Project) -> None:
    path = write_dense(project.root / "net.keras")
    model = Model("net", str(path), Location(Path("tfjs.yaml"), 1, 1), rename={"z": "scores"})
    with pytest.raises(ModelError) as caught:
        run(Job(model, resolve(model), None, None, project.root / "staging"), lambda _step, _fraction: None)
    assert caught.value.key == "rename"

    weights = [Weight("w", (1,), "float32", lambda: iter(()))]
    with pytest.raises(ModelError) as caught:
        quantize.choose(Quantize({"uint8": ("v",)}), weights)
    assert caught.value.key == "quantize"

    model = Model("net", str(path), Location(Path("tfjs.yaml"), 1, 1), engine="tensorflow")
    with pytest.raises(ModelError) as caught, open_artifacts(model, Source("tfjs", str(path), {})):
        pass
    assert caught.value.key == "engine"
