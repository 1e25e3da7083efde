"""What a kind of source is: the type of which every module named like an `input_format` has a value, `KIND`.

What is asked of kinds on the way to "nothing to do" is plain data; what opens a source imports its converter when it is
called. A kind that is new says what differs from the answers here.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tfjs_build.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tfjs_build.convert.artifacts import ModelArtifacts
    from tfjs_build.convert.tensorflow.opening import Task
    from tfjs_build.convert.tensorflow.place import Place
    from tfjs_build.model import InputFormat, Model
    from tfjs_build.sources.complete import Finding


Progress: TypeAlias = "Callable[[str, float], None]"
"""Is told a step, and its fraction (0 to 1)."""


class Scheme(NamedTuple):
    """How a reference begins that is not a path, and a regular expression of what follows.

    `wrong` and `hint` are what to say where something else follows; without them, what `source` takes is said.
    """

    prefix: str
    pattern: str
    wrong: str = ""
    hint: str = ""


class Preparation(NamedTuple):
    """What a child works on that prepares a model's source; `staging` is a folder that it may make and use."""

    model: Model
    staging: Path


class Kind:
    """A kind of source. The attributes:

    `input_format` is its name in the manifest, `called` what messages call one ("a Keras file").

    How it is told: `schemes` and `reference` (how a message shows one: "an https address") where it is named by
    something else than a path, and `takes_paths`, whether a path is one as well; `endings` of files' names;
    `folder_files`, of which one in a folder makes that a source; `begins`, first bytes of files that are called
    otherwise, behind `begins_at` others; `part_names`, files that are a part of such a source and may look like one by
    their ending. `file_names` and `folder_names` are how a message lists what tells it.

    What goes with it: `keys` of the manifest that mean something to this kind and not to all; `formats` that it can be
    published in; `runs_code`, whether to open one runs the user's Python code; `in_tensorflow`, whether TensorFlow can
    open one, and `falls_back`, whether it does where our own reader refuses; `folders` inside a source that are
    watched, besides itself; `packages` to import before processes that open it are forked.

    What else asks: `in_zip`, whether a file of these endings in a zip archive is what was meant; `listed_files` and
    `listed_folders`, the endings of files, and the files whose folder, that `init` writes into a manifest.
    """

    input_format: InputFormat
    called: str
    schemes: tuple[Scheme, ...] = ()
    reference: str = ""
    takes_paths: bool = True
    endings: tuple[str, ...] = ()
    folder_files: tuple[str, ...] = ()
    begins: tuple[bytes, ...] = ()
    begins_at: int = 0
    part_names: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    folder_names: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("graph",)
    runs_code: bool = False
    in_tensorflow: bool = True
    falls_back: bool = False
    folders: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    in_zip: bool = False
    listed_files: tuple[str, ...] = ()
    listed_folders: tuple[str, ...] = ()

    def has_scheme(self, reference: str) -> bool:
        """Whether a reference that is not a path is one of this kind."""
        return any(reference.startswith(scheme.prefix) for scheme in self.schemes)

    def is_folder(self, path: Path) -> bool:
        """Whether a folder is a source of this kind."""
        return any((path / name).exists() for name in self.folder_files)

    def refused_part(self, path: Path) -> SourceError:
        """Return what to say of a file with one of the `part_names`."""
        return SourceError(f"{path} is a part of {self.called}", hint=f"Name the folder: {path.parent}.")

    def contradiction(self, stated: Kind) -> tuple[str, str]:
        """Return what is wrong with `input_format: <stated>` beside a reference of this kind, and a hint."""
        return f"{self.called} is not {stated.called}", "Leave `input_format` out."

    def located(self, reference: str) -> str:
        """Return the path that `open` reads: that of the source, or what `prepare` made of it.

        Raises SourceError where it has not been prepared.
        """
        return reference

    def files(self, path: Path) -> dict[str, Path]:
        """Return the files whose content a source consists of, by their names relative to it; the empty name for a
        source that is one file. Raises SourceError where they cannot be told, OSError."""
        return {"": path} if path.is_file() else {}

    def beside(self, path: Path) -> tuple[Path, ...]:  # noqa: ARG002 -- most are all there is
        """Return what has to be watched besides a source of this kind: folders in which other files of it lie."""
        return ()

    def labels(self, path: Path) -> tuple[str, ...] | None:  # noqa: ARG002 -- most have none
        """Return the labels that a source brings itself, None where there are none. Raises SourceError."""
        return None

    def modules(self, reference: str) -> tuple[str, ...]:  # noqa: ARG002 -- for those that are code
        """Return the modules of the user's code that a source itself names."""
        return ()

    def complete(self, path: Path) -> Finding:
        """Return whether a source is all there, or may still be written; raises OSError."""
        from tfjs_build.sources.complete import file_finding

        if path.is_dir():
            return "likely" if self.is_folder(path) else "incomplete"
        return file_finding(path)

    def needs_preparing(self, model: Model) -> bool:  # noqa: ARG002 -- for those that need it
        """Whether `prepare` has to run before the source can be looked at."""
        return False

    def prepare(self, task: Preparation, progress: Progress) -> Path:  # noqa: ARG002 -- there is nothing to tell
        """Make what `open` reads, in a child, and return its path; `progress` is told steps and their fractions.

        Raises SourceError.
        """
        return Path(self.located(task.model.source))

    def open(self, path: Path, model: Model) -> AbstractContextManager[ModelArtifacts]:
        """Convert a source, as the model's options want it; its weights can be read while the context lasts.

        Raises SourceError for what is damaged, RefusedError for what is not covered.
        """
        raise NotImplementedError

    @contextmanager
    def given_to_tensorflow(self, reference: str, model: Model) -> Iterator[tuple[str, int | None]]:  # noqa: ARG002
        """Yield what TensorFlow is given to load, and the generation of the Keras that wrote it, where that is known.
        Raises RefusedError where code may not run."""
        yield reference, None

    @contextmanager
    def open_in_tensorflow(self, reference: str, model: Model, place: Place) -> Iterator[ModelArtifacts]:
        """Convert a source by way of TensorFlow, which the user's own Python has.

        Raises NoTensorFlowError where it is not there, SourceError for what is no model, RefusedError for what is not
        covered, and ModelError for what the user's code raises.
        """
        from tfjs_build.convert.tensorflow.opening import opened

        with (
            self.given_to_tensorflow(reference, model) as (given, generation),
            opened(place, model, self.input_format, given, generation=generation) as artifacts,
        ):
            yield artifacts

    def run_in_tensorflow(self, reference: str, model: Model, place: Place, task: Task) -> str:
        """Have TensorFlow run a source on samples; return who did, such as "Keras 3.15.1". Raises as
        `open_in_tensorflow` does."""
        from tfjs_build.convert.tensorflow.opening import run

        with self.given_to_tensorflow(reference, model) as (given, generation):
            return run(place, model, self.input_format, given, task, generation=generation)
