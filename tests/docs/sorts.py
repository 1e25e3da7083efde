"""Which pages are followed, and which of them with locked packages."""

from __future__ import annotations

from tests.docs.markdown import pages

FOLLOWED = tuple(page for page in pages() if page in ("start.md", "notebook.md") or page.startswith("guides/"))
"""Pages that say what to do, one step after the other; `python -m tests.docs` does it word for word."""

LOCKED = (
    "start.md",
    "guides/esbuild.md",
    "guides/node.md",
    "guides/npm-scripts.md",
    "guides/rspack.md",
    "guides/static.md",
)
"""Those of them that `make test` follows: what they install is in tests/toolchains/package.json."""
