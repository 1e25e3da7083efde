"""Asks TensorFlow for a SavedModel, and says what went wrong in the words of the model that it was for."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Mapping
from typing import Any, Final

from tfjs_build.convert.tensorflow.place import Place
from tfjs_build.errors import ModelError, NoTensorFlowError, SourceError
from tfjs_build.limits import over_memory
from tfjs_build.model import Limits

_LOG_LINE: Final = re.compile(r"[IWEF]\d{4} |\d{4}-\d\d-\d\d |WARNING: All log messages")
"""What TensorFlow's own logging begins a line with."""


class CodeError(ModelError):
    """The user's code, or what it called, raised an exception."""


def ask(place: Place, request: Mapping[str, Any], limits: Limits) -> Mapping[str, Any]:
    """Have a request carried out (`worker/exporting.py` says what it has), and return what was done.

    Raises NoTensorFlowError where TensorFlow is not there, CodeError for what the user's code raises, SourceError for
    what is no model, and ModelError for a process that dies.
    """
    asked = {**request, "root": str(place.root), "memory": limits.memory, "file": max(limits.disk, limits.output)}
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(place.address)
            connection.sendall(json.dumps(asked).encode() + b"\n")
            answer = connection.makefile("rb").readline()
    except OSError:
        answer = b""
    found: Mapping[str, Any] = json.loads(answer) if answer.endswith(b"\n") else {"died": 0, "printed": ""}
    if "done" in found:
        done: Mapping[str, Any] = found["done"]
        return done
    if "died" in found:
        raise _died(found["died"], found["printed"])
    raise _failed(found["failed"], request, limits)


def _died(number: int, printed: str) -> ModelError:
    how = f" (signal {signal.Signals(number).name})" if number else ""
    lines = [line.strip() for line in printed.splitlines() if line.strip() and not _LOG_LINE.match(line)]
    said = f": {lines[-1][:300]}" if lines else ""
    hint = "The system may be out of memory." if number == signal.SIGKILL else ""
    return ModelError(f"TensorFlow died while it made the model{how}{said}", hint=hint)


def _failed(failed: Mapping[str, str], request: Mapping[str, Any], limits: Limits) -> ModelError:
    kind, message = failed["kind"], failed["message"]
    if kind == "refused":
        return NoTensorFlowError(message, hint=failed["hint"])
    if kind == "start":
        return _no_start(message)
    if kind == "memory":
        return over_memory(limits)
    if kind == "model":
        return SourceError(message)
    where = f" at {failed['where']}" if failed["where"] else ""
    what = request["source"] if request["kind"] == "python" else "loading the model in TensorFlow"
    return CodeError(f"{what} raised {message}{where}", hint=_hint(message))


def _no_start(trace: str) -> ModelError:
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    if "No module named 'tensorflow'" in last or "No module named 'keras'" in last or "named 'tf_keras'" in last:
        return NoTensorFlowError(
            f"this needs TensorFlow: {last}", hint="Install it there: pip install tensorflow tf-keras."
        )
    return ModelError(f"TensorFlow does not start: {last[:500]}", hint="`python -c 'import tensorflow'` says more.")


def _hint(message: str) -> str:
    if "Could not locate class" in message or "Unknown layer" in message or "Could not locate function" in message:
        return "Let `imports` name the module that defines it."
    if message.startswith("ModuleNotFoundError"):
        return "Modules are found beside tfjs.yaml, in src beside it, and in the Python that has TensorFlow."
    return ""
