"""The kinds of sources that there are, and which of them a reference may be, by what is written alone.

The kind that the manifest calls `x` is the value `KIND` of the module `x` beside this one.
"""

from __future__ import annotations

import importlib
import os
from typing import Final, get_args

from tfjs_build import model as types
from tfjs_build.sources.kind import Kind

KINDS: Final[tuple[Kind, ...]] = tuple(
    importlib.import_module(f"tfjs_build.sources.{name}").KIND for name in sorted(get_args(types.InputFormat))
)
"""All of them, by name. A folder is of the first that knows it: a TF Hub module is a SavedModel as well."""


def kind(input_format: str) -> Kind:
    """Return the kind of this name."""
    return next(each for each in KINDS if each.input_format == input_format)


_PREFIXES: Final = tuple(scheme.prefix for each in KINDS for scheme in each.schemes)


def by_scheme(reference: str) -> Kind | None:
    """Return the kind of a reference that is not a path, None for a path."""
    if not reference.startswith(_PREFIXES):
        return None
    return next((each for each in KINDS if each.has_scheme(reference)), None)


def by_name(name: str) -> Kind | None:
    """Return what kind of source a file of this name is, None where the name does not say."""
    name = name.lower()
    return next((each for each in KINDS if name.endswith(each.endings)), None)


def of_part(name: str) -> Kind | None:
    """Return of what kind of source a file of this name is a part, None where it may be a source itself."""
    return next((each for each in KINDS if name.lower() in each.part_names), None)


def expected(reference: str, stated: str | None) -> Kind | None:
    """Return the kind of a source as far as it can be known without looking at it; `stated` is the `input_format`."""
    found = by_scheme(reference)
    if found is not None:
        return found
    if stated is not None:
        return kind(stated)
    name = os.path.basename(reference)  # noqa: PTH119 (a path object takes as long as all else here)
    return None if of_part(name) else by_name(name)
