"""`tfjs-build explain`: why a model is stale, and the fields that its fingerprint is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.build import failed, template_hashes
from tfjs_build.commands import load_manifest
from tfjs_build.errors import ModelError
from tfjs_build.events import Explained
from tfjs_build.plan import plan
from tfjs_build.select import select
from tfjs_build.state import StateFolder

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Report each model's state, its reasons and its fingerprint's fields; 1 where a source cannot be read."""
    manifest = load_manifest(arguments)
    state = StateFolder(manifest.path).load()
    templates = template_hashes(manifest)
    code = 0
    for model in select(manifest, arguments.names):
        try:
            each = plan(manifest, model, state, templates)
        except ModelError as error:
            report.event(failed(model, error))
            code = 1
        else:
            report.event(Explained(model.name, each.reasons, each.fingerprint.digest, dict(each.fingerprint.fields)))
    return code
