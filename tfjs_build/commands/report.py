"""`tfjs-build report`: a page of where the bytes are, what each coding costs, and what each backend lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.commands import load_manifest
from tfjs_build.reporting import ReportOptions, report

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, reporter: Reporter) -> int:
    """Report on the models of the manifest."""
    options = ReportOptions(arguments.names, arguments.open, arguments.curve, arguments.verbose)
    return report(load_manifest(arguments), options, reporter.event)
