"""Graph models of TensorFlow.js: their GraphDef goes the way of a frozen graph's, its inputs and outputs by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.dtypes import input_dtype
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.infer.shapes import merge
from tfjs_build.convert.graph.ir import Graph, Port
from tfjs_build.convert.saved_model import handlers
from tfjs_build.convert.saved_model.checkpoint import Checkpoint
from tfjs_build.convert.saved_model.placeholders import PLACEHOLDERS, placeholder_shape
from tfjs_build.convert.saved_model.reader import naming_all_that_is_lacking, table_initializer, trace_outputs
from tfjs_build.convert.saved_model.resources import Traced
from tfjs_build.convert.saved_model.source import Body, Library, OpDefs, main_body
from tfjs_build.convert.saved_model.trace import Frame, Session
from tfjs_build.convert.tfjs.attributes import count_reads
from tfjs_build.convert.tfjs.document import Document
from tfjs_build.convert.tfjs.graph_def import dtype_of, graph_def, shape_of
from tfjs_build.convert.tfjs.unfuse import unfuse
from tfjs_build.convert.tfjs.weights import read_weights
from tfjs_build.errors import RefusedError, SourceError
from tfjs_build.records import record

assert handlers  # importing it registers what ops mean

_FILLERS = ("InitializeTable", "InitializeTableV2", "LookupTableImport", "LookupTableImportV2")


@record(frozen=True)
class Named:
    """An input or output: what it is called, and the tensor of the graph that it is. What a signature says of its type
    and shape counts where the graph says nothing; None where it is silent, too."""

    name: str
    reference: str
    dtype: str | None = None
    shape: tuple[int | None, ...] | None = None


def read_graph(document: Document) -> ModelArtifacts:
    """Return the artifacts of a graph model. Raises SourceError or RefusedError."""
    weights = read_weights(document)
    message = graph_def(document.topology, weights)
    if document.initializer is not None:
        _add_initializer(message, graph_def(document.initializer, weights))
    unfuse(message)
    count_reads(message, _named_outputs(document))
    op_defs = OpDefs()
    body = main_body(message, op_defs)
    if not body.nodes:
        raise SourceError(f"{document.path} has a graph without nodes")
    inputs, outputs = _signature(document, body)
    session = Session(Library(message.library.function, op_defs), _no_checkpoint, document.path.parent, {})
    fillers = [node.name for node in body.nodes.values() if node.op in _FILLERS]
    if fillers:
        Frame(session, body, Builder(), {}, effectful=True).run(fillers)
    with naming_all_that_is_lacking(session):
        builder = Builder()
        ports: list[Port] = []
        bound: dict[tuple[str, int], Traced] = {}
        for each in inputs:
            value = builder.input(each.name, *_spec(body, each))
            bound[body.resolve(each.reference)] = value
            ports.append(Port(each.name, value))
        frame = Frame(session, body, builder, bound)
        names, references = [each.name for each in outputs], [each.reference for each in outputs]
        traced = trace_outputs(frame, names, references)
        if document.ours:  # it knew more than its graph tells: of loops, say
            for port, each in zip(traced, outputs, strict=True):
                port.value.shape = merge(port.value.shape, each.shape)
        return compile_graph(
            Graph(ports, traced),
            initializer=table_initializer(session),
            generated_by=document.generated_by,
            notes=session.notes,
        )


def _add_initializer(message: Any, initializer: Any) -> None:
    """Add the nodes that fill a graph's tables to those that use them."""
    there = {node.name for node in message.node}
    for node in initializer.node:
        if node.name not in there:
            message.node.add().CopyFrom(node)


def _signature(document: Document, body: Body) -> tuple[list[Named], list[Named]]:
    """Return inputs and outputs in the source's order: as tfjs-build has written it, else in the signature's; where
    there is no signature, all placeholders go in, and what no node reads comes out, by their names."""
    try:
        if isinstance(found := document.ours.get("signature"), Mapping):
            inputs, outputs = ([_ours(each) for each in found[role]] for role in ("inputs", "outputs"))
        else:
            inputs = _from_signature(document.signature.get("inputs") or {})
            outputs = _from_signature(document.signature.get("outputs") or {})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise SourceError(f"{document.path} has a damaged signature") from error
    inputs = inputs or [Named(name, name) for name, node in body.nodes.items() if node.op in PLACEHOLDERS]
    if not outputs:
        read = {body.resolve(reference)[0] for node in body.nodes.values() for reference in node.inputs}
        skipped = ("NoOp", "Const", *_FILLERS, *PLACEHOLDERS)
        outputs = [
            Named(name, name) for name, node in body.nodes.items() if name not in read and node.op not in skipped
        ]
    missing = [each.reference for each in (*inputs, *outputs) if body.resolve(each.reference)[0] not in body.nodes]
    if missing:
        raise SourceError(f"{document.path}: the signature names {missing[0]}, which the graph does not have")
    return inputs, outputs


def _named_outputs(document: Document) -> list[str]:
    """Return all that may be a reference to an output in what is said of the model."""
    said = (document.signature.get("outputs"), document.ours.get("signature"))
    waiting, found = list[Any](said), list[str]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found


def _ours(entry: Mapping[str, Any]) -> Named:
    shape = entry["shape"]
    return Named(str(entry["name"]), str(entry["node"]), entry["dtype"], None if shape is None else tuple(shape))


def _from_signature(tensors: Mapping[str, Any]) -> list[Named]:
    return [
        Named(
            str(key),
            str(info.get("name") or key),
            dtype_of(info["dtype"]) if info.get("dtype") else None,
            shape_of(info.get("tensorShape")),
        )
        for key, info in tensors.items()
    ]


def _spec(body: Body, each: Named) -> tuple[tuple[int | None, ...] | None, str]:
    node = body.nodes[body.resolve(each.reference)[0]]
    dtype, shape = each.dtype, each.shape
    if node.op in PLACEHOLDERS:
        dtype = dtype or node.attrs.get("dtype")
        shape = shape if shape is not None else placeholder_shape(body, node)
    if dtype is None:
        raise SourceError(f"nothing says what the input {each.name} is made of: it has no dtype")
    input_dtype(each.name, dtype)  # refuses what no page can feed
    return shape, dtype


def _no_checkpoint() -> Checkpoint:
    raise RefusedError("The graph reads variables from a checkpoint, which a TensorFlow.js model does not have.")
