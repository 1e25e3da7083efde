"""Models in Chromium on webgl and webgpu, in software: what each asks of the device, in a browser of its own each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Error, sync_playwright

from bench.contenders import Contender
from bench.first_prediction import NO_CACHES
from bench.places import REPOSITORY
from bench.runs import Reference, Run, run_of
from tests.browser.backends.page import BackendPage, browser_for_backends, described, served_roots

PREDICTIONS = {"webgl": 3, "webgpu": 0}
"""How many are timed after the first. webgpu in software is so slow that they are left out."""


def count(contenders: Sequence[Contender], backend: str, expected: Reference) -> dict[str, Run]:
    """Run TensorFlow.js's models one after the other; returns what each gave and took, by label."""
    runs = {}
    for each in contenders:
        if each.kind == "tfjs":
            found = {"error": f"not converted: {each.error}"} if each.error else counted(each, backend, expected)
            runs[each.label] = run_of(found, expected)
    return runs


def counted(contender: Contender, backend: str, expected: Reference) -> dict[str, Any]:
    """Run one model that is there, and return what `counted.mjs` says of it."""
    roots = {"bench": REPOSITORY / "bench", "model": contender.path}
    with (
        sync_playwright() as playwright,
        browser_for_backends(playwright, *NO_CACHES) as browser,
        served_roots(roots) as url,
    ):
        page = BackendPage(browser, url, backend, {})
        try:
            given = ["/model/model.json", described(expected.input), PREDICTIONS[backend]]
            found: dict[str, Any] = page.call("/bench/counted.mjs", "count", *given)
        except Error as error:
            return {"error": f"the page has crashed: {error.message}"}
        return found
