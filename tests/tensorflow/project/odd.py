"""What users' code does to the process that runs it."""

import os
import signal
import sys

from nets import Module


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def crashed():
    print("about to crash", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def hanging():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()


def exits():
    sys.exit(3)


def hungry():
    return bytearray(64 << 30)


def chatty():
    for _ in range(64):
        print("x" * (1 << 20))
        print("y" * (1 << 10), file=sys.stderr)
    return Module()
