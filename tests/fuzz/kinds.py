"""The kinds of input: what of each there is to begin with, and how a project of it is changed in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

from tests.fuzz import seeds, sent
from tests.fuzz.edits import archives, checkpoint, flatbuffers, hdf5, json_values, messages, raw, text
from tests.fuzz.seeds import Seed

Edit: TypeAlias = "Callable[[bytes, Random], bytes]"

_KERAS: Final[Edit] = archives.edit_zip(
    {"config.json": json_values.edit, ".h5": hdf5.edit, "metadata.json": json_values.edit}
)
_BY_ENDING: Final[Mapping[str, Edit]] = {
    ".keras": _KERAS,
    ".h5": hdf5.edit,
    "saved_model.pb": messages.edit("SavedModel"),
    "net.pb": messages.edit("GraphDef"),
    "variables.index": checkpoint.edit,
    ".tar.gz": archives.edit_tar({"saved_model.pb": messages.edit("SavedModel"), "variables.index": checkpoint.edit}),
    ".zip": archives.edit_zip({".keras": _KERAS}),
    ".json": json_values.edit,
    ".tflite": flatbuffers.edit,
    ".txt": text.edit_labels,
    ".yaml": text.edit_yaml,
    "message": sent.edit,
}
_OFTEN: Final = ("saved_model.pb", ".keras", ".h5", ".tar.gz", ".zip", "net.pb", "model.json", ".tflite", "labels.txt")
"""Files that are changed more often than those beside them."""


@dataclass(frozen=True)
class Kind:
    """A kind of input: its seeds, the same on every machine; those of the oracle, if it has run here (`more`); and what
    may be changed."""

    name: str
    seeds: Callable[[], Sequence[Seed]]
    more: bool = False
    changed: tuple[str, ...] = ()
    """Ends of the names of files that alone are changed; empty for all but tfjs.yaml."""

    def names(self, *, more: bool) -> list[str]:
        """Return the names of the seeds, with `more` also of those of the oracle."""
        return [*_by_name(self), *((name for name, _ in seeds.of_oracle(self.name)) if more and self.more else ())]

    def seed(self, name: str) -> Seed:
        """Return a seed by its name."""
        found = _by_name(self).get(name)
        return found or seeds.read(self.name, name, _paths(self.name)[name])

    def edit(self, files: Mapping[str, bytes], random: Random) -> dict[str, bytes]:
        """Change a project in one place: mostly in one of its files, else by which files there are."""
        names = [name for name in sorted(files) if name != "tfjs.yaml"] if not self.changed else []
        names += [name for name in sorted(files) if name.endswith(self.changed)] if self.changed else []
        often = [name for name in names if name.endswith(_OFTEN)]
        if not names:
            return dict(files)
        name = random.choice(often if often and random.random() < 0.75 else names)
        if not self.changed and random.random() < 0.02:
            return {each: data for each, data in files.items() if each != name}
        return {**files, name: _edited(name, files[name], random)}


def _edited(name: str, data: bytes, random: Random) -> bytes:
    state = random.getstate()
    try:
        return edit_of(name)(data, random)
    except Exception:  # libraries that cannot read what earlier edits have made of it
        random.setstate(state)
        return raw.edit(data, random)


def edit_of(name: str) -> Edit:
    """Return how a file of this name is changed."""
    return next((edit for end, edit in _BY_ENDING.items() if name.endswith(end)), raw.edit)


@cache
def _by_name(kind: Kind) -> dict[str, Seed]:
    return {seed.name: seed for seed in kind.seeds()}


@cache
def _paths(kind: str) -> dict[str, Path]:
    return dict(seeds.of_oracle(kind))


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("keras", lambda: [*seeds.kept("keras"), *seeds.by_hand()], more=True),
        Kind("h5", lambda: seeds.kept("h5"), more=True),
        Kind("saved_model", lambda: seeds.kept("saved_model"), more=True),
        Kind("frozen", lambda: seeds.kept("frozen"), more=True),
        Kind("tfjs", seeds.tfjs),
        Kind("tflite", seeds.tflite),
        Kind("manifest", seeds.manifests, changed=("tfjs.yaml",)),
        Kind("labels", seeds.labels, changed=("labels.txt",)),
        Kind("archive", seeds.archives),
        Kind("message", sent.seeds, changed=("message",)),
    )
}
