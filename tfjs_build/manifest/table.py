"""The manifest's keys as Markdown tables, for docs/manifest.md."""

from __future__ import annotations

from tfjs_build.manifest.fields import LIMITS_FIELDS, MANIFEST_FIELDS, MODEL_FIELDS, PIXELS_FIELDS, VERIFY_FIELDS
from tfjs_build.manifest.quantization import AUTO_FIELDS
from tfjs_build.manifest.record import Field


def model_keys() -> str:
    """Return the table of the keys that a model can have."""
    return _table(MODEL_FIELDS)


def manifest_keys() -> str:
    """Return the table of the keys at the top of a manifest."""
    return _table(MANIFEST_FIELDS)


def verify_keys() -> str:
    """Return the table of the keys that `verify` can have where it is a mapping."""
    return _table(VERIFY_FIELDS)


def limits_keys() -> str:
    """Return the table of the keys that `limits` can have."""
    return _table(LIMITS_FIELDS)


def auto_keys() -> str:
    """Return the table of the keys that `auto` of `quantize` can have."""
    return _table(AUTO_FIELDS)


def pixels_keys() -> str:
    """Return the table of the keys that `pixels` can have where it is a mapping."""
    return _table(PIXELS_FIELDS)


def _table(fields: tuple[Field, ...]) -> str:
    rows = [("key", "type", "default", "what it is for")]
    rows += [(f"`{field.key}`", field.kind.type, _default(field), field.doc) for field in fields]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|---|---|---|---|", *lines[1:]]) + "\n"


def _default(field: Field) -> str:
    if field.required:
        return "required"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    if field.default is not None:
        return f"`{field.default}`"
    return field.default_words or "–"
