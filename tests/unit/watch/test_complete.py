"""Whether a source is all there, at every length that a writer may have got to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY
from tfjs_build.sources.detect import probe

SAVED_MODEL = REPOSITORY / "examples" / "digits" / "model" / "digits_saved_model"


def cut(path: Path, length: int) -> Path:
    part = path.with_name(f"part{path.suffix}")
    part.write_bytes(path.read_bytes()[:length])
    return part


def test_an_archive_is_complete_at_its_end_only(tmp_path: Path) -> None:
    path = write_dense(tmp_path / "net.keras")
    assert probe(path) == "complete"
    for length in range(4, path.stat().st_size - 1, 37):
        assert probe(cut(path, length)) == "incomplete", length


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_an_hdf5_file_is_complete_at_its_end_only(tmp_path: Path, version: str) -> None:
    path = tmp_path / "net.h5"
    with h5py.File(path, "w", libver=version) as file:
        for index in range(5):
            file.create_dataset(f"group/{index}", data=np.random.default_rng(index).normal(size=(20, 30)))
            assert probe(path) == "incomplete"
    assert probe(path) == "complete"
    for length in range(8, path.stat().st_size - 1, 301):
        assert probe(cut(path, length)) == "incomplete", length


def test_what_does_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "frozen.pb"
    assert probe(path) == "missing"
    path.write_bytes(b"")
    assert probe(path) == "doubtful"
    path.write_bytes(b"\x0a\x05")
    assert probe(path) == "likely"


@pytest.fixture
def saved_model(tmp_path: Path) -> Path:
    """A SavedModel whose files have the times that TensorFlow gives them."""
    folder = tmp_path / "net"
    shutil.copytree(SAVED_MODEL, folder)
    in_order = [
        "variables/variables.data-00000-of-00001",
        "variables/variables.index",
        "saved_model.pb",
        "fingerprint.pb",
    ]
    for time, name in enumerate(in_order):
        os.utime(folder / name, (1000 + time, 1000 + time))
    return folder


def test_a_saved_model_is_complete_once_its_fingerprint_is_written(saved_model: Path) -> None:
    assert probe(saved_model) == "likely"
    os.utime(saved_model / "variables" / "variables.index", (2000, 2000))
    assert probe(saved_model) == "doubtful"  # a save over an older one, before the program is written
    os.utime(saved_model / "saved_model.pb", (2001, 2001))
    assert probe(saved_model) == "doubtful"
    os.utime(saved_model / "fingerprint.pb", (2002, 2002))
    assert probe(saved_model) == "likely"


@pytest.mark.parametrize(
    "name", ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"]
)
def test_a_saved_model_without_one_of_its_files(saved_model: Path, name: str) -> None:
    (saved_model / name).unlink()
    assert probe(saved_model) == "incomplete"


def test_a_saved_model_in_the_middle_of_a_save(saved_model: Path) -> None:
    index = saved_model / "variables" / "variables.index"
    whole = index.read_bytes()
    index.write_bytes(whole[:-1])
    assert probe(saved_model) == "incomplete"
    index.write_bytes(whole)
    (saved_model / "variables" / "variables_temp").mkdir()
    assert probe(saved_model) == "incomplete"


def test_shards_are_counted(saved_model: Path) -> None:
    variables = saved_model / "variables"
    (variables / "variables.data-00000-of-00001").rename(variables / "variables.data-00000-of-00002")
    assert probe(saved_model) == "incomplete"
    (variables / "variables.data-00001-of-00002").write_bytes(b"")
    assert probe(saved_model) != "incomplete"


def test_a_folder_of_another_kind_is_what_the_build_says_it_is(tmp_path: Path) -> None:
    assert probe(tmp_path) == "incomplete"
    (tmp_path / "model.json").write_text("{}")
    assert probe(tmp_path) == "likely"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "net.keras")
    assert probe(tmp_path / "net.keras") == "doubtful"
    (tmp_path / "saved/variables").mkdir(parents=True)
    (tmp_path / "saved/saved_model.pb").write_bytes(b"model")
    os.mkfifo(tmp_path / "saved/variables/variables.index")
    assert probe(tmp_path / "saved") == "doubtful"
