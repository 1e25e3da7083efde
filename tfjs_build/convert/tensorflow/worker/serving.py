"""Carries out a request, and answers it: with what was written, or with what went wrong and where.

Both are lines of JSON: `{"done": …}` with the names of inputs and outputs in the model's order, or `{"failed": {"kind",
"message", "where", "trace"}}`.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import exporting, imports
from .names import NoModelError


def serve(connection: socket.socket, request: Mapping[str, Any]) -> None:
    """Carry out a request, and answer it."""
    try:
        imports.keras(str(request["keras"]))  # which a fork finds imported
    except Exception:  # noqa: BLE001 -- an import of TensorFlow may raise anything
        answer(connection, {"failed": failure("start", traceback.format_exc())})
        return
    try:
        _keep_to_limits(int(request["memory"]), int(request["file"]))
        result = {"done": exporting.export(request)}
    except NoModelError as error:
        result = {"failed": failure("model", str(error))}
    except MemoryError:
        result = {"failed": failure("memory", "")}
    except BaseException as error:  # noqa: BLE001 -- the user's code may raise anything, SystemExit as well
        result = {"failed": _of(error, Path(request["root"]))}
    sys.stdout.flush()
    sys.stderr.flush()
    answer(connection, result)


def answer(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """Send who asked a message; where it is gone, there is nobody to tell."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(json.dumps(message).encode() + b"\n")


def failure(kind: str, message: str, where: str = "", trace: str = "") -> dict[str, str]:
    """Return what to say of what went wrong."""
    return {"kind": kind, "message": message, "where": where, "trace": trace}


def _of(error: BaseException, root: Path) -> dict[str, str]:
    """Return what to say of an exception: the place is the last one in the project's own code."""
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<"):  # no file, and anything may be a relative path
            continue
        with contextlib.suppress(ValueError):
            inside = Path(frame.filename).resolve().relative_to(root.resolve())
            if not any(part in ("site-packages", "dist-packages") or part.startswith(".") for part in inside.parts):
                where = f"{inside.as_posix()}:{frame.lineno}"
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{os.path.relpath(error.filename, root)}:{error.lineno}"
    kind = "memory" if type(error).__name__ == "ResourceExhaustedError" else "code"
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    sys.stderr.write(trace)
    return failure(kind, f"{type(error).__name__}: {_first_line(str(error))}", where, trace)


def _first_line(text: str) -> str:
    """Return the first line that says something, and the next one where the first ends in a colon."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1])
    return said if len(said) <= 500 else f"{said[:500]} …"


def _keep_to_limits(nbytes: int, file: int) -> None:
    """Keep this process to so many bytes of memory more than it has, and of a file, where the system counts them."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    lines = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
    has = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData:"))
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = has + nbytes if hard == resource.RLIM_INFINITY else min(has + nbytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file if hard == resource.RLIM_INFINITY else min(file, hard), hard))
