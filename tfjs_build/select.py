"""The models that a command line names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfjs_build.errors import UsageError

if TYPE_CHECKING:
    from tfjs_build.model import Manifest, Model


def select(manifest: Manifest, names: Sequence[str]) -> list[Model]:
    """Return the models of these names in the manifest's order, all where none is named; raises UsageError."""
    known = [model.name for model in manifest.models]
    for name in names:
        if name not in known:
            import difflib  # slow to import, and only needed when something is wrong

            close = difflib.get_close_matches(name, known, n=1)
            raise UsageError(
                f"{manifest.path.name} has no model {name!r}",
                hint=f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(known) or 'none'}.",
            )
    return [model for model in manifest.models if not names or model.name in names]
