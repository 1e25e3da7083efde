"""What models need of TensorFlow.js: the kernels and functions of each op, and the modules that have them."""

from __future__ import annotations

from tfjs_build.kernels.needs import functions_of, kernels_of, needs_of
from tfjs_build.kernels.table import DEFAULT_BACKENDS, TABLE_FILE, Table, kernel_names, lacking, table

__all__ = [
    "DEFAULT_BACKENDS",
    "TABLE_FILE",
    "Table",
    "functions_of",
    "kernel_names",
    "kernels_of",
    "lacking",
    "needs_of",
    "table",
]
