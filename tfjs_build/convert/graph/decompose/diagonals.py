"""Diagonals of matrices: entries are moved by their places, so that those beside an infinite one stay what they are."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, product, reshape, size, times
from tfjs_build.records import record


@record(frozen=True)
class _Band:
    """Diagonals from `low` to `high` of a matrix, 0 being the main one, above it the positive ones. `align` says on
    which side diagonals shorter than the longest stand: that of those above, then that of those below."""

    low: int
    high: int
    rows: Size
    columns: Size
    align: str

    @property
    def count(self) -> int:
        """How many diagonals there are."""
        return self.high - self.low + 1


@rule("Diag")
def _tensor(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    """A tensor of twice the rank, with zeros where the first half of the places is not the second."""
    x = inputs[0]
    if x.rank is None:
        raise refuse(b, "Diag", "the rank of its input is not known.")
    sizes = [size(b, x, axis) for axis in range(x.rank)]
    return reshape(b, b.MatrixDiag(b.Reshape(x, [-1])), [*sizes, *sizes])


@rule("DiagPart")
def _tensor_part(b: Builder, inputs: Inputs, _attrs: Attrs) -> Result:
    x = inputs[0]
    if x.rank is None:
        raise refuse(b, "DiagPart", "the rank of its input is not known.")
    sizes = [size(b, x, axis) for axis in range(x.rank // 2)]
    whole = product(b, sizes)
    return reshape(b, b.MatrixDiagPart(reshape(b, x, [whole, whole])), sizes)


@rule("MatrixDiag", "MatrixDiagV2", "MatrixDiagV3")
def _spread(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """Matrices with given diagonals."""
    x, low, high = inputs[0], *_offsets(b, "MatrixDiag", inputs[1:2])
    longest = size(b, x, -1)
    rows, columns = _shape(b, inputs[2:4], _more(b, longest, max(0, -high)), _more(b, longest, max(0, low)))
    band = _Band(low, high, rows, columns, _align(attrs))
    fill = inputs[4] if len(inputs) > 4 else b.Cast(b.const(0, "int32"), DstT=x.dtype)
    return _filled(b, x, band, fill)


@rule("MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3")
def _replaced(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    x, diagonal = inputs[:2]
    low, high = _offsets(b, "MatrixSetDiag", inputs[2:3])
    return _filled(b, diagonal, _Band(low, high, size(b, x, -2), size(b, x, -1), _align(attrs)), x)


@rule("MatrixDiagPart", "MatrixDiagPartV2", "MatrixDiagPartV3")
def _part(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    """The diagonals of matrices, one below the other where there are several."""
    x, low, high = inputs[0], *_offsets(b, "MatrixDiagPart", inputs[1:2])
    if x.rank is None:
        raise refuse(b, "MatrixDiagPart", "the rank of its input is not known.")
    band = _Band(low, high, size(b, x, -2), size(b, x, -1), _align(attrs))
    longest = _longest(b, band)
    offset = b.ExpandDims(b.Range(high, low - 1, -1), 1)
    place = b.ExpandDims(b.Range(0, longest, 1), 0) - _begin(b, band, offset, longest)
    row, column = place + b.Maximum(-offset, 0), place + b.Maximum(offset, 0)
    places = row * band.columns + column
    lead = [size(b, x, axis) for axis in range(x.rank - 2)]
    flat = reshape(b, x, [*lead, times(b, band.rows, band.columns)])
    if band.count == 1:
        return b.GatherV2(flat, b.Reshape(places, [-1]), x.rank - 2)
    inside = b.LogicalAnd(b.GreaterEqual(place, 0), b.LogicalAnd(b.Less(row, band.rows), b.Less(column, band.columns)))
    taken = b.GatherV2(flat, b.SelectV2(inside, places, b.ZerosLike(places)), x.rank - 2)
    fill = inputs[2] if len(inputs) > 2 else b.Cast(b.const(0, "int32"), DstT=x.dtype)
    return b.SelectV2(inside, taken, fill)


def _filled(b: Builder, diagonals: Value, band: _Band, other: Value) -> Value:
    """Return matrices with `diagonals` in the band, and `other` (a scalar, or matrices) beside it."""
    if diagonals.rank is None:
        raise refuse(b, "MatrixDiag", "the rank of the diagonals is not known.")
    row = b.ExpandDims(b.Range(0, band.rows, 1), 1)
    column = b.ExpandDims(b.Range(0, band.columns, 1), 0)
    offset = column - row
    if band.low == band.high == 0 and (band.rows is band.columns or band.rows == band.columns):
        return b.SelectV2(b.Equal(offset, 0), b.ExpandDims(diagonals, -1), other)
    longest = size(b, diagonals, -1)
    inside = b.LogicalAnd(b.GreaterEqual(offset, band.low), b.LessEqual(offset, band.high))
    place = b.Minimum(row, column) + _begin(b, band, offset, longest)
    places = b.SelectV2(inside, (band.high - offset) * longest + place, b.ZerosLike(offset))
    axes = diagonals.rank - (1 if band.count == 1 else 2)
    lead = [size(b, diagonals, axis) for axis in range(axes)]
    flat = reshape(b, diagonals, [*lead, times(b, band.count, longest)])
    return b.SelectV2(inside, b.GatherV2(flat, places, axes), other)


def _begin(b: Builder, band: _Band, offset: Value, longest: Size) -> Value:
    """Return where in its row each diagonal begins: at 0, or so that it ends with the longest."""
    if band.count == 1:
        return b.ZerosLike(offset)
    above, below = (side == "RIGHT" for side in band.align.split("_"))
    length = b.Minimum(band.rows + b.Minimum(offset, 0), band.columns - b.Maximum(offset, 0))
    right = longest - length
    left = b.ZerosLike(offset)
    # The main diagonal is among the longest: on either side it begins at 0.
    return b.SelectV2(b.Greater(offset, 0), right if above else left, right if below else left)


def _longest(b: Builder, band: _Band) -> Size:
    rows, columns = _more(b, band.rows, min(0, band.high)), _more(b, band.columns, -max(0, band.low))
    return min(rows, columns) if isinstance(rows, int) and isinstance(columns, int) else b.Minimum(rows, columns)


def _more(b: Builder, length: Size, more: int) -> Size:
    if more == 0:
        return length
    return length + more if isinstance(length, int) else b.AddV2(length, more)


def _shape(b: Builder, given: Inputs, rows: Size, columns: Size) -> tuple[Size, Size]:
    """Return rows and columns: as they are given, else as many as it takes; a square where neither is."""
    wanted = [None if value.ints == (-1,) else value.ints[0] if value.ints else value for value in given]
    first, second = wanted if len(wanted) == 2 else (None, None)
    if first is None and second is None:
        if isinstance(rows, int) and isinstance(columns, int):
            rows = columns = max(rows, columns)
        elif rows is not columns:
            rows = columns = b.Maximum(rows, columns)
        return rows, columns
    return rows if first is None else first, columns if second is None else second


def _offsets(b: Builder, op: str, given: Inputs) -> tuple[int, int]:
    """Return the lowest and the highest diagonal."""
    numbers = given[0].ints if given else (0,)
    if numbers is None:
        raise refuse(b, op, "which diagonals it means is not known when converting (k).")
    return numbers[0], numbers[-1]


def _align(attrs: Attrs) -> str:
    """Return how diagonals are aligned: the second version of these ops has them all on the left."""
    return str(attrs.get("align", "LEFT_LEFT"))
