"""`tfjs-build clean`: delete what was published, and the `.tfjs-build` folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build import publish
from tfjs_build.commands import load_manifest
from tfjs_build.events import Note, Removed
from tfjs_build.state import StateFolder

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Delete the files of every model, listed or recorded; files that are not ours, or were edited, stay."""
    manifest = load_manifest(arguments)
    folder = StateFolder(manifest.path)
    with folder.lock(waiting=lambda: report.event(Note(None, "waiting for another tfjs-build in this project"))):
        state = folder.load()
        publish.adopt(manifest, state)
        count = 0
        for name in list(state.models):
            if files := publish.remove(manifest, name, state):
                count += len(files)
                report.event(Removed(name, files))
        publish.discard(manifest, state)
        if not count:
            report.event(Note(None, "nothing to remove"))
    folder.remove()
    return 0
