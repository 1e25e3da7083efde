"""Tries toolchains, all or those that are named: `python -m tests.toolchains [--newest] [--again] [--keep] [NAME…]`.

What has passed is remembered by content in .cache/, and not tried again; `--again` does. Their rows of
docs/toolchains.md are written. `--newest` takes the newest packages, remembers nothing and writes
nothing; `--keep` leaves the projects of those that failed, and says where.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.page import launch
from tests.support.project import REPOSITORY
from tests.toolchains.attempt import Attempt, attempt, digest
from tests.toolchains.environment import environment
from tests.toolchains.table import write
from tests.toolchains.toolchain import Toolchain
from tests.toolchains.toolchains import TOOLCHAINS

CACHE = REPOSITORY / ".cache" / "toolchains"


def main() -> int:
    """Try the toolchains; return 1 if something is wrong with one."""
    parser = argparse.ArgumentParser(prog="python -m tests.toolchains", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(each.name for each in TOOLCHAINS))
    parser.add_argument("--newest", action="store_true", help="with the newest packages, not those of one day")
    parser.add_argument("--again", action="store_true", help="also those that have passed with the same content")
    parser.add_argument("--keep", action="store_true", help="leave the projects of those that failed")
    asked = parser.parse_args()
    if unknown := {*asked.names} - {each.name for each in TOOLCHAINS}:
        parser.error(f"no toolchain is called {', '.join(sorted(unknown))}")
    variables = environment(CACHE, newest=asked.newest)
    attempts: dict[str, Attempt] = {}
    with sync_playwright() as driver, launch(driver) as browser:
        for toolchain in TOOLCHAINS:
            if asked.names and toolchain.name not in asked.names:
                continue
            key = digest(toolchain, variables)
            known = None if asked.newest or asked.again else _recall(toolchain, key)
            if known is not None:
                _say(f"{toolchain.name}: passed before, with the same content")
                attempts[toolchain.name] = known
                continue
            folder = Path(mkdtemp(prefix=f"{toolchain.name}-"))  # not in .cache: linters leave out what git ignores
            made = attempts[toolchain.name] = attempt(toolchain, folder, variables, browser, _say)
            if asked.keep and not made.good:
                _say(f"{toolchain.name}: its project is {folder / 'app'}")
            else:
                shutil.rmtree(folder)
            if made.good and not asked.newest:
                _remember(toolchain, key, made)
    if not asked.newest:
        write(attempts)
    return 0 if all(each.good for each in attempts.values()) else 1


def _recall(toolchain: Toolchain, key: str) -> Attempt | None:
    path = CACHE / "passed" / f"{toolchain.name}.json"
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"digest": None}
    return Attempt(**known["attempt"]) if known["digest"] == key else None


def _remember(toolchain: Toolchain, key: str, made: Attempt) -> None:
    path = CACHE / "passed" / f"{toolchain.name}.json"
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({"digest": key, "attempt": dataclasses.asdict(made)}, indent=1)
    path.write_text(text, encoding="utf-8")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
