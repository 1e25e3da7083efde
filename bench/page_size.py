"""What a page downloads of JavaScript for a model: `python -m bench.page_size` writes the table in docs/size.md.

Pages import one loader and predict; esbuild minifies them, and gzip -9 compresses them. The sources are the example's
digits and two of the oracle's.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conversion.oracle import files
from tests.support.project import REPOSITORY, Project
from tools.sections import write_section

NODE = REPOSITORY / "tests" / "node"
BACKENDS = ("webgl", "wasm", "webgpu")
ALIASED = ("@tensorflow/tfjs-core/dist/ops/ops_for_converter", "@tensorflow/tfjs-backend-cpu/dist/shared")
DIGITS = {"inputs": {"image": {"pixels": [0, 16]}}, "labels": list("0123456789")}


def main() -> None:
    """Measure and write."""
    lines = ["| model | backend | all of TensorFlow.js | minimal | minimal, with the alias |", "|---|---|---|---|---|"]
    for name, model in _models().items():
        for backend in BACKENDS:
            sizes = [_size(model, backend, tfjs, alias=alias) for tfjs, alias in _USES]
            lines.append(f"| {name} | {backend} | {' | '.join(f'{size / 1000:.0f} KB' for size in sizes)} |")
    simd = NODE / "node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"
    besides = f"{simd.stat().st_size / 1000:.0f} KB of WebAssembly besides (not compressed)"
    lines += ["", f"wasm loads {besides}, whatever the models are."]
    write_section(REPOSITORY / "docs" / "size.md", "bytes", "\n".join(lines))


_USES = (("@tensorflow/tfjs", False), ("minimal", False), ("minimal", True))


def _models() -> dict[str, Mapping[str, Any]]:
    layers = files("keras_layers")
    mobilenet = next(each for name, each in layers.items() if "mobilenet_v2" in name.lower())
    text = next(each for each in layers.values() if {"Embedding", "LSTM"} <= {*each.classes})
    return {
        "digits, from pictures to labels": {**DIGITS, "source": str(REPOSITORY / "examples/digits/model/digits.keras")},
        "MobileNetV2": {"source": str(mobilenet.source)},
        "text: Embedding and LSTM": {"source": str(text.source)},
    }


def _size(model: Mapping[str, Any], backend: str, tfjs: str, *, alias: bool) -> int:
    with tempfile.TemporaryDirectory(dir=NODE / ".work") as folder:
        project = Project(Path(folder))
        top = {"version": 1, "output": "public", "stubs": "src", "language": "javascript", "tfjs": tfjs}
        project.manifest(json.dumps({**top, "backends": [backend], "models": {"net": {"format": "graph", **model}}}))
        result = project.run("build")
        assert result.code == 0, result
        whole = f'import "@tensorflow/tfjs-backend-{backend}";\n' if tfjs != "minimal" and backend != "webgl" else ""
        page = project.root / "page.js"
        page.write_text(f'{whole}export {{ loadNet }} from "./src/net.js";\n', encoding="utf-8")
        options = {"alias": dict.fromkeys(ALIASED, str(project.root / "src" / "_tfjs_ops.js")) if alias else {}}
        command = ["node", str(NODE / "bundle.mjs"), str(project.root / "dist"), json.dumps(options), str(page)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        gzipped: int = json.loads(done.stdout)[0]["gzipped"]
        return gzipped


if __name__ == "__main__":
    main()
