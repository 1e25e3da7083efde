"""Keras's own saves, as a notebook makes them while the watch runs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.conversion.oracle import python
from tests.support.project import REPOSITORY, Project
from tests.watch.published import read_whole
from tests.watch.watching import watching

NOTEBOOK = """
import os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, tf_keras
def net(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(3)])
nets = {"keras": net(keras), "tf_keras": net(tf_keras)}
print("open", flush=True)
for line in sys.stdin:
    generation, way, path = line.split()
    each = nets[generation]
    each.set_weights([weight + 1 for weight in each.get_weights()])
    each.export(path) if way == "export" else each.save(path)
    print("saved", flush=True)
"""


class Notebook:
    """A Python with Keras that saves when it is told to."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [python(), "-W", "ignore", "-c", NOTEBOOK],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            text=True,
        )
        self._until("open")

    def save(self, generation: str, way: str, path: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{generation} {way} {path}\n")
        self.process.stdin.flush()
        self._until("saved")

    def _until(self, word: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:  # an export prints more than that
            if line.strip() == word:
                return
        raise AssertionError("the notebook ended")


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    each = Notebook()
    yield each
    for pipe in (each.process.stdin, each.process.stdout):
        assert pipe is not None
        pipe.close()
    each.process.wait()


@pytest.mark.full
@pytest.mark.parametrize("generation", ["keras", "tf_keras"])
@pytest.mark.parametrize(("way", "name"), [("save", "net.keras"), ("save", "net.h5"), ("export", "net")])
def test_a_save_of_keras_is_published(
    project: Project, notebook: Notebook, generation: str, way: str, name: str
) -> None:
    project.manifest(f"version: 1\noutput: public\nmodels:\n  net: {{source: {name}}}\n")
    notebook.save(generation, way, project.root / name)
    with watching(project.root) as watch:
        version = watch.until("written", model="net")["version"]
        watch.until("ready")
        for _ in range(3):
            notebook.save(generation, way, project.root / name)
            before, version = version, watch.until("written", model="net")["version"]
            assert version != before
            assert read_whole(project.root / "public" / "net") == version
            # Each save is published once: what was half written is never converted.
            assert project.run("build", "--check").code == 0
        watch.end()
    assert len(watch.said("written")) == 4
    assert watch.said("failed") == []
