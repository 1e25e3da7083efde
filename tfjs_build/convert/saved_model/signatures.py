"""Which meta graph and which signature of a SavedModel is meant, and in which order it has its inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tfjs_build.convert.saved_model.source import Body
from tfjs_build.errors import SourceError
from tfjs_build.records import record

DEFAULT_SIGNATURES: Final = ("serving_default", "default")
"""What TensorFlow and TF Hub's first generation call the signature that is meant when none is named."""
INIT_SIGNATURE: Final = "__saved_model_init_op"
TRAIN_SIGNATURE: Final = "__saved_model_train_op"
SERVE_TAG: Final = "serve"


@record(frozen=True)
class Names:
    """What the keys of a signature's inputs and outputs stand for, in the model's order."""

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


def choose_meta_graph(saved_model: Any, tags: tuple[str, ...] | None) -> Any:
    """Return the meta graph with exactly `tags`; by default the one that serves, or the only one."""
    graphs = list(saved_model.meta_graphs)
    if not graphs:
        raise SourceError("The SavedModel holds no graph.")
    # Modules of TF Hub's first generation have no tags for serving.
    for wanted in [set(tags)] if tags is not None else [{SERVE_TAG}, set()]:
        for graph in graphs:
            if set(graph.meta_info_def.tags) == wanted:
                return graph
    if tags is None and len(graphs) == 1:
        return graphs[0]
    there = "; ".join(", ".join(sorted(graph.meta_info_def.tags)) or "(none)" for graph in graphs)
    what = f"has no graph with exactly the tags {', '.join(tags)}" if tags else "has several graphs, none for serving"
    raise SourceError(
        f"The SavedModel {what}. Its graphs have the tags: {there}.", hint="Set `tags` in the manifest.", key="tags"
    )


def choose_signature(meta_graph: Any, name: str | None) -> tuple[str, Any]:
    """Return name and SignatureDef of the signature `name`; by default `serving_default`, or the only one."""
    signatures = {
        key: signature
        for key, signature in meta_graph.signature_def.items()
        if key not in (INIT_SIGNATURE, TRAIN_SIGNATURE) and len(signature.outputs)
    }
    chosen = name or next((default for default in DEFAULT_SIGNATURES if default in signatures), None)
    if chosen is None and len(signatures) == 1:
        chosen = next(iter(signatures))
    if chosen is not None and chosen in signatures:
        return chosen, signatures[chosen]
    if not signatures:
        raise SourceError(
            "The SavedModel has no signature, so nothing says what its inputs and outputs are.",
            hint="Export it with signatures: `tf.saved_model.save(model, path, signatures=model.call…)`, or with"
            " `model.export(path)` from Keras.",
        )
    there = ", ".join(natural(signatures))
    if name is not None:
        raise SourceError(f"The SavedModel has no signature {name!r}. It has: {there}.", key="signature")
    raise SourceError(
        f"The SavedModel has several signatures, and none is named {DEFAULT_SIGNATURES[0]}: {there}.",
        hint="Set `signature` in the manifest.",
    )


def natural(names: Iterable[str]) -> list[str]:
    """Return names sorted, numbers inside them by value: `output_10` after `output_9`."""

    def parts(name: str) -> list[str | int]:
        return [int(part) if at % 2 else part for at, part in enumerate(re.split("([0-9]{1,18})", name))]

    return sorted(names, key=parts)


def output_order(outputs: Any, body: Body) -> list[str]:
    """Return the keys of a signature's outputs in the source's order.

    TensorFlow 2 wraps a signature in one call, whose outputs are in that order; the map in the file has none.
    """
    places = {key: body.resolve(outputs[key].name) for key in outputs}
    if len({node for node, _ in places.values()}) == 1 and len(set(places.values())) == len(places):
        return sorted(places, key=lambda key: places[key][1])
    return natural(outputs)


def input_order(inputs: Any, outputs: Any, body: Body) -> list[str]:
    """Return the keys of a signature's inputs in the order of the wrapper's arguments, else sorted."""
    callers = {body.resolve(info.name)[0] for info in outputs.values()}
    if len(callers) == 1:
        caller = body.nodes.get(next(iter(callers)))
        if caller is not None and caller.op in ("StatefulPartitionedCall", "PartitionedCall"):
            arguments = [body.resolve(reference) for reference in caller.inputs]
            places = {key: body.resolve(inputs[key].name) for key in inputs}
            rest = [key for key in natural(places) if places[key] not in arguments]
            called = [key for key in places if places[key] in arguments]
            return sorted(called, key=lambda key: arguments.index(places[key])) + rest
    return natural(inputs)
