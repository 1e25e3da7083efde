"""All probes, in order."""

from __future__ import annotations

from tools.backends import arrays, elementwise, numeric, sparse
from tools.backends.probe import Probe


def all_probes() -> list[Probe]:
    """Return every probe; their places in this list are their names."""
    return [*elementwise.probes(), *arrays.probes(), *numeric.probes(), *sparse.probes()]
