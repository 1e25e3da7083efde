"""The benchmark of predictions: which numbers count as the same, and what its tables make of what was kept."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.agreement import Outputs, disagreement
from bench.kernel_times import by_kernel
from bench.places import said_last
from bench.prediction_tables import beside, milliseconds, section, time
from bench.runs import Reference, Run, Runs, keep, read_kept, run_of


def outputs(**values: Sequence[float]) -> Outputs:
    """Return outputs as scripts give them."""
    return {name: np.array(each, np.float32) for name, each in values.items()}


@pytest.mark.parametrize(
    ("found", "expected", "differs"),
    [
        (outputs(y=[1, 2]), outputs(y=[1, 2.0019]), ""),
        (outputs(y=[1, 2]), outputs(y=[1, 2.003]), "y is off by 0.003 of 2"),
        (outputs(dense=[1, 2]), outputs(y=[1, 2]), ""),
        (outputs(b=[1], a=[2]), outputs(a=[2], b=[1]), ""),
        (outputs(p=[1], q=[2]), outputs(a=[2], b=[1]), "a is off by 1 of 2"),
        (outputs(y=[0.001, 100]), outputs(y=[0.05, 100]), ""),
        (outputs(y=[float("nan"), 2]), outputs(y=[1, 2]), "y is off by nan of 2"),
        (outputs(y=[1]), outputs(y=[1, 2]), "y has 1 numbers, not 2"),
        (outputs(y=[1]), outputs(y=[1], z=[1]), "it has 1 outputs, not 2"),
        (outputs(y=[0]), outputs(y=[0]), ""),
        (outputs(y=[]), outputs(y=[]), ""),
    ],
)
def test_what_counts_as_the_same(found: Outputs, expected: Outputs, differs: str) -> None:
    assert disagreement(found, expected) == differs


def given(values: Sequence[float]) -> dict[str, object]:
    """Return what a script says of a model with one output."""
    data = base64.b64encode(np.array(values, "<f4").tobytes()).decode()
    return {"synchronous": True, "first": 9.0, "times": [4.0, 1.0, 2.0, 3.0, 5.0], "outputs": [["y", data]]}


def test_a_model_with_other_numbers_has_no_times() -> None:
    expected = Reference(np.zeros(1), {"keras": outputs(y=[1, 2]), "saved_model": outputs(y=[3])})
    assert run_of(given([1, 2]), expected) == Run(None, True, 9.0, 2.0, 3.0, 5)
    assert run_of(given([3]), expected).error is None
    assert run_of(given([4]), expected).error == "other numbers: y has 1 numbers, not 2; or y is off by 1 of 3"
    assert run_of({"error": "no\n kernel"}, expected) == Run(error="no kernel")


KEPT: Runs = {
    "vit": {
        "webgl": {
            "keras": Run(first=2345.6, next=210.4, dispatches=300, programs=70),
            "saved_model": Run(synchronous=False, first=2345.6, next=1210.4, dispatches=320, programs=71),
            "stock": Run(error="not converted: Erfc"),
        },
        "wasm": {
            "keras": Run(next=10.0),
            "saved_model": Run(next=20.0, synchronous=False),
            "stock": Run(error="not converted: Erfc"),
            "onnx": Run(next=16.0),
        },
    },
    "mobilenet_v2": {
        "wasm": {
            "keras": Run(next=1.234),
            "saved_model": Run(error="no kernel"),
            "stock": Run(next=1.5),
            "onnx": Run(error="not converted: Erfc"),
        }
    },
}


def test_tables() -> None:
    assert section(KEPT).splitlines() == [
        "| dispatches (programs) | webgl: `.keras` | SavedModel | stock | webgpu: `.keras` | SavedModel | stock |",
        "|---|---|---|---|---|---|---|",
        "| ViT, 6 blocks, 196 patches | 300 (70) | 320 (71) async | (a) |  |  |  |",
        "",
        "| webgl in software: first, next | `.keras` | SavedModel | stock |",
        "|---|---|---|---|",
        "| ViT, 6 blocks, 196 patches | 2.3 s, 210 ms | 2.3 s, 1210 ms | (a) |",
        "",
        "| wasm, one thread: ms | `.keras` | SavedModel | stock | ONNX Runtime | ours / stock | ours / ONNX Runtime |",
        "|---|---|---|---|---|---|---|",
        "| MobileNetV2, 224 px | 1.23 | (b) | 1.50 | (a) | 0.82 |  |",
        "| ViT, 6 blocks, 196 patches | 10.0 | 20.0 async | (a) | 16.0 |  | 0.62, 1.25 |",
        "",
        "Letters stand where there is nothing to measure:",
        "",
        "- a: not converted: Erfc",
        "- b: no kernel",
    ]


def test_builds_beside_each_other() -> None:
    runs = {"vit": {"before": Run(next=10.0), "after": Run(next=5.0)}, "gru": {"before": Run(error="it traps")}}
    assert beside(runs, time, compared=True).splitlines() == [
        "|  | before | after | after / before |",
        "|---|---|---|---|",
        "| vit | 10.0 | 5.00 | 0.50 |",
        "| gru | (a) |  |  |",
        "- a: it traps",
    ]


@pytest.mark.parametrize(("value", "text"), [(1234.5, "1234"), (99.94, "99.9"), (9.994, "9.99"), (0.1234, "0.12")])
def test_milliseconds(value: float, text: str) -> None:
    assert milliseconds(value) == text


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "predictions.json"
    assert read_kept(path) == {}
    keep(KEPT, path)
    assert read_kept(path) == KEPT


def test_a_profile_adds_up() -> None:
    calls = [("Add", "[1] [1]", 2, 1.0), ("Conv2D", "[1,8]", 1, 6.0), ("Add", "[3] [1]", 1, 0.5)]
    kernels = [dict(zip(("kernel", "shapes", "calls", "milliseconds"), each, strict=True)) for each in calls]
    assert by_kernel({"milliseconds": 10.0, "kernels": kernels})[:3] == [
        "      6.00 ms  60%     1 Conv2D",
        "      1.50 ms  15%     3 Add",
        "      2.50 ms  25%       between the kernels (of 10.0 ms, watched)",
    ]


def test_what_a_program_says_last() -> None:
    assert (
        said_last("Traceback\n  File\nValueError: Unsupported Ops in the model\nErfc\n\n")
        == "Unsupported Ops in the model Erfc"
    )
    assert said_last("usage: x\nx: no such option") == "x: no such option"
    assert said_last("\n") == "it fails without a word"
