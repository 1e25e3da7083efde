"""Which pages are followed, and which of them with locked packages."""

from __future__ import annotations

from tests.docs.markdown import pages

FOLLOWED = tuple(page for page in pages() if page in ("start.md", "notebook.md") or page.startswith("guides/"))
"""Pages that say what to do, one step after the other; `python -m tests.docs` does it word for word."""

LOCKED = ("guides/vite.md", "guides/esbuild.md", "guides/static.md")
"""Those of them that `make test` follows, cheaply: what they install is in tests/toolchains/package.json. Vite's goes
on from start.md. With locked packages can be followed, too: node, npm-scripts and rspack."""
