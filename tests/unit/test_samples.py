"""Inputs that a model is tried with: random ones that its signature allows, and those of an `.npz`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjs_build.convert.artifacts import Signature, TensorSpec
from tfjs_build.errors import ModelError
from tfjs_build.samples import bounds, free_sizes, given, random_samples

IMAGE = TensorSpec("image", "image", (None, 8, 8, 3), "float32")
TOKENS = TensorSpec("tokens", "tokens", (None, None), "int32")
TEXT = TensorSpec("text", "text", (None,), "string")
PROBS = TensorSpec("probs", "Identity:0", (None, 4), "float32")
SIGNATURE = Signature((IMAGE, TOKENS, TEXT), (PROBS,))


def test_random_ones_fit_and_are_the_same_every_time() -> None:
    first, second = random_samples("net", SIGNATURE, 2, ranges={"image": (-1, 1)}, bounds={"tokens": 7})
    assert [first[name].shape for name in first] == [(1, 8, 8, 3), (1, 16), (1,)]
    assert second["image"].shape == (2, 8, 8, 3)
    assert [array.dtype.kind for array in first.values()] == ["f", "i", "O"]
    assert np.abs(first["image"]).max() <= 1
    assert first["tokens"].max() < 7
    again, _ = random_samples("net", SIGNATURE, 2, ranges={"image": (-1, 1)}, bounds={"tokens": 7})
    assert all((again[name] == first[name]).all() for name in first)
    other, _ = random_samples("other", SIGNATURE, 2, ranges={}, bounds={})
    assert not (other["image"] == first["image"]).all()
    assert set(other["tokens"].ravel()) <= {0, 1}
    assert free_sizes(SIGNATURE) == ["tokens"]


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [(None, (1, 16)), ((None, None, None, 3), (1, 64, 64, 3)), ((), ()), ((3, None), (3, 16)), ((0, 2), (0, 2))],
)
def test_free_sizes(shape: tuple[int | None, ...] | None, sizes: tuple[int, ...]) -> None:
    signature = Signature((TensorSpec("x", "x", shape, "float32"),), ())
    [sample] = random_samples("net", signature, 1, ranges={}, bounds={})
    assert sample["x"].shape == sizes


def test_whole_numbers_stay_below_the_tables_that_they_are_looked_up_in() -> None:
    def node(name: str, op: str, *inputs: str) -> dict[str, Any]:
        return {"name": name, "op": op, "input": list(inputs)}

    nodes = [
        node("tokens", "Placeholder"),
        node("other", "Placeholder"),
        node("table", "Const"),
        node("small", "Const"),
        node("axis", "Const"),
        node("flat", "Reshape", "tokens:0", "axis"),
        node("a", "GatherV2", "table", "flat", "axis"),
        node("b", "GatherV2", "small", "tokens", "axis"),
        node("sum", "AddV2", "other", "other"),
        node("c", "GatherV2", "table", "sum", "axis"),
    ]
    weights = [{"name": "table", "shape": [50, 4]}, {"name": "small", "shape": [9, 4]}, {"name": "axis", "shape": []}]
    document = {"modelTopology": {"node": nodes}, "weightsManifest": [{"weights": weights}]}
    assert bounds(document) == {"tokens": 9}
    layers = [
        {"class_name": "InputLayer", "config": {"name": "tokens"}},
        {"class_name": "Embedding", "config": {"name": "embedding", "input_dim": 12}},
    ]
    topology = {"model_config": {"config": {"layers": layers}}}
    assert bounds({"modelTopology": topology, "weightsManifest": []}) == {"tokens": 12}


def save(tmp_path: Path, **arrays: object) -> Path:
    path = tmp_path / "samples.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


FED = {"image": np.zeros((3, 8, 8, 3)), "tokens": np.ones((3, 5), np.int64), "text": np.array(["a", "b", "c"])}


def test_arrays_of_a_file(tmp_path: Path) -> None:
    [sample], outputs = given(save(tmp_path, **FED), SIGNATURE, ())
    assert outputs is None
    assert [str(array.dtype) for array in sample.values()] == ["float32", "int32", "object"]
    [_], outputs = given(save(tmp_path, **FED, probs=np.zeros((3, 4))), SIGNATURE, ())
    assert outputs is not None
    assert outputs[0]["probs"].shape == (3, 4)


def test_a_fixed_batch_is_cut_into_samples(tmp_path: Path) -> None:
    signature = Signature((TensorSpec("x", "x", (2, 3), "float32"),), (TensorSpec("y", "y", (2, 1), "float32"),))
    samples, outputs = given(save(tmp_path, x=np.arange(12).reshape(4, 3), y=np.arange(4)[:, None]), signature, ())
    assert [sample["x"].shape for sample in samples] == [(2, 3), (2, 3)]
    assert outputs is not None
    assert outputs[1]["y"].ravel().tolist() == [2, 3]


def test_pictures_are_samples_of_their_own(tmp_path: Path) -> None:
    signature = Signature((IMAGE,), (PROBS,))
    pictures = np.arange(2 * 5 * 6, dtype=np.uint8).reshape(2, 5, 6, 1)
    samples, outputs = given(save(tmp_path, image=pictures, probs=np.zeros((2, 4))), signature, ["image"])
    assert [(sample["image"].shape, str(sample["image"].dtype)) for sample in samples] == [((5, 6, 4), "uint8")] * 2
    assert samples[1]["image"][0, 0].tolist() == [30, 30, 30, 255]
    assert outputs is not None
    assert outputs[1]["probs"].shape == (1, 4)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({**FED, "imgae": np.zeros(1)}, "'imgae' is neither an input nor an output"),
        ({"image": FED["image"]}, "has no array for the input 'tokens'"),
        ({**FED, "image": np.zeros((3, 8, 8))}, "float32 [?, 8, 8, 3], and the array float64 [3, 8, 8]"),
        ({**FED, "image": np.array(["x"])}, "and the array <U1 [1]"),
        ({**FED, "tokens": np.full((3, 5), 2**40)}, "'tokens' has numbers beyond int32"),
        ({**FED, "text": np.array([b"\xff"], object)}, "cannot be read"),
        ({**FED, "probs": np.zeros((3, 5))}, "the output 'probs' is float32 [?, 4]"),
    ],
)
def test_what_does_not_fit(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError) as raised:
        given(save(tmp_path, **arrays), SIGNATURE, ())
    assert message in raised.value.message
    assert str(tmp_path / "samples.npz") in raised.value.message
    assert raised.value.key == "verify"


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not there"):
        given(tmp_path / "none.npz", SIGNATURE, ())
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ModelError, match="cannot be read"):
        given(tmp_path / "text.npz", SIGNATURE, ())
    np.save(tmp_path / "single.npy", np.zeros(3))
    with pytest.raises(ModelError, match="is a single array"):
        given(tmp_path / "single.npy", SIGNATURE, ())
