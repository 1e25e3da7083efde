"""From a graph as its source wrote it to what TensorFlow.js loads: the passes, in order."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.artifacts import Initializer, ModelArtifacts
from tfjs_build.convert.graph.affine import fold_affine
from tfjs_build.convert.graph.chance import settle_chance
from tfjs_build.convert.graph.check import check, check_sizes
from tfjs_build.convert.graph.decompose import decompose
from tfjs_build.convert.graph.emit import emit
from tfjs_build.convert.graph.fed import fed_cautions
from tfjs_build.convert.graph.fuse import fuse
from tfjs_build.convert.graph.half import half_floats
from tfjs_build.convert.graph.half.cautions import half_cautions
from tfjs_build.convert.graph.heads import spell_heads
from tfjs_build.convert.graph.hoist import hoist
from tfjs_build.convert.graph.ir import Graph
from tfjs_build.convert.graph.lists import check_lists
from tfjs_build.convert.graph.loops import keep_items, prune_loops
from tfjs_build.convert.graph.normalize import normalize
from tfjs_build.convert.graph.optimizing import optimized
from tfjs_build.convert.graph.portable import portable
from tfjs_build.convert.graph.precision import precision_notes
from tfjs_build.convert.graph.programs import fewer_programs
from tfjs_build.convert.graph.recurrent import written_out
from tfjs_build.convert.graph.simplify import simplify
from tfjs_build.convert.graph.sink import sink


def compile_graph(
    graph: Graph, *, generated_by: str, initializer: Graph | None = None, notes: Sequence[str] = ()
) -> ModelArtifacts:
    """Return the artifacts of `graph`. Raises RefusedError for what TensorFlow.js cannot run with the same numbers."""
    check_sizes(graph)
    rounded = precision_notes(graph)
    graph = settle_chance(graph)
    graph = simplify(prune_loops(decompose(graph)))
    if optimized():
        graph = sink(hoist(normalize(graph)))
        graph = spell_heads(simplify(fold_affine(graph)))
    graph = written_out(graph)
    check_lists(graph)
    if optimized():
        graph = simplify(fewer_programs(half_floats(fuse(graph))), merge=True)
    graph = keep_items(portable(graph))
    limits = check(graph)
    cautions = [*fed_cautions(graph), *half_cautions(graph)]
    emitted = emit(graph, initializer)
    return ModelArtifacts(
        format="graph",
        topology=emitted.topology,
        weights=emitted.weights,
        signature=emitted.signature,
        generated_by=generated_by,
        asynchronous=emitted.asynchronous,
        initializer=None if emitted.initializer is None else Initializer(emitted.initializer, {"outputs": {}}),
        notes=(*notes, *rounded),
        limits=limits,
        cautions=cautions,
    )
