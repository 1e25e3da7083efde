"""Variables that are read and written: refused only where an output depends on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.saved_model.making import Model, Type, add_node, const
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.saved_model import open_saved_model
from tfjs_build.convert.saved_model.source import Function
from tfjs_build.errors import RefusedError

FLOAT = Type("float32")


def converted(model: Model, folder: Path) -> ModelArtifacts:
    with open_saved_model(model.save(folder)) as artifacts:
        return artifacts


def normalizing(model: Model, *, result: str = "norm:y:0", factor: float = 0.01) -> None:
    """A batch normalization in training mode, which writes its moving averages, as Keras 2 saves it."""
    model.placeholder("x", (None, 4, 4, 3))
    handles = [model.variable(name, np.full(3, 2.0, np.float32)) for name in ("gamma", "beta", "mean", "variance")]
    args = {"x": "float32", **dict.fromkeys(("g", "b", "m", "v"), "resource")}
    nodes = model.function("f", args, {"y": result}, ["write_mean", "write_variance"])
    reads = [add_node(nodes, "ReadVariableOp", f"read_{a}", [a], dtype=FLOAT) + ":value:0" for a in "gbmv"]
    settings = {"is_training": True, "exponential_avg_factor": factor, "epsilon": 0.001}
    add_node(nodes, "FusedBatchNormV3", "norm", ["x", *reads], T=FLOAT, U=FLOAT, **settings)
    for argument, output, name in (("m", "batch_mean", "write_mean"), ("v", "batch_variance", "write_variance")):
        add_node(nodes, "AssignVariableOp", name, [argument, f"norm:{output}:0"], dtype=FLOAT)
    model.node("StatefulPartitionedCall", "call", ["x", *handles], f=Function("f"), Tout=[FLOAT])
    model.signature({"x": "x:0"}, {"y": "call:0"})
    model.restore()


def test_moving_averages_that_only_the_next_training_would_read(tmp_path: Path) -> None:
    model = Model()
    normalizing(model)
    assert [weight.name for weight in converted(model, tmp_path).weights if weight.name in ("mean", "variance")] == []


def test_moving_averages_that_are_an_output(tmp_path: Path) -> None:
    model = Model()
    normalizing(model, result="norm:batch_mean:0")
    with pytest.raises(RefusedError) as caught:
        converted(model, tmp_path)
    assert caught.value.message == (
        "The signature reads mean (by call/read_m) and also writes it (AssignVariableOp write_mean) while it runs;"
        " TensorFlow.js keeps no state between calls."
    )


def counting(model: Model, *, use: str) -> None:
    """A counter that is read (`use` is the node that the output is made of) and then written."""
    model.placeholder("x", (None, 2))
    model.variable("count", np.float32(1).reshape(()))
    nodes = model.function("f", {"x": "float32", "v": "resource"}, {"y": "y:z:0"}, ["write"])
    add_node(nodes, "ReadVariableOp", "read", ["v"], dtype=FLOAT)
    const(nodes, "none", 0.0)
    add_node(nodes, "Size", "size", ["read:value:0"], T=FLOAT, out_type=Type("int32"))
    add_node(nodes, "Cast", "cast", ["size:output:0"], SrcT=Type("int32"), DstT=FLOAT)
    add_node(nodes, "Mul", "y", ["x", use], T=FLOAT)
    add_node(nodes, "AssignAddVariableOp", "write", ["v", "cast:y:0"], dtype=FLOAT)
    model.node("StatefulPartitionedCall", "call", ["x", "count"], f=Function("f"), Tout=[FLOAT])
    model.signature({"x": "x:0"}, {"y": "call:0"})
    model.restore()


def test_what_the_next_call_would_read_otherwise(tmp_path: Path) -> None:
    model = Model()
    counting(model, use="read:value:0")
    with pytest.raises(
        RefusedError, match=r"reads count \(by call/read\) and also writes it \(AssignAddVariableOp write\)"
    ):
        converted(model, tmp_path)


def test_a_variable_of_which_only_the_shape_counts(tmp_path: Path) -> None:
    model = Model()
    counting(model, use="cast:y:0")
    assert converted(model, tmp_path).signature.outputs[0].shape == (None, 2)


def branching(model: Model, training: bool) -> None:
    """A branch that counts what it is called for, if `training` (a constant), and a result that reads the count."""
    model.placeholder("x", (2,))
    model.variable("count", np.float32(1).reshape(()))
    then = model.function("then", {"v": "resource"}, {"out": "one:output:0"}, ["write"])
    const(then, "one", 1.0)
    add_node(then, "AssignAddVariableOp", "write", ["v", "one:output:0"], dtype=FLOAT)
    other = model.function("other", {"v": "resource"}, {"out": "two:output:0"})
    const(other, "two", 2.0)
    model.const("training", training)
    branches = {"then_branch": Function("then"), "else_branch": Function("other")}
    model.node(
        "If", "branch", ["training", "count"], Tcond=Type("bool"), Tin=[Type("resource")], Tout=[FLOAT], **branches
    )
    model.node("ReadVariableOp", "read", ["count"], dtype=FLOAT)
    model.node("Mul", "scaled", ["x", "read"], T=FLOAT)
    model.node("Mul", "y", ["scaled", "branch"], T=FLOAT)
    model.signature({"x": "x:0"}, {"y": "y:0"})
    model.restore()


def test_a_write_in_a_branch_that_is_never_taken(tmp_path: Path) -> None:
    model = Model()
    branching(model, training=False)
    assert converted(model, tmp_path).signature.outputs[0].name == "y"


def test_a_write_in_a_branch_that_is_always_taken(tmp_path: Path) -> None:
    model = Model()
    branching(model, training=True)
    with pytest.raises(RefusedError, match=r"reads count .* and also writes it"):
        converted(model, tmp_path)


@pytest.mark.parametrize("training", [False, True])
def test_a_write_behind_a_switch(tmp_path: Path, training: bool) -> None:
    """TensorFlow 1: an update that must run before the result, if the model is in training."""
    model = Model()
    model.placeholder("x", (2,))
    model.variable("mean", np.array([1.0, 2.0], np.float32))
    model.const("default", training)
    model.node("PlaceholderWithDefault", "training", ["default"], dtype=Type("bool"), shape=())
    model.node("Switch", "handle", ["mean", "training"], T=Type("resource"))
    model.node("Switch", "batch", ["x", "training"], T=FLOAT)
    model.node("AssignVariableOp", "update", ["handle:1", "batch:1"], dtype=FLOAT)
    model.node("Identity", "new", ["batch:1", "^update"], T=FLOAT)
    model.node("ReadVariableOp", "old", ["handle"], dtype=FLOAT)
    model.node("Merge", "either", ["old", "new"], T=FLOAT, N=2)
    model.node("ReadVariableOp", "read", ["mean"], dtype=FLOAT)
    model.node("Sub", "less", ["x", "either"], T=FLOAT)
    model.node("Sub", "y", ["less", "read"], T=FLOAT)
    model.signature({"x": "x:0"}, {"y": "y:0"})
    model.restore()
    if training:
        with pytest.raises(RefusedError, match=r"reads mean .* and also writes it"):
            converted(model, tmp_path)
    else:
        assert converted(model, tmp_path).signature.outputs[0].name == "y"
