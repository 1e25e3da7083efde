"""Reductions beyond the ranks of webgpu: neighbouring axes that are both kept, or both reduced, are merged.

webgpu forgets to keep the axes of a small product, whatever its rank, and moves integers wrongly. webgl looks for the
largest from -1e20 on, and for the smallest from 1e20 (`ReduceProgram`): where infinities and their like stand for what
is masked, and nothing else is left, they are put back.
"""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.graph.bounds import MOVES
from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.infer.shapes import axis_of
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.portable import axes, integers
from tfjs_build.convert.graph.portable.registry import MOST_RANK, portable_rule
from tfjs_build.convert.graph.replacing import Attrs, Inputs
from tfjs_build.convert.graph.sizes import Size

_MOST: Final = 1e20
_PICKS_NAMES: Final = "Add AddV2 ConcatV2 Maximum Minimum Mul Pad PadV2 Select SelectV2 Sub"
_PICKS: Final = MOVES | frozenset(_PICKS_NAMES.split())
"""Ops through which a mask comes to be among numbers, or that choose among them."""


def masked(op: str, x: Value) -> float | None:
    """Return the one number that masks some of those of which the largest or the smallest is looked for, where webgl
    starts nearer to zero."""
    if op not in ("Max", "Min") or x.dtype != "float32":
        return None
    sign = -1 if op == "Max" else 1
    numbers, seen, stack = set[float](), set[Value](), [x]
    while stack:
        value = stack.pop()
        if value in seen or value.dtype != "float32":
            continue
        seen.add(value)
        if value.constant is not None and value.constant.size == 1:
            number = float(value.constant.array().reshape(-1)[0])
            if number * sign > _MOST:
                numbers.add(number)
        elif value.node.op in _PICKS:
            stack += value.node.inputs
    return numbers.pop() if len(numbers) == 1 else None


def _reduction(op: str) -> None:
    @portable_rule(op)
    def rule(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        found = by_groups(b, inputs, attrs)
        if (hidden := masked(op, inputs[0])) is not None:
            found = b.multi(op, *inputs, **attrs)[0] if found is None else found
            none = b.LessEqual(found, -_MOST) if op == "Max" else b.GreaterEqual(found, _MOST)
            return b.SelectV2(b.LogicalNot(none), found, hidden)  # of no rows, it gives as many as `found` has
        return found

    def by_groups(b: Builder, inputs: Inputs, attrs: Attrs) -> Value | None:
        """Reduce neighbouring axes together, None where the op itself is right."""
        x, along = inputs[0], inputs[1].ints
        if x.rank is None or along is None:
            return None
        rank = x.rank
        reduced = {axis_of(axis, rank) for axis in along}
        forgotten = op == "Prod" and attrs.get("keep_dims")
        moves = (integers.concerned(x) or integers.cast(x)) and reduced != set(range(rank - len(reduced), rank))
        if rank <= MOST_RANK and not forgotten and not moves:
            return None
        if integers.cast(x):
            computed = integers.floats(b, x)
            if rank <= MOST_RANK and not forgotten:
                return b.multi(op, computed, inputs[1], **attrs)[0]
            x = computed
        groups = [[0]]
        for axis in range(1, rank):
            if (axis in reduced) == (axis - 1 in reduced):
                groups[-1].append(axis)
            else:
                groups.append([axis])
        if len(groups) > MOST_RANK:
            return None
        places = [place for place, group in enumerate(groups) if group[0] in reduced]
        merged = axes.merge(b, x, groups)
        if integers.concerned(merged) and moves and (merged.static is not None or x.dtype == "bool"):
            merged = b.Transpose(merged, [*(at for at in range(len(groups)) if at not in places), *places])
            places = list(range(len(groups) - len(places), len(groups)))
        found = b.multi(op, merged, b.const(places, "int32"), **{**attrs, "keep_dims": False})[0]
        kept: list[Size] = [
            1 if axis in reduced else size
            for axis, size in enumerate(axes.all_sizes(b, x))
            if attrs.get("keep_dims") or axis not in reduced
        ]
        return axes.part(b, found, kept)


for _op in ("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"):
    _reduction(_op)
