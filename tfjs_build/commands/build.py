"""`tfjs-build build`: bring the output directory up to date, or say what is stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.build import BuildOptions, build, check
from tfjs_build.commands import load_manifest

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Build or check the models of the manifest."""
    manifest = load_manifest(arguments)
    if arguments.check or arguments.dry_run:
        return check(
            manifest,
            arguments.names,
            report.event,
            dry_run=arguments.dry_run and not arguments.check,
            force=arguments.force,
        )
    options = BuildOptions(arguments.names, arguments.force, arguments.jobs, arguments.dask, arguments.verbose)
    return build(manifest, options, report.event)
