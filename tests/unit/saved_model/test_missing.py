"""SavedModels of which a part was not copied, and files under a wrong name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.unit.saved_model.making import Model, Type, write_checkpoint
from tests.unit.saved_model.test_reader import dense_model
from tests.unit.saved_model.test_tables import vocabulary
from tfjs_build.convert.saved_model import open_frozen_graph, open_saved_model
from tfjs_build.errors import SourceError

COPY = "Copy all that the export wrote: saved_model.pb with the folders `variables` and `assets` beside it."
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 4567\n"


def fault(folder: Path) -> str:
    with pytest.raises(SourceError) as caught, open_saved_model(folder) as artifacts:
        for weight in artifacts.weights:
            list(weight.blocks())
    return str(caught.value).replace(str(folder), "PATH")


def frozen_fault(path: Path) -> str:
    with pytest.raises(SourceError) as caught, open_frozen_graph(path, outputs=("y",)):
        pass
    return str(caught.value).replace(str(path), "PATH")


@pytest.mark.parametrize(
    ("remove", "message"),
    [
        (
            lambda folder: shutil.rmtree(folder / "variables"),
            "PATH lacks the folder `variables`, which holds the numbers of the model: there is only its graph.",
        ),
        (
            lambda folder: (folder / "variables/variables.index").unlink(),
            "PATH/variables lacks variables.index, without which its data cannot be read.",
        ),
        (
            lambda folder: [path.unlink() for path in (folder / "variables").iterdir()],
            "PATH/variables lacks variables.index.",
        ),
        (
            lambda folder: (folder / "variables/variables.data-00000-of-00001").unlink(),
            "PATH/variables/variables.data-00000-of-00001 is missing, the file that holds the model's numbers.",
        ),
    ],
    ids=["the folder", "the index", "all files", "the data"],
)
def test_a_model_without_its_variables(tmp_path: Path, remove: Callable[[Path], object], message: str) -> None:
    remove(dense_model().save(tmp_path))
    assert fault(tmp_path) == f"{message}\n{COPY}"


def test_one_of_several_data_files_is_missing(tmp_path: Path) -> None:
    model = dense_model()
    model.save(tmp_path)
    write_checkpoint(tmp_path / "variables" / "variables", model.tensors, shards=2)
    for path in (tmp_path / "variables").glob("*.data-*"):
        path.unlink()
    assert fault(tmp_path) == (
        "PATH/variables/variables.data-00000-of-00002 is missing, one of 2 files that hold the model's numbers."
        f"\n{COPY}"
    )


def test_variables_that_nothing_reads_may_be_missing(tmp_path: Path) -> None:
    model = dense_model()
    model.node("Tanh", "tanh", ["serving_default_x"], T=Type("float32"))
    model.meta.signature_def.clear()
    model.signature({"x": "serving_default_x:0"}, {"y": "tanh:0"})
    shutil.rmtree(model.save(tmp_path) / "variables")
    with open_saved_model(tmp_path) as artifacts:
        assert not artifacts.weights


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("assets", "PATH lacks the folder `assets`: its file vocabulary.txt is missing, which fills the table table."),
        ("assets/vocabulary.txt", "PATH/assets/vocabulary.txt is missing, which fills the table table."),
    ],
)
def test_a_model_without_its_assets(tmp_path: Path, gone: str, message: str) -> None:
    vocabulary(tmp_path, "the\na\n").save(tmp_path)
    path = tmp_path / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert fault(tmp_path) == f"{message}\n{COPY}"


@pytest.mark.parametrize(
    "name", ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"]
)
def test_pointers_of_git_lfs(tmp_path: Path, name: str) -> None:
    dense_model().save(tmp_path)
    (tmp_path / name).write_bytes(POINTER)
    assert fault(tmp_path) == f"PATH/{name} is a pointer of Git LFS, not the file itself.\nRun `git lfs pull`."


def test_a_pointer_for_a_vocabulary(tmp_path: Path) -> None:
    vocabulary(tmp_path, POINTER.decode()).save(tmp_path)
    assert "PATH/assets/vocabulary.txt is a pointer of Git LFS" in fault(tmp_path)


def test_a_saved_model_under_another_name(tmp_path: Path) -> None:
    folder = dense_model().save(tmp_path)
    path = (folder / "saved_model.pb").rename(folder / "frozen.pb")
    assert frozen_fault(path) == (
        "PATH is the file of a SavedModel, which is called saved_model.pb, and not a frozen graph.\n"
        "A SavedModel is a folder: call the file saved_model.pb again, keep the folders `variables` and `assets` beside"
        " it, and let `source` name the folder that holds them."
    )


def test_a_frozen_graph_under_the_name_of_a_saved_model(tmp_path: Path) -> None:
    model = Model()
    model.const("y", np.ones(2))
    (tmp_path / "saved_model.pb").write_bytes(model.graph.SerializeToString())
    assert fault(tmp_path) == (
        "PATH/saved_model.pb is a frozen graph, not a SavedModel as its name says.\n"
        "Give the file another name, let `source` name it, and say its `outputs`."
    )
    with open_frozen_graph(tmp_path / "saved_model.pb", outputs=("y",)) as artifacts:
        assert artifacts.signature.outputs
