"""Runs stubs in Chromium: `python -m tests.browser.backends.jobs BACKEND FOLDER [FLAG…] JOBS`.

It is to Chromium what tests/node/run.mjs is to Node. JOBS has a job a line, as `tests.conversion.node` writes them;
stubs and models lie below FOLDER. Each FLAG of TensorFlow.js is set before the backend starts. Of the inputs only the
ordinary samples are run. After each job a line is printed: {id, error, failures, leaked, kernels}. `failures` has what
webgpu refused, which explains zeros; nobody counts what leaked; `kernels` were called.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Error, sync_playwright

from tests.browser.backends.page import BackendPage, array_of, browser_for_backends, described, served_roots
from tests.oracle.tensors import read_groups, write_groups

ORDINARY = 2
"""Samples that every case has, in front of the odd ones."""

AT_ONCE = 200
"""Models after which the page is opened anew: what they leave on the device adds up."""


def main(backend: str, folder: str, *rest: str) -> None:
    """Run all jobs in order."""
    *flags, listing = rest
    root = Path(folder).resolve()
    with (
        sync_playwright() as playwright,
        browser_for_backends(playwright) as browser,
        served_roots({"jobs": root}) as url,
    ):
        page = BackendPage(browser, url, backend, dict.fromkeys(flags, True))
        for index, line in enumerate(Path(listing).read_text(encoding="utf-8").splitlines()):
            if index and index % AT_ONCE == 0:
                page.restart()
            job = json.loads(line)
            error, refused, kernels = _run(page, root, job)
            failures = {0: refused} if refused else {}
            document = {"id": job["id"], "error": error, "failures": failures, "leaked": None, "kernels": kernels}
            sys.stdout.write(f"{json.dumps(document)}\n")
            sys.stdout.flush()


def _run(page: BackendPage, root: Path, job: Mapping[str, Any]) -> tuple[str | None, str | None, Sequence[str]]:
    """Run a job and write its outputs; return what went wrong, what webgpu refused, and the kernels that were called.
    Where the page crashed, its device is lost, or something was refused (which spoils what comes next, too), it is
    opened anew."""
    model = Path(unquote(urlsplit(job["url"]).path))
    samples = read_groups(Path(job["inputs"]))[:ORDINARY]
    try:
        result = page.run_stub(
            {
                "id": job["id"],
                "stub": _address(root, Path(job["stub"])),
                "url": _address(root, model),
                "samples": [{name: described(array) for name, array in sample.items()} for sample in samples],
            }
        )
    except Error as error:
        page.restart()
        return f"the page has crashed: {error.message}", None, ()
    if result["lost"]:
        page.restart()
        return f"the device was lost: {result.get('error', '')}", None, ()
    if result["refused"]:
        page.restart()
    if "error" in result:
        return str(result["error"]), result["refused"], ()
    write_groups(
        Path(job["outputs"]), [{name: array_of(tensor) for name, tensor in group} for group in result["outputs"]]
    )
    return None, result["refused"], result["kernels"]


def _address(root: Path, path: Path) -> str:
    return f"/jobs/{path.resolve().relative_to(root).as_posix()}"


if __name__ == "__main__":
    main(*sys.argv[1:])
