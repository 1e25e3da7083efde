"""A build is killed, torn or refused at each of its changes in turn: what is served stays whole, what is the user's
stays as it was, and the next build leaves what an undisturbed one would have."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.harness import FAULTS, KILLED, Fault, Outcome, run
from tests.faults.judging import SERVED, torn
from tests.faults.power import CUTS, Disk
from tests.support.keras_files import write_dense
from tfjs_build.sources.keras import KIND
from tfjs_build.sources.opening import import_converters

import_converters([KIND])  # once, for all processes that are forked

ONE = "  net: {source: net.keras}\n"
TWO = ONE + "  other: {source: other.keras, labels: [a, b]}\n"
INPUTS = 2048
"""So many that the weights are worth compressing."""
HEAD = "version: 1\noutput: public/models\nstubs: src\n"


class Scenario(NamedTuple):
    """What is built, what changes then, and what the disturbed command is. `before` is None where nothing was built."""

    before: str | None
    after: str
    saved: tuple[str, ...] = ()
    command: str = "build"


SCENARIOS: Mapping[str, Scenario] = {
    "first": Scenario(None, HEAD + "models:\n" + ONE),
    "again": Scenario(HEAD + "models:\n" + ONE, HEAD + "models:\n" + ONE, ("net",)),
    "two": Scenario(HEAD + "models:\n" + TWO, HEAD + "models:\n" + TWO, ("net", "other")),
    "removed": Scenario(HEAD + "models:\n" + TWO, HEAD + "models:\n" + ONE),
    "renamed": Scenario(HEAD + "models:\n" + ONE, HEAD + "models:\n" + ONE.replace("net:", "other:")),
    "quantized": Scenario(
        HEAD + "models:\n" + ONE, HEAD + "models:\n" + ONE.replace("keras}", "keras, quantize: float16}")
    ),
    "compressed": Scenario(
        HEAD + "models:\n" + ONE, HEAD + "models:\n" + ONE.replace("keras}", "keras, compress: gzip}")
    ),
    "compressed again": Scenario(
        HEAD + "defaults: {compress: gzip}\nmodels:\n" + ONE,
        HEAD + "defaults: {compress: gzip}\nmodels:\n" + ONE,
        ("net",),
    ),
    "not compressed": Scenario(HEAD + "defaults: {compress: gzip}\nmodels:\n" + ONE, HEAD + "models:\n" + ONE),
    "language": Scenario(HEAD + "models:\n" + ONE, HEAD + "language: javascript\nmodels:\n" + ONE),
    "elsewhere": Scenario(
        HEAD + "models:\n" + ONE, HEAD.replace("public/models", "static").replace("src", "lib") + "models:\n" + ONE
    ),
    "clean": Scenario(HEAD + "models:\n" + TWO, HEAD + "models:\n" + TWO, command="clean"),
}
IN_TEST = {("language", "fail"), ("clean", "fail"), ("two", "tear"), ("again", "power"), ("compressed again", "power")}
"""What `make test` tries beside a kill at each change; `make faults` tries everything."""


def _made(root: Path, scenario: Scenario) -> None:
    """Make a project, build it as it was before, and change it."""
    root.mkdir()
    for seed, name in enumerate(("net", "other")):
        write_dense(root / f"{name}.keras", seed=seed, inputs=INPUTS)
    for folder in ("public/models/net", "src"):
        (root / folder).mkdir(parents=True)
        (root / folder / "mine.txt").write_text("mine")
    if scenario.before is not None:
        (root / "tfjs.yaml").write_text(scenario.before)
        assert run(root, "build").code == 0
    (root / "tfjs.yaml").write_text(scenario.after)
    for seed, name in enumerate(scenario.saved):
        write_dense(root / f"{name}.keras", seed=10 + seed, inputs=INPUTS)


def _tree(root: Path) -> dict[str, bytes | None]:
    """Return all files and empty folders of a project, those of `.tfjs-build` without what they hold."""
    found: dict[str, bytes | None] = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if f"{name}/".startswith(".tfjs-build/cache/") and not name.endswith(".tmp"):
            continue  # what is cached can be lost
        if path.is_dir():
            if not any(path.iterdir()):
                found[f"{name}/"] = None
        elif name.startswith(".tfjs-build/"):
            found[name] = None
        else:
            found[name] = path.read_bytes()
    return found


def _link(source: str, target: str) -> None:
    """Copy a file; what is served is linked, for that it is the same file tells whether it was synced."""
    (shutil.copy2 if ".tfjs-build" in Path(source).parts else os.link)(source, target)


def _torn_stubs(root: Path, whole: Iterable[Mapping[str, bytes | None]]) -> list[str]:
    """Return the stubs that are neither as they were before nor as they are to be."""
    stubs = (path for folder in ("src", "lib") for path in (root / folder).rglob("*s"))
    names = {path.relative_to(root).as_posix(): path.read_bytes() for path in stubs}
    return [name for name, data in names.items() if data not in [tree.get(name) for tree in whole]]


def _theirs(tree: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    return {name: data for name, data in tree.items() if name.endswith(("mine.txt", ".keras", "tfjs.yaml"))}


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return projects as they are before the disturbed command, each made once."""
    folder = tmp_path_factory.mktemp("faults")

    def made(name: str) -> Path:
        root = folder / name
        if not root.exists():
            _made(root, SCENARIOS[name])
        return root

    return made


def _marks(name: str, fault: Fault) -> tuple[pytest.MarkDecorator, ...]:
    if (name, fault) == ("again", "kill"):
        return ()
    return (pytest.mark.full,) if fault == "kill" or (name, fault) in IN_TEST else (pytest.mark.long,)


@pytest.mark.parametrize(
    ("name", "fault"),
    [pytest.param(name, fault, marks=_marks(name, fault)) for name in SCENARIOS for fault in FAULTS],
)
def test_each_change(
    projects: Callable[[str], Path],
    tmp_path: Path,
    summary: list[str],
    count: Callable[[str, int], None],
    name: str,
    fault: Fault,
) -> None:
    scenario, prepared = SCENARIOS[name], projects(name)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(prepared, undisturbed)
    assert run(undisturbed, scenario.command).code == 0
    expected = _tree(undisturbed)
    theirs = _theirs(_tree(prepared))
    at = 0
    reached = True
    while reached:
        at += 1
        root = tmp_path / str(at)
        shutil.copytree(prepared, root)
        for outcome, how in _disturbed(root, scenario.command, at, fault):
            place = f"{name}, {how} at change {at}: {outcome.printed}"
            reached = outcome.reached
            assert "Traceback" not in outcome.printed, place
            assert outcome.code in ((0, 1, 2) if fault == "fail" and reached else (0, KILLED)), place
            assert torn(root) == [], place
            assert _torn_stubs(root, [_tree(prepared), expected]) == [], place
            assert _theirs(_tree(root)) == theirs, place
            assert run(root, scenario.command).code == 0, place
            assert _tree(root) == expected, place
        shutil.rmtree(root)
    assert at > 5
    count(fault, at - 1)
    summary.append(f"faults: {name}, {fault}: {at - 1} changes to the file system, each disturbed once")


def _disturbed(root: Path, command: str, at: int, fault: Fault) -> Iterator[tuple[Outcome, str]]:
    """Run a command that is disturbed at a change; give how it ended, and what the fault is called. A power cut is one
    for each way of losing what was not synced."""
    if fault != "power":
        yield run(root, command, at=at, fault=fault), fault
        return
    kept = root.with_name(f"{root.name}.disk")
    disk = Disk(root, (*SERVED, "src", "lib"), kept)
    outcome = run(root, command, at=at, fault=fault, disk=disk)
    copy = root.with_name(f"{root.name}.copy")
    root.rename(copy)
    for cut in CUTS:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(copy, root, copy_function=_link)
        disk.after(cut)
        yield outcome, f"power cut, {cut} lost,"
    shutil.rmtree(copy)
    shutil.rmtree(kept)
