"""`tfjs-build schema`: the JSON Schema of tfjs.yaml, for editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from tfjs_build.reporters import Reporter


def run(arguments: argparse.Namespace, report: Reporter) -> int:  # noqa: ARG001
    """Print the schema on stdout."""
    from tfjs_build.manifest import schema

    report.print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0
