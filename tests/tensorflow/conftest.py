"""The models that the tests here share, written by TensorFlow once, and the environment in which it is found."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.conversion import oracle
from tests.conversion.build import without_tensorflow
from tests.conversion.node import WORK
from tests.support.project import REPOSITORY

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def written() -> Iterator[Path]:
    """The folder of models and their numbers."""
    with TemporaryDirectory() as folder:
        subprocess.run([oracle.python(), HERE / "write.py", folder], check=True)
        yield Path(folder)


@pytest.fixture(scope="session")
def with_tensorflow() -> dict[str, str]:
    """An environment in which tfjs-build itself cannot import TensorFlow, and is told of a Python that can."""
    return {"TFJS_BUILD_WORKER": str(oracle.python()), "PYTHONPATH": str(REPOSITORY)}


@contextmanager
def project_with_code() -> Iterator[Path]:
    """Make a project with code, from which Node finds TensorFlow.js."""
    WORK.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=WORK) as name:
        shutil.copytree(HERE / "project", Path(name, "project"))
        yield Path(name, "project")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Such a project."""
    with project_with_code() as made:
        yield made


@pytest.fixture
def without(tmp_path: Path) -> dict[str, str]:
    """An environment without TensorFlow."""
    return {**without_tensorflow(tmp_path), "HOME": os.environ.get("HOME", "/")}
