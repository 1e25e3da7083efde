"""Hash tables: looked up as TensorFlow does, also where there is nothing to look up."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, rule
from tfjs_build.convert.graph.sizes import one_more, surely_some


@rule("LookupTableFindV2")
def _find(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """TensorFlow.js fails without keys (those of a text without words): look up one more, and leave it out."""
    table, keys, default = inputs
    if keys.rank != 1 or surely_some(keys):
        return None
    found = b.LookupTableFindV2(table, one_more(b, keys, "" if keys.dtype == "string" else 0), default)
    return b.StridedSlice(found, [0], [-1], [1], begin_mask=1)
