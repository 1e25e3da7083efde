"""The value of `pixels`: the range that pictures are brought to, or a mapping with all that there is to say."""

from __future__ import annotations

from typing import Any

from tfjs_build.manifest.faults import quoted
from tfjs_build.manifest.kinds import WRONG, Kind, Place, number_of, text_of
from tfjs_build.manifest.record import Found, Record, values
from tfjs_build.manifest.tree import Mapping, Node, Scalar, Sequence
from tfjs_build.model import Pixels

_MOST_CHANNELS = 3


class Range(Kind):
    """Two numbers, the lower one first; read as a tuple of floats."""

    expects = "a range of two numbers such as [0, 1] or [-1, 1]"
    type = "[low, high]"

    def read(self, node: Node, place: Place) -> Any:
        numbers = [number_of(item) for item in node.items] if isinstance(node, Sequence) else []
        if len(numbers) != 2 or None in numbers:
            return place.takes(self, node)
        low, high = (float(number) for number in numbers if number is not None)
        if not low < high:
            return place.wrong(node, f"{quoted(place.key)} goes from {low:g} to {high:g}: the lower number comes first")
        return low, high

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


class Numbers(Kind):
    """A number, or a list with one for each channel; read as a tuple of floats."""

    type = "number, or list of numbers"

    def __init__(self, example: str, *, positive: bool = False) -> None:
        self.positive = positive
        of = " above 0" if positive else ""
        self.expects = f"a number{of}, or three, one for each channel, such as {example}"

    def read(self, node: Node, place: Place) -> Any:
        items = node.items if isinstance(node, Sequence) else (node,)
        numbers = [number_of(item) for item in items]
        sound = [float(number) for number in numbers if number is not None and (number > 0 or not self.positive)]
        if len(sound) != len(items) or len(items) not in (1, _MOST_CHANNELS):
            return place.takes(self, node)
        return tuple(sound)

    def schema(self) -> dict[str, Any]:
        number = {"type": "number"} | ({"exclusiveMinimum": 0} if self.positive else {})
        one, each = {"minItems": 1, "maxItems": 1}, {"minItems": _MOST_CHANNELS, "maxItems": _MOST_CHANNELS}
        lists = [{"type": "array", "items": number, **count} for count in (one, each)]
        return {"anyOf": [number, *lists]}


class PixelsForm(Kind):
    """How pictures become an input; read as Pixels."""

    type = "[low, high], or mapping"

    def __init__(self, record: Record) -> None:
        self.record = record
        self.range = Range()
        self.expects = f"{self.range.expects}, or {record.expects}"

    def read(self, node: Node, place: Place) -> Any:
        if isinstance(node, Sequence):
            range = self.range.read(node, place)
            return WRONG if range is WRONG else Pixels(range=range)
        if not isinstance(node, Mapping):
            return place.takes(self, node, _hint(node))
        found: dict[str, Found] = self.record.read(node, place)
        other = next((found[key] for key in ("mean", "std") if key in found), None)
        if other is not None and "range" in found:
            message = (
                f"{quoted(place.key)} has both `range` and `{other.key.text}`, which say the same thing in two ways"
            )
            return place.wrong(other.key, message, "Keep one of them.")
        return WRONG if any(each.value is WRONG for each in found.values()) else Pixels(**values(found))

    def schema(self) -> dict[str, Any]:
        both = {"not": {"required": ["range"], "anyOf": [{"required": ["mean"]}, {"required": ["std"]}]}}
        return {"anyOf": [self.range.schema(), self.record.schema() | both]}


def _hint(node: Node) -> str:
    if isinstance(node, Scalar) and node.value is True:
        return "Write `[0, 1]`, or whatever range the model was trained on."
    return "Write `[0, 1]`." if text_of(node) else ""
