"""How long a page is held up while a model predicts, in the page and in a worker: `python -m bench.longest_task` writes
the table in docs/loaders.md. The browser renders in software; the machine is whatever it is."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.backends.page import BACKENDS, browser_for_backends
from tests.browser.workers.site import build_site, opened_site
from tests.conversion.oracle import files
from tests.support.project import REPOSITORY, Project
from tools.sections import write_section

PREDICTIONS = 10


def main() -> None:
    """Measure and write."""
    layers = files("keras_layers")
    mobilenet = next(each for name, each in layers.items() if "mobilenet_v2" in name.lower())
    digits = REPOSITORY / "examples" / "digits" / "model" / "digits.keras"
    sources = {"digits": (digits, 64), "mobilenet": (mobilenet.source, 0)}
    lines = ["| model | backend | longest task, in the page | in a worker |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        models = {name: {"source": str(source), "format": "graph"} for name, (source, _) in sources.items()}
        site = build_site(Project(Path(folder)), models)
        for name, (_, size) in sources.items():
            count = size or _size(site, name)
            for backend in BACKENDS:
                found = []
                for where in ("page", "worker"):
                    with browser_for_backends(playwright) as browser, opened_site(browser, site) as page:
                        call = "given => call('longestTask', ...given)"
                        seen = page.evaluate(call, [name, backend, where, PREDICTIONS, count])
                        longest = f"{seen['longest']:.0f} ms" if seen["longest"] else "below 50 ms"
                        found.append(f"{longest} ({seen['milliseconds']:.0f} ms a prediction)")
                lines.append(f"| {name} | {backend} | {' | '.join(found)} |")
    write_section(REPOSITORY / "docs" / "loaders.md", "longest task", "\n".join(lines))


def _size(site: Path, name: str) -> int:
    """Return how many values the model's input has."""
    document = json.loads((site / "public" / name / "model.json").read_text(encoding="utf-8"))
    (spec,) = document["userDefinedMetadata"]["tfjs-build"]["signature"]["inputs"]
    return math.prod(size or 1 for size in spec["shape"])


if __name__ == "__main__":
    main()
