"""Looks at a built site: every link, picture and script of its pages is there, and every anchor. `make docs`.

    python tools/site_links.py [FOLDER]

Exit code 1 where one is not; addresses of other sites are not asked.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

SITE = Path(__file__).parent.parent / "dist" / "docs"
_ATTRIBUTES = {"a": ("href",), "link": ("href",), "img": ("src",), "script": ("src",), "source": ("src",)}


class Page(HTMLParser):
    """What a page links to, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's links and its id."""
        for name, value in attrs:
            if value and name == "id":
                self.anchors.add(value)
            elif value and name in _ATTRIBUTES.get(tag, ()):
                self.links.append(value)


def faults(site: Path) -> list[str]:
    """Return what is wrong with the links of a site that is to be served at `/`, a line each."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    found: list[str] = []
    for path, page in pages.items():
        here = f"/{path.relative_to(site).as_posix()}"
        for link in dict.fromkeys(page.links):
            target = urlsplit(urljoin(here, link))
            if target.scheme or target.netloc:
                continue
            file = site / unquote(target.path).lstrip("/")
            file = file / "index.html" if file.is_dir() else file
            if not file.is_file():
                found.append(f"{here}: {link} is not there")
            elif target.fragment and file in pages and unquote(target.fragment) not in pages[file].anchors:
                found.append(f"{here}: {link} has no such place")
    return found if pages else [f"{site} has no pages"]


def main() -> int:
    """Print the faults of the site."""
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else SITE
    found = faults(site)
    for each in found:
        print(each, file=sys.stderr)
    print(f"{len(list(site.rglob('*.html')))} pages, {len(found)} links that lead nowhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
