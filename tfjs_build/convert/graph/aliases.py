"""Ops that hand their first input on: they never become nodes.

1. Identity and what only serves training, placement or copying.
2. Checks: `CheckNumerics`, `EnsureShape` and assertions hold for every input that the source accepts.
3. `Print` says something on the side; the numbers do not depend on it.
"""

from __future__ import annotations

from typing import Final

ALIASES: Final = frozenset(
    {
        "CheckNumerics",
        "CheckNumericsV2",
        "DebugIdentity",
        "DebugIdentityV2",
        "DeepCopy",
        "EnsureShape",
        "Identity",
        "PreventGradient",
        "Print",
        "Snapshot",
        "StopGradient",
    }
)
