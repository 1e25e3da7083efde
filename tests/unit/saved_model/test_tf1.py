"""TensorFlow 1: reference variables, loops and branches of frames and switches, tensor arrays, frozen graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.graph.running import run
from tests.unit.saved_model.making import Model, Type, add_node, const, write_checkpoint
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.ir import Graph
from tfjs_build.convert.saved_model import frozen, open_frozen_graph, open_saved_model
from tfjs_build.convert.saved_model.messages import message_class
from tfjs_build.convert.saved_model.reader import trace_signature
from tfjs_build.convert.saved_model.source import Library, OpDefs, main_body
from tfjs_build.convert.saved_model.trace import Session
from tfjs_build.errors import ModelError, RefusedError, SourceError

FLOAT = Type("float32")


def traced(model: Model, folder: Path) -> Graph:
    """Return the graph of the default signature, before any pass."""
    op_defs = OpDefs()
    body = main_body(model.graph, op_defs)
    session = Session(Library(model.graph.library.function, op_defs), frozen._no_checkpoint, folder)
    return trace_signature(session, body, model.meta.signature_def["serving_default"])


def test_variables_by_reference_restored_by_the_main_graph(tmp_path: Path) -> None:
    """`save/restore_all` runs Assign(variable, RestoreV2:i); a variable is read by using it; one is partitioned."""
    model = Model()
    whole = np.arange(12, dtype=np.float32).reshape(4, 3)
    model.placeholder("x", (None, 3))
    for name, shape in (("bias", (3,)), ("w/part_0", (2, 3)), ("w/part_1", (2, 3))):
        model.node("VariableV2", name, dtype=FLOAT, shape=shape)
    model.const("save/Const", "model", "string")
    model.const("save/names", ["bias", "w", "w"])
    model.const("save/slices", ["", "4 3 0,2:0,3", "4 3 2,2:0,3"])
    model.node("RestoreV2", "save/RestoreV2", ["save/Const", "save/names", "save/slices"], dtypes=[FLOAT] * 3)
    for i, name in enumerate(("bias", "w/part_0", "w/part_1")):
        model.node("Assign", f"save/Assign_{i}", [name, f"save/RestoreV2:{i}"], T=FLOAT)
    model.node("NoOp", "save/restore_all", [f"^save/Assign_{i}" for i in range(3)])
    model.const("axis", 0)
    model.node("Identity", "w/part_0/read", ["w/part_0"], T=FLOAT)
    model.node("ConcatV2", "w", ["w/part_0/read", "w/part_1", "axis"], T=FLOAT, N=2)
    model.node("MatMul", "mul", ["x", "w"], T=FLOAT, transpose_b=True)
    model.node("AddV2", "add", ["x", "bias"], T=FLOAT)
    model.signature({"x": "x:0"}, {"y": "mul:0", "z": "add:0"})
    model.meta.saver_def.restore_op_name = "save/restore_all"
    model.save(tmp_path)
    (tmp_path / "variables").mkdir(exist_ok=True)
    write_checkpoint(
        tmp_path / "variables" / "variables",
        {"bias": np.array([7, 8, 9], np.float32), "w": whole},
        slices={"w": [((0, 2), (0, 3)), ((2, 2), (0, 3))]},
    )
    with open_saved_model(tmp_path) as artifacts:
        data = {weight.name: np.concatenate(list(weight.blocks())) for weight in artifacts.weights}
    np.testing.assert_array_equal(data["bias"], [7, 8, 9])
    [kernel] = [array for name, array in data.items() if array.size == 12]
    np.testing.assert_array_equal(kernel, whole.T.reshape(-1))  # stored as it is used


def frame(model: Model, name: str, source: str, *, constant: bool = False, suffix: str = "") -> str:
    settings = {"T": FLOAT, "frame_name": name, "is_constant": constant}
    return model.node("Enter", f"{name}/Enter{suffix}", [source], **settings)


def counting_loop(model: Model) -> None:
    """while i < limit: i += 1; x = x * w (w comes in as a constant of the loop)."""
    model.placeholder("x", (None, 2))
    model.const("zero", 0)
    model.const("limit", 3)
    model.const("w", [2.0, 3.0])
    i, x = frame(model, "loop", "zero"), frame(model, "loop", "x", suffix="_1")
    w = frame(model, "loop", "w", constant=True, suffix="_2")
    limit = frame(model, "loop", "limit", constant=True, suffix="_3")
    model.node("Merge", "loop/Merge", [i, "loop/NextIteration"], T=FLOAT, N=2)
    model.node("Merge", "loop/Merge_1", [x, "loop/NextIteration_1"], T=FLOAT, N=2)
    model.node("Less", "loop/Less", ["loop/Merge", limit], T=Type("int32"))
    model.node("LoopCond", "loop/LoopCond", ["loop/Less"])
    for suffix in ("", "_1"):
        model.node("Switch", f"loop/Switch{suffix}", [f"loop/Merge{suffix}", "loop/LoopCond"], T=FLOAT)
        model.node("Identity", f"loop/Identity{suffix}", [f"loop/Switch{suffix}:1"], T=FLOAT)
        model.node("Exit", f"loop/Exit{suffix}", [f"loop/Switch{suffix}"], T=FLOAT)
    model.const("one", 1, controls=["^loop/Identity"])
    model.node("AddV2", "loop/add", ["loop/Identity", "one"], T=Type("int32"))
    model.node("Mul", "loop/mul", ["loop/Identity_1", w], T=FLOAT)
    model.node("NextIteration", "loop/NextIteration", ["loop/add"], T=FLOAT)
    model.node("NextIteration", "loop/NextIteration_1", ["loop/mul"], T=FLOAT)


def test_a_loop_of_frames(tmp_path: Path) -> None:
    model = Model()
    counting_loop(model)
    model.signature({"x": "x:0"}, {"x_out": "loop/Exit_1:0", "count": "loop/Exit:0"})
    graph = traced(model, tmp_path)
    [loop] = [node for node in graph.nodes() if node.op == "StatelessWhile"]
    assert len(loop.inputs) == 2  # the constants are in the body
    results = run(graph, {"x": [[1.0, 1.0], [2.0, 0.5]]})
    np.testing.assert_array_equal(results["x_out"], [[8, 27], [16, 13.5]])
    assert results["count"] == 3


def conditional(model: Model, *, pivot: bool = True, nested: bool = False) -> None:
    """y = x * 2 if x > 0 else 5 (a constant that only its control edge ties to the branch)."""
    model.placeholder("x", ())
    model.const("zero", 0.0)
    model.node("Greater", "pred", ["x", "zero"], T=FLOAT)
    model.node("Identity", "cond/pred_id", ["pred"], T=Type("bool"))
    model.node("Switch", "cond/Switch", ["pred", "pred"], T=Type("bool"))
    model.node("Identity", "cond/switch_t", ["cond/Switch:1"], T=Type("bool"))
    model.node("Identity", "cond/switch_f", ["cond/Switch"], T=Type("bool"))
    model.node("Switch", "cond/mul/Switch", ["x", "cond/pred_id"], T=FLOAT)
    model.const("cond/two", 2.0, controls=["^cond/switch_t"])
    model.node("Mul", "cond/mul", ["cond/mul/Switch:1", "cond/two"], T=FLOAT)
    model.const("cond/five", 5.0, controls=["^cond/switch_f"] if pivot else [])
    true = "cond/mul"
    if nested:
        model.const("cond/three", 3.0, controls=["^cond/switch_t"])
        model.node("Greater", "cond/inner/pred", ["cond/mul", "cond/three"], T=FLOAT)
        model.node("Switch", "cond/inner/Switch", ["cond/mul", "cond/inner/pred"], T=FLOAT)
        model.node("Neg", "cond/inner/neg", ["cond/inner/Switch:1"], T=FLOAT)
        model.node("Identity", "cond/inner/same", ["cond/inner/Switch"], T=FLOAT)
        true = model.node("Merge", "cond/inner/Merge", ["cond/inner/same", "cond/inner/neg"], T=FLOAT, N=2)
    model.node("Merge", "cond/Merge", ["cond/five", true], T=FLOAT, N=2)
    model.signature({"x": "x:0"}, {"y": "cond/Merge:0"})


@pytest.mark.parametrize(
    ("nested", "expected"), [(False, {-1.0: 5, 1.0: 2, 4.0: 8}), (True, {-1.0: 5, 1.0: 2, 4.0: -8})]
)
def test_a_branch_of_switches(tmp_path: Path, nested: bool, expected: dict[float, float]) -> None:
    model = Model()
    conditional(model, nested=nested)
    graph = traced(model, tmp_path)
    assert [node.op for node in graph.nodes()].count("StatelessIf") == 1
    for x, y in expected.items():
        assert run(graph, {"x": x})["y"] == y


def test_a_branch_whose_side_cannot_be_told_is_refused(tmp_path: Path) -> None:
    model = Model()
    conditional(model, pivot=False)
    with pytest.raises(
        RefusedError,
        match=r"Merge \(cond/Merge\) joins branches, and the condition that chooses between them is not found",
    ):
        traced(model, tmp_path)


def test_a_branch_that_is_decided_when_converting(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (2,))
    model.const("false", False)
    model.node("PlaceholderWithDefault", "learning", ["false"], dtype=Type("bool"), shape=())
    model.node("Switch", "Switch", ["x", "learning"], T=FLOAT)
    model.node("Neg", "no", ["Switch"], T=FLOAT)
    model.node("Relu", "yes", ["Switch:1"], T=FLOAT)
    model.node("Merge", "Merge", ["no", "yes"], T=FLOAT, N=2)
    model.signature({"x": "x:0"}, {"y": "Merge:0"})
    assert [node.op for node in traced(model, tmp_path).nodes()] == ["Placeholder", "Neg"]


def test_tensor_arrays_are_lists(tmp_path: Path) -> None:
    model = Model()
    model.placeholder("x", (3, 2))
    model.const("size", 3)
    model.const("indices", [0, 1, 2])
    model.const("two", 2)
    model.node("TensorArrayV3", "array", ["size"], dtype=FLOAT, element_shape=(2,))
    model.node("TensorArrayScatterV3", "scatter", ["array", "indices", "x", "array:1"], T=FLOAT)
    model.node("TensorArrayReadV3", "read", ["array", "two", "scatter"], dtype=FLOAT)
    model.node("TensorArrayGatherV3", "gather", ["array", "indices", "scatter"], dtype=FLOAT, element_shape=(2,))
    model.node("TensorArraySizeV3", "count", ["array", "scatter"])
    model.signature({"x": "x:0"}, {"last": "read:0", "all": "gather:0"})
    graph = traced(model, tmp_path)
    assert {node.op for node in graph.nodes()} == {
        "Placeholder", "Const", "TensorListScatterV2", "TensorListGetItem", "TensorListGather"
    }  # fmt: skip
    assert {port.name: port.value.shape for port in graph.outputs} == {"all": (3, 2), "last": (2,)}


def frozen_graph(path: Path) -> Any:
    graph = message_class("GraphDef")()
    add_node(graph.node, "Placeholder", "image", dtype=FLOAT, shape=(None, 2))
    add_node(graph.node, "Placeholder", "unused", dtype=FLOAT, shape=())
    const(graph.node, "kernel", np.ones((2, 3), np.float32))
    add_node(graph.node, "MatMul", "logits", ["image", "kernel"], T=FLOAT)
    add_node(graph.node, "TopKV2", "top", ["logits", const(graph.node, "k", 2)], T=FLOAT)
    path.write_bytes(graph.SerializeToString())
    return graph


def converted(path: Path, *outputs: str) -> ModelArtifacts:
    with open_frozen_graph(path, outputs=outputs) as artifacts:
        return artifacts


def test_a_frozen_graph(tmp_path: Path) -> None:
    frozen_graph(tmp_path / "net.pb")
    artifacts = converted(tmp_path / "net.pb", "logits", "top:1")
    assert [(spec.name, spec.shape) for spec in artifacts.signature.inputs] == [("image", (None, 2))]
    assert [(spec.name, spec.node) for spec in artifacts.signature.outputs] == [
        ("logits", "logits"),
        ("top:1", "top_1"),
    ]


def message(path: Path, *outputs: str) -> str:
    with pytest.raises(ModelError) as caught:
        converted(path, *outputs)
    return str(caught.value).replace(str(path), "PATH")


def test_faults_of_frozen_graphs(tmp_path: Path) -> None:
    path = tmp_path / "net.pb"
    frozen_graph(path)
    assert message(path) == (
        "PATH is a frozen graph, which does not say its outputs. Nodes that no other node reads: unused, top.\n"
        "Set `outputs` in the manifest."
    )
    assert message(path, "nobody").startswith("PATH has no node nobody. Nodes that no other node reads: unused, top.")
    path.write_bytes(b"\xff" * 20)
    assert "PATH is damaged or of another kind: it cannot be read as a GraphDef." in message(path, "x")
    path.write_bytes(b"")
    assert message(path, "x") == "PATH is not a frozen graph, or holds no graph."
    path.unlink()
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        converted(path, "x")


def test_a_graph_that_is_not_frozen(tmp_path: Path) -> None:
    graph = message_class("GraphDef")()
    add_node(graph.node, "VariableV2", "w", dtype=FLOAT, shape=(2,))
    add_node(graph.node, "Relu", "relu", ["w"], T=FLOAT)
    (tmp_path / "net.pb").write_bytes(graph.SerializeToString())
    assert "The variable w has no value" in message(tmp_path / "net.pb", "relu")


def test_the_builder_is_where_nodes_come_from() -> None:
    b = Builder()
    assert b.input("x", (), "float32").node.builder is b
