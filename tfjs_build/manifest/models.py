"""The value of `models`: names, which become folders, files and JavaScript names, and the keys given to each."""

from __future__ import annotations

from typing import Any, NamedTuple

from tfjs_build import names
from tfjs_build.manifest.faults import quoted
from tfjs_build.manifest.kinds import Kind, Place, text_of
from tfjs_build.manifest.record import Found, Record
from tfjs_build.manifest.tree import Mapping, Node, Scalar


class Given(NamedTuple):
    """A model as it stands in the manifest: where its name is, and the keys that it has itself."""

    name: Scalar
    found: dict[str, Found]


class Models(Kind):
    """A mapping from names to models, empty where there are none (yet); read as a list of Given."""

    expects = "a mapping of names and models, such as { digits: { source: models/digits.keras } }"
    type = "mapping"

    def __init__(self, model: Record) -> None:
        self.model = model

    def read(self, node: Node, place: Place) -> Any:
        if not isinstance(node, Mapping):
            return place.takes(self, node, "Without any model it is `models: {}`." if node.span.empty else "")
        _check_names([key for key, _ in node], place)
        given = []
        for key, value in node:
            inside, text = place.named(key), text_of(value)
            if isinstance(value, Mapping):
                given.append(Given(key, self.model.read(value, inside)))
            else:
                inside.takes(self.model, value, f"Write `{{ source: {text} }}`." if text else "")
        return given

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^(?:{names.FORM})$", "maxLength": names.MAX_LENGTH},
            "additionalProperties": {"$ref": "#/definitions/model"},
        }


def _check_names(keys: list[Scalar], place: Place) -> None:
    """Record names that no model can have, and names that clash with one before."""
    every = [key.text for key in keys]
    claimed: dict[str, Scalar] = {}
    for key in keys:
        problem = names.problem(key.text)
        claims = names.claims(key.text)
        shared = next((claim for claim in claims if claim in claimed), None)
        if problem:
            others = [name for name in every if name != key.text]
            proposal = names.proposal(key.text, others)
            place.wrong(key, f"{quoted(key.text)} {problem}", f"Call it `{proposal}`, for example.")
        elif shared is not None:
            other = claimed[shared]
            both = f"{quoted(key.text)} and {quoted(other.text)} (line {other.span.line + 1})"
            proposal = names.proposal(key.text, every)
            place.wrong(key, f"{both} {claims[shared]}", f"Call one of them `{proposal}`, for example.")
        else:
            claimed |= dict.fromkeys(claims, key)
