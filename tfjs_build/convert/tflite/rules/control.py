"""Control flow: the other graphs of the file as loops and branches."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.saved_model.handlers.branches import choose, truth
from tfjs_build.convert.saved_model.handlers.loops import Function, loop
from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.tflite.call import Call
from tfjs_build.convert.tflite.registry import rule
from tfjs_build.errors import SourceError


def _graph(c: Call, option: str, results: int) -> Function:
    """Return what builds a graph that an option names, and that gives so many tensors."""
    place = c.option(option, -1)

    def build(b: Builder, given: Sequence[Traced]) -> list[Traced]:
        made = c.host.build(place, b, [each for each in given if isinstance(each, Value)])
        if len(made) != results:
            raise SourceError(f"{c.label} is damaged: it takes {results} tensors of a graph that gives {len(made)}")
        return [*made]

    return build


@rule("WHILE")
def repeat(c: Call) -> Sequence[Value]:
    """One graph says whether to go on, another one what comes next."""
    values = c.all()
    cond, body = _graph(c, "cond_subgraph_index", 1), _graph(c, "body_subgraph_index", len(values))
    handed = c.host.handed(c.option("body_subgraph_index", -1))
    if len(handed) != len(values):
        raise SourceError(f"{c.label} is damaged: it gives {len(values)} tensors to a graph that takes {len(handed)}")
    after = loop(c.b, cond, body, values, handed, c.b.scope)
    return [each for each in after if isinstance(each, Value)]


@rule("IF")
def branch(c: Call) -> Sequence[Value]:
    """One of two graphs."""
    count = len(c.outputs)
    then, otherwise = (_graph(c, f"{which}_subgraph_index", count) for which in ("then", "else"))
    chosen = choose(c.b, truth(c.b, c.x), then, otherwise, c.all()[1:], c.b.scope)
    return [each for each in chosen if isinstance(each, Value)]
