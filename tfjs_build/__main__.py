"""The command `tfjs-build`, and `python -m tfjs_build`: an interruption is silent before anything has begun, too."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> int:
    """Run the command and return its exit code. While it is imported, and once it is over, Ctrl-C ends the process as
    it stands: there is nothing to be ended, and a traceback would tell nobody anything."""
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:  # else it is ignored, as in the background
        signal.signal(signal.SIGINT, _end)
    from tfjs_build.cli import main as command

    code = command()
    if code == INTERRUPTED:
        # Python remembers whether an interruption left code that was run from a string, as classes of `dataclasses` are
        # made, and would then end itself by a signal. To run some more makes it forget.
        exec("")
    return code


def _end(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
