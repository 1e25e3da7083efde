"""A site whose models are in workers, without a bundler, and the pages that try them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.backends.page import served_roots
from tests.support.project import REPOSITORY, Project

_NODE = REPOSITORY / "tests" / "node"
_HERE = Path(__file__).parent


def build_site(project: Project, models: Mapping[str, Mapping[str, Any]]) -> Path:
    """Build the models of a project, and the module with every backend that their loaders import."""
    manifest = {"version": 1, "output": "public", "stubs": "stubs", "language": "javascript", "worker": True}
    project.manifest(json.dumps({**manifest, "tfjs": "/site/tensorflow.js", "models": models}))
    result = project.run("build", "--json")
    assert result.code == 0, result
    (project.root / "node_modules").symlink_to(_NODE / "node_modules")
    entry = project.root / "entry" / "tensorflow.js"
    entry.parent.mkdir()
    entry.write_text((_HERE / "tensorflow.js").read_text(encoding="utf-8"), encoding="utf-8")
    command = ["node", "bundle.mjs", str(project.root), "{}", str(entry)]
    subprocess.run(command, cwd=_NODE, check=True, capture_output=True)
    return project.root


@contextmanager
def opened_site(browser: Browser, site: Path, **roots: Path) -> Iterator[Page]:
    """Open a page that calls what `workers.js` exports: `call(name, …)`. Its own TensorFlow.js is not loaded until that
    is wanted. `roots` are served beside the site."""
    pictures = _HERE.with_name("pictures")
    with served_roots({"site": site, "workers": _HERE, "pictures": pictures, **roots}) as url:
        page = browser.new_context().new_page()
        page.set_default_timeout(600_000)
        page.goto(f"{url}workers/index.html")
        page.wait_for_function("globalThis.call !== undefined")
        yield page
        page.context.close()
