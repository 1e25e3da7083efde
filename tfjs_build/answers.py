"""What a child sends to its parent: written as pickles, and read so that they make nothing but plain records of ours.

A child reads files that nobody trusts with libraries that may corrupt its memory; what comes from it is looked at
before it is used.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tfjs_build import errors
from tfjs_build.bugs import InternalError
from tfjs_build.errors import ManifestError, ModelError, TfjsBuildError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Answer: TypeAlias = "tuple[str, str, float] | tuple[str, Any]"
"""`("progress", step, fraction)`, or `("done", outcome)` at the end."""

MOST_BYTES: Final = 1 << 30
"""A longer message is none: the longest hold a graph's nodes and its labels, never weights."""

_PATHS: Final = ("pathlib", "pathlib._local")
_OUTCOMES: Final = ("Staged", "Inspected", "Prepared", "Facts")
_TYPES: Final[Mapping[str, Any]] = {
    "str": str,
    "int": int,
    "bool": bool,
    "float": (int, float),
    "bytes": bytes,
    "Path": Path,
    "Sequence": (list, tuple),
    "tuple": tuple,
    "Mapping": dict,
    "dict": dict,
    "Shape": tuple,
}
"""What annotations mean, without what they have in brackets; those that are not here are names of records."""


class DamagedAnswerError(Exception):
    """What was received is no answer."""


def send(connection: Connection, answer: tuple[object, ...]) -> None:
    """Send an answer; raises OSError where the parent has gone."""
    data = io.BytesIO()
    pickler = pickle.Pickler(data, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {}  # else errors go the way of whoever has registered one: Dask puts tracebacks into them
    pickler.dump(answer)
    connection.send_bytes(data.getbuffer())


def receive(connection: Connection) -> Answer:
    """Return the next answer. Raises DamagedAnswerError for what is none, EOFError or ConnectionError where the child
    has died."""
    try:
        data = connection.recv_bytes(MOST_BYTES)
    except ConnectionError:
        raise
    except OSError as error:
        if "end of file" in str(error):  # it died in the midst of it
            raise EOFError from error
        raise DamagedAnswerError from error  # a length that none has
    try:
        answer = _Reader(io.BytesIO(data)).load()
    except Exception as error:  # any can come of a pickle that is damaged
        raise DamagedAnswerError from error
    if not _is_answer(answer):
        raise DamagedAnswerError
    found: Answer = answer
    return found


class _Reader(pickle.Unpickler):
    """Makes records, errors and paths, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class, or the function that makes an error anew; raises pickle.UnpicklingError for all others."""
        if module in _PATHS and name.endswith("Path"):
            return super().find_class(module, name)
        ours = module.startswith("tfjs_build.") and not module.endswith("__main__")
        found = super().find_class(module, name) if ours else None
        if found is errors._rebuild or _is_record_class(found):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is not sent")


def _is_record_class(found: object) -> bool:
    return isinstance(found, type) and (
        dataclasses.is_dataclass(found) or issubclass(found, (TfjsBuildError, InternalError))
    )


def _is_answer(answer: object) -> bool:
    if not isinstance(answer, tuple):
        return False
    if len(answer) == 3:
        return answer[0] == "progress" and _fits(answer[1], "str") and _fits(answer[2], "float")
    return len(answer) == 2 and answer[0] == "done" and _is_outcome(answer[1])


def _is_outcome(found: object) -> bool:
    """Whether a conversion, a preparation or another function that runs in a child can end with this."""
    if isinstance(found, InternalError):
        return _fits(found.__dict__.get("report"), "str")
    if isinstance(found, TfjsBuildError):
        kept = found.__dict__
        texts = ("message", "hint", "key") if isinstance(found, ModelError) else ("message", "hint")
        if isinstance(found, ManifestError) and not _fits(kept.get("faults"), "tuple[Fault, ...]"):
            return False
        return all(_fits(kept.get(name), "str") for name in texts)
    return isinstance(found, Path) or any(_fits(found, name) for name in _OUTCOMES)


def _fits(value: object, annotation: str) -> bool:
    """Whether a value is what the annotation of a record's field says, as far as such have meanings here."""
    if annotation.endswith(" | None"):
        return value is None or _fits(value, annotation.removesuffix(" | None"))
    if annotation in ("Any", "object"):
        return True
    outer, _, inner = annotation.removesuffix("]").partition("[")
    if outer not in _TYPES:
        return (
            type(value).__name__ == annotation
            and dataclasses.is_dataclass(value)
            and all(
                field.name in value.__dict__ and _fits(value.__dict__[field.name], str(field.type))
                for field in dataclasses.fields(value)
            )
        )
    if not isinstance(value, _TYPES[outer]):
        return False
    if isinstance(value, dict) and inner:
        keys, values = inner.split(", ", 1)
        return all(_fits(key, keys) and _fits(each, values) for key, each in value.items())
    if isinstance(value, (list, tuple)) and inner:
        return all(_fits(each, inner.removesuffix(", ...")) for each in value)
    return True
