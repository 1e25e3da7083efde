"""Hash tables: filled from constants, from files, from the checkpoint; looked up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.saved_model.making import Model, Type, add_node, const
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.saved_model import open_saved_model
from tfjs_build.convert.saved_model.messages import message_class
from tfjs_build.convert.saved_model.source import Function
from tfjs_build.errors import ModelError, RefusedError, SourceError


def looking_up(model: Model, table: str = "table", shape: tuple[int | None, ...] = (None, 3)) -> None:
    """Add a table from strings to numbers, and a signature that looks words up in it."""
    model.placeholder("words", shape, "string")
    model.node("HashTableV2", table, shared_name="t", key_dtype=Type("string"), value_dtype=Type("int64"))
    model.const("default", np.array(-1), "int64")
    model.node("LookupTableFindV2", "find", [table, "words", "default"], Tin=Type("string"), Tout=Type("int64"))
    model.signature({"words": "words:0"}, {"ids": "find:0"}, dtype="int64")


def initialize(model: Model, node: str) -> None:
    signature = model.meta.signature_def["__saved_model_init_op"]
    signature.outputs["__saved_model_init_op"].name = node


def converted(model: Model, folder: Path) -> ModelArtifacts:
    with open_saved_model(model.save(folder)) as artifacts:
        return artifacts


def contents(artifacts: ModelArtifacts) -> dict[Any, Any]:
    """Return what the initializer puts into the table."""
    assert artifacts.initializer is not None
    nodes = {node["name"]: node for node in artifacts.initializer.topology["node"]}
    [fill] = [node for node in nodes.values() if node["op"] == "LookupTableImportV2"]
    table, keys, values = fill["input"]
    assert nodes[table]["op"] == "HashTableV2"
    data = {weight.name: np.concatenate(list(weight.blocks())) for weight in artifacts.weights}
    return dict(zip(data[keys].tolist(), data[values].tolist(), strict=True))


def test_a_table_of_constants(tmp_path: Path) -> None:
    model = Model()
    looking_up(model)
    nodes = model.function("initializer", {"t": "resource"}, {}, ["fill"])
    const(nodes, "keys", ["a", "the"])
    const(nodes, "values", [3, 7], "int64")
    add_node(nodes, "LookupTableImportV2", "fill", ["t", "keys:output:0", "values:output:0"])
    model.node("StatefulPartitionedCall", "init_call", ["table"], f=Function("initializer"))
    model.node("NoOp", "init", ["^init_call"])
    initialize(model, "init")
    artifacts = converted(model, tmp_path)
    assert contents(artifacts) == {b"a": 3, b"the": 7}
    assert artifacts.asynchronous
    nodes_ = {node["name"]: node for node in artifacts.topology["node"]}
    assert nodes_["table"]["attr"] == {
        "key_dtype": {"type": "DT_STRING"},
        "value_dtype": {"type": "DT_INT32"},
        "shared_name": {"s": "dGFibGU="},
        "use_node_name_sharing": {"b": False},
    }
    # TensorFlow.js gives a flat list, whatever the shape of the keys, and wants one at least.
    find = next(node for node in nodes_.values() if node["op"] == "LookupTableFindV2")
    keys = nodes_[find["input"][1]]
    assert keys["op"] == "ConcatV2"
    assert nodes_[keys["input"][0]]["op"] == "Reshape"
    assert nodes_[artifacts.signature.outputs[0].node]["op"] == "Reshape"
    assert artifacts.signature.outputs[0].shape == (None, 3)


def test_a_vector_of_keys_is_looked_up_as_it_is(tmp_path: Path) -> None:
    model = Model()
    looking_up(model, shape=(None,))
    model.const("keys", ["a"])
    model.const("values", [3], "int64")
    model.node("LookupTableImportV2", "init", ["table", "keys", "values"])
    initialize(model, "init")
    assert [n["op"] for n in converted(model, tmp_path).topology["node"] if n["op"] == "Reshape"] == []


def vocabulary(folder: Path, text: str, *, name: str = "vocabulary.txt", **columns: Any) -> Model:
    """A table that is filled from a file; its path is a constant that the assets name."""
    model = Model()
    looking_up(model)
    model.const("path", f"/home/somebody/{name}")
    settings = {"key_index": -2, "value_index": -1, "vocab_size": -1, "delimiter": "\t", **columns}
    model.node("InitializeTableFromTextFileV2", "init", ["table", "path"], **settings)
    initialize(model, "init")
    asset = model.meta.asset_file_def.add(filename="vocabulary.txt")
    asset.tensor_info.name = "path:0" if name == "vocabulary.txt" else "other:0"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "vocabulary.txt").write_text(text)
    return model


def test_a_table_from_a_file(tmp_path: Path) -> None:
    assert contents(converted(vocabulary(tmp_path, "the\na\r\nxyz\n"), tmp_path)) == {b"the": 0, b"a": 1, b"xyz": 2}


def test_assets_of_tensorflow_1_are_in_a_collection(tmp_path: Path) -> None:
    model = vocabulary(tmp_path, "the\na\n")
    [asset] = model.meta.asset_file_def
    entry = model.meta.collection_def["saved_model_assets"].any_list.value.add()
    entry.type_url = "type.googleapis.com/tensorflow.AssetFileDef"
    entry.value = asset.SerializeToString()
    del model.meta.asset_file_def[:]
    assert contents(converted(model, tmp_path)) == {b"the": 0, b"a": 1}


def test_columns_of_a_file(tmp_path: Path) -> None:
    model = vocabulary(tmp_path, "the,5\na,6\nb,7\n", key_index=0, value_index=1, delimiter=",", vocab_size=2)
    assert contents(converted(model, tmp_path)) == {b"the": 5, b"a": 6}


def test_a_file_without_the_columns(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="lacks the columns that the model reads from it"):
        converted(vocabulary(tmp_path, "the\n", key_index=0, value_index=1), tmp_path)


def test_a_file_that_is_no_asset(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="reads the file passwd, which is not among the model's assets"):
        converted(vocabulary(tmp_path, "x\n", name="../../../etc/passwd"), tmp_path)


def test_a_table_from_the_checkpoint(tmp_path: Path) -> None:
    model = Model()
    looking_up(model)
    model.tensors["table-keys"] = np.array(["a", "b"], object)
    model.tensors["table-values"] = np.array([5, 6])
    nodes = model.function("restore", {"file_prefix": "string", "t": "resource"}, {}, ["fill"])
    const(nodes, "names", ["table-keys", "table-values"])
    const(nodes, "slices", ["", ""])
    types = [Type("string"), Type("int64")]
    add_node(nodes, "RestoreV2", "read", ["file_prefix", "names:output:0", "slices:output:0"], dtypes=types)
    add_node(nodes, "LookupTableImportV2", "fill", ["t", "read:tensors:0", "read:tensors:1"])
    model.node("Placeholder", "saver_filename", dtype=Type("string"), shape=())
    model.node("StatefulPartitionedCall", "restore_all", ["saver_filename", "table"], f=Function("restore"))
    model.meta.saver_def.restore_op_name = "restore_all"
    assert contents(converted(model, tmp_path)) == {b"a": 5, b"b": 6}


def filled_by_collection(model: Model, words: Any) -> None:
    """Add what fills the table, named by nothing but the collection of table initializers."""
    looking_up(model)
    model.node("InitializeTableV2", "fill", ["table", words, "numbers"], Tkey=Type("string"), Tval=Type("int64"))
    model.const("numbers", [3, 7], "int64")
    model.meta.collection_def["table_initializer"].node_list.value.append("fill")


def test_a_table_that_only_a_collection_fills(tmp_path: Path) -> None:
    """A SavedModel of TensorFlow 1 without a main op: TensorFlow's loader runs the collection."""
    model = Model()
    model.const("words_of_table", ["a", "the"])
    filled_by_collection(model, "words_of_table")
    assert contents(converted(model, tmp_path)) == {b"a": 3, b"the": 7}


def test_what_keeps_a_collection_from_filling_a_table(tmp_path: Path) -> None:
    model = Model()
    filled_by_collection(model, "gone")
    with pytest.raises(SourceError, match="A tensor of the node gone is needed"):
        converted(model, tmp_path)


def test_a_table_that_is_not_used_need_not_be_filled(tmp_path: Path) -> None:
    model = Model()
    filled_by_collection(model, "gone")
    model.placeholder("x", (2,))
    model.node("Tanh", "y", ["x"], T=Type("float32"))
    model.meta.signature_def.clear()
    model.signature({"x": "x:0"}, {"y": "y:0"})
    assert converted(model, tmp_path).initializer is None


def test_a_local_variable_has_the_value_of_its_initializer(tmp_path: Path) -> None:
    """Checkpoints hold no local variables; TensorFlow initializes them where there is no main op."""
    model = Model()
    model.placeholder("x", (2,))
    model.node("VariableV2", "scale", dtype=Type("float32"), shape=(2,))
    model.const("start", np.array([2.0, 3.0]))
    model.node("Assign", "scale/Assign", ["scale", "start"], T=Type("float32"))
    model.node("Mul", "y", ["x", "scale"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "y:0"})
    entry = message_class("VariableDef")(variable_name="scale:0", initializer_name="scale/Assign")
    model.meta.collection_def["local_variables"].bytes_list.value.append(entry.SerializeToString())
    [weight] = converted(model, tmp_path).weights
    np.testing.assert_array_equal(np.concatenate(list(weight.blocks())), [2.0, 3.0])


def test_a_table_that_nothing_fills(tmp_path: Path) -> None:
    model = Model()
    looking_up(model)
    with pytest.raises(RefusedError, match="nothing fills the table table") as caught:
        converted(model, tmp_path)
    assert isinstance(caught.value, ModelError)
