"""Write a suite into a folder: sources by every writer, inputs, expected outputs, and lists of them: `index.json`.

A suite's package may have a `catalogue` function: what it returns is the index of a family of that name; and a `write`
function, which writes one of its cases below a folder and returns its entries.

    python -m tests.oracle SUITE FOLDER [FAMILY|CASE…] [--reload]
    python -m tests.oracle --serve

The second one takes a request a line, the JSON of what the first one is given, and answers each with a line: the JSON
of what went wrong, which is empty where nothing did.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # so that sums are taken in one order on every machine


CATALOGUE = "catalogue"
"""Asked for like a family: what the suite's package says of what there is."""
RELOAD = "--reload"
SERVE = "--serve"


def main(*arguments: str) -> None:
    """Write what is asked for."""
    if arguments == (SERVE,):
        _serve()
    else:
        suite, folder, *only = arguments
        if fault := write(suite, Path(folder), *only):
            raise SystemExit(fault)


def _serve() -> None:
    """Answer requests until there are no more. What libraries print is no answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        suite, folder, *only = json.loads(line)
        try:
            fault = write(suite, Path(folder), *only)
        except Exception:
            fault = traceback.format_exc()
        answers.write(f"{json.dumps(fault)}\n")
        answers.flush()


def write(suite_name: str, folder: Path, *only: str) -> str:
    """Write the suite `suite_name` (a package below this one that has a `SUITE`) into `folder`, each family into a
    folder of its own: all of it, or `only` the families and cases of these names. With `--reload` among these, what
    Keras has saved it must read back, and give the same numbers: a check of the oracle itself, which takes its time.
    Return what failed, or nothing."""
    import keras  # noqa: F401 -- all that is imported once stays: sparing the collector from it saves a third of the time
    import tf_keras  # noqa: F401

    package = importlib.import_module(f"tests.oracle.{suite_name}")
    gc.collect()
    gc.freeze()
    write_case = getattr(package, "write", functools.partial(_write, reloaded=RELOAD in only))
    names = {*only} - {RELOAD}
    cases: dict[str, list[dict[str, Any]]] = {}
    failures = []
    for each in package.SUITE.values():
        if names and not {each.family, each.name} & names:
            continue
        start = time.perf_counter()
        family = cases.setdefault(each.family, [])
        try:
            family += write_case(each, folder / each.family)
        except Exception:
            failures.append(f"{each.family}/{each.name}:\n{traceback.format_exc()}")
        sys.stderr.write(f"{each.family}/{each.name}: {time.perf_counter() - start:.1f} s\n")
    for family, index in cases.items():
        _save(folder / family / "index.json", index)
    if hasattr(package, "catalogue") and (not names or CATALOGUE in names):
        _save(folder / CATALOGUE / "index.json", package.catalogue())
    count = f"{len(failures)} of {sum(map(len, cases.values()))} failed"
    return "\n".join([*failures, count]) if failures else ""


def _write(case: Any, folder: Path, *, reloaded: bool) -> list[dict[str, Any]]:
    from tests.oracle.cases import write_network
    from tests.oracle.graphs.cases import GraphCase
    from tests.oracle.graphs.sources import write_graph

    if isinstance(case, GraphCase):
        return write_graph(case, folder)
    entries = [write_network(case, generation, folder, reloaded=reloaded) for generation in case.generations]
    return [entry for of_generation in entries for entry in of_generation]


def _save(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
