"""A save in Python shows in the page: the watch, Vite's dev server and the generated loader together."""

from __future__ import annotations

import io
import re
import shutil
import signal
import zipfile
from pathlib import Path

import h5py
import numpy as np
from playwright.sync_api import Browser, expect

from tests.browser.example import EXAMPLE, copy
from tests.browser.page import opened
from tests.watch.watching import eventually, watching

PATIENCE_MS = 60_000


def train(project: Path, seed: int) -> None:
    """Save the example's network with other weights, as a training would."""
    target = project / "model" / "digits.keras"
    with zipfile.ZipFile(EXAMPLE / "model" / "digits.keras") as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith(".h5"):
                weights = io.BytesIO(data)
                with h5py.File(weights, "r+") as file:
                    found: list[h5py.Dataset] = []
                    file.visititems(lambda _, item, found=found: found.append(item) if _is_kernel(item) else None)
                    found[0][...] = np.random.default_rng(seed).normal(size=found[0].shape)
                data = weights.getvalue()
            archive.writestr(name, data)


def _is_kernel(item: object) -> bool:
    return isinstance(item, h5py.Dataset) and len(item.shape) > 1


def test_a_save_shows_in_the_page_without_a_reload(browser: Browser, tmp_path: Path) -> None:
    project = copy(tmp_path / "digits")
    vite = [
        shutil.which("node") or "node",
        "node_modules/vite/bin/vite.js",
        "--host",
        "127.0.0.1",
        "--clearScreen",
        "false",
    ]
    with watching(project, command=vite) as watch:
        watch.until("ready")
        eventually(lambda: "Local" in watch.err_so_far)
        address = re.search(r"http://[\w.]+:\d+/", re.sub(r"\x1b\[[\d;]*m", "", watch.err_so_far))
        assert address is not None, watch.err_so_far
        with opened(browser, address[0]) as watched:
            page = watched.page
            first = next(event["version"] for event in watch.said("written") if event["model"] == "digits")
            expect(page.get_by_text(first)).to_be_visible(timeout=PATIENCE_MS)
            page.evaluate("document.body.dataset.loaded = 'once'")
            for seed in (1, 2):
                train(project, seed)
                version = watch.until("written", model="digits")["version"]
                expect(page.get_by_text(version)).to_be_visible(timeout=PATIENCE_MS)
            assert page.evaluate("document.body.dataset.loaded") == "once"
            assert watched.troubles == []
        watch.end(signal.SIGTERM)
