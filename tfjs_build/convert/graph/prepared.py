"""What a model does first with its inputs: it scales and shifts them by constants, and views or resizes them otherwise.

`beginnings.py` reads of what is published in which range an input's pixels are: passes leave these ops as they are.
"""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.ir import Graph, Value

_SAME: Final = frozenset({"Cast", "Reshape", "ResizeBilinear", "ResizeNearestNeighbor", "Squeeze", "ExpandDims"})
_STEPS: Final = frozenset({"Add", "AddV2", "Mul", "RealDiv", "Sub"})


def prepared(graph: Graph) -> set[Value]:
    """Return the inputs, and what is computed of them by such ops alone."""
    found = {port.value for port in graph.inputs}
    for node in graph.nodes():
        if node.op in _SAME and node.inputs[0] in found:
            found.add(node.outputs[0])
        elif node.op in _STEPS and len(node.inputs) == 2:
            others = [value for value in node.inputs if value not in found]
            if len(others) == 1 and others[0].constant is not None:
                found.add(node.outputs[0])
    return found
