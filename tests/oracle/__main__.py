"""Write a suite into a folder: sources by every writer, inputs, expected outputs, and `index.json` that lists them."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # so that sums are taken in one order on every machine


def main(suite_name: str, folder: Path) -> None:
    """Write the suite `suite_name` (a package below this one that has a `SUITE`) into `folder`."""
    import keras  # noqa: F401 -- all that is imported once stays: sparing the collector from it saves a third of the time
    import tf_keras  # noqa: F401

    from tests.oracle.cases import write_network
    from tests.oracle.graphs.cases import GraphCase
    from tests.oracle.graphs.sources import write_graph

    gc.freeze()
    suite = importlib.import_module(f"tests.oracle.{suite_name}").SUITE
    cases = []
    for each in suite.values():
        start = time.perf_counter()
        if isinstance(each, GraphCase):
            cases += write_graph(each, folder)
        else:
            for generation in each.generations:
                cases += write_network(each, generation, folder)
        sys.stderr.write(f"{each.family}/{each.name}: {time.perf_counter() - start:.1f} s\n")
    (folder / "index.json").write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
