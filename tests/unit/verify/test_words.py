"""What `verify` found, as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from tfjs_build.events import Untried, Verified
from tfjs_build.verify import words


def verified(**keys: Any) -> Verified:
    usual: dict[str, Any] = {
        "model": "net",
        "backend": "webgl",
        "device": "Chrome 156, Linux",
        "ok": True,
        "mode": "parity",
        "version": "0",
        "samples": 2,
        "problems": [],
        "outputs": [{"output": "y", "absolute": 2e-7, "relative": 4.123e-7, "argmax": [2, 3]}],
        "reference": "Keras 3.15.1",
    }
    return Verified(**{**usual, **keys})


@pytest.mark.parametrize(
    ("renderer", "shown"),
    [
        (None, ""),
        ("Apple GPU", "Apple GPU"),
        ("ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)", "ANGLE Metal Renderer: Apple M2"),
        (
            "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)",
            "NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0",
        ),
        (
            "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
            "rendered in software (SwiftShader)",
        ),
        ("google swiftshader", "rendered in software (SwiftShader)"),
        ("llvmpipe (LLVM 15.0.6, 256 bits)", "rendered in software (llvmpipe)"),
    ],
)
def test_a_gpu_by_its_name(renderer: str | None, shown: str) -> None:
    assert words.renderer(verified(renderer=renderer)) == shown


def test_numbers_in_words() -> None:
    assert words.heading(verified()) == "beside Keras 3.15.1, 2 samples"
    assert words.verdict(verified()) == ["y off by 2e-07, 4.1e-07 of the largest, arg-max 2/3"]
    equal = {"output": "y", "absolute": 0.0, "relative": 0.0, "argmax": None}
    assert words.verdict(verified(outputs=[equal])) == ["y equal"]
    cost = [{"output": "y", "absolute": 0.25, "relative": 0.5, "argmax": [1, 3]}]
    assert words.verdict(verified(quantization=cost))[1] == "y: quantizing costs 0.25, 0.5 of the largest, arg-max 1/3"
    wrong = verified(ok=False, problems=["y: off by 1, 2 of the largest number"])
    assert words.verdict(wrong)[0] == "y: off by 1, 2 of the largest number"
    assert words.verdict(verified(half_floats=True))[1].startswith("half-float textures: ")
    many = [{"output": f"y{i}", "absolute": float(i), "relative": 0.1, "argmax": None} for i in range(20)]
    assert words.verdict(verified(outputs=many)) == ["y19 off by 19, 0.1 of the largest"]


def test_smoke_in_words() -> None:
    smoke = verified(mode="smoke", outputs=[], reference=None)
    assert (words.heading(smoke), words.verdict(smoke)) == ("runs, and is not compared", ["runs"])
    broken = verified(mode="smoke", outputs=[], ok=False, problems=["it is broken"])
    assert (words.heading(broken), words.verdict(broken)) == ("does not run as it should", ["it is broken"])


def test_times_in_words() -> None:
    assert words.times(verified()) == ""
    assert words.times(verified(first_ms=1234.5)) == "1234 ms"
    assert words.times(verified(first_ms=12345.0, next_ms=1.25)) == "12.3 s, then 1.2 ms"


def test_what_was_not_tried_in_words() -> None:
    assert words.not_tried(Untried("net", "wasm", "it is not there", "npm install it")) == (
        "not tried on wasm: it is not there (npm install it)"
    )
    assert words.not_tried(Untried("net", None, "its source is gone")) == (
        "not tried beside its source: its source is gone"
    )
