"""A SavedModel folder, step by step: decode, choose, restore, initialize, trace, compile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.dtypes import input_dtype, is_tensor
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.compile import compile_graph
from tfjs_build.convert.graph.ir import Graph, Port, Value
from tfjs_build.convert.graph.unsupported import unsupported
from tfjs_build.convert.saved_model import handlers
from tfjs_build.convert.saved_model.checkpoint import WHOLE_FOLDER, Checkpoint
from tfjs_build.convert.saved_model.effects import StateError, conflicts
from tfjs_build.convert.saved_model.handlers.tables import table_node
from tfjs_build.convert.saved_model.messages import is_graph, parse, parse_text, read_program
from tfjs_build.convert.saved_model.objects import restore_objects
from tfjs_build.convert.saved_model.placeholders import input_spec
from tfjs_build.convert.saved_model.resources import Table, Traced
from tfjs_build.convert.saved_model.signatures import (
    INIT_SIGNATURE,
    Names,
    choose_meta_graph,
    choose_signature,
    input_order,
    output_order,
)
from tfjs_build.convert.saved_model.source import Body, Library, OpDefs, main_body
from tfjs_build.convert.saved_model.state import without_state
from tfjs_build.convert.saved_model.trace import Frame, Session
from tfjs_build.errors import ModelError, RefusedError, SourceError

assert handlers  # importing it registers what ops mean

_ASSET_COLLECTION = "saved_model_assets"
_MAIN_OPS = ("saved_model_main_op", "legacy_init_op")
_TABLE_COLLECTION = "table_initializer"
_LOCAL_COLLECTION = "local_variables"


def read_saved_model(
    path: Path, tags: tuple[str, ...] | None, signature: str | None, names: Names | None = None
) -> ModelArtifacts:
    """Return the artifacts of a SavedModel folder; `names` are what its signature's keys stand for, where they are not
    names themselves. Raises SourceError or RefusedError."""
    saved_model = _decode(path)
    meta_graph = choose_meta_graph(saved_model, tags)
    _, chosen = choose_signature(meta_graph, signature)
    op_defs = OpDefs(meta_graph.meta_info_def.stripped_op_list.op)
    body = main_body(meta_graph.graph_def, op_defs)
    session = Session(
        Library(meta_graph.graph_def.library.function, op_defs),
        cache(lambda: Checkpoint(path / "variables" / "variables")),
        path,
        {body.resolve(asset.tensor_info.name)[0]: asset.filename for asset in _assets(meta_graph, path)},
    )
    _prepare(session, body, meta_graph, path)
    version = meta_graph.meta_info_def.tensorflow_version
    with naming_all_that_is_lacking(session):
        graph = trace_signature(session, body, chosen, names)
        return compile_graph(
            graph,
            initializer=table_initializer(session),
            generated_by=f"TensorFlow {version}" if version else "TensorFlow",
            notes=session.notes,
        )


@contextmanager
def naming_all_that_is_lacking(session: Session) -> Iterator[None]:
    """Where a graph is refused, and ops of it are lacking in TensorFlow.js: name these, all of them.

    What else is wrong may come of an op that nothing is known of; and who takes one out wants to know of the others.
    State between calls is wrong whatever the ops, and layers that draw random numbers have both.
    """
    try:
        yield
    except StateError:
        raise
    except RefusedError as error:
        if session.lacking:
            raise unsupported(session.lacking) from error
        raise


def _decode(path: Path) -> Any:
    binary, text = path / "saved_model.pb", path / "saved_model.pbtxt"
    try:
        if binary.is_file():
            data = read_program(binary)
            if is_graph(data):
                raise SourceError(
                    f"{binary} is a frozen graph, not a SavedModel as its name says.",
                    hint="Give the file another name, let `source` name it, and say its `outputs`.",
                )
            return parse("SavedModel", data, binary)
        if text.is_file():
            return parse_text("SavedModel", text.read_bytes(), text)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    if (path / "saved_model.cpb").is_file():
        raise RefusedError(
            f"{path} is a SavedModel in pieces (saved_model.cpb), which is not supported.",
            hint="Export it without `experimental_image_format`.",
        )
    raise SourceError(f"{path} is not a SavedModel: it has no saved_model.pb.")


def _assets(meta_graph: Any, path: Path) -> list[Any]:
    """Return the AssetFileDefs; TensorFlow 1 keeps them in a collection."""
    found = list(meta_graph.asset_file_def)
    if _ASSET_COLLECTION in meta_graph.collection_def:
        entries = meta_graph.collection_def[_ASSET_COLLECTION].any_list.value
        found += [parse("AssetFileDef", entry.value, path) for entry in entries]
    return found


def _prepare(session: Session, body: Body, meta_graph: Any, path: Path) -> None:
    """Give variables and tables what they hold before the first call: the checkpoint, then the initializers."""
    frame = Frame(session, body, Builder(), {}, effectful=True)
    restore = meta_graph.saver_def.restore_op_name
    if restore and (path / "variables" / "variables.index").is_file():
        frame.run([body.resolve(restore)[0]])
        restore_objects(frame, meta_graph.object_graph_def)
    elif restore:
        session.missing = _missing_variables(path)  # which counts where a variable is read
    starts = (
        [info.name for info in meta_graph.signature_def[INIT_SIGNATURE].outputs.values()]
        if INIT_SIGNATURE in meta_graph.signature_def
        else []
    )
    for key in _MAIN_OPS:
        starts += _collected(meta_graph, key)
    frame.run(body.resolve(start)[0] for start in starts)
    # TensorFlow runs these two where there is no main op; where there is one, it has run them. What cannot be run
    # counts only where its table or variable is used.
    later = _collected(meta_graph, _TABLE_COLLECTION)
    if _LOCAL_COLLECTION in meta_graph.collection_def:
        local = meta_graph.collection_def[_LOCAL_COLLECTION].bytes_list.value
        later += [parse("VariableDef", entry, path).initializer_name for entry in local]
    for name in dict.fromkeys(body.resolve(reference)[0] for reference in later):
        node = body.nodes.get(name)
        if node is None:
            continue
        try:
            Frame(session, body, Builder(), {}, effectful=True).run([name])
        except ModelError as error:
            filled = body.resolve(node.inputs[0])[0] if node.inputs else name
            session.faults[filled] = error


def _missing_variables(path: Path) -> SourceError:
    folder = path / "variables"
    if not folder.is_dir():
        what = f"{path} lacks the folder `variables`, which holds the numbers of the model: there is only its graph."
    else:
        data = any(folder.glob("variables.data-*"))
        what = f"{folder} lacks variables.index" + (", without which its data cannot be read." if data else ".")
    return SourceError(what, hint=WHOLE_FOLDER)


def _collected(meta_graph: Any, key: str) -> list[str]:
    """Return the nodes that a collection of the graph names."""
    return list(meta_graph.collection_def[key].node_list.value) if key in meta_graph.collection_def else []


def trace_signature(session: Session, body: Body, signature: Any, names: Names | None = None) -> Graph:
    """Return the graph of one signature, its inputs and outputs named and ordered as in the source."""
    builder = Builder()
    inputs: list[Port] = []
    bound: dict[tuple[str, int], Traced] = {}
    called = names or Names(
        {key: key for key in input_order(signature.inputs, signature.outputs, body)},
        {key: key for key in output_order(signature.outputs, body)},
    )
    for each, key in called.inputs.items():
        info = signature.inputs[each]
        if not info.name:
            raise RefusedError(
                f"The input {key} is a sparse or composite tensor, which TensorFlow.js lacks.",
                hint="Export a signature that takes its parts as dense tensors.",
            )
        shape, dtype = input_spec(body, key, info)
        input_dtype(key, dtype)  # refuses what no page can feed
        value = builder.input(key, shape, dtype)
        bound[body.resolve(info.name)] = value
        inputs.append(Port(key, value))
    frame = Frame(session, body, builder, bound)
    references = []
    for each, key in called.outputs.items():
        if not signature.outputs[each].name:
            raise RefusedError(
                f"The output {key} is a sparse or composite tensor, which TensorFlow.js lacks.",
                hint="Export a signature that returns its parts as dense tensors.",
            )
        references.append(signature.outputs[each].name)
    outputs = trace_outputs(frame, list(called.outputs.values()), references)
    return Graph(inputs, outputs)


def trace_outputs(frame: Frame, names: Sequence[str], references: Sequence[str]) -> list[Port]:
    """Return the outputs of the main graph, refusing what would need state between calls."""
    outputs = [Port(name, frame.value(reference)) for name, reference in zip(names, references, strict=True)]
    for port in outputs:
        if not is_tensor(port.value.dtype):
            raise RefusedError(f"the output {port.name} has the dtype {port.value.dtype}, which TensorFlow.js lacks")
    written = conflicts(frame, list(references))
    return without_state(frame, written, names, references) if written else outputs


def table_initializer(session: Session) -> Graph | None:
    """Return the graph that fills the tables that are used, None if none is."""
    ports = [Port(f"{table.name}/import", _import(session, table)) for table in session.used_tables.values()]
    return Graph([], ports) if ports else None


def _import(session: Session, table: Table) -> Value:
    assert table.contents is not None
    for contents in table.contents:
        if contents.constant is None:
            raise RefusedError(
                f"The table {table.name} is filled with computed values, only constants and files are supported."
            )
    builder = Builder(table.name)
    frame = Frame(session, Body("", {}, [], [], None), builder, {})
    inputs = [table_node(frame, table), *table.contents]
    return builder.node("LookupTableImportV2", inputs, {}, given=[((), "resource")])[0]
