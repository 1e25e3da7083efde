"""Every kind of save that editors, Keras, `cp`, `rsync`, `mv` and git make is published, once it is complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.support.keras_files import write_dense
from tests.support.project import REPOSITORY, Project
from tests.unit.saved_model.making import put_right
from tests.watch.conftest import MANIFEST
from tests.watch.published import read_whole
from tests.watch.watching import Watching, watching

DIGITS = REPOSITORY / "examples" / "digits" / "model"
SAVED_MODEL = DIGITS / "digits_saved_model"


def in_place(new: Path, target: Path) -> None:
    target.write_bytes(new.read_bytes())


def in_pieces(new: Path, target: Path) -> None:
    """A writer that takes longer between two pieces than it takes the watch to look."""
    data = new.read_bytes()
    step = len(data) // 4 + 1
    with target.open("wb", buffering=0) as file:
        for start in range(0, len(data), step):
            file.write(data[start : start + step])
            threading.Event().wait(0.15)


def beside_and_renamed(new: Path, target: Path) -> None:
    """As Keras's checkpoints, Vim with `backupcopy=no`, and most editors do."""
    beside = target.with_name(f".{target.name}.tmp")
    shutil.copyfile(new, beside)
    beside.replace(target)


def with_backup(new: Path, target: Path) -> None:
    """As Vim does by default: the old one is moved away, the new one is written, the old one is deleted."""
    backup = target.with_name(f"{target.name}~")
    target.rename(backup)
    shutil.copyfile(new, target)
    backup.unlink()


def deleted_first(new: Path, target: Path) -> None:
    target.unlink()
    threading.Event().wait(0.2)
    shutil.copyfile(new, target)


def from_elsewhere(new: Path, target: Path) -> None:
    shutil.move(new, target)


def cp(new: Path, target: Path) -> None:
    subprocess.run(["cp", new, target], check=True)


def cp_with_its_times(new: Path, target: Path) -> None:
    os.utime(new, (1_000_000_000, 1_000_000_000))  # older than what it replaces
    subprocess.run(["cp", "-p", new, target], check=True)


def rsync(new: Path, target: Path) -> None:
    subprocess.run(["rsync", "--times", "--checksum", new, target], check=True)


def rsync_in_place(new: Path, target: Path) -> None:
    subprocess.run(["rsync", "--inplace", "--ignore-times", new, target], check=True)


def folder_replaced(new: Path, target: Path) -> None:
    """As a training run does that starts from an empty folder."""
    shutil.rmtree(target.parent)
    target.parent.mkdir()
    shutil.copyfile(new, target)


def folder_moved_in(new: Path, target: Path) -> None:
    beside = target.parent.with_name("training.new")
    beside.mkdir()
    shutil.copyfile(new, beside / target.name)
    target.parent.rename(target.parent.with_name(f"training.{new.stat().st_mtime_ns}"))
    beside.rename(target.parent)


QUICK = [in_pieces, beside_and_renamed, deleted_first, folder_moved_in]
SAVES = [
    *QUICK,
    in_place,
    with_backup,
    from_elsewhere,
    cp,
    cp_with_its_times,
    rsync,
    rsync_in_place,
    folder_replaced,
]


def settled(watch: Watching, project: Project, before: str) -> str:
    """Wait for the next publication, see that it is whole and that nothing failed, and return its version."""
    version: str = watch.until("written", model="net")["version"]
    assert version != before
    assert read_whole(project.root / "public/models/net") == version
    assert watch.said("failed") == []
    return version


@pytest.mark.parametrize(
    "arguments", [(), pytest.param(("--poll",), marks=pytest.mark.full)], ids=["events", "polling"]
)
@pytest.mark.parametrize(
    "save", [pytest.param(save, marks=() if save in QUICK else pytest.mark.full) for save in SAVES]
)
def test_a_save_is_published(
    project: Project, tmp_path: Path, save: Callable[[Path, Path], None], arguments: tuple[str, ...]
) -> None:
    with watching(project.root, *arguments) as watch:
        version = settled(watch, project, "")
        watch.until("ready")
        for seed in (1, 2):
            save(write_dense(tmp_path / "new.keras", seed=seed), project.root / "training" / "net.keras")
            version = settled(watch, project, version)


def test_hdf5_files_are_published_when_they_are_closed(project: Project) -> None:
    """The file of a program that goes on writing, and flushes as it does."""
    project.manifest(MANIFEST.replace("net.keras", "net.h5"))
    config = '{"class_name": "Sequential", "config": {"name": "s", "layers": [' + (
        '{"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 3], "dtype": "float32"}},'
        '{"class_name": "Dense", "config": {"name": "y", "units": 2, "activation": "linear", "use_bias": true,'
        '"dtype": "float32", "trainable": true, "kernel_initializer": null, "bias_initializer": null,'
        '"kernel_regularizer": null, "bias_regularizer": null, "activity_regularizer": null,'
        '"kernel_constraint": null, "bias_constraint": null}}]}}'
    )
    target = project.root / "training" / "net.h5"

    def save(seed: int) -> None:
        with h5py.File(target, "w") as file:
            file.attrs["model_config"] = config
            file.attrs["keras_version"] = "2.15.0"
            file.attrs["backend"] = "tensorflow"
            group = file.create_group("model_weights")
            group.attrs["layer_names"] = [b"y"]
            layer = group.create_group("y")
            layer.attrs["weight_names"] = [b"y/kernel:0", b"y/bias:0"]
            threading.Event().wait(0.2)
            file.create_dataset("padding", data=np.zeros(200_000))
            threading.Event().wait(0.2)
            layer["y/kernel:0"] = np.full((3, 2), seed, np.float32)
            layer["y/bias:0"] = np.zeros(2, np.float32)

    save(1)
    with watching(project.root) as watch:
        version = settled(watch, project, "")
        watch.until("ready")
        for seed in (2, 3):
            save(seed)
            version = settled(watch, project, version)


@pytest.fixture
def saved_model(project: Project) -> Project:
    project.manifest(MANIFEST.replace("net.keras", "net"))
    shutil.copytree(SAVED_MODEL, project.root / "training" / "net")
    return project


def change(folder: Path, seed: int) -> Path:
    """Give a copy of the digits SavedModel other weights."""
    shutil.copytree(SAVED_MODEL, folder)
    (data,) = (folder / "variables").glob("*.data-*")
    content = np.fromfile(data, np.uint8)
    content[125_000:134_000:4] ^= np.uint8(seed)  # in the middle of the last layer's kernel
    content.tofile(data)
    put_right(folder / "variables" / "variables")
    return folder


def copied_over(new: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", f"{new}/.", target], check=True)


def copied_slowly(new: Path, target: Path) -> None:
    """File after file, the program first, as a copy over a network may go."""
    shutil.rmtree(target)
    target.mkdir()
    for path in [new / "saved_model.pb", *(path for path in sorted(new.rglob("*")) if path.name != "saved_model.pb")]:
        copy = target / path.relative_to(new)
        if path.is_dir():
            copy.mkdir()
        else:
            shutil.copyfile(path, copy)
        threading.Event().wait(0.2)


def moved(new: Path, target: Path) -> None:
    shutil.rmtree(target)
    new.rename(target)


def rsync_folder(new: Path, target: Path) -> None:
    subprocess.run(["rsync", "-a", "--checksum", "--delete", f"{new}/", f"{target}/"], check=True)


@pytest.mark.parametrize(
    "save",
    [moved, *(pytest.param(each, marks=pytest.mark.full) for each in (copied_over, copied_slowly, rsync_folder))],
)
def test_a_saved_model_is_published(saved_model: Project, tmp_path: Path, save: Callable[[Path, Path], None]) -> None:
    with watching(saved_model.root) as watch:
        version = settled(watch, saved_model, "")
        watch.until("ready")
        for seed in (1, 2):
            save(change(tmp_path / f"new-{seed}", seed), saved_model.root / "training" / "net")
            version = settled(watch, saved_model, version)


def test_a_link_that_is_set_to_another_run(project: Project) -> None:
    runs = project.root / "runs"
    for seed in (1, 2):
        (runs / str(seed)).mkdir(parents=True)
        write_dense(runs / str(seed) / "net.keras", seed=seed)
    shutil.rmtree(project.root / "training")
    (project.root / "training").symlink_to("runs/1")
    with watching(project.root) as watch:
        version = settled(watch, project, "")
        watch.until("ready")
        (project.root / "next").symlink_to("runs/2")
        (project.root / "next").replace(project.root / "training")
        version = settled(watch, project, version)
        write_dense(runs / "2" / "net.keras", seed=3)
        settled(watch, project, version)


def test_switching_branches_back_and_forth(project: Project) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=project.root, check=True, capture_output=True)

    (project.root / ".gitignore").write_text("public\nsrc\n")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "other")
    write_dense(project.root / "training" / "net.keras", seed=1)
    git("commit", "-qam", "two")
    git("checkout", "-qb", "without")
    git("rm", "-q", "training/net.keras")
    git("commit", "-qm", "three")
    git("checkout", "-q", "main")
    with watching(project.root) as watch:
        first = settled(watch, project, "")
        watch.until("ready")
        git("checkout", "-q", "other")
        second = settled(watch, project, first)
        cached = {entry: entry.stat().st_mtime_ns for entry in (project.root / ".tfjs-build" / "cache").iterdir()}
        assert len(cached) == 2
        git("checkout", "-q", "main")
        assert settled(watch, project, second) == first
        # It was not converted again: what the cache holds was used.
        assert sum(entry.stat().st_mtime_ns != mtime for entry, mtime in cached.items()) == 1
        git("checkout", "-q", "without")
        gone = watch.until("waiting", model="net")
        assert gone["finding"] == "missing"
        assert gone["message"] == "training/net.keras is gone: what was published stays, until it is back"
        assert read_whole(project.root / "public/models/net") == first
        git("checkout", "-q", "other")
        assert settled(watch, project, first) == second


def test_a_burst_of_saves_ends_in_the_last_one(project: Project) -> None:
    target = project.root / "training" / "net.keras"
    with watching(project.root) as watch:
        settled(watch, project, "")
        watch.until("ready")
        started = len(watch.said("started"))
        for seed in range(1, 101):
            write_dense(target, seed=seed)
        expected = project.root.parent / "expected"
        shutil.copytree(project.root, expected, ignore=shutil.ignore_patterns("public", "src", ".tfjs-build"))
        (written,) = Project(expected).run("build", "--json").of("written")
        watch.until("written", model="net", version=written["version"])
        assert len(watch.said("started")) - started <= 2
        assert watch.said("failed") == []
