"""The JSON Schema of tfjs.yaml (draft 7, which editors understand best), from the table of fields."""

from __future__ import annotations

from typing import Any

from tfjs_build.manifest.fields import MANIFEST, MODEL_FIELDS
from tfjs_build.manifest.record import Record


def schema() -> dict[str, Any]:
    """Return the JSON Schema.

    It says what a value can be; what ties several values together (names that clash, folders in one another,
    code that is not allowed) only `load` checks.
    """
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "tfjs.yaml",
        "description": "The TensorFlow models of a web project, for tfjs-build.",
    }
    return head | MANIFEST.schema() | {"definitions": {"model": Record(MODEL_FIELDS, "a model").schema()}}
