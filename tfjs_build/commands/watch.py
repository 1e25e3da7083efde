"""`tfjs-build watch`: bring the output directory up to date, and keep it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.commands import load_manifest
from tfjs_build.watch.loop import WatchOptions, watch

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Watch the models of the manifest until something ends it."""
    return watch(
        load_manifest(arguments),
        WatchOptions(arguments.names, arguments.poll, arguments.verbose, arguments.loaders),
        report.event,
        report.failed,
        arguments.command_line,
        stdout_to_stderr=arguments.json,
    )
