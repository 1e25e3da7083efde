"""All that a model's output depends on, hashed: one walk over the inputs, whose fields also explain the hash.

The fingerprint stands in `model.json`. It depends on the content of the source, the options, the stubs' templates and
`CONVERSION_REVISION`, and on nothing else: no path, no time, no version of a tool.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tfjs_build.records import record

if TYPE_CHECKING:
    from tfjs_build.model import Manifest, Model

CONVERSION_REVISION = 12
"""Raised whenever the same source and options would give other output than before."""


@record(frozen=True)
class Fingerprint:
    """The hash, and the named fields that it was made of (field → value, both text)."""

    digest: str
    fields: Mapping[str, str]

    @staticmethod
    def of(fields: Mapping[str, str]) -> Fingerprint:
        """Return the fingerprint of these fields; their order counts."""
        framed = b"".join(_framed(text) for field in fields.items() for text in field)
        return Fingerprint(hashlib.sha256(framed).hexdigest(), fields)

    def differences(self, before: Mapping[str, str]) -> list[str]:
        """Say in words how the fields differ from those of an earlier fingerprint, in the order of the walk."""
        reasons = []
        for name, value in self.fields.items():
            old = before.get(name)
            if old == value:
                continue
            if name.startswith(("source", "template", "labels", "samples")):
                reasons.append(f"{name} is new" if old is None else f"{name} changed")
            elif old is None:
                reasons.append(f"{name} is now {value}")
            else:
                reasons.append(f"{name} changed from {old} to {value}")
        reasons += [f"{name} is gone" for name in before if name not in self.fields]
        return reasons


def without_loaders(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a fingerprint that are about the model, without those that are about its loader alone."""
    return {name: value for name, value in fields.items() if name not in _LOADERS and not name.startswith("template ")}


_LOADERS: Final = ("language", "public_url", "tfjs", "worker")


@lru_cache(256)  # models differ in few of their fields
def _framed(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")  # names of files need not be UTF-8
    return len(data).to_bytes(8, "little") + data


def fingerprint(
    manifest: Manifest,
    model: Model,
    *,
    kind: str,
    source: Mapping[str, str],
    labels: tuple[str, ...] | None,
    templates: Mapping[str, str],
    samples: str | None = None,
) -> Fingerprint:
    """Return a model's fingerprint.

    `kind` is the source's kind; `source` and `templates` map the names of files, relative to the source or the
    template folder, to the SHA-256 of their content; `labels` are the labels as read, None where there are none;
    `samples` is the SHA-256 of the inputs that rounding is fitted to, where there are such.
    """
    return Fingerprint.of(dict(_walk(manifest, model, kind, source, labels, templates, samples)))


def _walk(
    manifest: Manifest,
    model: Model,
    kind: str,
    source: Mapping[str, str],
    labels: tuple[str, ...] | None,
    templates: Mapping[str, str],
    samples: str | None,
) -> Iterator[tuple[str, str]]:
    yield "revision", str(CONVERSION_REVISION)
    yield "input_format", kind
    for name, content in sorted(source.items()):
        yield (f"source {name}" if name else "source"), content
    if kind == "python":  # of the callables in one file each is another model
        yield "callable", model.source
    yield "format", model.format
    yield "signature", _text(model.signature)
    yield "tags", _text(model.tags)
    yield "outputs", _text(model.outputs)
    yield "quantize", _text(model.quantize.rules)
    if model.quantize.auto is not None:
        yield "quantize auto", _text(asdict(model.quantize.auto))
    if samples is not None:
        yield "samples", samples
    yield "shard_size", str(model.shard_size)
    if model.compress != "none":
        yield "compress", model.compress
    yield "rename", _text(model.rename)
    yield "inputs", _text({name: asdict(options) for name, options in model.inputs.items()})
    yield "labels", _text(labels)
    yield "classify", _text(model.classify and asdict(model.classify))
    yield "metadata", _text(model.metadata)
    yield "engine", model.engine
    if model.code is not None:
        yield "imports", _text(model.code.imports)
    yield "backends", _text(sorted(set(manifest.backends)) if manifest.backends is not None else None)
    if manifest.stubs is not None:
        yield "language", manifest.language
        yield "public_url", manifest.public_url
        yield "tfjs", manifest.tfjs if isinstance(manifest.tfjs, str) else " ".join(("minimal", *manifest.tfjs.kernels))
        if manifest.worker:
            yield "worker", "true"
        for name, content in sorted(templates.items()):
            yield f"template {name}", content


def _text(value: object) -> str:
    if value is None:  # as most are; an encoder takes its time to start
        return "null"
    if isinstance(value, Mapping):
        value = {key: list(item) if isinstance(item, tuple) else item for key, item in value.items()}
    return _ENCODER.encode(value)


_ENCODER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=list)
