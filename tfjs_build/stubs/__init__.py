"""Loader stubs: typed modules that load and run a published model, rendered from `templates/`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from tfjs_build.kernels import TABLE_FILE
from tfjs_build.stubs.describe import describe
from tfjs_build.stubs.minimal import describe_tfjs
from tfjs_build.stubs.render import (
    MARK_BYTES,
    STUB_MARK,
    compile_stub,
    render_runtime,
    render_stub,
    render_tfjs,
    render_worker,
    render_worker_runtime,
    templates_digest_inputs,
)

if TYPE_CHECKING:
    from tfjs_build.model import Manifest

TFJS_PACKAGE = "@tensorflow/tfjs"
"""What stubs import where the manifest says nothing: its backends are webgl and cpu."""

__all__ = [
    "MARK_BYTES",
    "STUB_MARK",
    "compile_templates",
    "runtime_files",
    "stub_files",
    "template_contents",
    "tfjs_files",
]


def stub_files(manifest: Manifest, name: str, format: str, metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the stub of the model `name`: file → content.

    `format` is "layers" or "graph", `metadata` what is at `userDefinedMetadata["tfjs-build"]` of its model.json.
    """
    model = describe(name, format, metadata, public_url=manifest.public_url)
    language, tfjs, templates = manifest.language, manifest.module, manifest.templates
    stub = render_stub(model, language=language, tfjs=tfjs, templates=templates)
    if not manifest.worker:
        return stub
    backends, wasm = _imported(manifest)
    worker = render_worker(model, language=language, tfjs=tfjs, backends=backends, wasm=wasm, templates=templates)
    return stub | worker


def _imported(manifest: Manifest) -> tuple[list[str], str | None]:
    """Return the backends that a worker has to import, which nobody else can do for it, and the module that says where
    the files of wasm are."""
    wanted = manifest.backends or ()
    if manifest.minimal is not None:
        return [], manifest.module if "wasm" in wanted else None
    if manifest.tfjs != TFJS_PACKAGE:  # it has what it has
        return [], None
    backends: list[str] = [each for each in ("webgpu", "wasm") if each in wanted]
    return backends, f"{TFJS_PACKAGE}-backend-wasm" if "wasm" in wanted else None


def compile_templates(manifest: Manifest) -> None:
    """Do what rendering a model's stub needs and what does not depend on the model; imports Jinja."""
    compile_stub(language=manifest.language, worker=manifest.worker, templates=manifest.templates)


def runtime_files(manifest: Manifest) -> dict[str, str]:
    """Return the modules that all stubs share: file → content."""
    shared = render_runtime(tfjs=manifest.module, templates=manifest.templates)
    if manifest.worker:
        shared |= render_worker_runtime(tfjs=manifest.module, templates=manifest.templates)
    return shared


def tfjs_files(manifest: Manifest, needs: Collection[str]) -> dict[str, str]:
    """Return the module that has what models with these needs take of TensorFlow.js: file → content; nothing where the
    manifest wants none."""
    if manifest.minimal is None:
        return {}
    return render_tfjs(
        describe_tfjs(needs, backends=manifest.backends, added=manifest.minimal.kernels), templates=manifest.templates
    )


def template_contents(manifest: Manifest) -> list[tuple[str, bytes]]:
    """Return name and content of every template that rendering may read, sorted by name, and of the table of kernels
    where what is rendered depends on it."""
    table = [] if manifest.minimal is None else [("the table of kernels", TABLE_FILE.read_bytes())]
    return [*templates_digest_inputs(manifest.templates), *table]
