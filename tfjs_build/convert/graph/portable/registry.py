"""The table of portable spellings, filled by the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable

from tfjs_build.convert.graph.replacing import Spelling

RULES: dict[str, Spelling] = {}

GPU_RANK = 4
"""Largest rank that every kernel of the GPU backends takes."""

MOST_RANK = 6
"""Largest rank that webgpu's kernels and XNNPACK (wasm's arithmetic) know at all; a reshape takes any."""


def portable_rule(*ops: str) -> Callable[[Spelling], Spelling]:
    """Register the portable spelling of some ops."""

    def register(function: Spelling) -> Spelling:
        RULES.update(dict.fromkeys(ops, function))
        return function

    return register
