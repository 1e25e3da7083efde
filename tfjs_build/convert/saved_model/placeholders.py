"""What a graph's placeholders say of the tensors that they stand for."""

from __future__ import annotations

from typing import Any, Final

from tfjs_build.convert.graph.infer.shapes import merge
from tfjs_build.convert.graph.ir import Dims
from tfjs_build.convert.saved_model.source import Body, SourceNode
from tfjs_build.convert.saved_model.tensors import dims, dtype_name
from tfjs_build.errors import SourceError

PLACEHOLDERS: Final = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
_NO_UNKNOWN_RANK: Final = 21
"""The last version of graphs in which a placeholder of unknown shape was written as a scalar (tensorflow/core/ops/
array_ops.cc). Freezing in TensorFlow 1 leaves the version out, which makes it 0."""


def placeholder_shape(body: Body, node: SourceNode) -> Dims:
    """Return the shape that a placeholder declares, None where it declares none."""
    shape: Dims = node.attrs.get("shape")
    if not shape and node.op == "Placeholder" and body.producer <= _NO_UNKNOWN_RANK:
        return None
    return shape


def input_spec(body: Body, key: str, info: Any) -> tuple[Dims, str]:
    """Return shape and type of a signature's input: what its TensorInfo says, and where that is silent, its node.

    Signatures written by hand, or by TensorFlow 1.0, have TensorInfos without a shape or a type: a shape that is not
    there is not that of a scalar.
    """
    name, index = body.resolve(info.name)
    node = body.nodes.get(name)
    if node is None:
        raise SourceError(f"The input {key} of the signature is the node {name}, which the file does not have.")
    if node.op in PLACEHOLDERS:
        declared, dtype = placeholder_shape(body, node), node.attrs.get("dtype")
    else:  # a tensor in the midst of a graph, which the signature lets be fed
        shapes, dtypes = node.output_shapes, node.output_dtypes() or []
        declared = shapes[index] if index < len(shapes) else None
        dtype = dtypes[index] if index < len(dtypes) else None
    shape = dims(info.tensor_shape) if info.HasField("tensor_shape") else None
    if shape == () and declared:  # nothing was filled in
        shape = None
    if not info.dtype and dtype is None:
        raise SourceError(f"Neither the signature nor the graph says what the input {key} is made of: it has no dtype.")
    return merge(shape, declared), dtype_name(info.dtype) if info.dtype else str(dtype)
