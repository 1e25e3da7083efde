"""The value of `quantize`: `none`, one dtype for all weights, or a mapping from dtypes to `true` or to patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tfjs_build.manifest import tree
from tfjs_build.manifest.faults import listed, nearest, quoted
from tfjs_build.manifest.kinds import WRONG, ListOf, Place, Text
from tfjs_build.manifest.model import Quantize
from tfjs_build.manifest.tree import Node, Scalar

PATTERN: Final = Text("true, a pattern or a list of patterns on weight names", "pattern")
PATTERNS: Final = ListOf("patterns", '"*/kernel"', Text("a pattern on weight names"), least=1)


@dataclass(frozen=True)
class Quantization:
    """`none`, one dtype for all weights, or a mapping from dtypes to `true`, a pattern or patterns."""

    dtypes: tuple[str, ...]

    @property
    def expects(self) -> str:
        return f'none, {listed(self.dtypes)}, or a mapping such as {{ uint8: true }} or {{ uint8: ["*/kernel"] }}'

    @property
    def type(self) -> str:
        words = ("none", *self.dtypes)
        return f"{listed((f'`{word}`' for word in words), 'or')}, or mapping from dtype to `true` or patterns"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Scalar):
            if node.text == "none":
                return Quantize()
            if node.text in self.dtypes:
                return Quantize({node.text: True})  # type: ignore[dict-item]  # it is one of the dtypes
            near = nearest(node.text, ("none", *self.dtypes)) if node.text else ""
            return place.takes(self, node, f"Did you mean `{near}`?" if near else "")
        if not isinstance(node, tree.Mapping):
            return place.takes(self, node)
        rules = {key.text: self._rule(key, value, place.of(key)) for key, value in node}
        sound = WRONG not in rules.values()
        return Quantize(rules) if self._agree(node, place) and sound else WRONG  # type: ignore[arg-type]  # checked

    def _rule(self, key: Scalar, node: Node, place: Place) -> Any:
        if key.text not in self.dtypes:
            near = nearest(key.text, self.dtypes)
            hint = f"Did you mean `{near}`?" if near else ""
            known = listed(self.dtypes, "and")
            return place.wrong(key, f"{quoted(key.text)} is no dtype for `quantize`, which knows {known}", hint)
        if isinstance(node, Scalar) and node.value is True:
            return True
        if isinstance(node, Scalar):
            pattern = PATTERN.read(node, place)
            return pattern if pattern is WRONG else (pattern,)
        return PATTERNS.read(node, place)

    def _agree(self, node: tree.Mapping, place: Place) -> bool:
        """Look for two dtypes for the same weights: `true` twice, or one pattern twice."""
        first: dict[str | bool, Scalar] = {}
        sound = True
        for key, value in node:
            if key.text not in self.dtypes:
                continue
            for rule in value.items if isinstance(value, tree.Sequence) else (value,):
                if not isinstance(rule, Scalar) or rule.value in (None, False):
                    continue
                text = True if rule.value is True else rule.text
                other = first.setdefault(text, key)
                if other is not key:
                    what = "all weights" if text is True else f"the weights {quoted(rule.text)}"
                    place.wrong(rule, f"`quantize` gives {what} two dtypes, {other.text} and {key.text}")
                    sound = False
        return sound

    def schema(self) -> dict[str, Any]:
        rule: dict[str, Any] = {"anyOf": [{"const": True}, PATTERN.schema(), PATTERNS.schema()]}
        properties = dict.fromkeys(self.dtypes, rule)
        mapping = {"type": "object", "properties": properties, "additionalProperties": False}
        return {"anyOf": [{"enum": ["none", *self.dtypes]}, mapping]}
