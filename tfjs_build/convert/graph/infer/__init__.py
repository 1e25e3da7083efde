"""Shape and type inference: what an op gives, as far as its inputs tell.

A rule takes the op's inputs and attributes and returns one `(shape, dtype)` for each output; a size that it cannot
know is None. Where sizes do not go with each other it raises ValueError; what it does not look at, it trusts the source
to have run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjs_build.convert.graph.infer import arrays, contents, elementwise, lists, neural
from tfjs_build.convert.graph.infer.shapes import merge
from tfjs_build.convert.graph.ir import Dims, Value

RULES = {**elementwise.RULES, **arrays.RULES, **contents.RULES, **neural.RULES, **lists.RULES}


def infer(
    op: str, inputs: Sequence[Value], attrs: Mapping[str, Any], given: Sequence[tuple[Dims, str]] | None = None
) -> list[tuple[Dims, str]]:
    """Return shape and dtype of each output of `op`.

    `given` is what the source or a former graph knows; it fills what the rule leaves open, and stands alone for an op
    without a rule. Raises KeyError for an op with neither, ValueError for sizes that do not go with each other.
    """
    rule = RULES.get(op)
    if rule is None:
        if given is None:
            raise KeyError(f"no shape rule for {op}")
        return list(given)
    specs = list(rule(inputs, attrs))
    if given is not None and len(given) == len(specs):
        specs = [(merge(shape, known), dtype) for (shape, dtype), (known, _) in zip(specs, given, strict=True)]
    return specs
