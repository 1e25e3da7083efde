"""The process in which a Dask worker has one conversion run: it can be killed, and no crash of it is the worker's.

It has a child convert as a build on this machine would, with the same limits. It reads the job from stdin and writes
what `desk.convert` is told to stdout; it ends when stdin does, which is when the worker ends or gives the task up.
"""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection

from tfjs_build.children import Advanced, Children


def main() -> None:
    """Run one conversion: `("progress", step, fraction)` any number of times, then `("done", outcome)`."""
    asked, told = Connection(os.dup(0), writable=False), Connection(os.dup(1), readable=False)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)  # what is printed is no message
    job = asked.recv()
    with Children() as children:
        children.start(job)
        while True:
            for message in children.wait(wake=[asked]):
                if not isinstance(message, Advanced):
                    told.send(("done", message.outcome))
                    return
                told.send(("progress", message.step, message.fraction))
            if asked.poll():  # nothing more is ever sent: it was closed
                sys.exit(1)
