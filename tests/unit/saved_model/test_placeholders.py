"""Placeholders: those with defaults, and signatures that do not say what their inputs look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.saved_model.making import Model, Type
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.saved_model import open_frozen_graph, open_saved_model
from tfjs_build.errors import SourceError


def frozen(model: Model, folder: Path) -> ModelArtifacts:
    """Convert a model's main graph up to `y`."""
    path = folder / "net.pb"
    path.write_bytes(model.graph.SerializeToString())
    with open_frozen_graph(path, outputs=("y",)) as artifacts:
        return artifacts


def saved(model: Model, folder: Path) -> ModelArtifacts:
    with open_saved_model(model.save(folder)) as artifacts:
        return artifacts


def with_default(model: Model, default: Any, shape: tuple[int | None, ...] | None, dtype: str = "float32") -> None:
    """Add a placeholder `given` with a default, and y = x · given."""
    model.graph.versions.producer = 134
    model.placeholder("x", (None, 3))
    model.const("default", default, dtype)
    attrs = {} if shape is None else {"shape": shape}
    model.node("PlaceholderWithDefault", "given", ["default"], dtype=Type(dtype), **attrs)
    model.node("Mul", "y", ["x", "given"], T=Type("float32"))


def test_a_placeholder_with_a_default_is_an_input_of_a_frozen_graph(tmp_path: Path) -> None:
    model = Model()
    with_default(model, np.zeros((1, 3)), (None, 3))
    artifacts = frozen(model, tmp_path)
    assert [(spec.name, spec.shape) for spec in artifacts.signature.inputs] == [("x", (None, 3)), ("given", (None, 3))]
    assert not artifacts.notes


def test_its_default_is_not_looked_at(tmp_path: Path) -> None:
    """It may be a queue of training data."""
    model = Model()
    model.graph.versions.producer = 134
    model.node("FIFOQueueV2", "queue", component_types=[Type("float32")])
    model.node("QueueDequeueV2", "batch", ["queue"], component_types=[Type("float32")])
    model.node("PlaceholderWithDefault", "given", ["batch"], dtype=Type("float32"), shape=(None, 2))
    model.node("Tanh", "y", ["given"], T=Type("float32"))
    assert [spec.name for spec in frozen(model, tmp_path).signature.inputs] == ["given"]


@pytest.mark.parametrize("shape", [(), None])
def test_one_number_with_a_default_keeps_it_and_that_is_said(tmp_path: Path, shape: tuple[int, ...] | None) -> None:
    model = Model()
    with_default(model, 2.0, shape)
    artifacts = frozen(model, tmp_path)
    assert [spec.name for spec in artifacts.signature.inputs] == ["x"]
    assert list(artifacts.notes) == [
        "The placeholder given keeps its default, 2.0: a single number with a default is taken for a setting, not for"
        " an input. To feed it, freeze the graph with a placeholder that has no default."
    ]


def test_what_a_signature_does_not_name_keeps_its_default(tmp_path: Path) -> None:
    """As in TensorFlow, whatever its shape: there the signature says what is fed."""
    model = Model()
    with_default(model, np.ones((1, 3)), (None, 3))
    model.signature({"x": "x:0"}, {"y": "y:0"})
    artifacts = saved(model, tmp_path)
    assert [spec.name for spec in artifacts.signature.inputs] == ["x"]
    assert not artifacts.notes


def test_a_placeholder_with_a_default_that_a_signature_names(tmp_path: Path) -> None:
    model = Model()
    with_default(model, 2.0, ())
    model.signature({"x": "x:0", "given": "given:0"}, {"y": "y:0"})
    assert [(spec.name, spec.shape) for spec in saved(model, tmp_path).signature.inputs] == [
        ("given", ()),
        ("x", (None, 3)),
    ]


def scaled() -> Model:
    """y = 2x, for x of the shape [?, 3]."""
    model = Model()
    model.placeholder("x", (None, 3))
    model.node("AddV2", "y", ["x", "x"], T=Type("float32"))
    model.signature({"x": "x:0"}, {"y": "y:0"})
    return model


def test_a_signature_without_a_shape_takes_that_of_the_node(tmp_path: Path) -> None:
    model = scaled()
    model.meta.signature_def["serving_default"].inputs["x"].ClearField("tensor_shape")
    [spec] = saved(model, tmp_path).signature.inputs
    assert spec.shape == (None, 3)


def test_a_signature_that_was_not_filled_in(tmp_path: Path) -> None:
    """An empty shape where the node has one with axes, and no type."""
    model = scaled()
    info = model.meta.signature_def["serving_default"].inputs["x"]
    info.tensor_shape.Clear()
    info.tensor_shape.SetInParent()
    info.dtype = 0
    [spec] = saved(model, tmp_path).signature.inputs
    assert (spec.shape, spec.dtype) == ((None, 3), "float32")


def test_a_signature_that_leaves_the_rank_open(tmp_path: Path) -> None:
    model = scaled()
    info = model.meta.signature_def["serving_default"].inputs["x"]
    info.tensor_shape.Clear()
    info.tensor_shape.unknown_rank = True
    assert saved(model, tmp_path).signature.inputs[0].shape == (None, 3)


def test_a_signature_that_says_more_than_the_node(tmp_path: Path) -> None:
    model = scaled()
    info = model.meta.signature_def["serving_default"].inputs["x"]
    info.tensor_shape.dim[0].size = 5
    assert saved(model, tmp_path).signature.inputs[0].shape == (5, 3)


def test_a_signature_that_feeds_the_midst_of_a_graph(tmp_path: Path) -> None:
    model = scaled()
    model.graph.node[1].attr["_output_shapes"].list.shape.add().dim.add(size=7)
    model.node("Tanh", "z", ["y"], T=Type("float32"))
    signature = model.meta.signature_def["serving_default"]
    del signature.inputs["x"]
    signature.inputs["middle"].name = "y:0"
    signature.outputs["y"].name = "z:0"
    [spec] = saved(model, tmp_path).signature.inputs
    assert (spec.name, spec.shape, spec.dtype) == ("middle", (7,), "float32")


def test_a_signature_whose_input_is_not_in_the_graph(tmp_path: Path) -> None:
    model = scaled()
    model.meta.signature_def["serving_default"].inputs["x"].name = "gone:0"
    with pytest.raises(
        SourceError, match="The input x of the signature is the node gone, which the file does not have"
    ):
        saved(model, tmp_path)


@pytest.mark.parametrize(("producer", "shape"), [(21, None), (22, ())])
def test_old_graphs_wrote_a_scalar_for_any_shape(tmp_path: Path, producer: int, shape: Any) -> None:
    model = Model()
    model.graph.versions.producer = producer
    model.placeholder("x", ())
    model.node("Tanh", "y", ["x"], T=Type("float32"))
    assert frozen(model, tmp_path).signature.inputs[0].shape == shape
