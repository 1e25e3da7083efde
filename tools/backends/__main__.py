"""Writes `tfjs_build/convert/graph/backends_table.json`: `python -m tools.backends PYTHON_WITH_TENSORFLOW`.

Every probe runs in TensorFlow, then in Chromium on webgpu, webgl, wasm and cpu. The table has, for each op, what was
wrong: backend, form and dtype as `traits.py` has them, the ranks, and in a word how. What is not in it was right.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.backends.page import BACKENDS, BackendPage, browser_for_backends, served_roots
from tests.support.project import REPOSITORY
from tools.backends.families import all_probes
from tools.backends.measure import Trial, faults, trials

TABLE = REPOSITORY / "tfjs_build" / "convert" / "graph" / "backends_table.json"


def main(python: str, *backends: str) -> None:
    """Measure and write the table; what TensorFlow does not run is told."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "expected.npz"
        subprocess.run([python, "-m", "tools.backends.expected", str(path)], cwd=REPOSITORY, check=True)
        numbers = dict(np.load(path))
    for text in json.loads(str(numbers.pop("errors"))).values():
        print(f"not in TensorFlow: {text}")
    tried = list(trials(all_probes(), numbers))
    found: dict[tuple[str, ...], dict[int, set[str]]] = {}
    with sync_playwright() as playwright, browser_for_backends(playwright) as browser, served_roots({}) as url:
        for backend in backends or BACKENDS:
            page = BackendPage(browser, url, backend, {})
            for trial, fault in faults(page, tried):
                if fault is not None:
                    print(f"{backend}: {trial.traits}: {fault}")
                _record(found, backend, trial, fault)
            page.close()
    if not backends:
        TABLE.write_text(_table(found), encoding="utf-8")


def _record(found: dict[tuple[str, ...], dict[int, set[str]]], backend: str, trial: Trial, fault: str | None) -> None:
    each = trial.traits
    ranks = found.setdefault((each.op, backend, each.form, each.dtype), {})
    kinds = ranks.setdefault(each.rank or 0, set())
    if fault is not None:
        kinds.add(fault.split()[0].rstrip(":") if not fault.startswith("no kernel") else "no kernel")


def _table(found: dict[tuple[str, ...], dict[int, set[str]]]) -> str:
    ops: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (op, backend, form, dtype), ranks in sorted(found.items()):
        bad = {rank: sorted(kinds) for rank, kinds in sorted(ranks.items()) if kinds}
        if bad:
            how = sorted({kind for kinds in bad.values() for kind in kinds})
            ops[op].append({"backend": backend, "form": form, "dtype": dtype, "ranks": list(bad), "how": how})
    package = json.loads((REPOSITORY / "tests/node/node_modules/@tensorflow/tfjs/package.json").read_text())
    rows = (
        f" {json.dumps(op)}: [\n" + ",\n".join(f"  {json.dumps(row)}" for row in each) + "\n ]"
        for op, each in ops.items()
    )
    return f'{{"tfjs": "{package["version"]}", "ops": {{\n' + ",\n".join(rows) + "\n}}\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
