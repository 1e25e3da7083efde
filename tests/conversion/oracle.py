"""The oracle's suites, recorded or written by a Python that has TensorFlow, and kept until scripts or versions change.

As a program it has all of them there. `make test` has it run in the background, beside tests that need no oracle.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.conversion.folders import own_folder
from tests.conversion.recorded import LARGE, archive_of, unpack
from tests.conversion.writers import Writers
from tests.oracle.registry import Network
from tests.oracle.writers import WRITERS
from tests.support.project import REPOSITORY

PYTHON_VARIABLE = "TFJS_BUILD_TEST_TF_PYTHON"
_DEFAULT_PYTHON = REPOSITORY / ".venv-tf" / "bin" / "python"
_CACHE = REPOSITORY / ".cache" / "oracle"
_SCRIPTS = REPOSITORY / "tests" / "oracle"
_LOCK = REPOSITORY / "requirements" / "oracle.txt"
ALL = ("graphs.ops", "graphs.models", "keras_matrix", "keras_layers", "exported", "reported")
"""Every suite, in the order in which the tests want them."""
CATALOGUE = "catalogue"
ORDINARY = ("0", "1")
"""The names of the two samples that every case has."""
_PACKAGES = ("tensorflow", "keras", "tf_keras", "numpy", "h5py")
_VERSIONS = f"""
import importlib.metadata, platform
print(platform.python_version(), platform.machine(), *map(importlib.metadata.version, {_PACKAGES!r}))
"""


@dataclass(frozen=True)
class Case:
    """A network as one writer saves it; its text is the model's name in the manifest and the test's id."""

    network: Network
    writer: str

    def __str__(self) -> str:
        return f"{self.writer}-{self.network.name}"


@dataclass(frozen=True)
class Files:
    """A case on disk: its source, and its numbers, `inputs` and `outputs` being stems of tensor files with a group a
    sample. `weight_elements` is how many numbers the model's weights hold, 0 where nobody counted; `classes` are the
    names of its layers' classes. `samples` are the names of the samples, the odd ones after the `ORDINARY`; `dropped`
    has the odd ones that the source itself does not take, with its reason. `scripts` is a hash of what wrote them, the
    same on every machine."""

    source: Path
    inputs: Path
    outputs: Path
    weight_elements: int
    classes: tuple[str, ...] = ()
    samples: tuple[str, ...] = ORDINARY
    dropped: Mapping[str, str] = field(default_factory=dict)
    scripts: str = ""


def cases(suite: str) -> list[Case]:
    """Return all cases of a suite, without running anything: networks import Keras only when they are built."""
    networks: Mapping[str, Network] = _suite(suite)
    return [
        Case(network, writer.name)
        for network in networks.values()
        for writer in WRITERS
        if writer.generation in network.generations and writer.name in network.writers
    ]


def files(suite: str) -> dict[str, Files]:
    """Return a suite's files by case, written now for the families whose scripts or versions have changed."""
    families = _families(suite)
    scripts = _scripts(suite, families)
    return {
        entry["case"]: Files(
            folder / entry["source"],
            folder / entry["inputs"],
            folder / entry["outputs"],
            entry.get("weight_elements", 0),
            tuple(entry.get("classes", ())),
            tuple(entry.get("samples", ORDINARY)),
            entry.get("dropped", {}),
            scripts[family],
        )
        for family, folder in zip(families, _folders(suite, families), strict=True)
        for entry in json.loads((folder / "index.json").read_text(encoding="utf-8"))
    }


def catalogue(suite: str) -> dict[str, Any]:
    """Return what a suite's `catalogue` function found in Keras."""
    (folder,) = _folders(suite, [CATALOGUE])
    content: dict[str, Any] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return content


@contextlib.contextmanager
def in_the_background() -> Iterator[None]:
    """Have every suite written meanwhile. Where that fails, it fails again, and is told, when a test asks for the
    suite."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / "background.txt").open("w") as log:
        command = [sys.executable, "-m", "tests.conversion.oracle"]
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def everything() -> Iterator[tuple[Path, Path]]:
    """Yield the archive of each family and catalogue that is to be recorded, and the folder with its files."""
    for suite in ALL:
        families = [family for family in _all_families(suite) if family not in LARGE]
        yield from zip(to_be_recorded(suite), _folders(suite, families), strict=True)


def to_be_recorded(suite: str) -> list[Path]:
    """Return the archives of a suite's families and of its catalogue, as they are to be."""
    families = [family for family in _all_families(suite) if family not in LARGE]
    return [archive_of(suite, family, digest) for family, digest in _scripts(suite, families).items()]


def written_anew(suite: str, family: str, folder: Path) -> Path:
    """Have a family written by TensorFlow below `folder`, recorded or not, and return where it is.

    Raises RuntimeError where the oracle fails."""
    with Writers(python()) as writers:
        _expect_none(suite, [each.result() for each in writers.submit(suite, folder, [family])])
    return folder / family


def main() -> None:
    """Have all suites there, those to be written by one set of processes: none of them waits for another between two
    suites, and a suite is there for others once its last family is."""
    with contextlib.ExitStack() as held, Writers(python()) as writers:
        locks = {suite: held.enter_context(contextlib.ExitStack()) for suite in ALL}
        unfinished = []
        for suite, lock in locks.items():
            lock.enter_context(_alone(suite))
            unfinished.append(_Unfinished(suite, _unpacked(suite, _missing(suite, _all_families(suite))), writers))
        for each, lock in zip(unfinished, locks.values(), strict=True):
            each.finish()
            lock.close()


@contextlib.contextmanager
def _alone(suite: str) -> Iterator[None]:
    """Wait until no other process writes a suite."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / f"{suite}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _suite(name: str) -> Mapping[str, Any]:
    suite: Mapping[str, Any] = _package(name).SUITE
    return suite


def _package(suite: str) -> ModuleType:
    return importlib.import_module(f"tests.oracle.{suite}")


def _families(suite: str) -> list[str]:
    """Return the families of a suite's cases."""
    return sorted({case.family for case in _suite(suite).values()})


def _all_families(suite: str) -> list[str]:
    """Return the families of a suite's cases, and its catalogue, if it has one."""
    return [*_families(suite), *([CATALOGUE] if hasattr(_package(suite), CATALOGUE) else [])]


def _folders(suite: str, families: Sequence[str]) -> list[Path]:
    """Return the folders of some of a suite's families, having those unpacked or written that are not there."""
    with _alone(suite):
        if missing := _unpacked(suite, _missing(suite, families)):
            with Writers(python()) as writers:
                _Unfinished(suite, missing, writers).finish()
    return list(_places(suite, families).values())


def _places(suite: str, families: Sequence[str]) -> dict[str, Path]:
    """Return where some of a suite's families are, or are to be: what is recorded depends on no version of here."""
    scripts = _scripts(suite, families)
    recorded = {family: digest for family, digest in scripts.items() if _is_recorded(suite, family, digest)}
    others = [family for family in families if family not in recorded]
    digests = {**recorded, **(_digests(suite, others, _versions(python())) if others else {})}
    return {family: _CACHE / suite / family / digests[family] for family in families}


def _missing(suite: str, families: Sequence[str]) -> dict[str, Path]:
    """Return the families that are not there, and where they are to be."""
    return {family: folder for family, folder in _places(suite, families).items() if not folder.exists()}


def _unpacked(suite: str, missing: Mapping[str, Path]) -> dict[str, Path]:
    """Put those of the missing families that are recorded into their places, and return the others."""
    scripts = _scripts(suite, list(missing))
    recorded = [family for family, digest in scripts.items() if _is_recorded(suite, family, digest)]
    beside = own_folder(_CACHE / suite, "unpacked")
    for family in recorded:
        unpack(archive_of(suite, family, scripts[family]), beside / family)
        _put(beside / family, missing[family])
    shutil.rmtree(beside, ignore_errors=True)
    return {family: folder for family, folder in missing.items() if family not in recorded}


def _is_recorded(suite: str, family: str, scripts: str) -> bool:
    """Return whether nobody need ask TensorFlow. Who names a Python of their own wants that to be asked."""
    return PYTHON_VARIABLE not in os.environ and archive_of(suite, family, scripts).exists()


def _put(made: Path, place: Path) -> None:
    """Move a family that is whole into its place, and forget older ones."""
    place.parent.mkdir(parents=True, exist_ok=True)
    made.rename(place)
    for other in place.parent.iterdir():
        if other != place:
            shutil.rmtree(other, ignore_errors=True)


def _expect_none(suite: str, faults: Iterable[str]) -> None:
    if found := [fault for fault in faults if fault]:
        raise RuntimeError(f"the oracle failed on {suite}:\n" + "\n".join(found)[-4000:])


class _Unfinished:
    """Families of a suite that are being written, beside their places until they are whole."""

    def __init__(self, suite: str, folders: Mapping[str, Path], writers: Writers) -> None:
        self._suite, self._folders = suite, folders
        self._beside = own_folder(_CACHE / suite, "unfinished")
        self._faults = writers.submit(suite, self._beside, list(folders))

    def finish(self) -> None:
        """Wait until they are written, put them into their places, and forget older ones."""
        try:
            _expect_none(self._suite, [each.result() for each in self._faults])
            for family, folder in self._folders.items():
                _put(self._beside / family, folder)
        finally:
            shutil.rmtree(self._beside, ignore_errors=True)


def _scripts(suite: str, families: Sequence[str]) -> dict[str, str]:
    """Hash what writes each family, with the packages as they are locked: the same on every machine."""
    return _digests(suite, families, _LOCK.read_text(encoding="utf-8"))


def _digests(suite: str, families: Sequence[str], versions: str) -> dict[str, str]:
    """Hash all that each family's files depend on: the versions, what all suites and what this one's families share,
    and the family's own script, which may be one of other suites (`OF_SUITES` of the suite's package)."""
    folder = _SCRIPTS.joinpath(*suite.split("."))
    others = getattr(_package(suite), "OF_SUITES", ())
    places = [folder, *(_SCRIPTS / other for other in others)]
    own = {path for case in _suite(suite).values() for path in folder.glob(f"**/{case.family}.py")}
    shared = [parent.glob("*.py") for parent in folder.parents if parent.is_relative_to(_SCRIPTS)]
    common = [*chain(*shared), *(script for script in folder.glob("**/*.py") if script not in own)]
    return {
        family: hash_files(
            [*common, *(path for place in places for path in place.glob(f"**/{family}.py"))],
            _SCRIPTS,
            versions,
        )[:16]
        for family in families
    }


@cache
def _versions(python: str) -> str:
    return subprocess.run([python, "-c", _VERSIONS], capture_output=True, text=True, check=True).stdout


def hash_files(paths: Iterable[Path], root: Path, more: str = "") -> str:
    """Return the SHA-256 of files, by their paths in `root`, and of what else matters."""
    digest = hashlib.sha256(more.encode())
    for path in sorted(set(paths)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def python() -> str:
    python = Path(os.environ.get(PYTHON_VARIABLE, _DEFAULT_PYTHON))
    if not python.exists():
        raise RuntimeError(
            f"conversions are compared with TensorFlow's numbers, and there is no Python with TensorFlow at {python}: "
            f"`make test` makes one, or set {PYTHON_VARIABLE} to one that has {', '.join(_PACKAGES)}"
        )
    return str(python)


if __name__ == "__main__":
    main()
