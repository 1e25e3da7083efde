"""A cache that machines share: what one has converted, others take. A folder, or what fsspec can open (`s3://…`).

    settings.py   what tfjs.yaml and the environment say of it
    entries.py    an entry as one object: packed from the local cache's folder, checked and unpacked into one
    stores.py     where entries are: a folder, or an address
    courier.py    the process that fetches and uploads, so that no backend can hang a build
    client.py     what a build asks of it

Entries go from one cache to the other, whole: the local cache stays the first level, and checks once more.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjs_build.events import Emit
    from tfjs_build.model import Manifest
    from tfjs_build.shared.client import SharedCache


def opened(manifest: Manifest, local: Path, emit: Emit) -> AbstractContextManager[SharedCache | None]:
    """Return the shared cache of a manifest, None in it where there is none; `local` is the folder of the local one.

    Nothing is contacted yet. Raises UsageError for what the environment says.
    """
    if manifest.cache is None and not os.environ.get("TFJS_BUILD_CACHE"):
        return nullcontext()
    from tfjs_build.shared.settings import settings

    found = settings(manifest, os.environ)
    if found is None:
        return nullcontext()
    from tfjs_build.shared.client import SharedCache

    return SharedCache(found, local, emit)
