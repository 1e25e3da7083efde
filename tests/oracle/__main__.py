"""Write a suite into a folder: sources by every writer, inputs, expected outputs, and `index.json` that lists them.

A suite's package may have a `catalogue` function: what it returns is written to `catalogue.json`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # so that sums are taken in one order on every machine


def main(suite_name: str, folder: Path, *only: str) -> None:
    """Write the suite `suite_name` (a package below this one that has a `SUITE`) into `folder`: all of it, or `only`
    the families and cases of these names."""
    import keras  # noqa: F401 -- all that is imported once stays: sparing the collector from it saves a third of the time
    import tf_keras  # noqa: F401

    from tests.oracle.cases import write_network
    from tests.oracle.graphs.cases import GraphCase
    from tests.oracle.graphs.sources import write_graph

    gc.freeze()
    package = importlib.import_module(f"tests.oracle.{suite_name}")
    suite = package.SUITE
    cases, failures = [], []
    for each in suite.values():
        if only and not {each.family, each.name} & set(only):
            continue
        start = time.perf_counter()
        try:
            if isinstance(each, GraphCase):
                cases += write_graph(each, folder)
            else:
                for generation in each.generations:
                    cases += write_network(each, generation, folder, reloaded=suite.reloaded)
        except Exception:
            failures.append(f"{each.family}/{each.name}:\n{traceback.format_exc()}")
        sys.stderr.write(f"{each.family}/{each.name}: {time.perf_counter() - start:.1f} s\n")
    if hasattr(package, "catalogue"):
        (folder / "catalogue.json").write_text(json.dumps(package.catalogue(), indent=1) + "\n", encoding="utf-8")
    (folder / "index.json").write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")
    if failures:
        raise SystemExit("\n".join([*failures, f"{len(failures)} of {len(suite)} failed"]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
