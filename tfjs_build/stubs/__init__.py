"""Loader stubs: typed modules that load and run a published model, rendered from `templates/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tfjs_build.stubs.describe import describe
from tfjs_build.stubs.render import (
    MARK_BYTES,
    STUB_MARK,
    compile_stub,
    render_runtime,
    render_stub,
    templates_digest_inputs,
)

if TYPE_CHECKING:
    from tfjs_build.model import Manifest

__all__ = ["MARK_BYTES", "STUB_MARK", "compile_templates", "runtime_files", "stub_files", "template_contents"]


def stub_files(manifest: Manifest, name: str, format: str, metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the stub of the model `name`: file → content.

    `format` is "layers" or "graph", `metadata` what is at `userDefinedMetadata["tfjs-build"]` of its model.json.
    """
    return render_stub(
        describe(name, format, metadata, public_url=manifest.public_url),
        language=manifest.language,
        tfjs=manifest.tfjs,
        templates=manifest.templates,
    )


def compile_templates(manifest: Manifest) -> None:
    """Do what rendering a model's stub needs and what does not depend on the model; imports Jinja."""
    compile_stub(language=manifest.language, templates=manifest.templates)


def runtime_files(manifest: Manifest) -> dict[str, str]:
    """Return the module that all stubs share: file → content."""
    return render_runtime(tfjs=manifest.tfjs, templates=manifest.templates)


def template_contents(manifest: Manifest) -> list[tuple[str, bytes]]:
    """Return name and content of every template that rendering may read, sorted by name."""
    return templates_digest_inputs(manifest.templates)
