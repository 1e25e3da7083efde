"""The wheel, installed into an empty environment: it converts without TensorFlow, and is small."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY

UV = REPOSITORY / ".tools" / "bin" / "uv"
MANIFEST = "version: 1\noutput: public/models\nstubs: src/models\nmodels:\n  net:\n    source: net.keras\n"
BUDGET_MB = 120


def run(*command: str | Path, cwd: Path) -> str:
    # Nothing of this checkout may help.
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which nothing but the wheel and its dependencies is installed, in the versions of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    versions = folder / "versions.txt"
    versions.write_text("".join(f"{each.name}=={each.version}\n" for each in distributions()))
    run(UV, "build", "--quiet", "--wheel", "--build-constraints", versions, "--out-dir", folder, REPOSITORY, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    run(UV, "venv", "--quiet", "--python", sys.executable, "env", cwd=folder)
    run(UV, "pip", "install", "--quiet", "--constraints", versions, "--python", "env", wheel, cwd=folder)
    return folder / "env"


def test_it_converts(environment: Path, tmp_path: Path) -> None:
    write_dense(tmp_path / "net.keras")
    (tmp_path / "tfjs.yaml").write_text(MANIFEST)
    run(environment / "bin" / "tfjs-build", "build", cwd=tmp_path)
    assert (tmp_path / "public/models/net/model.json").exists()
    assert (tmp_path / "src/models/net.ts").exists()
    run(environment / "bin" / "tfjs-build", "build", "--check", cwd=tmp_path)
    run(environment / "bin" / "tfjs-build", "report", cwd=tmp_path)  # its page is made of files beside the modules


def test_tensorflow_is_not_there(environment: Path) -> None:
    packages = {path.name for path in environment.glob("lib/*/site-packages/*")}
    assert not {name for name in packages if name.lower().startswith(("tensorflow", "keras", "tf_keras"))}


def test_its_size(environment: Path) -> None:
    size = sum(path.lstat().st_size for path in environment.rglob("*") if path.is_file() and not path.is_symlink())
    assert size / 1024**2 <= BUDGET_MB, f"{size / 1024**2:.0f} MB"
