"""Counts what was tried, for the table in docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY
from tools.sections import write_section

_NAMES = {
    "kill": "changes to the file system at which a build or a `clean` was killed",
    "tear": "writes that were torn",
    "fail": "calls that failed, as on a full disk",
    "power": "changes at which the power was cut, what was not synced lost in each of four ways",
    "damage": "damages to files of `.tfjs-build/` and of the output, each followed by a build",
    "permissions": "files and folders that another user could not read or write",
    "full": "fill levels of a small disk",
    "together": "rounds of two builds, a watch and a `clean` at once",
    "interrupted": "interruptions of a command from its first import on",
}


@pytest.fixture(scope="session")
def counts() -> Counter[str]:
    """What was tried, by its kind."""
    return Counter()


@pytest.fixture(scope="session")
def count(counts: Counter[str]) -> Callable[[str, int], None]:
    """Count what was tried, once it has passed."""

    def add(kind: str, number: int) -> None:
        assert kind in _NAMES
        counts[kind] += number

    return add


@pytest.fixture(scope="session", autouse=True)
def _written(request: pytest.FixtureRequest, counts: Counter[str]) -> Iterator[None]:
    """Write the table once all of `make faults` has run."""
    yield
    if request.config.option.long and counts.keys() == _NAMES.keys():
        failed = request.session.testsfailed
        rows = "\n".join(f"| {counts[kind]:,} | {name} |" for kind, name in _NAMES.items())
        text = f"`make faults` (`tests/faults/`), with failures: {failed}.\n\n| tried | what |\n| ---: | --- |\n{rows}"
        write_section(Path(REPOSITORY / "docs" / "reliability.md"), "faults", text)
