"""What a page downloads of code beside the weights: TensorFlow.js as `python -m bench.page_size` has measured it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tfjs_build.records import record

MEASURED: Final = {"webgl": (280, 152), "wasm": (315, 122), "webgpu": (346, 141)}
"""KB of JavaScript (1000 bytes), minified by esbuild and gzipped, of a page that runs MobileNetV2 through its loader:
with all of TensorFlow.js, and with `tfjs: minimal`. They are the rows of docs/size.md."""

WASM_KB: Final = 425
"""KB of WebAssembly that the wasm backend loads besides, not compressed."""


@record(frozen=True)
class Code:
    """The code of a page on one backend, in bytes: `whole` with all of TensorFlow.js, `minimal` with what one model
    needs, both gzipped, and WebAssembly `besides`."""

    backend: str
    whole: int
    minimal: int
    besides: int


def page_code(backends: Sequence[str]) -> list[Code]:
    """Return what was measured, for those of the backends that were."""
    return [
        Code(backend, 1000 * MEASURED[backend][0], 1000 * MEASURED[backend][1], 1000 * WASM_KB * (backend == "wasm"))
        for backend in backends
        if backend in MEASURED
    ]
