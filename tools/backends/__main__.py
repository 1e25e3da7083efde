"""Writes `tfjs_build/convert/graph/backends_table.json`: `python -m tools.backends PYTHON [BACKEND…] [OP…]`.

Every probe runs in TensorFlow, which PYTHON has, then in Chromium on webgpu, webgl, wasm and cpu. The table has, for
each op, what was wrong: backend, form and dtype as `traits.py` has them, the ranks, and in a word how. What is not in
it was right; where all that was tried of an op on a backend is wrong in one way, that is one row without the rest. Of
backends and ops that are not measured anew, the rows stay.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.backends.page import BACKENDS, BackendPage, browser_for_backends, served_roots
from tests.support.project import REPOSITORY
from tfjs_build.convert.graph.backends import TABLE_FILE
from tfjs_build.convert.graph.traits import Traits
from tools.backends.families import all_probes
from tools.backends.measure import faults, how, trials
from tools.backends.table import merged, rows, text_of

WAYS: Mapping[str, Sequence[Mapping[str, object]]] = {
    "webgl": ({}, {"WEBGL_CPU_FORWARD": False}),
    "webgpu": ({}, {"WEBGPU_CPU_FORWARD": False}),
}
"""The flags to measure under. What is small and just made, the GPU backends compute in JavaScript by themselves: both
that and the shaders must be right."""


def main(python: str, *names: str) -> None:
    """Measure some backends and ops, or all, and write the table; what TensorFlow does not run is told."""
    chosen = [backend for backend in BACKENDS if backend in names] or list(BACKENDS)
    ops = {*names} - {*BACKENDS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "expected.npz"
        subprocess.run([python, "-m", "tools.backends.expected", str(path)], cwd=REPOSITORY, check=True)
        numbers = dict(np.load(path))
    for text in json.loads(str(numbers.pop("errors"))).values():
        print(f"not in TensorFlow: {text}")
    probes = list(all_probes())
    unknown = {each.op for each in probes} - {probes[int(name.split("/")[0])].op for name in numbers}
    if unknown:
        raise SystemExit(f"TensorFlow has run no probe of {', '.join(sorted(unknown))}")
    tried = [trial for trial in trials(probes, numbers) if not ops or trial.traits.op in ops]
    found: list[tuple[str, Traits, str | None]] = []
    with sync_playwright() as playwright, browser_for_backends(playwright) as browser, served_roots({}) as url:
        for backend in chosen:
            for flags in WAYS.get(backend, ({},)):
                page = BackendPage(browser, url, backend, flags)
                for trial, fault in faults(page, tried):
                    if fault is not None:
                        print(f"{backend} {flags}: {trial.traits}: {fault}", flush=True)
                    found.append((backend, trial.traits, None if fault is None else how(fault)))
                page.close()
    package = json.loads((REPOSITORY / "tests/node/node_modules/@tensorflow/tfjs/package.json").read_text())
    kept = json.loads(TABLE_FILE.read_text(encoding="utf-8"))["ops"] if ops or len(chosen) < len(BACKENDS) else {}
    TABLE_FILE.write_text(text_of(package["version"], merged(rows(found), kept, chosen, ops)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
