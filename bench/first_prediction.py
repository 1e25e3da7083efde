"""The time to a first result in a page: `python -m bench.first_prediction [TURNS]` writes its table.

webgl and webgpu are rendered in software. Each time is of a browser of its own, with an empty profile: nothing of a
program that was compiled before is left. The ways take turns, and the table, in docs/performance.md, has medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests.browser.backends.page import BackendPage, browser_for_backends, served_roots
from tests.support.project import REPOSITORY, Project
from tools.sections import write_section

FILES = REPOSITORY / ".cache" / "bench" / "networks"
TF_PYTHON = REPOSITORY / ".venv-tf" / "bin" / "python"
TURNS = 3
SIDE = 96
"""Rows and columns of the images: programs depend on the layers, not on them."""
WAYS = ("cold", "serial", "warmUp")
NETWORKS = {"MobileNetV2": "mobilenet_v2.keras", "EfficientNetB0": "efficientnet_b0.keras", "ViT": "vit"}
SIDE_BY_SIDE = "--enable-angle-features=enableParallelCompileAndLink"
"""Gives webgl in software what it has on most GPUs: KHR_parallel_shader_compile."""
NO_CACHES = ("--disable-gpu-shader-disk-cache", "--disable-gpu-program-cache")
PLACES = {"webgl": ("webgl", (SIDE_BY_SIDE,)), "webgl, one at a time": ("webgl", ()), "webgpu": ("webgpu", ())}
"""What the table calls a backend: its name, and Chromium's flags."""

Times = dict[str, float]


def main(turns: int = TURNS) -> None:
    """Measure and write."""
    subprocess.run([TF_PYTHON, REPOSITORY / "bench" / "make_networks.py", FILES, str(SIDE)], check=True)
    load = os.getloadavg()[1]
    rows = {}
    with sync_playwright() as playwright:
        for name, file in NETWORKS.items():
            with _published(file) as site:
                for place in PLACES:
                    rows[name, place] = _in_turns(playwright, site, place, turns)
                    print(name, place, rows[name, place], flush=True)
    write_section(REPOSITORY / "docs" / "performance.md", "first predictions", section(rows, turns, load))


def section(rows: Mapping[tuple[str, str], Mapping[str, Times]], turns: int, load: float) -> str:
    """The table of what was measured in so many turns, with as many processes waiting when that began."""
    columns = [
        "model",
        "backend",
        "programs",
        "to the first result",
        "zeros before",
        "`warmUp`",
        "`warmUp` beside zeros",
    ]
    columns += ["first prediction", "the same after `warmUp`"]
    medians = f"Medians of {turns} turns" if turns > 1 else "One turn"
    lines = [
        f"| {' | '.join(columns)} |",
        "|---" * len(columns) + "|",
        *(f"| {name} | {place} | {_cells(found)} |" for (name, place), found in rows.items()),
        "",
        f"{medians}, on {os.cpu_count()} cores; the load of the machine was {load:.1f} before.",
    ]
    return "\n".join(lines)


@contextmanager
def _published(file: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "site")
        manifest = {"version": 1, "output": "public", "stubs": "stubs", "language": "javascript"}
        models = {"net": {"source": str(FILES / file), "format": "graph"}}
        project.manifest(json.dumps(manifest | {"models": models}))
        result = project.run("build")
        assert result.code == 0, result
        yield project.root


def _in_turns(playwright: Playwright, site: Path, place: str, turns: int) -> dict[str, Times]:
    """The medians of each way."""
    found: dict[str, list[Times]] = {way: [] for way in WAYS}
    for _ in range(turns):
        for way, times in found.items():
            times.append(_once(playwright, site, place, way))
    return {
        way: {key: statistics.median(each[key] for each in times) for key in times[0]} for way, times in found.items()
    }


def _once(playwright: Playwright, site: Path, place: str, way: str) -> Times:
    backend, flags = PLACES[place]
    roots = {"site": site, "bench": REPOSITORY / "bench"}
    with browser_for_backends(playwright, *flags, *NO_CACHES) as browser, served_roots(roots) as url:
        page = BackendPage(browser, url, backend, {})
        times: Times = page.call("/bench/first_prediction.js", "first", way, SIDE * SIDE * 3)
        return times


def _cells(found: Mapping[str, Times]) -> str:
    cold, serial, warm = (found[way] for way in WAYS)
    cells = [
        f"{warm['programs']:.0f}",
        *(f"{each['total'] / 1000:.2f} s" for each in (cold, serial, warm)),
        f"{warm['total'] / serial['total']:.2f}",
        f"{cold['first'] / 1000:.2f} s",
        f"{warm['first'] / 1000:.2f} s",
    ]
    return " | ".join(cells)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
