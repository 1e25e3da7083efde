"""The models that are compared: each network as a checkout of tfjs-build converts it, as the stock converter does, and
as ONNX. What is converted lies in .cache/bench/built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from bench.onnx_files import install, onnx_file
from bench.places import BUILT, NETWORKS, REPOSITORY, TF_BIN, TITLES, of_now, said_last

SOURCES = {"keras": ".keras", "saved_model": ""}
"""What our models are made from, with the ending of its files."""


@dataclass(frozen=True)
class Contender:
    """A model of a network: a folder with model.json or an ONNX file; or, where there is none, why not."""

    label: str
    kind: Literal["tfjs", "onnx"]
    path: Path
    error: str | None = None

    def described(self) -> dict[str, object]:
        """What the scripts read."""
        return asdict(self) | {"path": str(self.path)}


def write_networks() -> None:
    """Write the networks that are not there yet; takes five minutes for all."""
    if not all((NETWORKS / f"{name}.npz").exists() for name in TITLES):
        script = Path(__file__).with_name("make_predicted.py")
        subprocess.run([TF_BIN / "python", script, NETWORKS], check=True)


def ours(names: Iterable[str], source: str, checkout: Path = REPOSITORY, label: str = "") -> dict[str, Contender]:
    """Convert networks with the converter of a checkout, anew: nothing tells that its code has changed."""
    project = BUILT / "-".join((*checkout.resolve().parts[1:], source))
    project.mkdir(parents=True, exist_ok=True)
    sources = {name: {"source": str(NETWORKS / f"{name}{SOURCES[source]}"), "format": "graph"} for name in TITLES}
    manifest = {"version": 1, "output": "models", "models": sources}
    (project / "tfjs.yaml").write_text(json.dumps(manifest), encoding="utf-8")
    command = [sys.executable, "-m", "tfjs_build", "build", "--force", "--json", *names]
    environment = os.environ | {"PYTHONPATH": str(checkout.resolve())}
    done = subprocess.run(command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    failed = {event["model"]: event["message"] for event in events if event["event"] == "failed"}
    if None in failed or not events:
        raise RuntimeError(f"{checkout} does not build: {failed.get(None, done.returncode)}")
    return {name: Contender(label or source, "tfjs", project / "models" / name, failed.get(name)) for name in names}


def published(names: Iterable[str], folder: Path, label: str) -> dict[str, Contender]:
    """Take models that lie in a folder, each in one with the network's name."""
    return {name: _in_folder(label, folder.resolve() / name) for name in names}


def stock(names: Iterable[str]) -> dict[str, Contender]:
    """Convert SavedModels with `tensorflowjs_converter`, those that it has not been tried on before."""
    return {name: _in_folder("stock", *_stock(name)) for name in names}


def onnx(names: Iterable[str]) -> dict[str, Contender]:
    """Convert SavedModels to ONNX, those that it has not been tried on before."""
    install()
    return {name: Contender("onnx", "onnx", *onnx_file(name)) for name in names}


OTHERS: Mapping[str, Callable[[Iterable[str]], dict[str, Contender]]] = {"stock": stock, "onnx": onnx}


def _stock(name: str) -> tuple[Path, str | None]:
    folder = BUILT / "stock" / name
    reason = folder / "reason.txt"
    if not of_now(name, folder / "model.json", reason):
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True, parents=True)
        command = [str(TF_BIN / "tensorflowjs_converter"), "--input_format=tf_saved_model"]
        command += [str(NETWORKS / name), str(folder)]
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            folder.mkdir(exist_ok=True)
            reason.write_text(said_last(done.stderr), encoding="utf-8")
    return folder, reason.read_text(encoding="utf-8") if reason.exists() else None


def _in_folder(label: str, folder: Path, error: str | None = None) -> Contender:
    if error is None and not (folder / "model.json").exists():
        error = f"there is no {folder / 'model.json'}"
    return Contender(label, "tfjs", folder, error)
