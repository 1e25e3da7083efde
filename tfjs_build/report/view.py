"""What the page shows of a model, laid out: cells of the treemap, sums by coding, the marks of the curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tfjs_build.records import record
from tfjs_build.report.chart import Chart, chart, letters
from tfjs_build.report.facts import Facts, Lack, Point, StoredWeight
from tfjs_build.report.history import Comparison, Version, by_layer, layer_of
from tfjs_build.report.measured import BACKENDS
from tfjs_build.report.page_code import Code
from tfjs_build.report.treemap import Box, squarified

STORED: Final = ("float32", "float16", "uint16", "uint8", "int32", "bool", "string", "complex64")
"""What weights are stored as, in the order of the legend; each has a colour and a pattern of its own in page.css."""

_WIDTH, _HEIGHT = 100.0, 42.0
_MOST_CELLS: Final = 120
_LEAST_PART: Final = 3e-4
"""Of a treemap: each cell is a stop for the keyboard, and smaller ones could not be told apart."""


@record(frozen=True)
class Cell:
    """A rectangle of the treemap, in percent of its width and height: a weight, or with `weights` over 1 the small ones
    together. `part` is its part of all bytes."""

    name: str
    label: str
    stored: str
    nbytes: int
    part: float
    weights: int
    shape: tuple[int, ...]
    box: Box


@record(frozen=True)
class Share:
    """What all weights of one coding take."""

    stored: str
    weights: int
    nbytes: int
    part: float


@record(frozen=True)
class Tried:
    """A row of the table beneath the curve."""

    letter: str
    point: Point


@record(frozen=True)
class ModelView:
    """A model on the page. `page` is the number of its section; `stale` says why what is published is not what the
    source and tfjs.yaml ask for; `loader` is the bytes of its loader and the runtime, as they lie there and as gzip
    makes them, None where there are none; `minimal` is whether its loader imports a module of its own."""

    name: str
    page: int
    facts: Facts
    stale: Sequence[str]
    cells: Sequence[Cell]
    shares: Sequence[Share]
    layers: int
    chart: Chart | None
    tried: Sequence[Tried]
    verdicts: Mapping[str, Sequence[str]]
    code: Sequence[Code]
    loader: tuple[int, int] | None
    minimal: bool
    comparison: Comparison | None
    versions: Sequence[Version]


def model_view(
    name: str,
    page: int,
    facts: Facts,
    *,
    stale: Sequence[str],
    backends: Sequence[str] | None,
    code: Sequence[Code],
    loader: tuple[int, int] | None,
    minimal: bool,
    comparison: Comparison | None,
    versions: Sequence[Version],
) -> ModelView:
    """Return what the page shows of a model."""
    return ModelView(
        name=name,
        page=page,
        facts=facts,
        stale=stale,
        cells=cells(facts.weights),
        shares=shares(facts.weights),
        layers=len(by_layer({weight.name: 0 for weight in facts.weights})),
        chart=chart(facts.curve) if facts.curve else None,
        tried=[Tried(letter, point) for letter, point in zip(letters(len(facts.curve)), facts.curve, strict=True)],
        verdicts=_verdicts(facts.lacks, backends or BACKENDS),
        code=code,
        loader=loader,
        minimal=minimal,
        comparison=comparison,
        versions=versions,
    )


def shares(weights: Sequence[StoredWeight]) -> list[Share]:
    """Return what each coding takes, those that are not there left out."""
    total = sum(weight.nbytes for weight in weights) or 1
    found = []
    for stored in STORED:
        sizes = [weight.nbytes for weight in weights if weight.stored == stored]
        if sizes:
            found.append(Share(stored, len(sizes), sum(sizes), sum(sizes) / total))
    return found


def cells(weights: Sequence[StoredWeight]) -> list[Cell]:
    """Return the treemap: layers side by side, in each its weights; the smallest weights are one cell at the end."""
    ordered = sorted((weight for weight in weights if weight.nbytes), key=lambda each: (-each.nbytes, each.name))
    total = sum(weight.nbytes for weight in ordered) or 1
    count = min(_MOST_CELLS, sum(weight.nbytes >= _LEAST_PART * total for weight in ordered))
    if len(ordered) - count == 1:
        count += 1
    shown, rest = ordered[:count], ordered[count:]
    layers: dict[str, list[StoredWeight]] = {}
    for weight in shown:
        layers.setdefault(layer_of(weight.name), []).append(weight)
    groups = sorted(layers.values(), key=lambda group: -sum(weight.nbytes for weight in group))
    sizes = [float(sum(weight.nbytes for weight in group)) for group in groups]
    left = sum(weight.nbytes for weight in rest)
    boxes = squarified([*sizes, float(left)] if rest else sizes, Box(0, 0, _WIDTH, _HEIGHT))
    common = _common([layer_of(weight.name) for weight in shown])
    found = []
    for group, outer in zip(groups, boxes, strict=False):
        for weight, box in zip(group, squarified([float(each.nbytes) for each in group], outer), strict=True):
            label = layer_of(weight.name).removeprefix(common) if weight is group[0] else weight.name.rpartition("/")[2]
            found.append(_cell(weight, label, total, box))
    if rest:
        stored = {weight.stored for weight in rest}
        kind = stored.pop() if len(stored) == 1 else "several"
        name = f"{len(rest)} smaller weights"
        found.append(Cell(name, name, kind, left, left / total, len(rest), (), _in_percent(boxes[-1])))
    return found


def _common(layers: Sequence[str]) -> str:
    """Return the longest beginning, up to a slash, that more than half of the layers' names have: labels do without."""
    counts: dict[str, int] = {}
    for layer in layers:
        for at, char in enumerate(layer):
            if char == "/":
                counts[layer[: at + 1]] = counts.get(layer[: at + 1], 0) + 1
    return max((each for each, count in counts.items() if 2 * count > len(layers)), key=len, default="")


def _cell(weight: StoredWeight, label: str, total: int, box: Box) -> Cell:
    part = weight.nbytes / total
    return Cell(weight.name, label, weight.stored, weight.nbytes, part, 1, weight.shape, _in_percent(box))


def _in_percent(box: Box) -> Box:
    across, down = 100 / _WIDTH, 100 / _HEIGHT
    return Box(box.left * across, box.top * down, box.width * across, box.height * down)


def _verdicts(lacks: Sequence[Lack], backends: Sequence[str]) -> dict[str, list[str]]:
    """Return what each of the backends lacks, in the order in which reports have them."""
    return {
        backend: [lack.text for lack in lacks if lack.backend == backend] for backend in BACKENDS if backend in backends
    }
