"""Which TensorFlow.js the project has: packages in the `node_modules` of a folder, or of one around it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tfjs_build.records import record

TFJS: Final = "@tensorflow/tfjs"
EXTRA: Final = {"wasm": f"{TFJS}-backend-wasm", "webgpu": f"{TFJS}-backend-webgpu"}
"""The backends that packages of their own have."""

_MODULES: Final = {"tfjs": "tf", "wasm": "tf-backend-wasm", "webgpu": "tf-backend-webgpu"}


@record(frozen=True)
class Package:
    """A package: its folder, its version, and what Node and a page load of it, from that folder."""

    folder: Path
    version: str
    node: str
    page: str

    @property
    def address(self) -> str:
        """What Node imports it by, wherever the importing module is."""
        return (self.folder / self.node).as_uri()


@record(frozen=True)
class TensorFlowJs:
    """What a project has of TensorFlow.js; `extra` are the packages of backends, by backend."""

    tfjs: Package
    extra: dict[str, Package]

    def has(self, backend: str) -> bool:
        """Whether the project has what a backend is in."""
        return backend not in EXTRA or backend in self.extra


def find(folders: Iterable[Path]) -> TensorFlowJs | None:
    """Return the TensorFlow.js that modules in the first of `folders` import that can; None where none can."""
    for folder in folders:
        tfjs = _package(folder, TFJS, "tfjs")
        if tfjs is not None:
            found = {backend: _package(folder, name, backend) for backend, name in EXTRA.items()}
            return TensorFlowJs(tfjs, {backend: each for backend, each in found.items() if each is not None})
    return None


def _package(start: Path, name: str, key: str) -> Package | None:
    for folder in (start, *start.parents):
        there = folder / "node_modules" / name
        try:
            described = json.loads((there / "package.json").read_text(encoding="utf-8"))
            version, main = str(described["version"]), str(described["main"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        page = f"dist/{_MODULES[key]}.fesm.min.js"
        if (there / page).is_file():
            return Package(there.resolve(), version, main, page)
    return None
