"""What can go wrong, told apart by who can mend it and by the exit code that it gives.

    TfjsBuildError          any fault that is the user's or the environment's: one message, no traceback
    ├── UsageError          the command line (exit 2)
    ├── ManifestError       tfjs.yaml, with every fault at once (exit 2)
    └── ModelError          one model cannot be built (exit 1); the others go on
        ├── SourceError     its source is missing, truncated, or of another kind than said
        │   └── MisfitError its tensors do not go with each other, or with what is done with them
        ├── RefusedError    TensorFlow.js cannot give the source's numbers
        │   └── NoTensorFlowError   the engine for it is missing
        └── PublishError    its output or stub cannot be written

Anything else that reaches `cli.main` is a bug in tfjs-build (exit 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tfjs_build.records import record


@record(frozen=True)
class Location:
    """A place in a text file; `line` and `column` count from 1."""

    file: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@record(frozen=True)
class Fault:
    """One thing that is wrong with the manifest.

    `message` says what is wrong and what was expected; `excerpt` is the source line with the fault underlined
    (two lines, ready to print), or empty; `hint` says what to do, or is empty.
    """

    location: Location
    message: str
    excerpt: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return "\n".join(part for part in (f"{self.location}: {self.message}", self.excerpt, self.hint) if part)


class TfjsBuildError(Exception):
    """A fault to show to the user as it is: `message` says what happened and where, `hint` what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross from the conversion's process to ours; keyword-only arguments need help with pickling.
        return (_rebuild, (type(self), self.__dict__))


def _rebuild(kind: type[TfjsBuildError], attributes: dict[str, object]) -> TfjsBuildError:
    error = kind.__new__(kind)
    Exception.__init__(error, attributes.get("message", ""))
    error.__dict__.update(attributes)
    return error


def os_error_text(error: OSError, place: object = "") -> str:
    """Return what the system says, and of which file; of `place` where the error names none."""
    return ": ".join(filter(None, (error.strerror or str(error), str(error.filename2 or error.filename or place))))


class UsageError(TfjsBuildError):
    """The command line asks for what cannot be done."""


class ManifestError(TfjsBuildError):
    """The manifest is missing or wrong; `faults` holds all that is wrong with it, in the order of the file."""

    def __init__(self, message: str, *, faults: Sequence[Fault] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        """Return every fault with its place and source line, ready to print; `message` alone sums them up."""
        if not self.faults:
            return super().__str__()
        summary = [self.message] if len(self.faults) > 1 else []
        return "\n\n".join([*map(str, self.faults), *summary])


class ModelError(TfjsBuildError):
    """One model cannot be built; `key` is the key of its entry in the manifest that is to blame, or empty."""

    def __init__(self, message: str, *, hint: str = "", key: str = "") -> None:
        super().__init__(message, hint=hint)
        self.key = key


class SourceError(ModelError):
    """The source is missing, unreadable, truncated, or not what the manifest says it is."""


class MisfitError(SourceError):
    """An op is given tensors, or attributes, that it cannot take; names it and its inputs."""

    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            hint="If the source runs where it was made, this is a bug in tfjs-build: please report it.",
        )


class RefusedError(ModelError):
    """The source is sound, but cannot be published with its own numbers; names the layer or op."""


class UnforeseenError(Exception):
    """A bug of ours, with the layer or node at which it showed; it is raised from the error that it stands for."""

    def __str__(self) -> str:
        cause = self.__cause__
        return f"{super().__str__()}: {type(cause).__name__}: {cause}" if cause is not None else super().__str__()


class NoTensorFlowError(RefusedError):
    """The model needs TensorFlow, which is not installed where it is looked for."""


class PublishError(ModelError):
    """Output files cannot be written or would overwrite what is not ours."""
