"""Imports every module of a package, where importing one enters what it has into a table."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable


def import_all(package: str, path: Iterable[str]) -> None:
    """Import the modules beside a package's `__init__`, given its `__name__` and its `__path__`."""
    for found in pkgutil.iter_modules(path):
        importlib.import_module(f"{package}.{found.name}")
