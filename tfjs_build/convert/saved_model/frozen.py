"""Frozen graphs: a GraphDef whose variables have become constants; what its outputs are, the manifest says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.convert.saved_model import handlers
from tfjs_build.convert.saved_model.checkpoint import Checkpoint
from tfjs_build.convert.saved_model.messages import is_saved_model, parse, parse_text, read_program
from tfjs_build.convert.saved_model.reader import naming_all_that_is_lacking, table_initializer, trace_outputs
from tfjs_build.convert.saved_model.source import Body, Library, OpDefs, main_body
from tfjs_build.convert.saved_model.trace import Frame, Session
from tfjs_build.errors import RefusedError, SourceError

assert handlers  # importing it registers what ops mean

_TABLE_FILLERS = ("InitializeTable", "InitializeTableV2", "LookupTableImport", "LookupTableImportV2")
_MOST_NAMED = 8


def read_frozen_graph(path: Path, outputs: tuple[str, ...]) -> ModelArtifacts:
    """Return the artifacts of a frozen graph up to the nodes `outputs`. Raises SourceError or RefusedError."""
    graph_def = _decode(path)
    op_defs = OpDefs()
    body = main_body(graph_def, op_defs)
    if not body.nodes:
        raise SourceError(f"{path} is not a frozen graph, or holds no graph.")
    _check_outputs(path, body, outputs)
    session = Session(Library(graph_def.library.function, op_defs), _no_checkpoint, path.parent, free_inputs={})
    fillers = [node.name for node in body.nodes.values() if node.op in _TABLE_FILLERS]
    if fillers:
        Frame(session, body, Builder(), {}, effectful=True).run(fillers)
    names = [name.removesuffix(":0") for name in outputs]
    with naming_all_that_is_lacking(session):
        ports = trace_outputs(Frame(session, body, Builder(), {}), names, outputs)
        found = session.free_inputs or {}
        inputs = [Port(name, found[name]) for name in body.nodes if name in found]
        return compile_graph(
            Graph(inputs, ports),
            initializer=table_initializer(session),
            generated_by="TensorFlow (frozen graph)",
            notes=session.notes,
        )


def _decode(path: Path) -> Any:
    try:
        if path.suffix == ".pbtxt":
            return parse_text("GraphDef", path.read_bytes(), path)
        data = read_program(path)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    if is_saved_model(data):
        raise SourceError(
            f"{path} is the file of a SavedModel, which is called saved_model.pb, and not a frozen graph.",
            hint="A SavedModel is a folder: call the file saved_model.pb again, keep the folders `variables` and"
            " `assets` beside it, and let `source` name the folder that holds them.",
        )
    return parse("GraphDef", data, path)


def _check_outputs(path: Path, body: Body, outputs: tuple[str, ...]) -> None:
    missing = [name for name in outputs if body.resolve(name)[0] not in body.nodes]
    if outputs and not missing:
        return
    read = {body.resolve(reference)[0] for node in body.nodes.values() for reference in node.inputs}
    ends = [name for name, node in body.nodes.items() if name not in read and node.op not in ("NoOp", "Const")]
    shown = ", ".join(ends[-_MOST_NAMED:]) or "none"
    what = f"has no node {', '.join(missing)}" if missing else "is a frozen graph, which does not say its outputs"
    raise SourceError(
        f"{path} {what}. Nodes that no other node reads: {shown}.",
        hint="Set `outputs` in the manifest.",
        key="outputs",
    )


def _no_checkpoint() -> Checkpoint:
    raise RefusedError(
        "The graph reads variables from a checkpoint: it is not frozen.",
        hint="Freeze it, or point `source` to the SavedModel's folder.",
    )
