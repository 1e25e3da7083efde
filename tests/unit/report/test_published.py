"""What lies in an output folder, weight by weight, beside its source."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from tests.unit.coding.graphs import classifier, weight
from tests.unit.report.making import publish
from tfjs_build.convert.artifacts import Initializer, ModelArtifacts, Signature
from tfjs_build.convert.artifacts import Weight as Given
from tfjs_build.errors import ModelError, SourceError
from tfjs_build.report.published import gzipped, parts, read_published
from tfjs_build.report.rounding import stored_weights

NOTHING = Signature((), ())


def plain(*weights: Given) -> ModelArtifacts:
    """Return a model of nothing but weights."""
    nodes = [{"name": each.name, "op": "Const"} for each in weights]
    return ModelArtifacts("graph", {"node": nodes}, weights, NOTHING, "a test")


def test_sizes_are_those_of_the_files(tmp_path: Path) -> None:
    index = publish(tmp_path / "net", classifier(), {"dense/kernel": "uint8"})
    (shard,) = index.parent.glob("*.bin")
    down = read_published(index).download
    assert (down.model_json, down.weights) == (index.stat().st_size, shard.stat().st_size)
    assert (down.served, down.compressed) == (down.weights, False)
    assert down.weights_gzip == len(gzip.compress(shard.read_bytes(), 6))
    assert down.model_json_gzip == gzipped([index.read_bytes()]) < down.model_json

    beside = shard.with_name(f"{shard.name}.gz")
    beside.write_bytes(b"x" * 123)
    down = read_published(index).download
    assert (down.served, down.compressed, down.weights) == (123, True, shard.stat().st_size)


def test_weights_beside_their_source(tmp_path: Path) -> None:
    artifacts = classifier()
    source = {each.name: each for each in artifacts.weights}
    index = publish(tmp_path / "net", artifacts, {"dense/kernel": "uint8", "first/kernel": "float16"})
    found = {each.name: each for each in stored_weights(read_published(index), source)}
    dense, first, depth = (found[name] for name in ("dense/kernel", "first/kernel", "depth/kernel"))
    assert (dense.dtype, dense.stored, dense.nbytes, dense.shape) == ("float32", "uint8", 7680, (768, 10))
    assert dense.step is not None
    assert dense.low is not None
    assert dense.high == pytest.approx(dense.low + 255 * dense.step)
    # Numbers of a normal distribution, rounded to steps: the error is that of a uniform one.
    assert dense.error == pytest.approx(dense.step / np.sqrt(12) * 20, rel=0.05)
    assert (dense.bound, first.bound) == (False, False)
    assert (first.stored, first.step) == ("float16", None)
    assert first.error is not None
    assert 1e-5 < first.error < 2**-11
    assert (depth.stored, depth.error) == ("float32", 0.0)


def test_scales_that_were_moved_are_no_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    true = rng.standard_normal((3, 3, 16, 24)).astype(np.float32)
    scales = np.exp2(rng.integers(-4, 5, (16, 1))) * np.exp2(rng.integers(-4, 5, 24))
    moved = (true * scales).astype(np.float32)
    moved[0, 0, 0, 0] = 0
    index = publish(tmp_path / "net", plain(weight("kernel", moved)), {"kernel": "uint16"})
    (found,) = stored_weights(read_published(index), {"kernel": weight("kernel", true)})
    assert found.error is not None
    assert found.error < 0.01

    other = rng.standard_normal(true.shape).astype(np.float32)
    (found,) = stored_weights(read_published(index), {"kernel": weight("kernel", other)})
    assert found.error is not None
    assert found.error > 0.5


def test_bounds_where_there_is_no_source(tmp_path: Path) -> None:
    artifacts = classifier()
    source = {each.name: each for each in artifacts.weights}
    index = publish(tmp_path / "net", artifacts, {"dense/kernel": "uint8", "first/kernel": "float16"})
    published = read_published(index)
    true = {each.name: each for each in stored_weights(published, source)}
    for each in stored_weights(published, {}):
        assert each.bound == (each.stored in ("uint8", "float16"))
        assert each.error is not None
        assert true[each.name].error is not None
        assert each.error >= (true[each.name].error or 0)
    other = weight("dense/kernel", np.zeros((3, 3), np.float32))
    (again,) = [each for each in stored_weights(published, {"dense/kernel": other}) if each.name == "dense/kernel"]
    assert again.bound, "a source of another shape is another one"


def test_numbers_that_are_none_and_weights_of_no_numbers(tmp_path: Path) -> None:
    texts = np.array([b"word", b"", "größe".encode()], object)
    weights = [
        weight("nan", np.array([[1, np.nan]], np.float32)),
        weight("inf", np.array([-np.inf, 1], np.float32)),
        weight("empty", np.zeros((0, 4), np.float32)),
        weight("zeros", np.zeros((40, 40), np.float32)),
        weight("whole", np.array([3, -2], np.int32)),
        weight("flags", np.array([True, False])),
        Given("words", (3,), "string", lambda: iter([texts])),
    ]
    index = publish(tmp_path / "net", plain(*weights), {"zeros": "uint8"})
    found = {each.name: each for each in stored_weights(read_published(index), {})}
    assert {name: (each.stored, each.nbytes, each.low, each.high, each.error) for name, each in found.items()} == {
        "nan": ("float32", 8, None, None, 0.0),
        "inf": ("float32", 8, None, None, 0.0),
        "empty": ("float32", 0, None, None, 0.0),
        "zeros": ("uint8", 1600, 0.0, 0.0, None),
        "whole": ("int32", 8, -2.0, 3.0, 0.0),
        "flags": ("bool", 2, None, None, 0.0),
        "words": ("string", 3 * 4 + 4 + 7, None, None, 0.0),
    }
    assert sum(each.nbytes for each in found.values()) == read_published(index).download.weights


def test_models_of_layers_of_tables_and_of_nothing(tmp_path: Path) -> None:
    layers = {"model_config": {"config": {"layers": [{"class_name": "Dense"}, {"class_name": "Dense"}]}}}
    assert parts({"modelTopology": layers}) == {"Dense": 2}
    assert parts({"modelTopology": {"model_config": {"config": [{"class_name": "ReLU"}]}}}) == {"ReLU": 1}
    functions = {"function": [{"signature": {"name": "f"}, "nodeDef": [{"op": "Neg"}]}]}
    assert parts({"modelTopology": {"node": [{"op": "Exp"}, {"op": "Abs"}], "library": functions}}) == {
        "Abs": 1,
        "Exp": 1,
        "Neg": 1,
    }
    table = {"node": [{"name": "t", "op": "HashTableV2"}]}
    artifacts = ModelArtifacts("graph", {"node": []}, (), NOTHING, "a test", initializer=Initializer(table, {}))
    published = read_published(publish(tmp_path / "net", artifacts))
    assert parts(published.document) == {}
    assert stored_weights(published, {}) == []
    assert published.download.weights == 0


def test_what_is_not_published_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not published"):
        read_published(tmp_path / "model.json")
    (tmp_path / "model.json").write_text('{"format": "graph-model"}')
    with pytest.raises(ModelError, match="is not what tfjs-build has published"):
        read_published(tmp_path / "model.json")
    index = publish(tmp_path / "net", classifier())
    (shard,) = index.parent.glob("*.bin")
    shard.write_bytes(shard.read_bytes()[::-1])
    with pytest.raises(SourceError, match="damaged"):
        read_published(index)
    shard.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        read_published(index)
