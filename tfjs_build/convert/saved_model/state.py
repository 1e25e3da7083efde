"""Whether outputs depend on variables that are read and written: what is read may be for the write alone.

The graph is traced once more with unknown values for these variables. When all ops are spelled in TensorFlow.js's,
and what nothing needs is gone, outputs that do not reach such a value do not depend on it: a batch normalization in
training reads its moving averages, but normalizes with the statistics of the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.chance import settle_chance
from tfjs_build.convert.graph.decompose import decompose
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.convert.graph.loops import prune_loops
from tfjs_build.convert.saved_model.resources import Variable
from tfjs_build.convert.saved_model.trace import Frame
from tfjs_build.errors import RefusedError


def without_state(
    frame: Frame, written: Mapping[Variable, RefusedError], names: Sequence[str], references: Sequence[str]
) -> list[Port]:
    """Return the outputs of the main graph; raises the RefusedError of the first variable that they depend on."""
    values = {variable: variable.value for variable in written}
    marks = {f"the state of {variable.name}": variable for variable in written}
    for name, variable in marks.items():
        shape = variable.shape if variable.value is None else variable.value.shape
        variable.value = Builder().input(name, shape, variable.dtype)
    try:
        again = Frame(frame.session, frame.body, frame.builder, frame.bound)
        outputs = [Port(name, again.value(reference)) for name, reference in zip(names, references, strict=True)]
    finally:
        for variable, value in values.items():
            variable.value = value
    try:
        nodes = list(prune_loops(decompose(settle_chance(Graph([], outputs)))).walk())
    except RefusedError as error:
        if frame.session.lacking:
            raise
        raise next(iter(written.values())) from error
    for node in nodes:
        if node.op == "Placeholder" and node.name in marks:
            raise written[marks[node.name]]
    return outputs
