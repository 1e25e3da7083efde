"""What is published, read as a page reads it: model.json first, then the shards that it names."""

from __future__ import annotations

import hashlib
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np


def read_whole(folder: Path, pause: float = 0.0) -> str | None:
    """Read a published model and return its version, None where there is none.

    `pause` is how many seconds the reader takes between model.json and the shards, as over a slow network. Fails where
    a shard is missing, is another one, or the weights do not fill them.
    """
    try:
        document: dict[str, Any] = json.loads((folder / "model.json").read_bytes())
    except FileNotFoundError:
        return None
    time.sleep(pause)
    ours = document["userDefinedMetadata"]["tfjs-build"]
    total = 0
    for group in document["weightsManifest"]:
        for name in group["paths"]:
            data = (folder / name).read_bytes()
            assert hashlib.sha256(data).hexdigest() == ours["shards"][name]
            total += len(data)
        for weight in group["weights"]:
            stored = weight.get("quantization", {}).get("dtype", weight["dtype"])
            total -= np.dtype(stored).itemsize * math.prod(weight["shape"])
    assert total == 0
    version: str = ours["version"]
    return version
