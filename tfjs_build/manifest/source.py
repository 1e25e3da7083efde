"""The forms that a model's `source` can have; whether there is such a file is a question for the build."""

from __future__ import annotations

import re
from typing import Any, Final

from tfjs_build.manifest.faults import quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place, described, quoting_hint, text_of
from tfjs_build.manifest.scalars import PathTo
from tfjs_build.manifest.tree import Mapping, Node
from tfjs_build.sources.kind import Scheme
from tfjs_build.sources.registry import KINDS

_REFERENCES: Final = sorted(kind.reference for kind in KINDS if kind.reference)
"""How messages show what is not a path."""


def _in_a_table(reference: str) -> str:
    return f"`{reference}`" if ":" in reference else reference.removeprefix("an ").removeprefix("a ")


class SourceForm(Kind):
    """A path, an address, or a Python callable; read as an absolute path, or as the address or `python:` reference."""

    expects = f"{', '.join(['a path', *_REFERENCES[:-1]])}, or {_REFERENCES[-1]}"
    type = f"{', '.join(['path', *map(_in_a_table, _REFERENCES[:-1])])}, or {_in_a_table(_REFERENCES[-1])}"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Mapping):
            return self._mapping(node, place)
        text = text_of(node)
        if text is None:
            return place.takes(self, node, quoting_hint(node))
        word = next((scheme for scheme in _words() if text.startswith(scheme.prefix)), None)
        if word is not None:
            return _behind(word, text.removeprefix(word.prefix).strip(), node, place)
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text):
            return self._address(text, node, place)
        path = _PATH.read(node, place)
        return WRONG if path is WRONG else str(path)

    def _mapping(self, node: Mapping, place: Place) -> Any:
        """Read `{ python: package.module:function }`, which is what `python: …` on a line of its own is in YAML."""
        keys = [f"{key.text}:" for key, _ in node]
        word = next((scheme for scheme in _words() if keys == [scheme.prefix]), None)
        if word is None:
            return place.takes(self, node)
        value = node.entries[0].value
        return _behind(word, text_of(value) or described(value), value, place)

    def _address(self, text: str, node: Node, place: Place) -> Any:
        if any(re.fullmatch(re.escape(scheme.prefix) + scheme.pattern, text) for scheme in _addresses()):
            return text
        name = text.partition(":")[0].lower()
        scheme = next((each for each in _addresses() if each.prefix == f"{name}://"), None)
        if scheme is None:
            hint = "Write the path without it." if name == "file" else "Download the model and name the file or folder."
            return place.wrong(node, f"`source` takes https addresses, not {quoted(name + ':')}", hint)
        message = scheme.wrong or f"`source` takes {self.expects}, not the address {quoted(text)}"
        return place.wrong(node, message, scheme.hint)

    def schema(self) -> dict[str, Any]:
        words = "".join(f"(?!{scheme.prefix})" for scheme in _words())
        forms = [rf"{scheme.prefix}\s*{scheme.pattern}\s*" for scheme in _words()]
        forms += [scheme.prefix + scheme.pattern for scheme in _addresses()]
        texts = {"type": "string", "pattern": rf"^(?:{'|'.join([words + PathTo.PATTERN, *forms])})$"}
        mappings = [
            {
                "type": "object",
                "properties": {name: {"type": "string", "pattern": f"^{scheme.pattern}$"}},
                "required": [name],
                "additionalProperties": False,
            }
            for scheme in _words()
            for name in [scheme.prefix.removesuffix(":")]
        ]
        return {"anyOf": [texts, *mappings]}


def _words() -> list[Scheme]:
    """Return what references begin with that are no addresses, such as `python:`."""
    return [scheme for kind in KINDS for scheme in kind.schemes if not scheme.prefix.endswith("//")]


def _addresses() -> list[Scheme]:
    """Return what addresses begin with."""
    return [scheme for kind in KINDS for scheme in kind.schemes if scheme.prefix.endswith("//")]


def _behind(word: Scheme, reference: str, node: Node, place: Place) -> Any:
    if re.fullmatch(word.pattern, reference):
        return word.prefix + reference
    return place.wrong(node, f"{word.wrong}, not {quoted(reference)}", word.hint)


_PATH: Final = PathTo("the model", "models/net.keras")
