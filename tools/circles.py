"""Fails where modules import each other in a circle, be it for their types only: `python tools/circles.py`."""

from __future__ import annotations

import sys
from graphlib import CycleError, TopologicalSorter

import grimp


def main() -> int:
    """Print a circle, if there is one."""
    imports = grimp.build_graph("tfjs_build")
    order = TopologicalSorter({each: imports.find_modules_directly_imported_by(each) for each in imports.modules})
    try:
        order.prepare()
    except CycleError as error:
        sys.stderr.write(f"modules import each other: {' ← '.join(error.args[1])}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
