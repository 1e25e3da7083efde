"""Ops that TensorFlow.js lacks: all are named at once, wherever they stand, whosever they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.unit.saved_model.making import Model, Type, add_node, const
from tfjs_build.convert.graph.unsupported import unsupported
from tfjs_build.convert.saved_model import open_frozen_graph, open_saved_model
from tfjs_build.convert.saved_model.source import Function
from tfjs_build.errors import RefusedError

FLOAT, STRING = Type("float32"), Type("string")


def refusal(model: Model, folder: Path) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught, open_saved_model(model.save(folder)):
        pass
    return caught.value.message, caught.value.hint


def speech(model: Model) -> None:
    """Sound → samples → spectrogram → coefficients: three ops that TensorFlow.js lacks, one read by its last output."""
    model.graph.versions.producer = 134
    model.placeholder("wav", (), "string")
    model.node("DecodeWav", "decode", ["wav"], desired_channels=1, desired_samples=16000)
    model.node("AudioSpectrogram", "spectrogram", ["decode"], window_size=640, stride=320)
    model.node("Mfcc", "mfcc", ["spectrogram", "decode:1"])
    model.node("Conv2D", "conv", ["mfcc", model.const("kernel", np.ones((2, 2, 1, 1)))], T=FLOAT, strides=[1, 1, 1, 1])


SPEECH = (
    "TensorFlow.js has no AudioSpectrogram (spectrogram); no DecodeWav (decode); no Mfcc (mfcc)",
    "Compute the spectrogram in the page (the Web Audio API gives the samples, tf.signal.stft the frequencies), and"
    " export the part of the model that takes it.",
)


def test_all_of_a_saved_model_are_named(tmp_path: Path) -> None:
    """The convolution, which needs the rank of what it is given, is not what is wrong."""
    model = Model()
    speech(model)
    model.signature({"wav": "wav:0"}, {"y": "conv:0"})
    assert refusal(model, tmp_path) == SPEECH


def test_all_of_a_frozen_graph_are_named(tmp_path: Path) -> None:
    model = Model()
    speech(model)
    (tmp_path / "net.pb").write_bytes(model.graph.SerializeToString())
    with pytest.raises(RefusedError) as caught, open_frozen_graph(tmp_path / "net.pb", outputs=("conv",)):
        pass
    assert (caught.value.message, caught.value.hint) == SPEECH


def mapping(model: Model, op: str, output: str, **attrs: object) -> None:
    """A loop over encoded images, as `map_fn` writes it; outputs of ops go by name there."""
    model.placeholder("images", (None,), "string")
    args = {"i": "int32", "images": "string", "sum": "float32"}
    cond = model.function("cond", args, {"go": "Less:z:0"}, result_types={"go": "bool"})
    const(cond, "most", 3)
    add_node(cond, "Less", "Less", ["i", "most:output:0"], T=Type("int32"))
    results = {"i_out": "add:z:0", "images_out": "images", "sum_out": "more:z:0"}
    body = model.function("body", args, results, result_types={"i_out": "int32", "images_out": "string"})
    const(body, "one", 1)
    const(body, "zero", 0)
    const(body, "axes", [0, 1, 2])
    add_node(body, "AddV2", "add", ["i", "one:output:0"], T=Type("int32"))
    add_node(body, "GatherV2", "one_image", ["images", "i", "zero:output:0"], Tparams=STRING)
    add_node(body, op, "decoded", ["one_image:output:0"], **attrs)
    add_node(body, "Cast", "cast", [f"decoded:{output}:0"], SrcT=Type("uint8"), DstT=FLOAT)
    add_node(body, "Sum", "Sum", ["cast:y:0", "axes:output:0"], T=FLOAT)
    add_node(body, "AddV2", "more", ["sum", "Sum:output:0"], T=FLOAT)
    model.const("start", 0)
    model.const("nothing", 0.0)
    types = [Type("int32"), STRING, FLOAT]
    model.node("While", "loop", ["start", "images", "nothing"], cond=Function("cond"), body=Function("body"), T=types)
    model.signature({"images": "images:0"}, {"y": "loop:2"})


def test_an_op_of_tensorflow_in_a_loop_is_known_for_its_own(tmp_path: Path) -> None:
    model = Model()
    mapping(model, "DecodeJpeg", "image", channels=3)
    assert refusal(model, tmp_path) == (
        "TensorFlow.js has no DecodeJpeg (decoded)",
        "Decode images in the page (tf.browser.fromPixels), and export a signature that takes the image as a tensor.",
    )


def test_an_op_of_nobody_known(tmp_path: Path) -> None:
    """Neither the file nor TensorFlow describes it."""
    model = Model()
    mapping(model, "DecodeHeif", "picture")
    message, hint = refusal(model, tmp_path)
    assert message == (
        "TensorFlow.js has no DecodeHeif (decoded: an op of a custom library, for TensorFlow itself has none of this"
        " name)"
    )
    assert hint.startswith("Decode images in the page")


def test_a_decision_forest(tmp_path: Path) -> None:
    """It is loaded by an op without outputs when the model starts."""
    model = Model()
    model.placeholder("x", (None, 2))
    model.node("SimpleMLCreateModelResource", "forest", shared_name="forest")
    load = model.function("initializer", {"forest": "resource"}, {}, ["load"])
    const(load, "path", "assets")
    add_node(load, "SimpleMLLoadModelFromPathWithHandle", "load", ["forest", "path:output:0"])
    model.node("StatefulPartitionedCall", "init_call", ["forest"], f=Function("initializer"))
    model.node("NoOp", "init", ["^init_call"])
    model.meta.signature_def["__saved_model_init_op"].outputs["__saved_model_init_op"].name = "init"
    model.node("SimpleMLInferenceOpWithHandle", "inference", ["x", "forest"], dense_output_dim=1)
    model.signature({"x": "x:0"}, {"y": "inference:0"})
    assert refusal(model, tmp_path) == (
        "TensorFlow.js has no SimpleMLCreateModelResource (forest: an op of TensorFlow Decision Forests); no"
        " SimpleMLInferenceOpWithHandle (inference: an op of TensorFlow Decision Forests)",
        "A decision forest is not made of ops of TensorFlow: run it in the page with YDF's own library for JavaScript"
        " (the npm package ydf-inference).",
    )


def test_state_is_wrong_whatever_the_ops(tmp_path: Path) -> None:
    """A layer that draws random numbers has a seed that it changes, and ops that TensorFlow.js lacks."""
    model = Model()
    model.placeholder("x", (2,))
    model.variable("seed", np.float32(1).reshape(()))
    nodes = model.function("f", {"x": "float32", "v": "resource"}, {"y": "lgamma:y:0"}, ["write"])
    add_node(nodes, "ReadVariableOp", "read", ["v"], dtype=FLOAT)
    add_node(nodes, "Mul", "mul", ["x", "read:value:0"], T=FLOAT)
    add_node(nodes, "Lgamma", "lgamma", ["mul:z:0"], T=FLOAT)
    add_node(nodes, "AssignAddVariableOp", "write", ["v", "read:value:0"], dtype=FLOAT)
    model.node("StatefulPartitionedCall", "call", ["x", "seed"], f=Function("f"), Tout=[FLOAT])
    model.signature({"x": "x:0"}, {"y": "call:0"})
    model.restore()
    message, hint = refusal(model, tmp_path)
    assert message.startswith("The signature reads seed (by call/read) and also writes it")
    assert "training=False" in hint


def test_what_is_not_reached_is_not_named(tmp_path: Path) -> None:
    model = Model()
    speech(model)
    model.placeholder("x", (2,))
    model.node("Tanh", "y", ["x"], T=FLOAT)
    model.signature({"x": "x:0"}, {"y": "y:0"})
    with open_saved_model(model.save(tmp_path)) as artifacts:
        assert [spec.name for spec in artifacts.signature.outputs] == ["y"]


@pytest.mark.parametrize(
    ("places", "hint"),
    [
        ({"ParseExampleV2": ["p"]}, "Export a signature that takes the features as tensors, instead of serialized"),
        ({"CaseFoldUTF8": ["c"]}, "Split the text into tokens in the page, and export a signature that takes their"),
        ({"EagerPyFunc": ["f"]}, "It calls a Python function, which no graph holds: write it in ops of TensorFlow."),
        ({"StatelessRandomUniformV2": ["u"]}, "Export a signature that takes the random numbers as an input, or call"),
        ({"DecodeRaw": ["r"]}, "Read the bytes in the page, and export a signature that takes them as a tensor."),
        ({"Lgamma": ["l"]}, "Export a signature without it: what goes before or after it can be done in the page."),
        ({"DecodePng": ["p"], "Lgamma": ["l"], "Mfcc": ["m"]}, "Decode images in the page (tf.browser.fromPixels), "),
    ],
)
def test_what_to_do_instead(places: Mapping[str, list[str]], hint: str) -> None:
    assert unsupported(places).hint.startswith(hint)


def test_several_hints_are_given_once_each() -> None:
    hint = unsupported({"DecodePng": ["p"], "DecodeJpeg": ["j"], "DecodeWav": ["w"]}).hint
    assert hint.count("Decode images") == 1
    assert hint.count("Compute the spectrogram") == 1
