"""Which pages are followed, and which of them with locked packages."""

from __future__ import annotations

from tests.docs.markdown import pages

README = "../README.md"
FOLLOWED = (
    README,
    *(page for page in pages() if page in ("start.md", "notebook.md") or page.startswith("guides/")),
)
"""Pages that say what to do, one step after the other; `python -m tests.docs` does it word for word."""

LOCKED = ("guides/vite.md", "guides/pixels.md", "guides/service-workers.md")
"""Those that `make test` follows: what they install is in tests/toolchains/package.json. Vite's goes on from start.md,
as most do."""

LOCKED_TOO = (
    README,
    "notebook.md",
    *(f"guides/{name}.md" for name in ("labels", "workers", "committing", "ci", "preload", "compression")),
    *(f"guides/{name}.md" for name in ("esbuild", "static", "node", "npm-scripts", "rspack")),
)
"""Others that can be followed so: `make docs` does."""
