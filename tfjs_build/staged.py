"""A converted model as files in the staging folder: what a conversion hands to the publisher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.convert.compression import Compressed
    from tfjs_build.convert.model_json import Metadata
    from tfjs_build.convert.shards import Shard


@record(frozen=True)
class Stubs:
    """A model's rendered stub, and the modules beside it that all share: file name → content; empty where none are
    wanted. `needs` is what the model needs of TensorFlow.js, None where nobody asks."""

    stub: Mapping[str, str]
    runtime: Mapping[str, str]
    needs: Sequence[str] | None = None


@record(frozen=True)
class Staged:
    """A converted model, ready to be published: `shards` are files in the staging folder; `model_json`, not sealed
    yet, is small enough to be held. `compressed` are the shards that have a `.gz`. `proofs` say what running it has
    shown, where that was wanted."""

    metadata: Metadata
    shards: Sequence[Shard]
    model_json: bytes
    notes: Sequence[str]
    compressed: Sequence[Compressed] = ()
    proofs: Sequence[str] = ()

    @property
    def files(self) -> Sequence[Shard | Compressed]:
        """The files of weights, with the names under which they are published."""
        return [*self.shards, *self.compressed]

    @property
    def nbytes(self) -> int:
        """What a browser downloads, in bytes: model.json and each shard once, compressed if it is."""
        return len(self.model_json) + served(self.shards, self.compressed)


def served(shards: Sequence[Shard], compressed: Sequence[Compressed]) -> int:
    """Return how many bytes of weights a browser downloads: each shard once, compressed if it is."""
    sizes = {shard.name: shard.nbytes for shard in shards} | {each.shard.name: each.nbytes for each in compressed}
    return sum(sizes.values())
