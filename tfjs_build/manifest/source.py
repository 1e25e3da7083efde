"""The forms that a model's `source` can have; whether there is such a file is a question for the build."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from tfjs_build.manifest.faults import quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place, described, quoting_hint, text_of
from tfjs_build.manifest.scalars import PathTo
from tfjs_build.manifest.tree import Mapping, Node
from tfjs_build.model import InputFormat, kind_by_name

PYTHON: Final = "python:"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_CALLABLE = rf"{_NAME}(?:\.{_NAME})*:{_NAME}(?:\.{_NAME})*"
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_HTTPS = r"https://[^\s/\\@?#]+(?:[/?#][^\s\\]*)?"
_HTTP = r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?:[/?#][^\s\\]*)?"


class SourceForm(Kind):
    """A path, an address, or a Python callable; read as an absolute path, or as the address or `python:` reference."""

    expects = "a path, an https address, or python: package.module:function"
    type = "path, https address, or `python: package.module:function`"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Mapping):
            return self._reference(node, place)
        text = text_of(node)
        if text is None:
            return place.takes(self, node, quoting_hint(node))
        if text.startswith(PYTHON):
            return _callable(text.removeprefix(PYTHON).strip(), node, place)
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text):
            return self._address(text, node, place)
        path = _PATH.read(node, place)
        return WRONG if path is WRONG else str(path)

    def _reference(self, node: Mapping, place: Place) -> Any:
        """Read `{ python: package.module:function }`, which is what `python: …` on a line of its own is in YAML."""
        if [key.text for key, _ in node] != ["python"]:
            return place.takes(self, node)
        reference = node.entries[0].value
        return _callable(text_of(reference) or described(reference), reference, place)

    def _address(self, text: str, node: Node, place: Place) -> Any:
        if re.fullmatch(_HTTPS, text) or re.fullmatch(_HTTP, text):
            return text
        scheme = text.partition(":")[0].lower()
        if scheme == "http":
            hint = "Use https; plain http is for localhost, 127.0.0.1 and [::1]."
            return place.wrong(node, "`source` takes plain http from this machine only", hint)
        if scheme == "https":
            return place.wrong(node, f"`source` takes {self.expects}; {quoted(text)} is no such address")
        hint = "Write the path without it." if scheme == "file" else "Download the model and name the file or folder."
        return place.wrong(node, f"`source` takes https addresses, not {quoted(scheme + ':')}", hint)

    def schema(self) -> dict[str, Any]:
        path = rf"(?!{PYTHON}){PathTo.PATTERN}"
        texts = {"type": "string", "pattern": rf"^(?:{path}|{PYTHON}\s*{_CALLABLE}\s*|{_HTTPS}|{_HTTP})$"}
        mapping = {
            "type": "object",
            "properties": {"python": {"type": "string", "pattern": f"^{_CALLABLE}$"}},
            "required": ["python"],
            "additionalProperties": False,
        }
        return {"anyOf": [texts, mapping]}


def kind_of(source: str, stated: InputFormat | None) -> InputFormat | None:
    """Return the kind of a source as far as it can be known without looking at it."""
    if source.startswith(PYTHON):
        return "python"
    if is_address(source):
        return "tf_hub"
    name = Path(source).name.lower()
    if stated is None and name != "saved_model.pb":
        return kind_by_name(name)
    return stated


def is_address(source: str) -> bool:
    """Whether a source is to be fetched."""
    return source.startswith(("https://", "http://"))


def _callable(reference: str, node: Node, place: Place) -> Any:
    if re.fullmatch(_CALLABLE, reference):
        return PYTHON + reference
    return place.wrong(node, f"a `python:` source is package.module:function, not {quoted(reference)}")


_PATH: Final = PathTo("the model", "models/net.keras")
