"""`tfjs-build build`: bring the output directory up to date, or say what is stale."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.commands import load_manifest
from tfjs_build.filenames import MANIFEST, STATE_FOLDER

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from tfjs_build.children import Children
    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:
    """Build or check the models of the manifest."""
    writes = not (arguments.check or arguments.dry_run)
    with _children(arguments.manifest or Path(MANIFEST)) if writes else nullcontext() as children:
        from tfjs_build.build import BuildOptions, build, check

        manifest = load_manifest(arguments)
        if not writes:
            return check(
                manifest,
                arguments.names,
                report.event,
                dry_run=arguments.dry_run and not arguments.check,
                force=arguments.force,
            )
        options = BuildOptions(arguments.names, arguments.force, arguments.jobs)
        return build(manifest, options, report.event, children)


def _children(manifest: Path) -> AbstractContextManager[Children | None]:
    """Return what a first build converts in, already on its way; None for another build, which may have nothing to do.

    Whether this is one, and of what, is a guess that costs time when it is wrong, and nothing else.
    """
    try:
        if (manifest.parent / STATE_FOLDER).exists():
            return nullcontext()
        text = manifest.read_bytes()
    except OSError:
        return nullcontext()
    from tfjs_build.children import Children

    children = Children()
    children.ahead("keras" if b".keras" in text or b".h5" in text else "tf_saved_model")
    return children
