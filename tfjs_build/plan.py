"""Which models are stale, and why: the manifest and the disk compared, nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.convert import model_json
from tfjs_build.convert.shards import compressed_name
from tfjs_build.errors import SourceError
from tfjs_build.fingerprint import Fingerprint, fingerprint
from tfjs_build.fs import StatKey, read_or_none, sha256_bytes
from tfjs_build.glance import covers, glance
from tfjs_build.labels import read_labels, unfit
from tfjs_build.paths import Layout
from tfjs_build.sources.registry import kind
from tfjs_build.sources.resolve import resolve

if TYPE_CHECKING:
    from tfjs_build.convert.model_json import Metadata
    from tfjs_build.model import Manifest, Model
    from tfjs_build.sources.resolve import Source
    from tfjs_build.state import State


@dataclass(eq=False)
class Plan:
    """What is to be done for one model: it is stale for `reasons`, or fresh where there are none.

    `labels` are the manifest's, or else the source's own; `keys` are the stat keys of the source's files from before
    they were read; `version` is that of the published model, where there is one of ours; `recorded` is whether the
    state knows it.
    """

    model: Model
    source: Source
    labels: tuple[str, ...] | None
    keys: Mapping[Path, StatKey | None]
    _fingerprint: Callable[[], Fingerprint]
    version: str | None = None
    reasons: tuple[str, ...] = ()
    recorded: bool = True

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """The model's fingerprint. It hashes the source: where a model is stale anyway, that can be done while the
        model is being converted. Raises SourceError."""
        return self._fingerprint()

    def unchanged(self) -> bool:
        """Whether the source's files are still those that were found, as far as `stat` can tell."""
        return all(StatKey.of(path) == key for path, key in self.keys.items())


def plan(
    manifest: Manifest,
    model: Model,
    state: State,
    templates: Mapping[str, str],
    shared: Callable[[], Mapping[str, str]],
) -> Plan:
    """Compare one model with what is published.

    `templates` maps the stub templates' names to the SHA-256 of their content; `shared` gives the modules that the
    stubs share, file → content. Raises SourceError where the source or the labels cannot be read.
    """
    source = resolve(model)
    layout = Layout(manifest, model.name)
    seen = glance(layout, model, source, state, templates)
    keys = {path: StatKey.of(path) for path in source.files.values()}
    labels = read_labels(model) if model.labels is not None else kind(source.kind).labels(source.path)

    def wanted() -> Fingerprint:
        try:
            content = {name: state.sha256(path) for name, path in source.files.items()}
            samples = None if model.samples is None else state.sha256(model.samples)
        except OSError as error:
            raise SourceError(f"cannot read {error.filename or source.reference}: {error.strerror}") from error
        return fingerprint(
            manifest, model, kind=source.kind, source=content, labels=labels, templates=templates, samples=samples
        )

    each = Plan(model, source, labels, keys, wanted)
    sealed, version = state.glances.get(model.name, ("", ""))
    if seen is not None and sealed == seen.sealed(version):
        each.version = version
        return each
    each.version, reasons, covered = _compare(layout, each, state, shared)
    each.reasons = tuple(reasons)
    # What was looked at before anything was read, and is the same now, is what was read.
    again = glance(layout, model, source, state, templates) if covered and not reasons else None
    if again is not None and again == seen and again.settled and each.version:
        state.glances[model.name] = again.sealed(each.version), each.version
    return each


def _compare(
    layout: Layout, each: Plan, state: State, shared: Callable[[], Mapping[str, str]]
) -> tuple[str | None, list[str], bool]:
    """Return the version of what is published, why it is stale, and whether a glance covers it where it is not."""
    model = each.model
    data = read_or_none(layout.index)
    if data is None:
        return None, ["not built yet"], False
    published = model_json.read(data)
    if published is None:
        return None, [f"{layout.relative(layout.index)} was edited, or is not tfjs-build's"], False
    if published.fingerprint != each.fingerprint.digest:
        return published.version, _why(model, each.fingerprint, published, state), False
    reasons = [
        f"{layout.relative(path)} is missing" if read is None else f"{layout.relative(path)} was edited"
        for path, sha256 in ((layout.folder / name, sha256) for name, sha256 in published.shards.items())
        if (read := _sha256(state, path)) != sha256
    ]
    if not reasons:
        reasons += _compressed_reasons(layout, published, data, state)
    reasons += _stub_reasons(layout, published, data, state, shared)
    known = state.models.get(model.name)
    each.recorded = known is not None and known.files.get(layout.relative(layout.index)) == sha256_bytes(data)
    if model.max_size is not None and not reasons and _served(layout, published, data) > model.max_size:
        reasons.append("it is larger than max_size")
    if model.labels is not None and each.labels is not None and unfit(published.signature, each.labels):
        reasons.append("its labels do not fit its classes")
    return published.version, reasons, each.recorded and covers(layout, published, state)


def _why(model: Model, wanted: Fingerprint, published: Metadata, state: State) -> list[str]:
    known = state.models.get(model.name)
    # The remembered fields explain the published model only if they are the ones that it was made of.
    if known is not None and known.fields:
        before = Fingerprint.of(known.fields)
        if before.digest == published.fingerprint:
            return wanted.differences(known.fields)
    return ["the published model was made from another source or other options"]


def _compressed_reasons(layout: Layout, published: Metadata, index: bytes, state: State) -> list[str]:
    """Say what is wrong with the `.gz` of shards that are as they should be: with what comes out of them, for another
    zlib may have written them."""
    known = state.models.get(layout.name)
    files = known.files if known is not None else {}
    # What was published together with this very model.json needs no unpacking.
    is_recorded = files.get(layout.relative(layout.index)) == sha256_bytes(index)
    reasons = []
    for name in published.compressed:
        path = layout.folder / compressed_name(name)
        file = layout.relative(path)
        sha256 = _sha256(state, path)
        if sha256 is None:
            reasons.append(f"{file} is missing")
        elif not (is_recorded and files.get(file) == sha256):
            from tfjs_build.convert.compression import held

            if held(path) != published.shards[name]:
                reasons.append(f"{file} was edited")
    return reasons


def _served(layout: Layout, published: Metadata, index: bytes) -> int:
    """Return how many bytes a browser downloads of a model whose files are as they should be."""
    smaller = {name: compressed_name(name) for name in published.compressed}
    return len(index) + sum((layout.folder / smaller.get(name, name)).stat().st_size for name in published.shards)


def _stub_reasons(
    layout: Layout, published: Metadata, index: bytes, state: State, shared: Callable[[], Mapping[str, str]]
) -> list[str]:
    if layout.stubs is None:
        return []
    known = state.models.get(layout.name)
    files = known.files if known is not None else {}
    # What was published together with this very model.json, and to the folder of today, needs no rendering.
    expected = {path: sha256 for path, sha256 in files.items() if layout.is_stub(path)}
    if expected and files.get(layout.relative(layout.index)) == sha256_bytes(index):
        expected |= {path: sha256 for path, sha256 in state.shared.items() if layout.is_stub(path)}
    else:
        from tfjs_build.stubs import stub_files

        rendered = {**stub_files(layout.manifest, layout.name, published.format, published.raw), **shared()}
        expected = {
            layout.relative(layout.stubs / name): sha256_bytes(text.encode()) for name, text in rendered.items()
        }
    return [
        f"{path} is missing" if read is None else f"{path} was edited"
        for path, sha256 in expected.items()
        if (read := _sha256(state, layout.root / path)) != sha256
    ]


def _sha256(state: State, path: Path) -> str | None:
    try:
        return state.sha256(path)
    except OSError:
        return None
