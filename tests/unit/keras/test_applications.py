"""Layers of keras.applications in files that do not say where a layer comes from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.keras.files import node
from tfjs_build.convert.keras.applications import application_module, spelled_out

SCALE = {"name": "a_block_0_layer_scale", "trainable": True, "dtype": "float32", "init_values": 1e-6}
CONVNEXT: dict[str, Any] = {
    "class_name": "LayerScale",
    "config": {**SCALE, "projection_dim": 8},
    "name": "a_block_0_layer_scale",
    "inbound_nodes": [[["a_block_0_pointwise_conv_2", 0, 0, {}]]],
}
RESNET: dict[str, Any] = {
    "class_name": "Custom>CustomScaleLayer",
    "config": {"name": "custom_scale_layer_3", "trainable": True, "dtype": "float32", "scale": 0.17},
    "name": "custom_scale_layer_3",
    "inbound_nodes": [[["block35_3_ac", 0, 0, {}], ["block35_4_conv", 0, 0, {}]]],
}


def module_of(entry: dict[str, Any], **changes: Any) -> str | None:
    """Return what is found for an entry with some keys replaced."""
    entry = {**entry, **changes}
    return application_module(entry, str(entry["class_name"]).rpartition(">")[2])


def test_the_layers_of_both_networks_are_found_by_both_generations() -> None:
    assert module_of(CONVNEXT) == "keras.applications.convnext"
    assert module_of(RESNET) == "keras.applications.inception_resnet_v2"
    assert module_of(CONVNEXT, inbound_nodes=[node("a_block_0_pointwise_conv_2")]) == "keras.applications.convnext"
    nodes = [{"args": [node("mixed_5b", "block17_1_conv")["args"]], "kwargs": {}}]
    found = module_of(RESNET, class_name="CustomScaleLayer", inbound_nodes=nodes)
    assert found == "keras.applications.inception_resnet_v2"


def test_a_module_in_the_file_is_what_counts() -> None:
    own = "tf_keras.src.applications.inception_resnet_v2"
    assert module_of(RESNET, module=own, registered_name="Custom>CustomScaleLayer", inbound_nodes=[]) == own
    assert module_of(CONVNEXT, module="my.applications.convnext") is None
    assert module_of(CONVNEXT, module="my_package") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "my_layer_scale"},
        {"inbound_nodes": [[["a_dense", 0, 0, {}]]]},
        {"inbound_nodes": []},
        {"inbound_nodes": CONVNEXT["inbound_nodes"] * 2},
        {"inbound_nodes": "none"},
        {"config": SCALE},
        {"config": {**SCALE, "projection_dim": 8, "axis": 1}},
        {"config": []},
        {"class_name": "my_package>LayerScale"},
        {"class_name": "LayerScaling"},
    ],
)
def test_what_its_builder_would_not_have_made_is_somebodys_code(changes: dict[str, Any]) -> None:
    assert module_of(CONVNEXT, **changes) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "my_scale"},
        {"inbound_nodes": [[["block35_4_conv", 0, 0, {}]]]},
        {"inbound_nodes": [[["block35_3_ac", 0, 0, {}], ["block35_4", 0, 0, {}]]]},
        {"inbound_nodes": [[["block35_4_conv", 0, 0, {}], ["block35_3_ac", 0, 0, {}]]]},
        {"class_name": "mine>CustomScaleLayer"},
    ],
)
def test_what_joins_other_layers_is_somebodys_code(changes: dict[str, Any]) -> None:
    assert module_of(RESNET, **changes) is None


LAMBDA: dict[str, Any] = {
    "class_name": "Lambda",
    "config": {
        "name": "block17_3",
        "trainable": True,
        "dtype": "float32",
        "function": ["4wIAAAAA", None, None],
        "function_type": "lambda",
        "module": "keras.applications.inception_resnet_v2",
        "output_shape": [17, 17, 1088],
        "output_shape_type": "raw",
        "output_shape_module": None,
        "arguments": {"scale": 0.1},
    },
    "name": "block17_3",
    "inbound_nodes": [[["block17_2_ac", 0, 0, {}], ["block17_3_conv", 0, 0, {}]]],
}


@pytest.mark.parametrize(
    "module",
    [
        "keras.applications.inception_resnet_v2",
        "keras_applications.inception_resnet_v2",
        "tensorflow.python.keras.applications.inception_resnet_v2",
    ],
)
def test_the_lambda_of_older_files_is_the_layer_of_newer_ones(module: str) -> None:
    entry = spelled_out({**LAMBDA, "config": {**LAMBDA["config"], "module": module}})
    assert entry["class_name"] == "CustomScaleLayer"
    assert entry["config"] == {"name": "block17_3", "trainable": True, "dtype": "float32", "scale": 0.1}
    assert application_module(entry, "CustomScaleLayer") == "keras.applications.inception_resnet_v2"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("module", "__main__"),
        ("module", "my_keras_applications.inception_resnet_v2"),
        ("function_type", "function"),
        ("arguments", {"scale": 0.1, "axis": 1}),
        ("arguments", None),
    ],
)
def test_another_lambda_stays_one(key: str, value: object) -> None:
    entry = {**LAMBDA, "config": {**LAMBDA["config"], key: value}}
    assert spelled_out(entry) is entry
    placed_otherwise = {**LAMBDA, "inbound_nodes": [[["block17_2_ac", 0, 0, {}], ["block17_2_conv", 0, 0, {}]]]}
    assert spelled_out(placed_otherwise) is placed_otherwise
