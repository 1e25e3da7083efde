"""What the tests of the stubs run in: a folder from which Node finds TensorFlow.js and the TypeScript compiler."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

NODE = Path(__file__).parents[2] / "node"


@pytest.fixture(scope="session")
def node() -> Path:
    """`tests/node`, with its packages installed."""
    if not (NODE / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=NODE, check=True)
    return NODE


@pytest.fixture
def work(node: Path) -> Iterator[Path]:
    """A folder of the test's own below `tests/node`."""
    yield from _folder(node)


@pytest.fixture(scope="module")
def work_of_module(node: Path) -> Iterator[Path]:
    """The same for all tests of a module together."""
    yield from _folder(node)


def _folder(node: Path) -> Iterator[Path]:
    (node / ".work").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=node / ".work") as folder:
        yield Path(folder)
