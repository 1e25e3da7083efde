"""From metadata to what templates are given."""

from __future__ import annotations

import pytest

from tfjs_build.errors import ModelError
from tfjs_build.names import identifiers
from tfjs_build.stubs.describe import describe

from .publish import Spec, metadata

OUTPUT: Spec = ("y", "out", [None, 3], "float32")


def _input_type(shape: list[int | None] | None, dtype: str) -> tuple[str, str]:
    model = describe("m", "graph", metadata([("x", "in", shape, dtype)], [OUTPUT]), public_url="/models")
    return model.inputs[0].type, model.inputs[0].description


@pytest.mark.parametrize(
    ("shape", "dtype", "type", "description"),
    [
        ([None, 8], "float32", '"float32", [number, 8]>', "float32 [?, 8], as a tensor or a Float32Array"),
        ([2, 8], "int32", '"int32", [2, 8]>', "int32 [2, 8], as a tensor or an Int32Array"),
        ([None], "bool", '"bool", [number]>', "bool [?], as a tensor or a Uint8Array"),
        ([], "string", '"string", []>', "string [], as a tensor or an array of strings"),
    ],
)
def test_inputs_that_values_can_fill(shape: list[int | None], dtype: str, type: str, description: str) -> None:
    assert _input_type(shape, dtype) == (f"runtime.Input<{type}", description)


@pytest.mark.parametrize(
    ("shape", "dtype", "type", "description"),
    [
        (
            [None, None, 3],
            "float32",
            '"float32", [number, number, 3]>',
            "float32 [?, ?, 3], as a tensor or a Float32Array",
        ),
        (None, "float32", '"float32", number[]>', "float32 of any rank, as a tensor or a Float32Array"),
    ],
)
def test_inputs_whose_values_need_their_sizes(
    shape: list[int | None] | None, dtype: str, type: str, description: str
) -> None:
    expected = f"runtime.TensorInput<{type} | runtime.OutputValues<{type}"
    assert _input_type(shape, dtype) == (expected, f"{description} with its `shape`")


def test_an_input_that_only_a_tensor_can_be() -> None:
    expected = 'runtime.TensorInput<"complex64", [number, 8]>'
    assert _input_type([None, 8], "complex64") == (expected, "complex64 [?, 8], as a tensor")


def test_what_else_is_described() -> None:
    given = metadata([("x", "in", [None, 2], "float32")], [OUTPUT], labels=["a", "b"], asynchronous=True)
    model = describe("my-net", "graph", given, public_url="/models/")
    assert model.identifiers == identifiers("my-net")
    assert (model.format, model.asynchronous, model.labels) == ("graph", True, ("a", "b"))
    assert model.version == given["version"]
    assert (model.inputs[0].name, model.inputs[0].node, model.inputs[0].shape) == ("x", "in", (None, 2))
    assert (model.outputs[0].type, model.outputs[0].description) == (
        'runtime.Output<"float32", [number, 3]>',
        "float32 [?, 3]",
    )


@pytest.mark.parametrize(
    ("public_url", "url"),
    [
        ("/models", "models/m/model.json"),
        ("models/", "models/m/model.json"),
        ("", "m/model.json"),
        ("/", "m/model.json"),
        ("https://cdn.example/nets", "https://cdn.example/nets/m/model.json"),
        ("//cdn.example", "//cdn.example/m/model.json"),
    ],
)
def test_addresses(public_url: str, url: str) -> None:
    assert describe("m", "layers", metadata([], []), public_url=public_url).url == url


def test_names_that_a_stub_cannot_tell_apart_are_refused() -> None:
    with pytest.raises(ModelError, match="two outputs with the name 'y'") as caught:
        describe("m", "layers", metadata([], [OUTPUT, OUTPUT]), public_url="")
    assert "rename" in caught.value.hint


def test_a_dtype_that_tensorflow_js_lacks_is_refused() -> None:
    with pytest.raises(ModelError, match="input 'x' of model 'm' has the dtype int64"):
        describe("m", "layers", metadata([("x", "in", [2], "int64")], []), public_url="")
