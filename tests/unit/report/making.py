"""Published models and facts, made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tfjs_build.convert import model_json, shards
from tfjs_build.convert.artifacts import ModelArtifacts
from tfjs_build.convert.quantize import encode
from tfjs_build.model import QuantizeDtype
from tfjs_build.report.facts import Download, Facts, StoredWeight

FINGERPRINT = "f" * 64


def publish(folder: Path, artifacts: ModelArtifacts, quantized: Mapping[str, QuantizeDtype] | None = None) -> Path:
    """Write a model as a build does, some weights in other dtypes; return its model.json."""
    folder.mkdir(parents=True)
    weights = [encode(weight, (quantized or {}).get(weight.name), []) for weight in artifacts.weights]
    written = shards.write(weights, 1 << 22, folder, lambda _done: None)
    for shard in written:
        shard.path.rename(folder / shard.name)
    content, _ = model_json.model_json(
        artifacts, signature=artifacts.signature, weights=weights, shards=written, labels=None, metadata={}
    )
    (folder / "model.json").write_bytes(model_json.seal(content, FINGERPRINT))
    return folder / "model.json"


def weight(name: str, nbytes: int, stored: str = "float32") -> StoredWeight:
    """Return a weight of so many bytes."""
    return StoredWeight(name, (nbytes // 4,), "float32", stored, nbytes, -1.0, 1.0, None, 0.0, False)


def facts(weights: Sequence[StoredWeight] = (), *, name: str = "x", format: str = "graph") -> Facts:
    """Return what is known of a model with an input and an output of a name, and these weights."""
    total = sum(each.nbytes for each in weights)
    spec = {"name": name, "shape": [None, 3], "dtype": "float32"}
    return Facts(
        version="0123456789abcdef",
        format=format,
        generated_by=name,
        inputs=[spec],
        outputs=[spec],
        download=Download(100, 50, total, total, total, False),
        weights=weights,
        ops={name: 1},
        launches=(),
        lacks=(),
        lacks_known=True,
        curve=(),
        curve_missing=name,
        notes=[name],
    )
