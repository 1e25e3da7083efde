"""A place that is a folder, or an address that fsspec can open, such as `s3://bucket/models`."""

from __future__ import annotations

import re
from typing import Any, Final

from tfjs_build.manifest.faults import quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place, quoting_hint, text_of
from tfjs_build.manifest.scalars import PathTo
from tfjs_build.manifest.tree import Node

_ADDRESS: Final = r"(?!file:)[a-z][a-z0-9+.-]+://[^\s:?#@\\/][^\s:?#@\\]*(?::[0-9]{1,5}(?:/[^\s:?#@\\]*)?)?"
"""No credentials, which are not for a file that is committed, and none of fsspec's chains (`a::b`)."""


class FolderOrAddress(Kind):
    """A folder, read as an absolute path; or an address, as it is written but for slashes at its end."""

    expects = "a folder, or an address such as s3://bucket/models"
    type = "path or address"

    def read(self, node: Node, place: Place) -> Any:
        text = text_of(node)
        if text is None:
            return place.takes(self, node, quoting_hint(node))
        if re.fullmatch(_ADDRESS, text):
            return text.rstrip("/")
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text):
            if text.lower().startswith("file:"):
                return place.wrong(node, f"{quoted(place.key)} takes {self.expects}", "Write the path without `file:`.")
            hint = "Credentials come from the environment, such as AWS_PROFILE." if "@" in text else ""
            return place.wrong(node, f"{quoted(place.key)} takes {self.expects}, not the address {quoted(text)}", hint)
        path = _FOLDER.read(node, place)
        return WRONG if path is WRONG else str(path)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": rf"^(?:{PathTo.PATTERN}|{_ADDRESS})$"}


_FOLDER: Final = PathTo("a folder", "/mnt/models-cache")
