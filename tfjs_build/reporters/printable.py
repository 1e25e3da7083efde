"""Text from elsewhere made fit for a terminal: what would steer it, or begin a line of its own, is escaped."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from tfjs_build.events import Event

_AnyEvent = TypeVar("_AnyEvent", bound=Event)

_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of controls, of formats (such as those that turn the direction of writing round), of halves of
characters, and of the ends of lines and paragraphs."""

_JOINERS = "\u200c\u200d"
"""Formats that some scripts are spelt with."""


def printable(text: str, keep: str = "") -> str:
    """Return `text` with an escape (`\\x1b`, `\\n`) for each character that steers, but for those in `keep`."""
    if text.isprintable():
        return text
    import unicodedata

    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _STEERING and char not in _JOINERS and char not in keep
        else char
        for char in text
    )


def lines(text: str) -> str:
    """Return text of our own making, in which names may stand, with its line ends and tabs."""
    return printable(text, keep="\n\t")


def printable_event(event: _AnyEvent) -> _AnyEvent:
    """Return an event with all its texts printable: they hold names out of models, manifests and folders."""
    return replace(event, **{each.name: _value(getattr(event, each.name)) for each in fields(event)})


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {_value(key): _value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_value, value))
    return value
