"""The manifest tfjs.yaml: YAML with positions → a typed manifest, or every fault in it at once."""

from __future__ import annotations

from typing import Any

from tfjs_build.manifest.load import find, load, parse
from tfjs_build.model import Manifest, Model

__all__ = ["Manifest", "Model", "find", "load", "parse", "schema"]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of tfjs.yaml."""
    from tfjs_build.manifest import json_schema

    return json_schema.schema()
