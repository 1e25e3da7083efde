"""What a child sends to its parent: answers as they are, changed as bytes, and with other things in them."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import struct
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.edits import odd, raw
from tests.fuzz.seeds import Seed
from tfjs_build import children
from tfjs_build.answers import MOST_BYTES
from tfjs_build.bugs import InternalError
from tfjs_build.convert.artifacts import Signature, TensorSpec
from tfjs_build.convert.compression import Compressed
from tfjs_build.convert.model_json import Metadata
from tfjs_build.convert.shards import Shard
from tfjs_build.errors import Fault, Location, ManifestError, RefusedError, SourceError, TfjsBuildError
from tfjs_build.staged import Staged

_HEADER = struct.Struct("!i")
_LENGTHS = (-1, 0, 1, 7, 2**16, MOST_BYTES, 2**31 - 1, -(2**31))


def seeds() -> list[Seed]:
    """Return each kind of answer."""
    place = Location(Path("tfjs.yaml"), 1, 2)
    answers: dict[str, list[Any]] = {
        "progress": [("progress", "reading", 0.5), ("done", _staged())],
        "staged": [("done", _staged())],
        "path": [("done", Path("/a/b"))],
        "error": [("done", SourceError("it is damaged", hint="Save it again."))],
        "refused": [("done", RefusedError("it has a Lambda", key="source"))],
        "faults": [("done", ManifestError("two", faults=[Fault(place, "wrong", "excerpt", "hint")]))],
        "bug": [("done", InternalError("Traceback\nKeyError: 3"))],
    }
    return [Seed(name, {"message": b"".join(_framed(each) for each in sent)}) for name, sent in answers.items()]


def _staged() -> Staged:
    spec = TensorSpec("x", "x", (None, 3), "float32")
    signature = Signature((spec,), (spec,))
    metadata = Metadata("graph", signature, False, ("a",), "0" * 64, "0" * 16, {"weights.0.bin": "0"}, {"async": False})
    shard = Shard("weights.0.bin", Path("/s/shard-0"), "0" * 64, 12)
    return Staged(metadata, [shard], b"{}", ["a note"], [Compressed(shard, Path("/s/shard-0.gz"), 10)])


def _framed(answer: Any) -> bytes:
    data = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    return _HEADER.pack(len(data)) + data


def edit(data: bytes, random: Random) -> bytes:
    """Change what is sent in one place."""
    choice = random.randrange(6)
    if choice == 0:
        return raw.edit(data, random)
    if choice == 1:
        return _HEADER.pack(random.choice(_LENGTHS)) + random.choice((b"", data[4:], struct.pack("!Q", 2**62)))
    if choice == 2:
        return _framed(_odd(random))
    frame = data[4:]
    for _ in range(random.randrange(1, 4)):
        frame = raw.edit(frame, random)
    return _HEADER.pack(len(frame)) + frame


def _odd(random: Random) -> Any:
    """Return what is no answer, or one with something else in it."""
    staged = _staged()
    parts = (staged.metadata, staged.metadata.signature, staged.shards[0], staged.compressed[0])
    record: Any = random.choice((staged, *parts))
    object.__setattr__(record, random.choice(sorted(record.__dict__)), odd.value(random))
    error = SourceError("x")
    error.__dict__[random.choice(("message", "hint", "key"))] = odd.value(random)
    return random.choice(
        (
            ("done", staged),
            ("done", error),
            ("done", record),
            ("done", odd.value(random)),
            ("done",),
            ("done", Path("/x"), 1),
            ("progress", odd.value(random), odd.value(random)),
            (odd.value(random), 1),
            odd.value(random),
            ("done", os.system),
            ("done", Path),
        )
    )


class _Process:
    """A child that has ended, and that takes whatever is done to it."""

    exitcode = 1

    def kill(self) -> None:
        """Do nothing."""

    join = close = kill


def judge(data: bytes) -> str | None:
    """Have a parent receive what a child sends before it dies; return what is wrong with what it takes it for."""
    ours, theirs = multiprocessing.Pipe(duplex=True)
    os.set_blocking(theirs.fileno(), False)
    os.write(theirs.fileno(), data)
    theirs.close()
    process: Any = _Process()
    with ours:
        while True:
            kind, *rest = children._receive(process, ours)
            if kind == "done":
                return _use(rest[0])
            _ = f"{rest[0].upper()} {100 * rest[1]:.0f}"


def _use(outcome: object) -> str | None:
    """Use an outcome as those do who wait for it."""
    if isinstance(outcome, Staged):
        _ = outcome.nbytes, [file.path / file.name for file in outcome.files], "\n".join(outcome.notes)
    elif isinstance(outcome, TfjsBuildError):
        _ = str(outcome)
    elif not isinstance(outcome, (Path, InternalError)):
        return f"it is taken for an outcome: {outcome!r}"
    return None
