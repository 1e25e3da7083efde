"""The page: all models in one HTML file that asks no network for anything.

Names out of a model are somebody else's: Jinja escapes them, nothing of theirs stands in the script, and a
Content-Security-Policy lets no other script run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup

from tfjs_build.coding.coded import percent
from tfjs_build.report.view import ModelView
from tfjs_build.sizes import size_text

_FOLDER: Final = Path(__file__).parent


def render(project: str, models: Sequence[ModelView], failed: Mapping[str, str]) -> bytes:
    """Return the page, in UTF-8. `project` is how the manifest is called; `failed` has the models of which nothing is
    known, and why."""
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = _template().render(
        project=project,
        models=models,
        failed=failed,
        style=Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),
        script=Markup(script),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'",
    )
    return text.encode("utf-8", "backslashreplace")  # half a character, of a forger, is no UTF-8


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"size": size_text, "percent": percent, "number": number, "shape": shape, "delta": delta}
    return environment.get_template("page.html.j2")


def number(value: float | None) -> str:
    """Return a number in few digits: "−0.0312", "1.2e-05"; "–" for none."""
    return "–" if value is None else f"{value:.3g}".replace("-", "−", 1) if value < 0 else f"{value:.3g}"


def shape(sizes: Any) -> str:
    """Return a shape: "[?, 28, 28]"."""
    if sizes is None:
        return "of any rank"
    return f"[{', '.join('?' if size is None else str(size) for size in sizes)}]"


def delta(change: int) -> str:
    """Return how many bytes are more or fewer: "+1.2 KB", "−4 B"; "0" for none."""
    return f"{'+' if change > 0 else '−'}{size_text(abs(change))}" if change else "0"
