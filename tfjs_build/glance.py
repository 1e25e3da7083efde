"""Whether a model is as it was when it was last found fresh, by what `stat` says alone: of two thousand, not one
`model.json` is parsed then, nor a fingerprint computed.

What a model's freshness depends on is the text of the manifest, the templates, this program, and the content of files:
those of the source, the labels and samples, and what was published. A hash over the first three and the stat keys of
the last is its glance. It is remembered only where all of these keys vouch for the content; and as they have inodes and
times of change, one that came with a checkout is never believed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from tfjs_build import __version__
from tfjs_build.convert.shards import compressed_name
from tfjs_build.fingerprint import CONVERSION_REVISION
from tfjs_build.fs import StatKey, racy, sha256_bytes

if TYPE_CHECKING:
    from tfjs_build.convert.model_json import Metadata
    from tfjs_build.model import Model
    from tfjs_build.paths import Layout
    from tfjs_build.sources.resolve import Source
    from tfjs_build.state import State


class Glance(NamedTuple):
    """`digest` is the hash; `settled` is whether any change of the files from now on gives another one."""

    digest: str
    settled: bool

    def sealed(self, version: str) -> str:
        """Return what is remembered of it, with the version that the model has: a damaged state is not believed."""
        return sha256_bytes(f"{self.digest} {version}".encode("utf-8", "surrogatepass"))


def glance(layout: Layout, model: Model, source: Source, state: State, templates: Mapping[str, str]) -> Glance | None:
    """Look at all the files that a model's freshness depends on; None where one is missing, or they are not known."""
    known = state.models.get(model.name)
    if known is None or not source.files or not layout.manifest.text_sha256:
        return None
    root = os.path.join(layout.root, "")  # noqa: PTH118 (path objects take longer than all else here)
    paths = [os.fspath(path) for path in source.files.values()]
    paths += map(os.fspath, model.beside)
    paths += [root + file for file in known.files]
    paths += [root + file for file in state.shared if layout.is_stub(file)]
    seen = [layout.manifest.text_sha256, __version__, str(CONVERSION_REVISION), repr(sorted(templates.items()))]
    last = 0
    try:
        for path in paths:
            key = StatKey.of_result(os.stat(path))  # noqa: PTH116
            last = max(last, key.mtime_ns, key.ctime_ns)
            seen.append(f"{path}\0{key}")
    except (OSError, ValueError):
        return None
    state.used(paths)
    digest = sha256_bytes("\n".join(seen).encode("utf-8", "surrogateescape"))
    return Glance(digest, settled=not racy(last))


def covers(layout: Layout, published: Metadata, state: State) -> bool:
    """Whether a glance looks at every file that is published for a model: the state knows them all."""
    files = state.models[layout.name].files
    compressed = map(compressed_name, published.compressed)
    names = [layout.relative(layout.folder / name) for name in ("model.json", *published.shards, *compressed)]
    return all(name in files for name in names) and (layout.stubs is None or any(map(layout.is_stub, files)))
