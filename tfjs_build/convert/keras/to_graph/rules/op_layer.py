"""Rule of TensorFlowOpLayer, as which TensorFlow wrote an op on a model's tensors until 2.3: the file has its NodeDef.

The op becomes a node of the same name and attributes, as in a SavedModel. What is no tensor of the model stands by its
place among the inputs, in `constants`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tfjs_build.convert.dtypes import GRAPH_DEF, NUMBERS, literal_dtype, tfjs_dtype
from tfjs_build.convert.graph.aliases import ALIASES
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.to_graph.context import Context, shown
from tfjs_build.convert.keras.to_graph.dtypes import as_dtype
from tfjs_build.convert.keras.to_graph.registry import Result, layer
from tfjs_build.errors import SourceError

if TYPE_CHECKING:
    from tfjs_build.convert.saved_model.source import SourceNode

_ALIKE: Final = frozenset(
    ["float16", "float32", "float64", "int32", "int64", "bool", "string", "complex64", "complex128"]
)
"""Types whose numbers TensorFlow.js's own types hold; small integers wrap around at other numbers."""

_TYPES: Final = frozenset(NUMBERS.values())


@layer("TensorFlowOpLayer")
def op_layer(c: Context) -> Result:
    """The op of the NodeDef in the configuration."""
    from tfjs_build.convert.saved_model.source import OpDefs, SourceNode
    from tfjs_build.convert.saved_model.trace import described, public_attrs

    node = SourceNode(_node_def(c), OpDefs())
    op = node.op
    _refuse_handled(c, node)
    inputs: list[Any] = list(c.inputs)
    constants = c.config.get("constants") or {}
    c.require(isinstance(constants, Mapping), f"expects `constants` by their positions, got {shown(constants)}")
    for place, value in constants.items():
        c.require(place.isdecimal(), f"expects `constants` by their positions, got {shown(place)}")
        inputs.insert(int(place[:9]), value)  # more digits are beyond the end as well, and may be no int of Python's
    values = [value if isinstance(value, Value) else _constant(c, value) for value in inputs]
    if op in ALIASES:
        return values[0]
    attrs = {key: _attribute(c, op, key, value) for key, value in public_attrs(node).items()}
    given = [(shape, tfjs_dtype(dtype) if dtype in _ALIKE else dtype) for shape, dtype in described(node)]
    return c.b.node(op, values, attrs, given=given)


def _node_def(c: Context) -> Any:
    from google.protobuf import json_format, message

    from tfjs_build.convert.saved_model.messages import message_class, parse

    stored = c.config.get("node_def")
    if not isinstance(stored, Mapping):
        return parse("NodeDef", str(stored or "").encode(), Path(c.layer.label))
    # Small ints stand for themselves in the JSON form, types by their enum's names, of which the schema here has none.
    try:
        return json_format.ParseDict(_numbered(stored), message_class("NodeDef")(), ignore_unknown_fields=True)
    except (json_format.ParseError, message.Error) as error:
        raise SourceError(f"{c.layer.label}: its `node_def` cannot be read ({error})") from error


def _numbered(value: Any) -> Any:
    """Return a message's JSON with types as numbers."""
    if isinstance(value, Mapping):
        return {key: _numbered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbered(item) for item in value]
    return _DATA_TYPES.get(value, value) if isinstance(value, str) else value


_DATA_TYPES: Final = {GRAPH_DEF[name]: number for number, name in NUMBERS.items()}


def _refuse_handled(c: Context, node: SourceNode) -> None:
    """Refuse an op that is more than a node of its name; one that tells how many tensors come out of it is not."""
    from tfjs_build.convert.saved_model import handlers  # noqa: F401  (enters what needs more than its inputs)
    from tfjs_build.convert.saved_model.checks import TOLD
    from tfjs_build.convert.saved_model.trace import HANDLERS

    plain = node.op in ALIASES or node.op not in HANDLERS or TOLD.get(node.op) in node.attrs
    c.require(plain, f"the op {node.op} is not supported in a TensorFlowOpLayer")


def _constant(c: Context, value: Any) -> Value:
    """Return a constant of the type that its JSON tells: a float is written with its point."""
    kind = np.asarray(value).dtype.kind
    if np.size(value) == 0:
        return c.constant(np.zeros(np.shape(value), np.int32), "int32")
    return as_dtype(c, value, literal_dtype(kind) or "float32")


def _attribute(c: Context, op: str, key: str, value: Any) -> Any:
    """Return an attribute with the types that TensorFlow.js has."""
    if isinstance(value, list) and value and all(isinstance(each, str) and each in _TYPES for each in value):
        return [_attribute(c, op, key, each) for each in value]
    if not isinstance(value, str) or value not in _TYPES:
        return value
    if op == "Cast" and key == "SrcT":
        return c.inputs[0].dtype if c.inputs else tfjs_dtype(value)
    c.require(value in _ALIKE, f"the op {op} with {key}={value} is not supported: TensorFlow.js lacks the dtype")
    return tfjs_dtype(value)
