"""The value of `quantize`: `none`, `auto`, a dtype for all weights, or a mapping from these to what they are for."""

from __future__ import annotations

from typing import Any, Final

from tfjs_build.manifest.faults import listed, nearest, quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place, text_of
from tfjs_build.manifest.record import Field, Record, values
from tfjs_build.manifest.scalars import Positive, Size, Text
from tfjs_build.manifest.structures import ListOf
from tfjs_build.manifest.tree import Mapping, Node, Scalar, Sequence
from tfjs_build.model import Auto, Quantize

_AUTO: Final = "auto"

AUTO_FIELDS: Final = (
    Field("error", Positive("0.01"), "How far an output may be off, as a part of its largest number.", default=0.01),
    Field("size", Size("2MB"), "How large the weights may be together, instead of `error`.", words=("max_size",)),
)
_CHOSEN: Final = Record(AUTO_FIELDS, "true, or a mapping such as { error: 0.01 } or { size: 2MB }")

_PATTERN: Final = Text("true, a pattern or a list of patterns on weight names", "pattern")
_PATTERNS: Final = ListOf("patterns", '"*/kernel"', Text("a pattern on weight names"), least=1)


class Quantization(Kind):
    """Which weights are stored in which dtype; read as a Quantize."""

    def __init__(self, dtypes: tuple[str, ...]) -> None:
        self.dtypes = dtypes
        self.words = ("none", _AUTO, *dtypes)
        mapping = '{ auto: { error: 0.01 } } or { uint8: ["*/kernel"] }'
        self.expects = f"none, auto, {listed(dtypes)}, or a mapping such as {mapping}"
        words = listed(f"`{word}`" for word in self.words)
        self.type = f"{words}, or mapping from these to `true`, patterns or, of `auto`, its aim"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Mapping):
            return self._rules(node, place)
        text = text_of(node)
        if text == "none":
            return Quantize()
        if text == _AUTO:
            return Quantize(auto=Auto())
        if text in self.dtypes:
            return Quantize({text: True})  # type: ignore[dict-item]  # it is one of the dtypes
        near = nearest(text or "", self.words)
        return place.takes(self, node, f"Did you mean `{near}`?" if near else "")

    def _rules(self, node: Mapping, place: Place) -> Any:
        rules = {key.text: self._rule(key, value, place.of(key)) for key, value in node}
        clashed = self._clashed(node, place)
        auto = rules.pop(_AUTO, None)
        if clashed or auto is WRONG or WRONG in rules.values():
            return WRONG
        return Quantize(rules, auto)  # type: ignore[arg-type]  # checked

    def _rule(self, key: Scalar, node: Node, place: Place) -> Any:
        if key.text == _AUTO:
            return self._auto(node, place)
        if key.text not in self.dtypes:
            near = nearest(key.text, self.words[1:])
            message = f"`quantize` takes {listed(self.words[1:], 'or')}, not {quoted(key.text)}"
            return place.wrong(key, message, f"Did you mean `{near}`?" if near else "")
        if isinstance(node, Sequence):
            return _PATTERNS.read(node, place)
        if isinstance(node, Scalar) and node.value is True:
            return True
        pattern = _PATTERN.read(node, place) if text_of(node) else place.takes(_PATTERN, node)
        return WRONG if pattern is WRONG else (pattern,)

    def _auto(self, node: Node, place: Place) -> Any:
        if isinstance(node, Scalar) and node.value is True:
            return Auto()
        found = _CHOSEN.read(node, place)
        if found is WRONG or any(each.value is WRONG for each in found.values()):
            return WRONG
        if len(found) > 1:
            return place.wrong(found["size"].key, "`auto` takes `error` or `size`, not both")
        return Auto(**values(found))

    def _clashed(self, node: Mapping, place: Place) -> bool:
        """Look for two dtypes for the same weights: `true` twice, or one pattern twice."""
        first: dict[str | bool, Scalar] = {}
        clashed = False
        for key, value in node:
            if key.text not in self.words:
                continue
            rules = value.items if isinstance(value, Sequence) else (value,)
            if key.text == _AUTO and isinstance(value, Mapping):
                rules = (Scalar(value.span, "true", True),)
            for rule in rules:
                weights = True if isinstance(rule, Scalar) and rule.value is True else text_of(rule)
                other = first.setdefault(weights, key) if weights else key
                if other is not key:
                    what = "all weights" if weights is True else f"the weights {quoted(str(weights))}"
                    place.wrong(rule, f"`quantize` gives {what} two dtypes, {other.text} and {key.text}")
                    clashed = True
        return clashed

    def schema(self) -> dict[str, Any]:
        rule: dict[str, Any] = {"anyOf": [{"const": True}, _PATTERN.schema(), _PATTERNS.schema()]}
        auto = {"anyOf": [{"const": True}, {**_CHOSEN.schema(), "maxProperties": 1}]}
        properties = {_AUTO: auto, **dict.fromkeys(self.dtypes, rule)}
        mapping = {"type": "object", "properties": properties, "additionalProperties": False}
        return {"anyOf": [{"enum": list(self.words)}, mapping]}
