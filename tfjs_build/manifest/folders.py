"""The folders of a manifest: that they do not lie in one another where files would be lost, and the public address."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path, PurePath

from tfjs_build.filenames import STATE_FOLDER
from tfjs_build.manifest.faults import Faults
from tfjs_build.manifest.kinds import WRONG
from tfjs_build.manifest.models import Given
from tfjs_build.manifest.record import Found
from tfjs_build.model import CachePlace
from tfjs_build.sources.registry import by_scheme

_STATIC = (("public",), ("static",), ("src", "assets"))
"""Folders whose content bundlers serve from the root."""


def check_folders(
    found: dict[str, Found],
    models: list[Given],
    root: Path,
    faults: Faults,
    *,
    on_disk: bool,
) -> None:
    """Record folders that would overwrite, serve or delete one another.

    With `on_disk` symbolic links are followed, and the folder of templates must exist.
    """

    @cache
    def real(path: str | Path) -> str:
        return os.path.normcase(os.path.realpath(path) if on_disk else path)

    def inside(path: str | Path, folder: str | Path) -> bool:
        """Whether `path` is `folder`, or lies in it."""
        inner, outer = real(path), real(folder)
        return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)

    state = root / STATE_FOLDER
    output, stubs, templates = (_path(found, key) for key in ("output", "stubs", "templates"))
    for key, path in (("output", output), ("stubs", stubs), ("templates", templates)):
        if path is not None and inside(path, state):
            _add(faults, found[key], f"`{key}` lies in {STATE_FOLDER}, which may be deleted at any time")
    given_cache = found["cache"].value if "cache" in found else None
    shared = given_cache.place if isinstance(given_cache, CachePlace) and "://" not in given_cache.place else None
    if shared is not None and inside(shared, state):
        _add(faults, found["cache"], f"`cache` lies in {STATE_FOLDER}, where this project's own cache is")
    if on_disk and templates is not None and not templates.is_dir():
        _add(faults, found["templates"], "`templates` names a folder that does not exist")
    if output is None:
        return
    if inside(root, output):
        hint = "Name a folder for the models alone, such as public/models."
        _add(faults, found["output"], "`output` holds the manifest itself, and all that it holds is served", hint)
        return
    if shared is not None and inside(shared, output):
        _add(faults, found["cache"], "`cache` lies in `output`, which is served")
    for key, path in (("stubs", stubs), ("templates", templates)):
        if path is not None and inside(path, output):
            where = "is" if inside(output, path) else "lies in"
            _add(faults, found[key], f"`{key}` {where} `output`, which is served and has a folder for each model")
    if stubs is not None and templates is not None and inside(templates, stubs) and inside(stubs, templates):
        _add(faults, found["templates"], "`templates` is `stubs`, where the templates' results are written")
    for given in models:
        source = given.found.get("source")
        if source is None or source.value is WRONG or by_scheme(source.value) is not None:
            continue
        if inside(source.value, output):
            _add(faults, source, "the source lies in `output`, where tfjs-build writes")
        elif inside(source.value, state):
            _add(faults, source, f"the source lies in {STATE_FOLDER}, which may be deleted at any time")
        elif inside(output, source.value):
            _add(faults, source, "`output` lies in this source, which every build would change")
        elif stubs is not None and inside(stubs, source.value):
            _add(faults, source, "`stubs` lies in this source, which every build would change")


def derive_public_url(found: dict[str, Found], root: Path, faults: Faults, *, loaders: bool) -> str:
    """Return `public_url`, without a slash at its end: as given, or from `output`.

    An `output` outside the manifest's folder tells the address only by a folder that bundlers serve; where there is
    none and there are `loaders`, which need the address, that is a fault.
    """
    given, output = found.get("public_url"), _path(found, "output")
    if given is not None:
        return "" if given.value is WRONG else str(given.value)
    if output is None:
        return ""
    try:
        relative = PurePath(os.path.relpath(output, root))
    except ValueError:  # another drive
        relative = PurePath(output)
    parts = relative.parts
    if parts[:1] != ("..",) and not relative.is_absolute():
        served = next((parts[len(start) :] for start in _STATIC if parts[: len(start)] == start), parts)
    else:
        ends = [n + len(start) for start in _STATIC for n in range(len(parts)) if parts[n : n + len(start)] == start]
        if not ends:
            if loaders:
                hint = "Add it, such as `public_url: /models`: where a browser finds the models."
                _add(
                    faults,
                    found["output"],
                    "`public_url` cannot be derived from an `output` outside of this folder",
                    hint,
                )
            return ""
        served = parts[max(ends) :]
    return "".join(f"/{_url_part(part)}" for part in served)


def _url_part(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9._~-]*", name):
        return name
    from urllib.parse import quote  # slow to import, and rarely needed

    return quote(name)


def _path(found: dict[str, Found], key: str) -> Path | None:
    value = found[key].value if key in found else None
    return value if isinstance(value, Path) else None


def _add(faults: Faults, found: Found, message: str, hint: str = "") -> None:
    faults.add(found.node.span, message, hint)
