"""The networks as ONNX, which tf2onnx makes of the SavedModels, and ONNX Runtime Web, which runs them.

tf2onnx runs in the environment that has TensorFlow; what it needs beside that lies in a folder of its own.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bench.places import BUILT, CACHE, NETWORKS, REPOSITORY, TF_BIN, of_now, said_last

RUNTIME = CACHE / "onnxruntime" / "node_modules" / "onnxruntime-web"
_VERSIONS = {"tf2onnx": "1.17.0", "onnx": "1.17.0", "onnxruntime-web": "1.30.0"}
"""onnx is the newest that TensorFlow 2.19's protobuf reads."""
_PACKAGES = CACHE / "onnx"


def install() -> None:
    """Install what is not there yet."""
    if not _PACKAGES.exists():
        uv = [str(REPOSITORY / ".tools" / "bin" / "uv"), "pip", "install", "--quiet", "--no-deps"]
        python = ["--python", str(TF_BIN / "python"), "--target", str(_PACKAGES)]
        subprocess.run([*uv, *python, *(f"{each}=={_VERSIONS[each]}" for each in ("tf2onnx", "onnx"))], check=True)
    if not RUNTIME.exists():
        place = RUNTIME.parent.parent
        place.mkdir(parents=True, exist_ok=True)
        package = f"onnxruntime-web@{_VERSIONS['onnxruntime-web']}"
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", package], cwd=place, check=True
        )


def onnx_file(name: str) -> tuple[Path, str | None]:
    """Return where a network lies as ONNX, once it is there, and why there is none where there is none."""
    file, reason = BUILT / "onnx" / f"{name}.onnx", BUILT / "onnx" / f"{name}.txt"
    if not of_now(name, file, reason):
        file.unlink(missing_ok=True)
        reason.unlink(missing_ok=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        script = Path(__file__).with_name("make_onnx.py")
        done = subprocess.run(
            [TF_BIN / "python", script, NETWORKS / name, file],
            env=os.environ | {"PYTHONPATH": str(_PACKAGES)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            reason.write_text(said_last(done.stderr), encoding="utf-8")
    return file, None if file.exists() else reason.read_text(encoding="utf-8")
