"""Which tests run: all of them with `--all`, some more with `--long`, else the subset for somebody who works; in which
order; and what the report says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conversion.oracle import in_the_background
from tests.times import Times

_CONVERSION, _BROWSER = (Path(__file__).with_name(name) for name in ("conversion", "browser"))

_LEFT_OUT = pytest.StashKey[int]()
_SUMMARY = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--all`, `--long`, `--pictures` and `--update-golden`."""
    parser.addoption("--long", action="store_true", help="with what takes too long for `make test` (`make faults`)")
    parser.addoption(
        "--all", action="store_true", help="run every test, and the whole conversion matrices, not a subset"
    )
    parser.addoption("--pictures", metavar="FOLDER", help="where tests/examples writes its screenshots")
    parser.addoption(
        "--update-golden", action="store_true", help="write what golden files should hold, instead of comparing it"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of what the subset leaves out, and have the slowest files told."""
    config.pluginmanager.register(Times(config.rootpath))
    config.addinivalue_line("markers", "full: left out unless --all, -k, -m or a test's own id asks for it")
    config.addinivalue_line("markers", "long: left out unless --long, -k, -m or a test's own id asks for it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `full` or `long`, unless somebody asked for it; what needs the oracle comes last."""
    items.sort(key=_needs_oracle)  # else in the same order
    if config.option.keyword or config.option.markexpr or any("::" in each for each in config.args):
        return
    markers = [name for name, asked in (("full", config.option.all), ("long", config.option.long)) if not asked]
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in markers)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        kept = set(items) - set(left_out)
        items[:] = [item for item in items if item in kept]
        config.stash[_LEFT_OUT] = sum(1 for item in left_out if not item.get_closest_marker("long"))


def _needs_oracle(item: pytest.Item) -> bool:
    return item.path.is_relative_to(_CONVERSION) or item.path.is_relative_to(_BROWSER)


@pytest.fixture(scope="session", autouse=True)
def oracle(request: pytest.FixtureRequest) -> Iterator[None]:
    """With `--all`, the oracle writes its suites while tests run that do not need it."""
    needed = request.config.option.all and any(map(_needs_oracle, request.session.items))
    with in_the_background() if needed else contextlib.nullcontext():
        yield


@pytest.fixture(scope="session")
def golden(pytestconfig: pytest.Config) -> Callable[[Path, str], None]:
    """Compare a text with a golden file, or write it there (`--update-golden`)."""

    def check(path: Path, text: str) -> None:
        if pytestconfig.option.update_golden:
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path.name}: with --update-golden it is written anew"

    return check


@pytest.fixture(scope="session")
def summary(pytestconfig: pytest.Config) -> list[str]:
    """Lines to print when all tests have run."""
    return pytestconfig.stash.setdefault(_SUMMARY, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the tests have counted, and whether a subset ran."""
    for line in config.stash.get(_SUMMARY, []):
        terminalreporter.write_line(line)
    if (count := config.stash.get(_LEFT_OUT, 0)) > 0:
        terminalreporter.write_line(f"a subset: {count} more tests run with --all (`make test`)")
