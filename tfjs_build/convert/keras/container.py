"""A Keras file of either kind, opened: its architecture as JSON, who wrote it, and where its weights are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from tfjs_build.convert.artifacts import Weight
from tfjs_build.convert.keras.archive import Span, member, open_archive, read_text
from tfjs_build.convert.keras.binding import ArchiveWeights, LegacyWeights
from tfjs_build.convert.keras.description import Generation, Layer
from tfjs_build.convert.keras.hdf5 import Hdf5, open_hdf5
from tfjs_build.convert.keras.reading import Owner
from tfjs_build.convert.keras.variables import StoredOf
from tfjs_build.errors import SourceError
from tfjs_build.records import record

_ZIP = b"PK\x03\x04"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_WEIGHTS = ("layers", "_layer_checkpoint_dependencies", "vars")
"""Groups that the weights of Keras 3, of Keras 2.13, and of a single layer begin with."""

_MOST_VALUES = 4_000_000
"""Most entries of a configuration, each of which takes some hundred bytes once it is read: a vocabulary of a million
words is well below that."""

_SAVE = "Save the whole model: model.save('model.keras')."


class Weights(Protocol):
    """What finds what a file holds for a layer."""

    def __call__(self, layer: Layer, /) -> Mapping[str, Weight]:
        """Return a layer's weights by role."""

    def vocabulary(self, layer: Layer, /) -> Sequence[bytes] | None:
        """Return the lines of a layer's vocabulary, None where there is none."""


@record(frozen=True)
class Container:
    """An open file: the model's configuration, Keras's version, and what finds the weights of those who own them: it is
    told what is stored for a layer. `check` raises SourceError where the file does not have its checksum."""

    config: Mapping[str, Any]
    generation: Generation
    version: str
    bind: Callable[[Owner, StoredOf], Weights]
    check: Callable[[], None]


@contextmanager
def open_container(path: Path, most_unpacked: int) -> Iterator[Container]:
    """Open a .keras or .h5 file, told apart by content; of an archive, at most `most_unpacked` bytes are unpacked.

    Raises SourceError for what is neither, is damaged, cut short or empty, or holds weights without a model.
    """
    start = _first_bytes(path)
    if start.startswith(_ZIP):
        with _open_keras(path, most_unpacked) as container:
            yield container
    elif start.startswith(_HDF5):
        with _open_h5(path) as container:
            yield container
    elif not start:
        raise SourceError(f"{path}: the file is empty")
    else:
        raise SourceError(f"{path}: neither a .keras archive nor an HDF5 file", hint=_SAVE)


@contextmanager
def _open_keras(path: Path, most_unpacked: int) -> Iterator[Container]:
    with open_archive(path) as archive:
        config = _json(read_text(archive, "config.json", path), f"{path}: `config.json`")
        metadata = _json(read_text(archive, "metadata.json", path), f"{path}: `metadata.json`")
        version = str(metadata.get("keras_version") or "")
        with (
            member(archive, "model.weights.h5", path, most_unpacked) as weights,
            open_hdf5(weights.span, str(path), weights.read) as file,
        ):
            members = frozenset(archive.namelist())

            def asset(name: str) -> bytes | None:
                return read_text(archive, name, path) if name in members else None

            def bind(owner: Owner, stored: StoredOf) -> Weights:
                return ArchiveWeights(file, owner, stored, asset)

            yield Container(config, generation_of(version), version, bind, weights.check)


@contextmanager
def _open_h5(path: Path) -> Iterator[Container]:
    with open_hdf5(Span(path, 0, path.stat().st_size), str(path)) as file:
        text = file.text("model_config")
        if text is None:
            raise _no_model(file, path)
        version = file.text("keras_version") or ""
        generation = generation_of(version)
        config = _json(text.encode("utf-8", "surrogateescape"), f"{path}: `model_config`")

        def bind(owner: Owner, stored: StoredOf) -> Weights:
            return LegacyWeights(file, owner, stored, generation)

        yield Container(config, generation, version, bind, lambda: None)


def _no_model(file: Hdf5, path: Path) -> SourceError:
    if file.strings(file.root, "layer_names") is not None or any(file.group(name) is not None for name in _WEIGHTS):
        return SourceError(
            f"{path}: holds a model's weights only (model.save_weights): its layers are not in it",
            hint=f"{_SAVE} Where only the weights are left, build the same model in Python again, read them into it "
            f"(model.load_weights('{path.name}')), and save that.",
        )
    return SourceError(f"{path}: an HDF5 file, but not a Keras model", hint=_SAVE)


def generation_of(version: str) -> Generation:
    """Return which Keras wrote a file, by its version. Raises SourceError for Keras 1."""
    major = version.split(".")[0]
    if major == "1":
        raise SourceError(
            f"Keras {version} wrote the file; files from Keras 2 on can be read",
            hint="Today's Keras cannot load it either: build the network again there, set its weights from the file "
            "(h5py reads them), and save that (model.save('model.keras')).",
        )
    return 3 if re.fullmatch("[0-9]{1,4}", major) and int(major) >= 3 else 2


def _json(text: bytes, what: str) -> Mapping[str, Any]:
    values = sum(text.count(mark) for mark in (b",", b"[", b"{"))
    if values > _MOST_VALUES:
        raise SourceError(f"{what} has {values:,} values, too many for a model's configuration")
    try:
        # Left to itself, json.loads takes bytes that are no characters for what they might have been.
        value = json.loads(text.decode("utf-8-sig"))
        if b"\\ud" in text.lower():  # an escape can stand for half a character, which is none
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise SourceError(f"{what} is nested too deep") from error
    except ValueError as error:
        raise SourceError(f"{what} is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise SourceError(f"{what} is not a JSON object")
    return value


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8)
    except IsADirectoryError:
        raise SourceError(f"{path}: a folder, not a Keras file", hint=_SAVE) from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or error})") from error
