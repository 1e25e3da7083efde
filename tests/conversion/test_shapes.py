"""What a source says of its shapes is not lost when its ops are spelled in others.

A shape that is lost shows elsewhere: a convolution behind it is refused, for nobody knows its channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conversion.graphs import OPS, graph_cases
from tests.conversion.oracle import files
from tfjs_build.convert.graph.decompose import Lowering
from tfjs_build.convert.graph.decompose.registry import RULES
from tfjs_build.convert.graph.infer import RULES as INFERRED
from tfjs_build.convert.graph.ir import Dims, Graph, Value
from tfjs_build.convert.graph.rewrite import rewrite
from tfjs_build.convert.saved_model import reader

QUICK = 9
"""Every how many-th case is in the subset that runs while somebody works."""

CASES = [name for name, case in graph_cases(OPS).items() if not case.refused and case.writer == "function"]
UNKNOWN = {
    "op-Roll-shift-given": "where it is cut is known in the page only, its shape only by what is not believed here",
    "op-Mean-of-unknown-rank": "an input of any rank has a mean of none",
    "op-MatrixDiagV3-k1-free": "TensorFlow takes a free diagonal for one of -1 entries",
    "op-MatrixDiagV3-k-2-free": "TensorFlow takes a free diagonal for one of -1 entries",
}
"""Cases whose shapes only the source knows, and why."""


class Bare(Lowering):
    """Spells ops in others, and believes what follows from their inputs alone."""

    def node(
        self,
        op: str,
        inputs: Sequence[Value],
        attrs: Mapping[str, Any],
        *,
        name: str | None = None,
        given: Sequence[tuple[Dims, str]] | None = None,
    ) -> tuple[Value, ...]:
        """Return the outputs of a new node."""
        own = op in INFERRED or op in RULES
        return super().node(op, inputs, attrs, name=name, given=None if own else given)


class TracedError(Exception):
    """Carries the graph of a source away before it is converted."""


def traced(path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """Return the graph of a SavedModel as it was written."""

    def carry(graph: Graph, **_: object) -> None:
        raise TracedError(graph)

    monkeypatch.setattr(reader, "compile_graph", carry)
    with pytest.raises(TracedError) as found:
        reader.read_saved_model(path, None, None)
    graph: Graph = found.value.args[0]
    return graph


def lost(before: Dims, after: Dims) -> bool:
    """Whether a shape says less than another."""
    if before is None:
        return False
    if after is None or len(after) != len(before):
        return True
    return any(a is None and b is not None for b, a in zip(before, after, strict=True))


@cache
def sources() -> dict[str, Path]:
    return {case: each.source for case, each in files(OPS).items()}


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if i % QUICK == 0 else pytest.mark.full) for i, case in enumerate(CASES)]
)
def test_shapes_are_kept(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = traced(sources()[case], monkeypatch)
    spelled = rewrite(graph, [], Bare)
    shapes = {
        port.name: (port.value.shape, new.value.shape)
        for port, new in zip(graph.outputs, spelled.outputs, strict=True)
        if lost(port.value.shape, new.value.shape)
    }
    assert (shapes == {}) is (case not in UNKNOWN), shapes
