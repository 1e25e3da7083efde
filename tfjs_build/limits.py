"""What one conversion may take of the machine: time, memory, disk and output. A damaged or hostile source can ask for
any of them without end; over its limits, a model fails and says what to raise.

Time is the parent's to watch (`children.py`). Memory is the system's: on Linux all that a process writes to counts
(RLIMIT_DATA), on macOS and Windows nothing like it is enforced, and only what the readers refuse by themselves holds.
What is written is counted where it is written, and no single file grows beyond the larger of two limits, whoever
writes it.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tfjs_build.errors import ModelError
from tfjs_build.model import Limits
from tfjs_build.sizes import size_text

_MINUTE, _HOUR = 60, 3600


def duration_text(seconds: float) -> str:
    """Return a duration for people, as the manifest has it: "30s", "10min", "1.5h"."""
    for unit, name in ((_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.3g}{name}"
    return f"{seconds:.3g}s"


def over(key: str, message: str) -> ModelError:
    """Return the error of a model that is over the limit `key`."""
    return ModelError(
        message,
        hint=f"A damaged source can ask for anything. If this one is sound, raise `limits: {{ {key}: … }}`.",
        key="limits",
    )


def over_time(limits: Limits, *, preparing: bool) -> ModelError:
    """Return the error of a conversion, or of what prepares one, that takes too long."""
    if preparing:
        return over("download", f"the download took longer than {duration_text(limits.download)}")
    return over("time", f"the conversion took longer than {duration_text(limits.time)}")


def over_memory(limits: Limits) -> ModelError:
    """Return the error of a conversion that is refused more memory."""
    return over("memory", f"the conversion needs more than {size_text(limits.memory)} of memory")


def within_disk(nbytes: int, most: int, what: str) -> None:
    """Raise ModelError where `what` unpacks to more than `most` bytes."""
    if nbytes > most:
        raise over("disk", f"{what} unpacks to {size_text(nbytes)}, more than {size_text(most)}")


def within_output(nbytes: int, most: int) -> None:
    """Raise ModelError where what would be published has more than `most` bytes."""
    if nbytes > most:
        raise over("output", f"the converted model has {size_text(nbytes)}, more than {size_text(most)}")


@contextmanager
def enforced(limits: Limits) -> Iterator[None]:
    """Keep this process to its memory, and each file that it writes to what may be written, as far as the system does
    that; raises ModelError for what meets a limit."""
    most_data = _data() + limits.memory  # what was there before is not the conversion's
    try:
        with _system_limits(limits, most_data):
            yield
    except MemoryError as error:
        if sys.platform != "linux":
            raise
        raise over_memory(limits) from error
    except SystemError as error:  # CPython may say no more where it is refused memory
        if _data() < most_data * 0.8:
            raise
        raise over_memory(limits) from error
    except ImportError as error:  # a library for which there is no place any more
        if sys.platform != "linux" or "map segment" not in str(error):
            raise
        raise over_memory(limits) from error
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        most = size_text(max(limits.disk, limits.output))
        raise over("disk", f"{error.filename or 'the conversion'} would have more than {most}") from error


def lacks_memory(nbytes: int) -> bool:
    """Whether this process may not have so many bytes more; False where nobody counts them."""
    if sys.platform != "linux":
        return False
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_DATA)
    return most != resource.RLIM_INFINITY and _data() + nbytes > most


def _data() -> int:
    """Return how many bytes this process has that count for RLIMIT_DATA; 0 where nobody counts them."""
    if sys.platform != "linux":
        return 0
    lines = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:")), 0)


@contextmanager
def _system_limits(limits: Limits, most_data: int) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    import resource

    wanted = {resource.RLIMIT_FSIZE: max(limits.disk, limits.output)}
    if sys.platform == "linux":
        wanted[resource.RLIMIT_DATA] = most_data
    before = {kind: resource.getrlimit(kind) for kind in wanted}
    for kind, most in wanted.items():
        _, hard = before[kind]  # the soft one is ours to move: several conversions may follow in one process
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        yield
    finally:
        for kind, pair in before.items():
            resource.setrlimit(kind, pair)
