"""How soon a save shows in the open page, with the Vite plugin: `python -m bench.hot_swap [SAVES]`.

From the end of the save to the end of the new version's first prediction, on webgl in software; both read one clock.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.backends.page import browser_for_backends
from tests.browser.test_watch_page import train
from tests.npm.developing import MEMORY, await_predictions, predicting
from tests.npm.test_vite import developing
from tests.support.project import REPOSITORY
from tests.toolchains.npm import compiled

SAVES = 20


def main(saves: int = SAVES) -> None:
    """Save as often, one after the other, and print the median."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = Path(folder, "tfjs-build")
        command.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m tfjs_build "$@"\n')
        command.chmod(0o755)
        project = predicting(compiled(), Path(folder, "digits"))
        with developing(project, command) as server, browser_for_backends(playwright) as browser:
            page = browser.new_page()
            page.goto(server.url)
            await_predictions(page, 1)
            page.evaluate("window.kept = true")
            times, memories = [], []
            for seed in range(1, saves + 1):
                train(project, seed)
                saved = time.time()
                last = await_predictions(page, seed + 1)
                assert isinstance(last["time"], int)
                times.append(last["time"] / 1000 - saved)
                memories.append(page.evaluate(MEMORY))
            assert page.evaluate("window.kept") is True
            backend = page.evaluate("predictions.at(-1).backend")
    median, span = statistics.median(times), f"{min(times):.3f} to {max(times):.3f} s"
    print(f"{saves} saves on {backend}: median {median:.3f} s, {span}")
    print(f"tensors and bytes in the GPU after each: {sorted({*map(tuple, memories)})}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
