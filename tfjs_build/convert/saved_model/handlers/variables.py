"""Variables: made, restored from the checkpoint, read."""

from __future__ import annotations

from collections.abc import Sequence

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.saved_model.resources import Traced, Variable
from tfjs_build.convert.saved_model.source import SourceNode
from tfjs_build.convert.saved_model.trace import Frame, described, handles, unexpected
from tfjs_build.errors import RefusedError, SourceError


@handles("VarHandleOp")
def _handle(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    name = node.attrs.get("shared_name") or node.name
    return [_variable(frame, node, name, reference=False)]


@handles("VariableV2", "Variable")
def _reference(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    return [_variable(frame, node, node.attrs.get("shared_name") or node.name, reference=True)]


def _variable(frame: Frame, node: SourceNode, name: str, *, reference: bool) -> Variable:
    variables = frame.session.variables
    if name not in variables:
        variables[name] = Variable(name, node.attrs["dtype"], node.attrs.get("shape"), reference=reference)
    return variables[name]


def variable_of(frame: Frame, node: SourceNode, position: int = 0) -> Variable:
    """Return the variable that an input of `node` is the handle of."""
    traced = frame.get(node.inputs[position])
    if not isinstance(traced, Variable):
        raise unexpected(frame, node, traced)
    return traced


@handles("ReadVariableOp")
def _read(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    return [frame.read(variable_of(frame, node), frame.prefix + node.name)]


@handles("ResourceGather")
def _gather(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    value = frame.read(variable_of(frame, node), frame.prefix + node.name)
    batch = int(node.attrs.get("batch_dims", 0))
    inputs = [value, frame.value(node.inputs[1]), frame.builder.const(batch, "int32")]
    return frame.builder.node("GatherV2", inputs, {"batch_dims": batch}, name=frame.prefix + node.name)


@handles("ResourceGatherNd")
def _gather_nd(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    value = frame.read(variable_of(frame, node), frame.prefix + node.name)
    return frame.builder.node("GatherNd", [value, frame.value(node.inputs[1])], {}, name=frame.prefix + node.name)


@handles("VariableShape")
def _shape(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    value = frame.read(variable_of(frame, node), frame.prefix + node.name)
    return frame.builder.node("Shape", [value], {"out_type": node.attrs.get("out_type", "int32")})


@handles("VarIsInitializedOp", "IsVariableInitialized")
def _initialized(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    return [frame.builder.const(variable_of(frame, node).value is not None)]


@handles("RestoreV2")
def _restore(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    """Give the checkpoint's tensors, by names and slices that are constants of the graph."""
    names, parts = (_strings(frame, node, position) for position in (1, 2))
    wanted = described(node)
    if not len(names) == len(parts) == len(wanted):
        raise SourceError(f"{node.op} ({node.name}) reads {len(wanted)} tensors, of which it names {len(names)}.")
    checkpoint = frame.session.checkpoint()
    outputs: list[Traced] = []
    for name, part, (_, dtype) in zip(names, parts, wanted, strict=True):
        tensor = checkpoint.tensor(name, part)
        if tensor is None or tensor.dtype != dtype:
            # Its variable stays without a value, which counts only if that is read.
            outputs.append(Variable(name, dtype, None))
            continue
        outputs.append(frame.builder.const(tensor, name=name))
    return outputs


def _strings(frame: Frame, node: SourceNode, position: int) -> list[str]:
    value = frame.value(node.inputs[position])
    if value.constant is None or value.dtype != "string":
        raise SourceError(f"{node.op} ({node.name}) does not say which tensors it reads.")
    return [item.decode("utf-8", "replace") for item in value.constant.array().reshape(-1).tolist()]


@handles("AssignVariableOp", "Assign")
def _assign(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    if not frame.effectful:
        # Only a variable's own value could be meant here, and it is the one that is being written.
        raise _written(frame, node)
    variable = variable_of(frame, node)
    value = frame.get(node.inputs[1])
    if isinstance(value, Variable) and value.reference:
        value = value.value or value
    if isinstance(value, Value):
        constant = value.constant
        if constant is not None:
            value = frame.builder.const(constant.named(variable.name), name=variable.name)
        variable.value = value
    return [variable] if node.op == "Assign" else []


def _written(frame: Frame, node: SourceNode) -> RefusedError:
    name = variable_of(frame, node).name
    return RefusedError(
        f"{node.op} ({frame.prefix}{node.name}): the outputs depend on the variable {name} being written while the"
        " model runs, and TensorFlow.js keeps no state between calls.",
        hint="Export a signature that takes the state as an input and returns it as an output.",
    )


@handles("AssignAdd", "AssignSub", "AssignAddVariableOp", "AssignSubVariableOp")
def _update(frame: Frame, node: SourceNode) -> Sequence[Traced]:
    raise _written(frame, node)
