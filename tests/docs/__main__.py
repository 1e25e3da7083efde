"""`make guides`: follows pages of docs/ word for word, with the packages of the registries.

    python -m tests.docs [--newest] [--keep FOLDER] [PAGE …]

Packages are those of one day (tests/toolchains/environment.py) unless `--newest` is given. All pages with something to
follow are tried where none is named; exit code 1 where one is not as it says.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.docs.follow import Follower, UnfollowedError, chromium, training
from tests.docs.packages import Registry
from tests.docs.sorts import FOLLOWED
from tests.support.project import REPOSITORY
from tests.toolchains.environment import environment


def main() -> int:
    """Follow the pages; say a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs")
    parser.add_argument("--newest", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder in which the projects are left")
    parser.add_argument("pages", nargs="*", default=sorted(FOLLOWED))
    options = parser.parse_args()
    cache = REPOSITORY / ".cache" / "toolchains"
    failed = []
    root = options.keep or Path(tempfile.mkdtemp(prefix="tfjs-build-docs-"))
    root.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, chromium(playwright) as browser:
        packages = Registry(environment(cache, newest=options.newest), root / "python")
        for page in options.pages:
            start = time.monotonic()
            folder = root / page.removesuffix(".md").replace("/", "-")
            folder.mkdir()
            training(folder)
            try:
                Follower(folder, packages, browser, root / "kept").follow(page)
                said = "as it says"
            except UnfollowedError as error:
                failed.append(page)
                said = f"FAILED: {error}"
            except Exception:
                failed.append(page)
                said = f"FAILED: {traceback.format_exc()}"
            sys.stdout.write(f"{page}: {said} ({time.monotonic() - start:.0f} s)\n")
            sys.stdout.flush()
            if not options.keep:
                shutil.rmtree(folder, ignore_errors=True)
    if not options.keep:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
