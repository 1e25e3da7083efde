"""The Markdown tables of keys, which docs/manifest.md shows."""

from __future__ import annotations

from tfjs_build.manifest.fields import LIMITS_FIELDS, MANIFEST_FIELDS, MODEL_FIELDS, PIXELS_FIELDS, VERIFY_FIELDS
from tfjs_build.manifest.table import limits_keys, manifest_keys, model_keys, pixels_keys, verify_keys


def rows(table: str) -> list[list[str]]:
    assert table.endswith("|\n")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_a_row_for_each_key() -> None:
    tables = (
        (model_keys(), MODEL_FIELDS),
        (manifest_keys(), MANIFEST_FIELDS),
        (verify_keys(), VERIFY_FIELDS),
        (limits_keys(), LIMITS_FIELDS),
        (pixels_keys(), PIXELS_FIELDS),
    )
    for table, fields in tables:
        head, rule, *body = rows(table)
        assert head == ["key", "type", "default", "what it is for"]
        assert rule == ["---"] * 4
        assert [row[0] for row in body] == [f"`{field.key}`" for field in fields]
        assert all(len(row) == 4 and all(row) for row in body)


def test_some_rows() -> None:
    lines = model_keys().splitlines()
    assert lines[2] == (
        "| `source` | path, https address, or `python: package.module:function` | required | "
        "The file, folder, address or Python callable that the model is made from. |"
    )
    assert "| `shard_size` | size | `4MB` | Largest size of one weight file, in bytes, KB, MB or GB" in model_keys()
    assert "| `max_size` | size or `none` | `none` | A larger download fails the build. |" in lines
    assert "| `allow_code` | `true` or `false` | `false` |" in model_keys()
    assert "| `signature` | text | `serving_default`, or the only one there is |" in model_keys()
    assert "| `tfjs` | module, or `minimal`, or mapping | `@tensorflow/tfjs` |" in manifest_keys()
    assert "| `memory` | size | `8GB` | How much memory" in limits_keys()
    assert "| `tolerance` | number | `0.0001` |" in verify_keys()
