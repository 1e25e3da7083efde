"""Models built by the real command, in a process that cannot import TensorFlow, where Node can run their stubs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from tests.support.project import REPOSITORY, Project, Result
from tfjs_build.kernels import kernels_of, needs_of

SHADOWED = ("tensorflow", "keras", "tf_keras", "tensorflowjs")

_CONTENT = ("format", "modelTopology", "weightsManifest", "signature", "modelInitializer", "initializerSignature")


@dataclass(frozen=True)
class Build:
    """A manifest that was built: what the command said (by model), and where its output is."""

    project: Project
    result: Result
    written: Mapping[str, Mapping[str, Any]]
    failed: Mapping[str, Mapping[str, Any]]
    notes: Mapping[str, Sequence[str]]

    @property
    def models(self) -> Path:
        """The manifest's output directory."""
        return self.project.root / "models"

    def stub(self, model: str) -> Path:
        """Return the module that loads a model."""
        return self.project.root / "stubs" / f"{model}.js"

    def published(self) -> dict[str, bytes]:
        """Return every file of the output directory and of the stubs' folder."""
        return {
            path.relative_to(self.project.root).as_posix(): path.read_bytes()
            for folder in ("models", "stubs")
            for path in sorted((self.project.root / folder).rglob("*"))
            if path.is_file()
        }


def build_models(folder: Path, models: Mapping[str, Mapping[str, Any]], *arguments: str, **top: object) -> Build:
    """Build a manifest of `models` (name → its keys) and what else stands at the `top` in `folder`, which is emptied
    first. Never raises for a model that fails: `failed` has its event."""
    shutil.rmtree(folder, ignore_errors=True)
    return build_project(folder, models, *arguments, env=without_tensorflow(folder), **top)


def build_project(
    folder: Path, models: Mapping[str, Mapping[str, Any]], *arguments: str, env: dict[str, str], **top: object
) -> Build:
    """Build such a manifest in a folder as it is, in an environment."""
    project = Project(folder)
    manifest = {"version": 1, "output": "models", "stubs": "stubs", "language": "javascript", **top, "models": models}
    project.manifest(json.dumps(manifest, indent=1))  # JSON is YAML
    (folder / "package.json").write_text('{"type": "module"}\n', encoding="utf-8")
    result = project.run("build", "--json", *arguments, env=env)
    notes: dict[str, list[str]] = {}
    for event in result.of("note"):
        notes.setdefault(event["model"] or "", []).append(event["message"])
    return Build(
        project,
        result,
        {event["model"]: event for event in result.of("written")},
        {event["model"]: event for event in result.of("failed")},
        notes,
    )


def published_content(model: Path, inputs: Path) -> str:
    """Return a hash of all that decides what a published model (its folder) gives for a tensor file: files of several
    writers often become the same model. Shards are named by their content."""
    document = json.loads((model / "model.json").read_text(encoding="utf-8"))
    parts = [document.get(key) for key in _CONTENT] + [document["userDefinedMetadata"]["tfjs-build"]["signature"]]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
    for suffix in ("json", "bin"):
        digest.update(Path(f"{inputs}.{suffix}").read_bytes())
    return digest.hexdigest()


def published_ops(model: Path) -> tuple[str, ...]:
    """Return the ops of a published graph, those of its functions included, sorted; of a layers model, none."""
    topology = json.loads((model / "model.json").read_text(encoding="utf-8"))["modelTopology"]
    functions = topology.get("library", {}).get("function", [])
    nodes = chain(topology.get("node", []), *(function["nodeDef"] for function in functions))
    return tuple(sorted({node["op"] for node in nodes}))


def unforeseen(model: Path, kernels: Iterable[str]) -> list[str]:
    """Return those of the kernels that a published graph called which loaders would lack with `tfjs: minimal`."""
    document = json.loads((model / "model.json").read_text(encoding="utf-8"))
    if document["format"] != "graph-model":
        return []
    return sorted({*kernels} - {*kernels_of(needs_of(document))})


def without_tensorflow(folder: Path) -> dict[str, str]:
    """Return an environment in which TensorFlow and Keras cannot be imported, whatever is installed."""
    shadows = folder / "without_tensorflow"
    shadows.mkdir(parents=True, exist_ok=True)
    for package in SHADOWED:
        (shadows / f"{package}.py").write_text(f'raise ImportError("no {package} here")\n', encoding="utf-8")
    return {"PYTHONPATH": f"{shadows}:{REPOSITORY}", "TFJS_BUILD_WORKER": ""}
