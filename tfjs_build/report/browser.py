"""Opens the page in the user's browser, and waits for no program that stays."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Final

_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"
_SECONDS: Final = 5
"""After which a browser that has not failed is taken to be open: some stay in the foreground."""


def open_page(page: Path) -> bool:
    """Open a file in the browser; whether there was one to be opened. In a process of its own: browsers print, and one
    in a terminal would have it to itself."""
    opening = subprocess.Popen(
        [sys.executable, "-c", _OPEN, page.absolute().as_uri()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        return opening.wait(_SECONDS) == 0
    return True
