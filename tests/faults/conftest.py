"""Counts what was tried, for the section in docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY
from tools.sections import write_section

_NAMES = {
    "kill": "changes to the file system at which a build or a `clean` was killed",
    "tear": "changes at which a write was torn",
    "fail": "changes that failed, as on a full disk",
    "power": "changes at which the power was cut, what was not synced being lost in each of four ways",
    "damage": "damages to files of `.tfjs-build/` and of the output, each followed by a command",
    "permissions": "files and folders that could not be read, or not be written, by the user of a command",
    "full": "fill levels of a small disk",
    "together": "rounds of two builds, a `clean` and saves at once, beside a watch and a reader",
    "interrupted": "moments at which a command was interrupted or killed, from its first import on",
}
_CACHE = "faults/counts"


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """Count what a test has tried, once it has passed. Counts are kept from run to run, each test's by its id."""
    cache = request.config.cache
    assert cache is not None

    def add(kind: str, number: int) -> None:
        assert kind in _NAMES
        cache.set(_CACHE, {**cache.get(_CACHE, {}), request.node.nodeid: [kind, number]})

    return add


@pytest.fixture(scope="session", autouse=True)
def _written(request: pytest.FixtureRequest) -> Iterator[None]:
    """Write the section of docs/reliability.md (`make faults`), once each of these tests has run."""
    yield
    cache = request.config.cache
    if not request.config.option.long or cache is None:
        return
    counts: Counter[str] = Counter()
    for kind, number in cache.get(_CACHE, {}).values():
        counts[kind] += number
    if counts.keys() == _NAMES.keys():
        rows = "\n".join(f"| {counts[kind]:,} | {name} |" for kind, name in _NAMES.items())
        text = f"""\
## Faults

`make faults` disturbs builds (`tests/faults/`). After each disturbance every model that is served is held, file by
file, against the hash in its name, the user's own files are as they were, and the next build leaves what an undisturbed
one would have.

| tried | what |
| ---: | --- |
{rows}

Failures: {request.session.testsfailed}."""
        write_section(Path(REPOSITORY / "docs" / "reliability.md"), "faults", text)
