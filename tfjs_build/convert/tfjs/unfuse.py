"""Fused ops, which only converters write, as the ops that they stand for: ours are fused anew.

Their attributes are those of TensorFlow's grappler (core/grappler/optimizers/remapper.cc) and of the stock converter
(tf_model_optimizer.py): `fused_ops` names what follows the first op, each with an argument of its own behind its inputs
or none.
"""

from __future__ import annotations

from typing import Any, Final

from tfjs_build.errors import RefusedError, SourceError

_FIRST: Final = {
    "_FusedConv2D": "Conv2D",
    "FusedConv2D": "Conv2D",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
    "_FusedMatMul": "MatMul",
    "FusedMatMul": "MatMul",
}
_PLAIN: Final = {"Relu", "Relu6", "Elu", "Sigmoid", "Tanh"}
_OWN: Final = frozenset(
    {"fused_ops", "num_args", "epsilon", "leakyrelu_alpha", "TArgs", "num_host_args", "host_inputs"}
)


def unfuse(graph: Any) -> None:
    """Replace the fused ops of a GraphDef and its functions, in place; the last op of each has its name.

    Raises RefusedError for a fusion that TensorFlow.js does not have, SourceError for a node that lacks inputs.
    """
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        for node in [each for each in nodes if each.op in _FIRST or each.op == "Prelu"]:
            _unfuse(nodes, node)
        for node in [each for each in nodes if each.op == "Range" and "Tidx" not in each.attr]:
            _float_range(nodes, node)


def _unfuse(nodes: Any, node: Any) -> None:
    # To look an attribute up that is not there would make it.
    listed = node.attr["fused_ops"].list.s if "fused_ops" in node.attr else ()
    fused = [name for text in listed if (name := text.decode("utf-8", "replace")) != "noop"]
    controls = [reference for reference in node.input if reference.startswith("^")]
    inputs = [reference for reference in node.input if not reference.startswith("^")]
    wanted = 2 + sum(op in ("BiasAdd", "Prelu") for op in fused)
    if len(inputs) < wanted:
        raise SourceError(f"{node.op} ({node.name}) expects at least {wanted} inputs, got {len(inputs)}")
    if node.op == "Prelu":
        _prelu(nodes, node, inputs[0], inputs[1], node.name)
        return
    alpha = node.attr["leakyrelu_alpha"].f if "leakyrelu_alpha" in node.attr else 0.2
    data_format = node.attr["data_format"].s if "data_format" in node.attr else b""
    dtype = node.attr["T"].type if "T" in node.attr else 0
    name, arguments = node.name, inputs[2:]
    node.op = _FIRST[node.op]
    for key in [key for key in node.attr if key in _OWN]:
        del node.attr[key]
    if node.op == "MatMul":
        for key in [key for key in node.attr if key not in ("T", "transpose_a", "transpose_b")]:
            del node.attr[key]
    del node.input[:]
    node.input.extend([*inputs[:2], *controls])
    if not fused:
        return
    node.name = f"{name}/{node.op}"
    last = node.name
    for index, op in enumerate(fused):
        made = name if index == len(fused) - 1 else f"{name}/{op}"
        if op == "Prelu":
            _prelu(nodes, None, last, arguments.pop(0), made)
            last = made
            continue
        if op not in (*_PLAIN, "BiasAdd", "LeakyRelu"):
            raise RefusedError(f"{node.op} ({name}) is fused with {op}, which TensorFlow.js does not run")
        new = nodes.add()
        new.name, new.op = made, op
        new.input.append(last)
        if dtype:
            new.attr["T"].type = dtype
        if op == "BiasAdd":
            new.input.append(arguments.pop(0))
            if data_format:
                new.attr["data_format"].s = data_format
        elif op == "LeakyRelu":
            new.attr["alpha"].f = alpha
        last = made


def _prelu(nodes: Any, node: Any, x: str, alpha: str, name: str) -> None:
    """max(x, 0) + alpha · min(x, 0), TensorFlow having no such op."""
    if node is not None:
        nodes.remove(node)
    steps = (
        ("Relu", f"{name}/Relu", [x]),
        ("Neg", f"{name}/Neg", [x]),
        ("Relu", f"{name}/Relu_1", [f"{name}/Neg"]),
        ("Mul", f"{name}/Mul", [alpha, f"{name}/Relu_1"]),
        ("Sub", name, [f"{name}/Relu", f"{name}/Mul"]),
    )
    for op, called, inputs in steps:
        new = nodes.add()
        new.name, new.op = called, op
        new.input.extend(inputs)
        new.attr["T"].type = 1  # DT_FLOAT


def _float_range(nodes: Any, node: Any) -> None:
    """A range of floats, which the executor makes of any numbers where no type is said."""
    new = nodes.add()
    new.name, new.op = node.name, "Cast"
    new.attr["DstT"].type = 1  # DT_FLOAT
    node.name = f"{new.name}/Range"
    new.input.append(node.name)
