"""Pipes, sockets and devices in the place of files: refused before anybody waits for them."""

from __future__ import annotations

import stat
from pathlib import Path

from tfjs_build.errors import SourceError


def refuse_special(path: Path, key: str = "") -> None:
    """Raise SourceError for what is neither a file nor a folder: to open a pipe may take for ever.

    `key` is the manifest's key that names it. What is not there passes; raises OSError where that cannot be seen.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, ValueError):  # nor can there be what has no name that a file can have
        return
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return
    what = next((text for is_it, text in _SPECIAL if is_it(mode)), "a special file")
    raise SourceError(
        f"{path} is {what}, not a regular file", hint="Write the content to a file, and name that.", key=key
    )


_SPECIAL = ((stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"))
