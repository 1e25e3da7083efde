"""Staged files into the output directory, so that what is served is at every instant a whole model.

The order: new shards, plain and then compressed, `model.json` by atomic rename, the stub, then the shards that no
model.json names any more, each `.gz` before the shard by which it is judged. These are only noted here
(`state.replaced`), for a page may be about to read them: `discard` deletes them. Only files that are ours are
overwritten or deleted. The order also holds on the disk, should the power be cut: the content of files is synced before
they get their names, the names of shards before `model.json` gets its own, and that before old shards go.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfjs_build.convert import model_json
from tfjs_build.convert.shards import compressed_name
from tfjs_build.errors import PublishError
from tfjs_build.fs import (
    place,
    read_or_none,
    remove_if_empty,
    sha256_bytes,
    sha256_file,
    stage_if_changed,
    sync_files,
    sync_folders,
)
from tfjs_build.names import RUNTIME_FILES, TFJS, TFJS_FILES, WORKER, WORKER_FILES, identifiers
from tfjs_build.paths import Layout, relative
from tfjs_build.state import Published
from tfjs_build.stubs import MARK_BYTES, STUB_MARK

if TYPE_CHECKING:
    from tfjs_build.convert.shards import Shard
    from tfjs_build.fingerprint import Fingerprint
    from tfjs_build.model import Manifest
    from tfjs_build.staged import Staged, Stubs
    from tfjs_build.state import State

_IMPORTS = {
    **dict.fromkeys(TFJS_FILES, f'"./{TFJS}.js"'.encode()),
    **dict.fromkeys(WORKER_FILES, f'"./{WORKER}.js"'.encode()),
    **dict.fromkeys(RUNTIME_FILES, b""),
}
"""What stubs share, and how those stubs are known that import it: all import the runtime."""
_UNFINISHED = re.compile(r"\.(.+)\.[0-9]+\.tmp")
_SHARD = re.compile(r"weights\.([0-9a-f]{16})\.bin(\.gz)?")


def publish(
    manifest: Manifest,
    name: str,
    staged: Staged,
    rendered: Stubs,
    fingerprint: Fingerprint,
    state: State,
    staging: Path,
) -> list[str]:
    """Publish a staged model and record it in `state`; return its files, relative to the manifest's folder.

    Raises PublishError where a file cannot be written, or is not ours to overwrite;
    what was published before is then still whole.
    """
    layout = Layout(manifest, name)
    index = model_json.seal(staged.model_json, fingerprint.digest)
    stub_folder = layout.stubs
    targets = {layout.folder / shard.name: shard for shard in staged.shards}
    compressed = {layout.folder / each.name: each for each in staged.compressed}
    stubs = {stub_folder / file: text.encode() for file, text in rendered.stub.items()} if stub_folder else {}
    runtime = {stub_folder / file: text.encode() for file, text in rendered.runtime.items()} if stub_folder else {}
    _refuse_foreign(layout, [*stubs, *runtime], state)
    try:
        new = {
            target: shard.path
            for target, shard in targets.items()
            if not target.exists() or sha256_file(target) != shard.sha256
        } | {target: each.path for target, each in compressed.items() if not _holds(target, each.shard)}
        small = _stage_together({layout.index: index, **runtime, **stubs}, staging)
        sync_files([*new.values(), *small.values()])
        for target, staged_shard in new.items():
            place(staged_shard, target)
        if layout.index in small:
            sync_folders([layout.folder])
        state.unsynced |= {path.parent for path in small}
        _place_together(small, staging)
        hashes = {layout.relative(target): sha256_file(target) for target in compressed}
    except OSError as error:
        file = error.filename2 or error.filename or layout.folder
        raise PublishError(f"cannot write {file}: {error.strerror}") from error
    files = {
        **{layout.relative(target): shard.sha256 for target, shard in targets.items()},
        **hashes,
        layout.relative(layout.index): sha256_bytes(index),
        **{layout.relative(path): sha256_bytes(content) for path, content in stubs.items()},
    }
    shared = {layout.relative(path): sha256_bytes(content) for path, content in runtime.items()}
    needs = None if rendered.needs is None else list(rendered.needs)
    _record(layout, state, Published(dict(fingerprint.fields), files, needs), shared)
    return [*files, *shared]


def share(manifest: Manifest, modules: Mapping[str, str], state: State, staging: Path) -> None:
    """Publish the modules that the stubs share, where no model is published with them. Raises PublishError."""
    if manifest.stubs is None:
        return
    contents = {manifest.stubs / file: text.encode() for file, text in modules.items()}
    if not any(_has_users(path) for path in contents):
        return
    try:
        small = _stage_together(contents, staging)
        sync_files(small.values())
        state.unsynced |= {path.parent for path in small}
        _place_together(small, staging)
    except OSError as error:
        raise PublishError(f"cannot write {error.filename2 or error.filename}: {error.strerror}") from error
    state.shared |= {relative(manifest, path): sha256_bytes(content) for path, content in contents.items()}


def record_again(manifest: Manifest, name: str, fingerprint: Fingerprint, state: State) -> None:
    """Record a model that is as it should be on disk, and not in `state`: the build that published it was killed before
    it could, or the state was deleted. What that build still had to delete is deleted. Raises PublishError."""
    layout = Layout(manifest, name)
    found = _on_disk(layout)
    if found is not None:
        files, shared = found
        _record(layout, state, Published(dict(fingerprint.fields), files), shared)


def _record(layout: Layout, state: State, published: Published, shared: Mapping[str, str]) -> None:
    """Record what was published, and let go of what it replaces."""
    before = state.models.get(layout.name, Published())
    state.models[layout.name] = published
    state.shared |= shared
    _retire(layout.manifest, state, {path: sha for path, sha in before.files.items() if path not in published.files})
    _delete_unused_runtimes(layout.manifest, state, of_all=False)
    for file in published.files:
        state.replaced.pop(file, None)
    state.replaced |= _strays(layout, state, keep={Path(file).name for file in published.files})
    _delete_unfinished(layout, state, published.files)


def remove(manifest: Manifest, name: str, state: State) -> list[str]:
    """Delete the recorded files of a model, shards only once they are discarded, and forget it; return them all. Files
    that were edited since stay. Raises PublishError where one cannot be deleted; the model is remembered then."""
    recorded = state.models[name].files if name in state.models else {}
    _delete_unfinished(Layout(manifest, name), state, recorded)
    files = _retire(manifest, state, recorded)
    state.models.pop(name, None)
    return files + _delete_unused_runtimes(manifest, state)


def discard(manifest: Manifest, state: State, files: Iterable[str] | None = None) -> None:
    """Delete replaced shards, all or these, if they are still what was published and no model has them again; with all
    of them, also what stubs shared that are no more, and could not be deleted before.

    Raises PublishError where one cannot be deleted; it and those after it are still noted then.
    """
    noted = [file for file in (list(state.replaced) if files is None else files) if file in state.replaced]
    noted.sort(key=_is_plain)
    # What they were replaced by may be another process's work, which was killed.
    state.unsynced |= {(manifest.root / file).parent for file in noted}
    _settle(state)
    used = {file for published in state.models.values() for file in published.files}
    for file in noted:
        if file not in used:
            _delete_recorded(manifest, state, {file: state.replaced[file]})
        del state.replaced[file]
    if files is None:
        _delete_unused_runtimes(manifest, state)
    _settle(state)  # what is deleted is forgotten, and must not come back


def _stage_together(contents: Mapping[Path, bytes], staging: Path) -> dict[Path, Path]:
    """Return the small files whose content is to change, each with the staged file that has the new one; raises
    OSError."""
    return {path: file for path, content in contents.items() if (file := stage_if_changed(path, content, staging))}


def _place_together(staged: Mapping[Path, Path], staging: Path) -> None:
    """Move staged files to where they belong, each atomically, in this order; if that cannot be, those before it are as
    they were. Raises OSError."""
    before = {path: read_or_none(path) for path in staged}
    done: list[Path] = []
    try:
        for path, new in staged.items():
            place(new, path)
            done.append(path)
    except OSError:
        for path in reversed(done):
            content = before[path]
            if content is None:
                path.unlink()
            elif (file := stage_if_changed(path, content, staging)) is not None:
                sync_files([file])
                place(file, path)
        raise


def _retire(manifest: Manifest, state: State, files: Mapping[str, str]) -> list[str]:
    """Delete files that are of no use any more, but only note the shards that are still what was published; return
    both. Those that cannot be deleted now are noted as well, for `discard`. Raises PublishError."""
    shards = {file: sha256 for file, sha256 in files.items() if _SHARD.fullmatch(Path(file).name)}
    others = {file: sha256 for file, sha256 in files.items() if file not in shards}
    state.replaced |= files
    if others:
        _settle(state)
    # A model.json that is gone tells more than one whose shards are.
    deleted = _delete_recorded(manifest, state, others)
    for file in files:
        del state.replaced[file]
    noted = {file: sha256 for file, sha256 in shards.items() if _may_be_recorded(manifest.root / file, sha256)}
    state.replaced |= noted
    return [*deleted, *noted]


def adopt(manifest: Manifest, state: State) -> None:
    """Record the listed models that are on disk but not in `state`: it may have been deleted."""
    for model in manifest.models:
        found = _on_disk(Layout(manifest, model.name)) if model.name not in state.models else None
        if found is not None:
            files, shared = found
            state.models[model.name] = Published({}, files)
            state.shared |= shared


def _on_disk(layout: Layout) -> tuple[dict[str, str], dict[str, str]] | None:
    """Return the files of a model that is published, and those that it shares, by what its model.json says; None where
    there is none of ours."""
    data = read_or_none(layout.index)
    published = None if data is None else model_json.read(data)
    if data is None or published is None:
        return None
    files = {layout.relative(layout.folder / shard): sha256 for shard, sha256 in published.shards.items()}
    files |= {
        layout.relative(path): sha256_file(path)
        for name, sha256 in published.shards.items()
        if name in published.compressed and _held(path := layout.folder / compressed_name(name)) == sha256
    }
    files[layout.relative(layout.index)] = sha256_bytes(data)
    shared: dict[str, str] = {}
    if layout.stubs is not None:
        from tfjs_build.stubs import stub_files

        for name in stub_files(layout.manifest, layout.name, published.format, published.raw):
            files |= _ours(layout, layout.stubs / name)
        for name in _IMPORTS:
            shared |= _ours(layout, layout.stubs / name)
    return files, shared


def _ours(layout: Layout, path: Path) -> dict[str, str]:
    return {layout.relative(path): sha256_file(path)} if path.is_file() and is_ours(path) else {}


def is_ours(path: Path) -> bool:
    """Whether a model.json or a stub on disk was generated by tfjs-build (edited or not), or is not there at all."""
    data = read_or_none(path)
    if data is None:
        return not path.exists()
    if path.name == "model.json":
        return b'"tfjs-build":{' in data.replace(b" ", b"")
    return STUB_MARK.encode() in data[:MARK_BYTES]


def _refuse_foreign(layout: Layout, stubs: Sequence[Path], state: State) -> None:
    own = state.models[layout.name].files if layout.name in state.models else {}
    for path in (layout.index, *stubs):
        file = layout.relative(path)
        if file in own or file in state.shared or is_ours(path):
            continue
        if not any(file in published.files for published in state.models.values()):
            raise PublishError(
                f"{layout.relative(path)} is in the way: it was not made by tfjs-build",
                hint="Move or delete it, or choose another `output` or `stubs` folder.",
            )


def _delete_unused_runtimes(manifest: Manifest, state: State, *, of_all: bool = True) -> list[str]:
    """Delete the recorded modules that stubs share where no stub is left beside them: the folder of the stubs has
    changed, or the last one is gone. A stub of another manifest counts as well. Older versions called it otherwise.
    Whether one still imports what the models need of TensorFlow.js is looked at in the end only (`of_all`)."""
    unused = {
        file: sha256
        for file, sha256 in state.shared.items()
        if (of_all or Path(file).name not in TFJS_FILES) and not _has_users(manifest.root / file)
    }
    if unused:
        _settle(state)
    deleted = _delete_recorded(manifest, state, unused)
    for file in unused:
        del state.shared[file]
    return deleted


def strangers(manifest: Manifest) -> list[str]:
    """Return the stubs beside those of a manifest that import what its models need of TensorFlow.js, and are none of
    its own: another manifest's, whose kernels are not looked after."""
    if manifest.minimal is None or manifest.stubs is None:
        return []
    files = {identifiers(model.name).file for model in manifest.models}
    try:
        stubs = [path for path in _stubs(manifest.stubs) if path.name.partition(".")[0] not in files]
        found = [path for path in stubs if _imports(path, TFJS_FILES[0])]
    except OSError:  # nothing is written there either
        return []
    return sorted(relative(manifest, path) for path in found)


def _stubs(folder: Path) -> Iterator[Path]:
    """Yield what may be stubs, read as they are asked for: of thousands the first may do. Raises OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((".ts", ".js")) and entry.name not in _IMPORTS and entry.is_file():
                yield Path(entry.path)


def _imports(path: Path, shared: str) -> bool:
    return is_ours(path) and _IMPORTS[shared] in path.read_bytes()


def _has_users(runtime: Path) -> bool:
    """Whether a stub stands beside a module, and imports it."""
    if runtime.name not in _IMPORTS or not runtime.is_file():
        return False
    try:
        return any(_imports(path, runtime.name) for path in _stubs(runtime.parent))
    except OSError:  # it may have
        return True


def _settle(state: State) -> None:
    """Have on the disk what was done in the folders where something was; raises PublishError where the disk fails."""
    try:
        sync_folders(state.unsynced)
    except OSError as error:
        raise PublishError(f"cannot write {error.filename}: {error.strerror}") from error
    state.unsynced.clear()


def _delete_recorded(manifest: Manifest, state: State, files: Mapping[str, str]) -> list[str]:
    """Delete files that are what was recorded of them, and are where we write or known as ours by what they hold: a
    record may be somebody else's work. Raises PublishError."""
    deleted = []
    for file, sha256 in files.items():
        path = manifest.root / file
        try:
            if _is_recorded(path, sha256) and (_is_where_we_write(manifest, path) or _is_known(path, sha256)):
                path.unlink()
                state.unsynced.add(path.parent)
                deleted.append(relative(manifest, path))
        except OSError as error:
            raise PublishError(f"cannot delete {relative(manifest, path)}: {error.strerror}") from error
        if _is_where_we_write(manifest, path) and not path.exists():  # a kill may have come between file and folder
            remove_if_empty(path.parent)
    return deleted


def _is_where_we_write(manifest: Manifest, path: Path) -> bool:
    folder = Path(os.path.normpath(path)).parent
    return folder.parent == manifest.output or folder == manifest.stubs


def _is_known(path: Path, sha256: str) -> bool:
    match = _SHARD.fullmatch(path.name)
    if match is None:
        return is_ours(path)
    content = _held(path) if match[2] else sha256
    return content is not None and content.startswith(match[1])


def _is_recorded(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_file(path) == sha256


def _may_be_recorded(path: Path, sha256: str) -> bool:
    """Whether a file is what was recorded of it, or cannot be read now: that is told once it is to be deleted."""
    try:
        return _is_recorded(path, sha256)
    except OSError:
        return True


def _delete_unfinished(layout: Layout, state: State, files: Iterable[str]) -> None:
    """Delete the copies that a killed build left beside the files that it was to write (`fs.place`). Who calls it has
    the lock, so that nobody is writing one."""
    names = {Path(file).name for file in files}
    folders = {(layout.root / file).parent for file in files} | {layout.folder}
    for folder in folders:
        if folder not in state.unfinished:
            state.unfinished[folder] = [name for name in _listed(folder) if name[0] == "."]
        for name in state.unfinished[folder]:
            match = _UNFINISHED.fullmatch(name)
            if match and (match[1] in names or _SHARD.fullmatch(match[1])) and not (folder / name).is_dir():
                with contextlib.suppress(OSError):
                    (folder / name).unlink()


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (the folder of the stubs may have thousands: no path of each is needed)
    except OSError:
        return []


def _strays(layout: Layout, state: State, keep: Iterable[str]) -> dict[str, str]:
    """Return the shards in a model's folder that are not in use and not noted yet: those whose content has the hash
    that their name says, no others, and none that cannot be read."""
    kept, found = set(keep), {}
    with contextlib.suppress(OSError):
        for path in layout.folder.iterdir():
            match = _SHARD.fullmatch(path.name)
            if match and path.name not in kept and layout.relative(path) not in state.replaced and path.is_file():
                with contextlib.suppress(OSError):
                    sha256 = sha256_file(path)
                    if _is_known(path, sha256):
                        found[layout.relative(path)] = sha256
    return found


def _is_plain(file: str) -> bool:
    return not file.endswith(".gz")


def _held(path: Path) -> str | None:
    from tfjs_build.convert.compression import held

    return held(path)


def _holds(path: Path, shard: Shard) -> bool:
    """Whether a `.gz` that is published holds a shard; raises OSError where it cannot be read."""
    from tfjs_build.convert.compression import content_hash

    return path.exists() and content_hash(path, shard.nbytes) == shard.sha256
