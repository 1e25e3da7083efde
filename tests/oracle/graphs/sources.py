"""One graph case written: its source, its tensors, and an entry for the index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.oracle.graphs.cases import GraphCase
from tests.oracle.graphs.given import SAMPLES
from tests.oracle.graphs.writers import WRITERS, Run, inputs, odd_inputs
from tests.oracle.odd import reason
from tests.oracle.tensors import Group, fits, write_groups


def write_graph(case: GraphCase, folder: Path) -> list[dict[str, Any]]:
    """Write a case below `folder` and return its entries in the index: `samples` has the names of those in the tensor
    files, the odd ones after the ordinary, and `dropped` the odd ones that TensorFlow does not take, with its reason.

    Raises ValueError where the source does not have the ops that the case is about.
    """
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    (folder / "tensors").mkdir(exist_ok=True)
    source, run = WRITERS[case.writer](case, folder / "sources" / case.name)
    missing = set(case.ops) - ops_of(source)
    if missing:
        raise ValueError(f"{case.name} has no {', '.join(sorted(missing))} among {', '.join(sorted(ops_of(source)))}")
    samples: dict[str, Group] = {str(index): inputs(case, index) for index in range(SAMPLES)}
    outputs = {name: {} if case.refused else _run(run, sample) for name, sample in samples.items()}
    dropped = {}
    for name, sample in ({} if case.refused else odd_inputs(case)).items():
        try:
            result = _run(run, sample)
        except Exception as error:
            dropped[name] = reason(error)
            continue
        if beyond := [output for output, values in result.items() if not fits(values)]:
            dropped[name] = f"{', '.join(beyond)} has integers beyond int32"
        else:
            samples[name], outputs[name] = sample, result
    tensors = Path("tensors")
    write_groups(folder / tensors / f"{case.name}.inputs", list(samples.values()))
    write_groups(folder / tensors / f"{case.name}.outputs", list(outputs.values()))
    return [
        {
            "case": case.name,
            "source": source.relative_to(folder).as_posix(),
            "inputs": (tensors / f"{case.name}.inputs").as_posix(),
            "outputs": (tensors / f"{case.name}.outputs").as_posix(),
            "samples": list(samples),
            "dropped": dropped,
        }
    ]


def _run(run: Run, sample: Group) -> Group:
    return {name: np.asarray(values) for name, values in run(sample).items()}


def ops_of(source: Path) -> set[str]:
    """Return all ops in a SavedModel or frozen graph, those of its functions included, but for what saves variables."""
    from tensorflow.core.framework import graph_pb2
    from tensorflow.core.protobuf import saved_model_pb2

    if source.is_dir():
        saved_model = saved_model_pb2.SavedModel.FromString((source / "saved_model.pb").read_bytes())
        graphs = [meta_graph.graph_def for meta_graph in saved_model.meta_graphs]
    else:
        graphs = [graph_pb2.GraphDef.FromString(source.read_bytes())]
    return {
        node.op
        for graph in graphs
        for nodes in (graph.node, *(f.node_def for f in graph.library.function if "__traced_" not in f.signature.name))
        for node in nodes
        if not node.name.startswith("save/")
    }
