"""`tfjs-build verify`: run what is published on the backends of the site, beside its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfjs_build.commands import load_manifest
from tfjs_build.verifying import VerifyOptions, verify

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Verify the models of the manifest."""
    options = VerifyOptions(
        names=arguments.names,
        backends=tuple(dict.fromkeys(arguments.backends or ())),
        browser=arguments.browser,
        serve=arguments.serve,
        host=arguments.host,
        port=arguments.port,
        verbose=arguments.verbose,
    )
    return verify(load_manifest(arguments), options, report.event)
