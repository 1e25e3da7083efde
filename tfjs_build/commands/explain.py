"""`tfjs-build explain`: why a model is stale, and the fields that its fingerprint is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.commands import load_manifest
from tfjs_build.events import Explained
from tfjs_build.select import select
from tfjs_build.session import Session, plan_all
from tfjs_build.state import StateFolder

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Report each model's state, its reasons and its fingerprint's fields; 1 where a source cannot be read."""
    manifest = load_manifest(arguments)
    session = Session(manifest, StateFolder(manifest.path), report.event)
    for each in plan_all(session, select(manifest, arguments.names)):
        report.event(
            Explained(
                each.model.name, tuple(session.reasons(each)), each.fingerprint.digest, dict(each.fingerprint.fields)
            )
        )
    return session.code
