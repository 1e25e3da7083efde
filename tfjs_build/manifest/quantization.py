"""The value of `quantize`: `none`, one dtype for all weights, or a mapping from dtypes to `true` or to patterns."""

from __future__ import annotations

from typing import Any, Final

from tfjs_build.manifest.faults import listed, nearest, quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place, text_of
from tfjs_build.manifest.scalars import Text
from tfjs_build.manifest.structures import ListOf
from tfjs_build.manifest.tree import Mapping, Node, Scalar, Sequence
from tfjs_build.model import Quantize

_PATTERN: Final = Text("true, a pattern or a list of patterns on weight names", "pattern")
_PATTERNS: Final = ListOf("patterns", '"*/kernel"', Text("a pattern on weight names"), least=1)


class Quantization(Kind):
    """Which weights are stored in which dtype; read as a Quantize."""

    def __init__(self, dtypes: tuple[str, ...]) -> None:
        self.dtypes = dtypes
        self.expects = f'none, {listed(dtypes)}, or a mapping such as {{ uint8: true }} or {{ uint8: ["*/kernel"] }}'
        self.type = f"{listed(f'`{word}`' for word in ('none', *dtypes))}, or mapping from dtype to `true` or patterns"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Mapping):
            return self._rules(node, place)
        text = text_of(node)
        if text == "none":
            return Quantize()
        if text in self.dtypes:
            return Quantize({text: True})  # type: ignore[dict-item]  # it is one of the dtypes
        near = nearest(text or "", ("none", *self.dtypes))
        return place.takes(self, node, f"Did you mean `{near}`?" if near else "")

    def _rules(self, node: Mapping, place: Place) -> Any:
        rules = {key.text: self._rule(key, value, place.of(key)) for key, value in node}
        clashed = self._clashed(node, place)
        return WRONG if clashed or WRONG in rules.values() else Quantize(rules)  # type: ignore[arg-type]  # checked

    def _rule(self, key: Scalar, node: Node, place: Place) -> Any:
        if key.text not in self.dtypes:
            near = nearest(key.text, self.dtypes)
            message = f"`quantize` takes {listed(self.dtypes, 'or')}, not {quoted(key.text)}"
            return place.wrong(key, message, f"Did you mean `{near}`?" if near else "")
        if isinstance(node, Sequence):
            return _PATTERNS.read(node, place)
        if isinstance(node, Scalar) and node.value is True:
            return True
        pattern = _PATTERN.read(node, place) if text_of(node) else place.takes(_PATTERN, node)
        return WRONG if pattern is WRONG else (pattern,)

    def _clashed(self, node: Mapping, place: Place) -> bool:
        """Look for two dtypes for the same weights: `true` twice, or one pattern twice."""
        first: dict[str | bool, Scalar] = {}
        clashed = False
        for key, value in node:
            if key.text not in self.dtypes:
                continue
            for rule in value.items if isinstance(value, Sequence) else (value,):
                weights = True if isinstance(rule, Scalar) and rule.value is True else text_of(rule)
                other = first.setdefault(weights, key) if weights else key
                if other is not key:
                    what = "all weights" if weights is True else f"the weights {quoted(str(weights))}"
                    place.wrong(rule, f"`quantize` gives {what} two dtypes, {other.text} and {key.text}")
                    clashed = True
        return clashed

    def schema(self) -> dict[str, Any]:
        rule: dict[str, Any] = {"anyOf": [{"const": True}, _PATTERN.schema(), _PATTERNS.schema()]}
        properties = dict.fromkeys(self.dtypes, rule)
        mapping = {"type": "object", "properties": properties, "additionalProperties": False}
        return {"anyOf": [{"enum": ["none", *self.dtypes]}, mapping]}
