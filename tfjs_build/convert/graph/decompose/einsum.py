"""Einsum as transpositions, reshapes and one matrix product: wasm has no kernel for it.

The letters of `ab,bc->ac` are of five kinds: batch (in both terms and the result), contracted (in both terms only),
left and right (in one term and the result), and summed (in one term only). A product has each term as a stack of
matrices, batch first: left × contracted, and contracted × right.
"""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Inputs, Result, refuse, rule
from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.graph.sizes import Size, product, reshape, size

_SPARE = "αβγδεζηθικλμνξοπρστυφχψω"


@rule("Einsum")
def _einsum(b: Builder, inputs: Inputs, attrs: Attrs) -> Result:
    equation = str(attrs["equation"]).replace(" ", "")
    left, arrow, result = equation.partition("->")
    terms = left.split(",")
    if any(value.rank is None for value in inputs):
        raise refuse(b, "Einsum", "the rank of an input is not known.")
    terms, result = _named_dots(terms, result if arrow else _implied(terms), inputs)
    if len(set(result)) != len(result):
        raise refuse(b, "Einsum", f"equation={equation!r} is not supported: its result repeats a letter.")
    inputs, terms = _diagonals(b, inputs, terms)
    if len(terms) == 1:
        value, letters = _summed(b, inputs[0], terms[0], result)
        return _ordered(b, value, letters, result)
    if len(terms) != 2:
        raise refuse(b, "Einsum", f"equation={equation!r} is not supported: it has more than two inputs.")
    return _product(b, inputs[0], inputs[1], terms[0], terms[1], result)


def _diagonals(b: Builder, inputs: Inputs, terms: list[str]) -> tuple[list[Value], list[str]]:
    """Take the diagonal where a term repeats a letter: all that is off it becomes 0, and is summed."""
    values = list(inputs)
    for position, term in enumerate(terms):
        while (letter := next((each for each in term if term.count(each) > 1), None)) is not None:
            first, second = term.index(letter), term.rindex(letter)
            value, rank = values[position], len(term)
            count = size(b, value, first)
            places = [
                b.Reshape(b.Range(0, count, 1), [-1 if i == axis else 1 for i in range(rank)])
                for axis in (first, second)
            ]
            values[position] = b.Sum(b.SelectV2(b.Equal(*places), value, b.ZerosLike(value)), [second])
            term = term[:second] + term[second + 1 :]
        terms = [*terms[:position], term, *terms[position + 1 :]]
    return values, terms


def _implied(terms: list[str]) -> str:
    """Return the result of an equation without arrow: the letters that occur once, sorted, after the dots."""
    letters = "".join(terms).replace(".", "")
    once = "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    return ("..." if any("..." in term for term in terms) else "") + once


def _named_dots(terms: list[str], result: str, inputs: Inputs) -> tuple[list[str], str]:
    """Give letters to the axes that `...` stands for, counted from the last one."""
    most = 0
    named = []
    for term, value in zip(terms, inputs, strict=True):
        count = (value.rank or 0) - len(term.replace("...", "")) if "..." in term else 0
        most = max(most, count)
        named.append(term.replace("...", _SPARE[:count][::-1]))
    return named, result.replace("...", _SPARE[:most][::-1])


def _summed(b: Builder, value: Value, term: str, kept: str) -> tuple[Value, str]:
    """Sum over the letters that occur nowhere else."""
    gone = [axis for axis, letter in enumerate(term) if letter not in kept]
    if not gone:
        return value, term
    return b.Sum(value, gone), "".join(letter for letter in term if letter in kept)


def _ordered(b: Builder, value: Value, letters: str, wanted: str) -> Value:
    if letters == wanted:
        return value
    return b.Transpose(value, [letters.index(letter) for letter in wanted])


def _product(b: Builder, x: Value, y: Value, term_x: str, term_y: str, result: str) -> Value:
    x, term_x = _summed(b, x, term_x, term_y + result)
    y, term_y = _summed(b, y, term_y, term_x + result)
    batch = "".join(letter for letter in result if letter in term_x and letter in term_y)
    contracted = "".join(letter for letter in term_x if letter in term_y and letter not in result)
    left = "".join(letter for letter in term_x if letter not in term_y)
    right = "".join(letter for letter in term_y if letter not in term_x)
    sizes = {letter: size(b, y, axis) for axis, letter in enumerate(term_y)}
    for axis, letter in enumerate(term_x):
        found = size(b, x, axis)
        if not (isinstance(found, int) and found == 1 and letter in sizes):
            sizes[letter] = found
    if not contracted:
        return _outer(b, x, y, term_x, term_y, result)
    there = all(isinstance(sizes[letter], int) for letter in contracted)
    if there and result == batch + right + left and left and right:
        # The terms the other way round: nothing is transposed behind. Not where what is contracted may be nothing:
        # webgl has no product of two such matrices that are transposed.
        x, y, term_x, term_y, left, right = y, x, term_y, term_x, right, left
    a, flip_a = _matrix(b, x, term_x, batch, left, contracted, sizes)
    c, flip_c = _matrix(b, y, term_y, batch, contracted, right, sizes)
    if batch:
        whole = b.BatchMatMulV2(a, c, adj_x=flip_a, adj_y=flip_c)
    else:
        whole = b.MatMul(a, c, transpose_a=flip_a, transpose_b=flip_c)
    letters = batch + left + right
    if len(left) != 1 or len(right) != 1:
        whole = reshape(b, whole, [sizes[letter] for letter in letters])
    return _ordered(b, whole, letters, result)


def _matrix(
    b: Builder, value: Value, term: str, batch: str, rows: str, columns: str, sizes: dict[str, Size]
) -> tuple[Value, bool]:
    """Return a term as a stack of matrices, and whether they lie transposed, which spares a transposition."""
    flip = term == batch + columns + rows and term != batch + rows + columns
    first, second = (columns, rows) if flip else (rows, columns)
    value = _ordered(b, value, term, batch + first + second)
    if len(first) != 1 or len(second) != 1:
        own: list[Size] = [size(b, value, axis) for axis in range(len(batch))]
        value = reshape(b, value, [*own, product(b, [sizes[c] for c in first]), product(b, [sizes[c] for c in second])])
    return value, flip


def _outer(b: Builder, x: Value, y: Value, term_x: str, term_y: str, result: str) -> Value:
    """Return the product of terms that have nothing to sum over: each is spread over the axes of the other."""
    spread = []
    for value, term in ((x, term_x), (y, term_y)):
        ordered = _ordered(b, value, term, "".join(letter for letter in result if letter in term))
        for axis, letter in enumerate(result):
            if letter not in term:
                ordered = b.ExpandDims(ordered, axis)
        spread.append(ordered)
    return spread[0] * spread[1]
