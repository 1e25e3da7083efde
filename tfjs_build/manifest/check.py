"""From the tree of a manifest to its typed form: the fields' own checks, the defaults, and the rules across fields."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tfjs_build.manifest.faults import Faults
from tfjs_build.manifest.fields import MANIFEST
from tfjs_build.manifest.folders import check_folders, derive_public_url
from tfjs_build.manifest.kinds import WRONG, Place, described
from tfjs_build.manifest.models import Given
from tfjs_build.manifest.record import Found, values
from tfjs_build.manifest.rules import check_formats, check_imports, check_kernels, check_model
from tfjs_build.manifest.tree import Mapping, Node
from tfjs_build.model import Code, Manifest, Model


def check(root: Node, path: Path, faults: Faults, *, on_disk: bool, loaders: bool = False) -> Manifest | None:
    """Return the manifest, or None where there are faults; `path` is absolute; `loaders`: there are some even without
    `stubs`.

    `on_disk` is whether the disk is looked at: symbolic links are followed to find folders that overlap, and the folder
    of templates must exist.
    """
    if not isinstance(root, Mapping):
        faults.add(root.span, f"a manifest is {MANIFEST.expects}, not {described(root)}")
        return None
    start = root.entries[0].key.span if root.entries else root.span
    found = MANIFEST.read(root, Place(faults, os.fspath(path.parent), "", start))
    given: list[Given] = _value(found, "models", [])
    defaults: dict[str, Found] = _value(found, "defaults", {})
    merged = [(model, {**defaults, **model.found}) for model in given]
    for model, keys in merged:
        check_model(model, keys, faults)
    check_formats(_value(found, "tfjs", None), (keys for _, keys in merged), faults)
    check_kernels(found.get("tfjs"), found.get("backends"), faults)
    check_imports(found.get("imports"), [keys for _, keys in merged], faults)
    check_folders(found, given, path.parent, faults, on_disk=on_disk)
    public_url = derive_public_url(found, path.parent, faults, loaders=loaders or "stubs" in found)
    if faults:
        return None
    top = {key: value for key, value in values(found).items() if key not in ("version", "defaults", "public_url")}
    # What is said once, and can be to blame for a model's failure all the same.
    shared = {"backends": found["backends"]} if "backends" in found else {}
    code = Code(path.parent, _value(found, "imports", ()))
    models = tuple(_model(model, keys, shared, code, faults) for model, keys in merged)
    return Manifest(**top | {"path": path, "models": models, "public_url": public_url})


def _value(found: dict[str, Found], key: str, default: Any) -> Any:
    return found[key].value if key in found and found[key].value is not WRONG else default


def _model(given: Given, keys: dict[str, Found], shared: dict[str, Found], code: Code, faults: Faults) -> Model:
    options = values(keys)
    if options.get("allow_code"):
        options["code"] = code
    places = {key: faults.location(found.key.span) for key, found in {**shared, **keys}.items()}
    return Model(name=given.name.text, location=faults.location(given.name.span), locations=places, **options)
