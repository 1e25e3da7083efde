"""`tfjs-build clean`: delete what was published, and the `.tfjs-build` folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build import publish
from tfjs_build.commands import load_manifest
from tfjs_build.errors import PublishError
from tfjs_build.events import Event, Failed, Note, Removed
from tfjs_build.session import DONE, FAILED, not_removed
from tfjs_build.state import StateFolder

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Delete the files of every model, listed or recorded; files that are not ours, or were edited, stay.

    What cannot be deleted is told and remembered, for the next time.
    """
    manifest = load_manifest(arguments)
    folder = StateFolder(manifest.path)
    with folder.lock(waiting=lambda: report.event(Note(None, "waiting for another tfjs-build in this project"))):
        state = folder.load()
        publish.adopt(manifest, state)
        events: list[Event] = []
        for name in list(state.models):
            try:
                if files := publish.remove(manifest, name, state):
                    events.append(Removed(name, files))
            except PublishError as error:
                events.append(not_removed(name, error))
        try:
            publish.discard(manifest, state)
        except PublishError as error:
            events.append(not_removed(None, error))
        for event in events or [Note(None, "nothing to remove")]:
            report.event(event)
        if any(isinstance(event, Failed) for event in events):
            folder.save(state)
            return FAILED
        folder.remove()
    return DONE
