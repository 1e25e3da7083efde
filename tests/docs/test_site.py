"""The site is built, and each of its links leads somewhere; a link that does not is told."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.project import REPOSITORY
from tools.site_links import faults

DOCS = REPOSITORY / "docs"


@pytest.mark.full
def test_the_site_is_built_without_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    if not (DOCS / "node_modules" / ".bin" / "vitepress").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=DOCS, check=True)
    command = ["npx", "vitepress", "build", "--outDir", str(tmp_path / "site")]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DOCS_")}
    done = subprocess.run(command, cwd=DOCS, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert faults(tmp_path / "site") == []
    assert len(list((tmp_path / "site").rglob("*.html"))) >= len(list(DOCS.glob("*.md")))


def test_links_that_lead_nowhere_are_told(tmp_path: Path) -> None:
    (tmp_path / "guides").mkdir()
    (tmp_path / "index.html").write_text(
        '<h2 id="here"></h2><a href="/guides/one.html#place"></a><a href="#here"></a><a href="https://example.test/x"></a>'
        '<a href="#gone"></a><img src="/none.png"><a href="guides/two.html"></a><a href="/guides/one.html#nowhere"></a>'
    )
    (tmp_path / "guides" / "one.html").write_text('<p id="place"></p><a href="../"></a>')
    assert faults(tmp_path) == [
        "/index.html: #gone has no such place",
        "/index.html: /none.png is not there",
        "/index.html: guides/two.html is not there",
        "/index.html: /guides/one.html#nowhere has no such place",
    ]
    assert faults(tmp_path / "guides" / "none") == [f"{tmp_path / 'guides' / 'none'} has no pages"]
