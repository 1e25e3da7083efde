"""Edits of JSON: of the tree, so that what is changed is found by those who look there; and of its text."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any, TypeAlias

from tests.fuzz.edits import odd, raw

_Place: TypeAlias = "tuple[Any, Any]"
"""A list or mapping, and the index or key of a value in it."""


def edit(data: bytes, random: Random) -> bytes:
    """Change JSON text in one place; what is no JSON is changed as bytes."""
    try:
        tree = json.loads(data)
        if random.random() < 0.05:
            return _text(data, random)
        return json.dumps(edit_tree(tree, random)).encode()
    except (ValueError, RecursionError):
        return raw.edit(data, random)


def edit_tree(tree: Any, random: Random) -> Any:
    """Change a tree in one place, and return it."""
    places = list(_places(tree))
    if not places:
        return odd.value(random)
    holder, key = random.choice(places)
    value = holder[key]
    choice = random.randrange(12)
    if choice == 0:
        del holder[key]
    elif choice in (1, 2, 3):
        holder[key] = odd.value(random)
    elif choice in (4, 5):
        other, at = random.choice(places)
        holder[key] = copy.deepcopy(other[at])
    elif choice == 6:
        holder[key] = _like(value, random)
    elif choice == 7:
        holder[key] = random.choice(([value], {"class_name": "__tuple__", "items": [value]}, {"config": value}))
    elif isinstance(holder, list):
        _edit_list(holder, key, random)
    else:
        _edit_mapping(holder, key, random)
    return tree


def _places(tree: Any) -> Iterator[_Place]:
    """Yield all places, those of what is there several times once: YAML's anchors make trees that hold themselves."""
    left, seen = [tree], set[int]()
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        items = each.items() if isinstance(each, dict) else enumerate(each) if isinstance(each, list) else ()
        for key, value in items:
            yield each, key
            if isinstance(value, (dict, list)):
                left.append(value)


def _like(value: Any, random: Random) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return random.choice((value + 1, value - 1, -value, value * 1000, value * 0.5, odd.number(random)))
    if isinstance(value, str):
        return random.choice((value + "x", value[:-1], value.upper(), value * 2, odd.text(random)))
    if isinstance(value, list):
        return random.choice((value * 2, value[::-1], value[1:], [*value, odd.value(random)], {"0": value}))
    if isinstance(value, dict):
        return random.choice((list(value), list(value.values()), {**value, odd.text(random): odd.value(random)}))
    return odd.value(random)


def _edit_list(holder: list[Any], index: int, random: Random) -> None:
    choice = random.randrange(3)
    if choice == 0:
        holder.insert(random.randrange(len(holder) + 1), copy.deepcopy(holder[index]))
    elif choice == 1:
        random.shuffle(holder)
    else:
        del holder[index:]


def _edit_mapping(holder: dict[str, Any], key: str, random: Random) -> None:
    choice = random.randrange(3)
    other = random.choice(list(holder))
    if choice == 0:
        holder[random.choice((odd.text(random), f"{key}x", other))] = holder.pop(key)
    elif choice == 1:
        holder[key], holder[other] = holder[other], holder[key]
    else:
        holder[odd.text(random)] = copy.deepcopy(holder[key])


def _text(data: bytes, random: Random) -> bytes:
    """Return text that a tree cannot be written as: keys twice, nesting without end, other encodings."""
    text = data.decode("utf-8", "replace")
    choice = random.randrange(6)
    if choice == 0:
        depth = random.choice((500, 2_000, 100_000))
        return text.replace("null", "[" * depth + "]" * depth, 1).encode()
    if choice == 1 and text.startswith("{"):
        return f'{{"config": 3, {text[1:-1]}, "class_name": 3}}'.encode()
    if choice == 2:
        return text.encode(random.choice(("utf-16", "utf-8-sig", "utf-32")))
    if choice == 3:
        return text.replace(random.choice("0123"), "9" * random.choice((30, 5_000)), 1).encode()
    if choice == 4:
        return text.replace('"', '"\\ud800', 1).encode()
    return text[: random.randrange(len(text) + 1)].encode()
