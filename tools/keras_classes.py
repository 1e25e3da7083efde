"""Write tfjs_build/convert/keras/own_classes.json: the layers and operations of Keras itself, by version.

    python tools/keras_classes.py VERSION=FOLDER[:FOLDER] …

FOLDER holds the unpacked sources of that Keras (`pip download keras==2.2.4`, or a TensorFlow wheel, whose Keras is in
`python/keras`, and its columns of features in `python/feature_column`). For each generation the table has every class
that derives from Layer: `after` is the last version without it, `until` the last one with it where later ones lack it,
`since` and `also` are the keys of its configuration. A .h5 file has nothing but the name of a layer's class, so these
keys tell Keras's own ReLU from a notebook's. They are read from `get_config` and `__init__` as written, as old versions
cannot be run beside new ones: a key counts as known where a class or its bases name it anywhere, and as always written
since a version where every `get_config` from that version on writes it whatever the layer's options are.

`operations` has the classes of Keras 3 that derive from Operation and are no layers, and `exported` the classes that
files call by the name under which Keras exports them (the first path of `keras_export`), not by their own.

The table was written from Keras 2.0.0, 2.0.9, 2.1.6, 2.2.0, 2.2.2, 2.2.4, 2.3.1, 2.6.0, 2.8.0, 2.10.0, 2.12.0, 2.13.1,
2.15.0; TensorFlow 1.13.1 and 2.0.0 as 2.2.4, 2.1.4 and 2.2.0 as 2.3.0, 2.4.0 as 2.4.1 (TensorFlow 2.3 says 2.4.0 as
well, and may lack what it has); tf-keras 2.19.0; Keras 3.0.5 as 3.0.0, 3.2.1, 3.4.1, 3.6.0, 3.8.0, 3.10.0, 3.12.0,
3.14.0, 3.15.0.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tfjs_build" / "convert" / "keras" / "own_classes.json"

BASE = frozenset(["Layer", "Operation", "object"])
OF_EVERY_LAYER = frozenset(["name", "trainable", "dtype", "batch_input_shape"])
"""Keys of the base class, which tell nothing."""

WRITTEN_FOR_OTHERS = frozenset(["autocast", "kwargs"])
"""Keras 3 writes `autocast` for classes that have no `get_config`; all of its own that take options have one."""

INSIDE = ("layers/", "engine/", "applications/", "feature_column/", "utils/", "export/", "ops/", "quantizers/")
OUTSIDE = ("legacy_tf_layers", "test")
"""Which files can hold layers and operations; TensorFlow 1's `tf.layers` have the names of Keras's, and are none."""


@dataclass
class Class:
    """A class of one file, as far as it matters here."""

    name: str
    path: str
    bases: list[str]
    always: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    inherits: bool = True
    exported: str = ""


def read(folders: str) -> dict[str, list[Class]]:
    """Return the classes of a Keras's sources by name; several folders are joined by colons."""
    found: dict[str, list[Class]] = defaultdict(list)
    for path in sorted(path for folder in folders.split(":") for path in Path(folder).rglob("*.py")):
        folder = next(Path(each) for each in folders.split(":") if path.is_relative_to(each))
        where = path.relative_to(folder.parent).as_posix()
        if not any(part in where for part in INSIDE) or any(part in where for part in OUTSIDE):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            # Beside its layers there are models and TensorFlow 1's layers.
            if isinstance(node, ast.ClassDef) and ("feature_column" not in where or "Features" in node.name):
                bases = [_last(base) for base in node.bases]
                described = Class(node.name, where, bases, exported=_exported(node))
                found[node.name].append(_class(described, node))
    return found


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _exported(node: ast.ClassDef) -> str:
    """Return the name under which `keras_export` gives a class out, "" where it does not: the first, where there are
    several (`serialize_keras_object` writes that one)."""
    for call in node.decorator_list:
        if isinstance(call, ast.Call) and _last(call.func) == "keras_export" and call.args:
            first = call.args[0].elts[0] if isinstance(call.args[0], (ast.List, ast.Tuple)) else call.args[0]
            if isinstance(first, ast.Constant):
                return str(first.value).rpartition(".")[2]
    return ""


def _class(described: Class, node: ast.ClassDef) -> Class:
    for method in node.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        if method.name == "__init__":
            arguments = method.args
            described.known |= {a.arg for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
            described.known |= _strings(method, arguments=False)
        elif method.name == "get_config":
            described.inherits = _inherits(method, node.name)
            for statement in method.body:
                described.always |= _written(statement)
            described.known |= _strings(method)
            described.removed |= _removed(method)
    described.known = {key for key in described.known if key != "self" and not key.startswith("_")}
    return described


def _inherits(method: ast.FunctionDef, name: str) -> bool:
    """Return whether a `get_config` goes on from its base's, and not from that of a base further up."""
    for node in ast.walk(method):
        if isinstance(node, ast.Call) and _last(node.func) == "super":
            return not node.args or _last(node.args[0]) == name
    return any(isinstance(node, ast.Attribute) and node.attr == "get_config" for node in ast.walk(method))


def _strings(method: ast.FunctionDef, *, arguments: bool = True) -> set[str]:
    """Return all texts that could be keys, and with `arguments` the names of arguments."""
    found = set()
    for node in ast.walk(method):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg and arguments:
            found.add(node.arg)
    return found


def _written(statement: ast.stmt) -> set[str]:
    """Return the keys that a statement writes whatever the options: none of a branch's or loop's."""
    if isinstance(statement, (ast.If, ast.For, ast.While, ast.Try, ast.With)):
        return set()
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript):
        key = statement.targets[0].slice
        return {key.value} if isinstance(key, ast.Constant) and isinstance(key.value, str) else set()
    value = getattr(statement, "value", None)
    return _keys(value) if isinstance(value, ast.expr) else set()


def _keys(value: ast.expr) -> set[str]:
    if isinstance(value, ast.Dict):
        found = {k.value for k in value.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)}
        for key, item in zip(value.keys, value.values, strict=True):
            found |= _keys(item) if key is None else set()
        return found
    if isinstance(value, ast.Call):
        name = _last(value.func)
        if name in ("update", "dict", "list", "items"):
            named = {keyword.arg for keyword in value.keywords if keyword.arg}
            inner = [*value.args, *([value.func.value] if isinstance(value.func, ast.Attribute) else [])]
            return named.union(*map(_keys, inner))
    if isinstance(value, ast.BinOp):
        return _keys(value.left) | _keys(value.right)
    return set()


def _removed(method: ast.FunctionDef) -> set[str]:
    found = set()
    for node in ast.walk(method):
        targets: Iterable[ast.expr] = node.targets if isinstance(node, ast.Delete) else []
        found |= {
            target.slice.value
            for target in targets
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant)
        }
        if isinstance(node, ast.Call) and _last(node.func) == "pop" and node.args:
            first = node.args[0]
            found |= {first.value} if isinstance(first, ast.Constant) else set()
    return {key for key in found if isinstance(key, str)}


Keys = tuple[frozenset[str] | None, frozenset[str]]


def keys_of(index: dict[str, list[Class]], name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Keys:
    """Return which keys a class's configuration always has (None where there is no class), and which it may have.

    Of classes that share a name (those for TensorFlow 1 and 2) it is what all have, and what any may.
    """
    always: frozenset[str] | None = None
    known: frozenset[str] = frozenset()
    for each in index.get(name, []):
        if (each.path, name) in seen:
            continue
        own, may = frozenset(each.always), frozenset(each.known)
        for base in each.bases:
            if base in BASE:
                continue
            inherited, possible = keys_of(index, base, seen | {(each.path, name)})
            own |= (inherited or frozenset()) if each.inherits else frozenset()
            may |= possible
        own -= each.removed
        always = own if always is None else always & own
        known |= may
    return always, known


Index = dict[str, list[Class]]
Sources = list[tuple[str, Index]]


def derives(index: Index, name: str, base: str, seen: frozenset[str] = frozenset()) -> bool:
    """Return whether a class has a base of that name, by its name and those of its bases."""
    if name == base:
        return True
    bases = {each for found in index.get(name, []) for each in found.bases} - seen - {name}
    return any(derives(index, each, base, seen | {name}) for each in bases)


def without(index: Index, part: str) -> Index:
    """Return the classes that are in no folder of that name: operations and layers share names."""
    found = {name: [each for each in classes if f"/{part}/" not in each.path] for name, classes in index.items()}
    return {name: classes for name, classes in found.items() if classes}


def own(index: Index, base: str) -> list[str]:
    """Return the public classes that derive from a base."""
    return [name for name in index if not name.startswith("_") and name not in BASE and derives(index, name, base)]


def number(version: str) -> tuple[int, ...]:
    """Return a version as numbers."""
    return tuple(int(part) for part in version.split("."))


def between(sources: Sources, has: set[str]) -> dict[str, str]:
    """Return between which versions a class was there, apart from those that have no neighbour without it."""
    versions = sorted({version for version, _ in sources}, key=number)
    there = [version for version in versions if version in has]
    before = [version for version in versions if number(version) < number(there[0])]
    ended = there[-1] != versions[-1]
    return {"after": before[-1] if before else "", **({"until": there[-1]} if ended else {})}


def layers(sources: Sources) -> dict[str, dict[str, object]]:
    """Return the layers of a generation, with the keys of their configurations; those of all of them under ""."""
    always: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
    known: dict[str, set[str]] = defaultdict(set)
    base = {"dtype", "name", "trainable"}
    for version, index in sources:
        base |= keys_of(index, "Layer")[1]
        for name in own(index, "Layer"):
            written, may = keys_of(index, name)
            always[name].append((version, set(written or ()) - OF_EVERY_LAYER))
            known[name] |= may.union(written or ())
    base -= WRITTEN_FOR_OTHERS
    table: dict[str, dict[str, object]] = {"": {"after": "", "since": {}, "also": sorted(base)}}
    for name in sorted(always):
        since = _since(always[name])
        also = sorted(known[name] - since.keys() - base - WRITTEN_FOR_OTHERS)
        there = between(sources, {version for version, _ in always[name]})
        table[name] = {**there, "since": since, "also": also}
    return table


def operations(sources: Sources) -> dict[str, dict[str, str]]:
    """Return the operations of Keras 3, none of which is a layer."""
    has: dict[str, set[str]] = defaultdict(set)
    for version, index in sources:
        for name in own(index, "Operation"):
            if any(part in each.path for each in index[name] for part in ("/ops/", "/quantizers/")):
                has[name].add(version)
    return {name: between(sources, has[name]) for name in sorted(has)}


def exported(sources: Sources) -> dict[str, str]:
    """Return the layers that go by another name than their class's, by that name."""
    return dict(
        sorted(
            (described.exported, name)
            for _, index in sources
            for name in own(index, "Layer")
            for described in index[name]
            if described.exported not in ("", name) and described.exported not in index
        )
    )


def main(arguments: list[str]) -> None:
    """Write the table of all the sources that are given."""
    given = sorted(((v, f) for v, _, f in (a.partition("=") for a in arguments)), key=lambda s: number(s[0]))
    everything: Sources = [(version, read(folders)) for version, folders in given]
    second, third = ([each for each in everything if each[0].startswith(of)] for of in "23")
    without_operations = [(version, without(index, "ops")) for version, index in third]
    table: dict[str, object] = {
        "2": layers(second),
        "3": layers(without_operations),
        "operations": operations(third),
        "exported": exported(without_operations),
    }
    text = json.dumps(table, separators=(",", ":")).replace("},", "},\n")
    TARGET.write_text(text.replace('},\n"also"', '},"also"') + "\n")


def _since(versions: list[tuple[str, set[str]]]) -> dict[str, str]:
    """Return from which version on each key is always there; `versions` are in order, and may repeat."""
    found: dict[str, str] = {}
    for key in versions[-1][1]:
        first = versions[-1][0]
        for version, written in reversed(versions):
            if key not in written:
                break
            first = version
        # A version whose sources differ has it only where all of them do.
        if all(key in written for version, written in versions if number(version) >= number(first)):
            found[key] = first
        else:
            later = [v for v, _ in versions if number(v) > number(first)]
            if later:
                found[key] = later[0]
    return dict(sorted(found.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
