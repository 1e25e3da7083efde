"""Edits of text: a manifest, as the tree that it stands for and as YAML; labels, line by line."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import yaml

from tests.fuzz.edits import json_values, odd, raw
from tfjs_build.manifest.fields import MANIFEST_FIELDS, MODEL_FIELDS

_PIECES = (
    "&a ",
    "*a",
    "<<: ",
    "<<: *a\n",
    "? ",
    "- ",
    ": ",
    "\t",
    "|\n",
    ">-\n",
    "'",
    '"',
    "#",
    "%YAML 1.1\n",
    "---\n",
    "...\n",
    "!!python/object:os.system ",
    "!!binary ",
    "!!set ",
    "!x ",
    "[",
    "{",
    "]",
    "}",
    "@",
    "`",
    "\ufeff",
    "\u2028",
    "\x85",
    "\0",
    '"\\ud83d"',
    '"\\ud83d\\ude00"',
    '"\\x00"',
    '"\\U00110000"',
    "0x1F",
    "0o17",
    "1_000",
    "1e999",
    ".nan",
    "-.inf",
    "2026-01-01",
    "yes",
    "null",
    "~",
    "1:30:00",
    "9" * 5000,
    "[" * 90,
    "[" * 2000,
    "a: {" * 90,
)
_KEYS = tuple(field.key for field in (*MANIFEST_FIELDS, *MODEL_FIELDS))


def edit_yaml(data: bytes, random: Random) -> bytes:
    """Change a manifest in one place."""
    choice = random.random()
    if choice < 0.1:
        return raw.edit(data, random)
    text = data.decode("utf-8", "replace")
    if choice < 0.4:
        return _insert(text, random).encode("utf-8", "surrogatepass" if random.random() < 0.1 else "replace")
    try:
        tree = yaml.safe_load(text)
        if choice < 0.6 and isinstance(tree, dict):
            tree = _edit_keys(tree, random)
        else:
            tree = json_values.edit_tree(tree, random)
        if random.random() < 0.5:
            return json.dumps(tree).encode()
        flow = random.choice((None, True, False))
        return str(yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=random.random() < 0.5)).encode(
            "utf-8", "replace"
        )
    except (yaml.YAMLError, ValueError, TypeError, RecursionError, OverflowError):
        return _insert(text, random).encode("utf-8", "replace")


def _edit_keys(tree: dict[Any, Any], random: Random) -> dict[Any, Any]:
    """Give the manifest, or a model, one of the keys that there are, with an odd value or one of another key."""
    models = list(tree["models"].values()) if isinstance(tree.get("models"), dict) else []
    holders = [tree, *(each for each in models if isinstance(each, dict))]
    holder = random.choice(holders)
    values = [value for each in holders for value in each.values()]
    holder[random.choice(_KEYS)] = random.choice(
        (
            odd.value(random),
            random.choice(values) if values else None,
            random.choice(
                ("uint8", "auto", "graph", "layers", "keras", "tfjs", "tflite", "python", "tf_hub", "tf_frozen_model")
            ),
            {"uint8": random.choice((True, ["*"], "*/kernel", [odd.text(random)])), "float16": True},
            {odd.text(random): odd.text(random)},
            f"{random.choice(('0', '-1', '1.5', '9' * 30, '1e9'))}{random.choice(('', 'MB', 'KB', ' GB', 'TB'))}",
        )
    )
    return tree


def _insert(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    choice = random.randrange(6)
    if choice == 0:
        lines.insert(at, lines[random.randrange(len(lines))])
    elif choice == 1:
        del lines[at]
    elif choice == 2:
        lines[at] = " " * random.choice((1, 2, 3)) + lines[at]
    else:
        line = lines[at]
        place = random.randrange(len(line) + 1)
        lines[at] = line[:place] + random.choice(_PIECES) + line[place:]
    return "\n".join(lines)


def edit_labels(data: bytes, random: Random) -> bytes:
    """Change a file of labels in one place."""
    choice = random.randrange(8)
    if choice == 0:
        return raw.edit(data, random)
    if choice == 1:
        return data.decode("utf-8", "replace").encode(random.choice(("utf-16", "utf-8-sig", "utf-32")))
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    if choice == 2:
        del lines[at]
    elif choice == 3:
        lines.append(lines[at])
    elif choice == 4:
        lines[at] = odd.data(random)
    elif choice == 5:
        return random.choice((b"\r\n", b"\r", b"\n\n", b"\0", b"\x0b", "\u2028".encode())).join(lines)
    elif choice == 6 and len(data) < 10_000:
        lines = lines * random.choice((2, 1000))
    else:
        lines[at] = odd.text(random).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)
