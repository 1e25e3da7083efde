"""Names that both sides know, and names of inputs and outputs as our own converters give them."""

from __future__ import annotations

from collections.abc import Iterable

KEY = "serving_default"
"""The signature that is written."""

INPUT, OUTPUT = "input_", "output_"
"""What its inputs and outputs are called, before their numbers."""


class NoModelError(Exception):
    """What was found is no model, or does not say what its inputs are; the message says what to do."""


def unique(names: Iterable[str]) -> list[str]:
    """Return names of which no two are the same: the second `a` is `a_1`."""
    taken: dict[str, None] = {}
    for name in names:
        candidate, number = name, 0
        while candidate in taken:
            number += 1
            candidate = f"{name}_{number}"
        taken[candidate] = None
    return list(taken)


LOADER = (
    "import sys; sys.path[:] = filter(None, sys.path)\n"  # the folder that we are started in is not the project's
    "import importlib.util as util\n"
    "folder = sys.argv[1]\n"
    "spec = util.spec_from_file_location("
    "'tfjs_build_worker', folder + '/__init__.py', submodule_search_locations=[folder])\n"
    "package = sys.modules[spec.name] = util.module_from_spec(spec)\n"
    "spec.loader.exec_module(package)\n"
    "from tfjs_build_worker import supervisor\n"
    "supervisor.run(sys.argv[1:])\n"
)
"""What a Python is told to run, with this folder as its first argument: its modules become a package of their own."""
