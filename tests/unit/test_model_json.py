"""model.json: canonical, its version, and that an edit is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tfjs_build.convert.artifacts import ModelArtifacts, Signature, TensorSpec
from tfjs_build.convert.model_json import Metadata, model_json, read, seal
from tfjs_build.convert.shards import Shard
from tfjs_build.errors import ModelError

SIGNATURE = Signature(
    (TensorSpec("image", "image", (None, 8, 8, 1), "float32"),),
    (TensorSpec("probs", "Identity", (None, 10), "float32"),),
)
ARTIFACTS = ModelArtifacts("layers", {"model_config": {"b": 1, "a": 2}}, (), SIGNATURE, "Keras 3.15.1")
SHARDS = [Shard("weights.0123456789abcdef.bin", Path("x"), "0123456789abcdef" * 4, 12)]


def make(artifacts: ModelArtifacts = ARTIFACTS, **changes: Any) -> tuple[bytes, Metadata]:
    options: dict[str, Any] = {
        "signature": SIGNATURE,
        "weights": [],
        "shards": SHARDS,
        "labels": None,
        "metadata": {},
    }
    fingerprint = changes.pop("fingerprint", "f" * 64)
    data = seal(model_json(artifacts, **(options | changes))[0], fingerprint)
    metadata = read(data)
    assert metadata is not None
    assert metadata.fingerprint == fingerprint
    return data, metadata


def test_what_it_holds() -> None:
    data, metadata = make(labels=("zero", "öne"), metadata={"author": "me"})
    content = json.loads(data)
    assert content["format"] == "layers-model"
    assert content["generatedBy"] == "Keras 3.15.1"
    assert content["convertedBy"] == "tfjs-build"
    assert content["weightsManifest"] == [{"paths": ["weights.0123456789abcdef.bin"], "weights": []}]
    assert content["userDefinedMetadata"]["author"] == "me"
    ours = content["userDefinedMetadata"]["tfjs-build"]
    assert ours["labels"] == ["zero", "öne"]
    assert ours["shards"] == {"weights.0123456789abcdef.bin": "0123456789abcdef" * 4}
    assert ours["signature"]["inputs"] == [
        {"name": "image", "node": "image", "shape": [None, 8, 8, 1], "dtype": "float32"}
    ]
    assert metadata.version == ours["version"]
    assert len(metadata.version) == 16
    assert "signature" not in content


def test_a_graph_has_a_signature_as_tensorflow_js_reads_it() -> None:
    signature = Signature(SIGNATURE.inputs, (TensorSpec("any", "Identity_1:1", None, "int32"),))
    content = json.loads(make(replace(ARTIFACTS, format="graph"), signature=signature)[0])
    assert content["signature"] == {
        "inputs": {
            "image": {
                "name": "image:0",
                "dtype": "DT_FLOAT",
                "tensorShape": {"dim": [{"size": "-1"}, {"size": "8"}, {"size": "8"}, {"size": "1"}]},
            }
        },
        "outputs": {"any": {"name": "Identity_1:1", "dtype": "DT_INT32", "tensorShape": {"unknownRank": True}}},
    }


def test_inputs_and_outputs_of_a_graph_stand_in_the_sources_order() -> None:
    """All other keys are sorted."""
    places = [TensorSpec(name, f"node_{name}", (None,), "float32") for name in ("zeta", "alpha", "mid")]
    data, metadata = make(replace(ARTIFACTS, format="graph"), signature=Signature(tuple(places), tuple(places[::-1])))
    content = json.loads(data)
    assert list(content["signature"]["inputs"]) == ["zeta", "alpha", "mid"]
    assert list(content["signature"]["outputs"]) == ["mid", "alpha", "zeta"]
    assert list(content["signature"]) == ["inputs", "outputs"]
    assert list(content["signature"]["inputs"]["mid"]) == ["dtype", "name", "tensorShape"]
    assert list(content) == sorted(content)
    assert [spec.name for spec in metadata.signature.inputs] == ["zeta", "alpha", "mid"]
    other = data.replace(b'"zeta":{', b'"zeto":{', 1)
    assert read(other) is None


def test_it_reads_back_and_is_canonical() -> None:
    data, metadata = make()
    assert read(data) == metadata
    assert data.endswith(b"\n")
    assert data == make()[0]


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("Keras 3.15.1", "Keras 3.15.2"),
        lambda text: text.replace('"a":2', '"a":3'),
        lambda text: text.replace(":", ": ", 1),
        lambda text: text + "\n",
        lambda text: text[:-20],
        lambda text: "<<<<<<< HEAD\n" + text,
        lambda text: json.dumps({"format": "layers-model"}),
        lambda text: "[]",
        lambda text: "",
    ],
)
def test_an_edit_is_noticed(edit: Any) -> None:
    assert read(edit(make()[0].decode()).encode()) is None


def test_the_version_is_over_what_a_page_sees() -> None:
    version = make()[1].version
    assert make(fingerprint="0" * 64)[1].version == version
    assert make(metadata={"a": 1})[1].version == version
    assert make(labels=("a",))[1].version != version
    assert make(signature=SIGNATURE.renamed({"probs": "p"}))[1].version != version
    assert make(replace(ARTIFACTS, topology={}))[1].version != version
    assert make(shards=[])[1].version != version


def test_numbers_that_json_has_not() -> None:
    with pytest.raises(ModelError, match="a number that JSON cannot express"):
        make(replace(ARTIFACTS, topology={"epsilon": float("inf")}))
