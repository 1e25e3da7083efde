"""What `verify` found, in words: for each model a heading, below it a line for each backend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfjs_build.events import Untried, Verified

_MOST_OUTPUTS = 8

_MOST_OUTPUTS = 8


def heading(event: Verified) -> str:
    """Return what is said of a model once: whose numbers its own are compared with, or that it only runs."""
    if event.mode == "smoke":
        return "runs, and is not compared" if event.ok else "does not run as it should"
    count = "1 sample" if event.samples == 1 else f"{event.samples} samples"
    return f"beside {event.reference}, {count}"


def verdict(event: Verified) -> list[str]:
    """Return what is said of a model on a backend, the most important first."""
    compared = list(_differences(event))
    half = "half-float textures: numbers have three digits, and 0.1 of the largest is let pass"
    return [*event.problems, *(compared or ["runs"] * event.ok), *([half] if event.half_floats else [])]


def where(event: Verified) -> str:
    """Return what it ran on."""
    return ", ".join(filter(None, (event.device, renderer(event))))


def renderer(event: Verified) -> str:
    """Return the GPU, as people know it: what is between maker and driver in `ANGLE (maker, GPU, driver)`."""
    name = event.renderer or ""
    if "swiftshader" in name.lower():
        return "rendered in software (SwiftShader)"
    if "llvmpipe" in name.lower():
        return "rendered in software (llvmpipe)"
    angle = re.fullmatch(r"ANGLE \((?:[^,]*), (.*?)(?:, [^,]*)?\)", name)
    return angle[1] if angle else name


def not_tried(event: Untried) -> str:
    """Return what could not be tried, and why."""
    what = f"not tried on {event.backend}" if event.backend else "not tried beside its source"
    return f"{what}: {event.message}" + (f" ({event.hint})" if event.hint else "")


def _differences(event: Verified) -> Iterator[str]:
    costs = {str(each["output"]): each for each in event.quantization or ()}
    outputs = sorted(event.outputs, key=lambda each: -each["absolute"])
    for each in outputs[:1] if len(outputs) > _MOST_OUTPUTS else event.outputs:  # of many, the one that is farthest off
        yield f"{each['output']} {_off(each)}{_agreement(each)}"
        cost = costs.get(str(each["output"]))
        if cost is not None:
            yield f"{each['output']}: quantizing costs {_size(cost)}{_agreement(cost)}"


def _off(each: Mapping[str, Any]) -> str:
    return "equal" if each["absolute"] == 0 and each["relative"] == 0 else f"off by {_size(each)}"


def _size(each: Mapping[str, Any]) -> str:
    relative = each["relative"]
    return f"{each['absolute']:.2g}" + ("" if relative is None else f", {relative:.2g} of the largest")


def _agreement(each: Mapping[str, Any]) -> str:
    return f", arg-max {each['argmax'][0]}/{each['argmax'][1]}" if each["argmax"] else ""


def times(event: Verified) -> str:
    """Return what the first prediction took, and the next; nothing where there was none."""
    if event.first_ms is None:
        return ""
    after = "" if event.next_ms is None else f", then {_milliseconds(event.next_ms)}"
    return f"{_milliseconds(event.first_ms)}{after}"


def _milliseconds(value: float) -> str:
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms" if value < 10_000 else f"{value / 1000:.1f} s"
