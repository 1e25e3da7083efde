"""The rule of TextVectorization."""

from __future__ import annotations

from typing import Any

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.hints import NOWHERE, OTHERWISE, RAGGED
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.vocabulary import Vocabulary, idf_weights

_PUNCTUATION = r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']'


@layer("TextVectorization", variables=idf_weights, stores_more=True)
def text_vectorization(c: Context) -> Value:
    """Texts as the places of their words: made small, without punctuation, split at white space, looked up."""
    b = c.b
    standardize = c.config.get("standardize")
    x = c.x
    known = (None, "lower", "strip_punctuation", "lower_and_strip_punctuation")
    c.one_of("standardize", standardize, known, OTHERWISE)
    if standardize in ("lower", "lower_and_strip_punctuation"):
        x = b.StringLower(x)
    if standardize in ("strip_punctuation", "lower_and_strip_punctuation"):
        x = b.StaticRegexReplace(x, pattern=_PUNCTUATION, rewrite="", replace_global=True)
    split = c.config.get("split")
    widths = _widths(c)
    c.require(not widths or split is not None, "ngrams is not supported with split=None")
    c.one_of("ragged", c.config.boolean("ragged", False), (False,), RAGGED)
    vocabulary = Vocabulary(c, text=True)
    length = c.config.get("output_sequence_length")
    if split is None:
        if vocabulary.mode != "int":
            return vocabulary.encoded(x)
        return _cut(c, vocabulary.numbers(x), length)
    c.one_of("split", split, (None, "whitespace"), NOWHERE if split == "character" else OTHERWISE)
    if c.rank(x) > 1:
        c.require(c.fixed(x, -1) == 1, f"expects one text in each row, got {c.fixed(x, -1)}")
        x = b.Squeeze(x, squeeze_dims=[c.rank(x) - 1])
    c.require(c.rank(x) == 1, f"expects texts of the shape [batch] or [batch, 1], got rank {c.rank(c.x)}")
    spaces = b.const(" \t\n\v\f\r", "string")
    places, words, shape = b.multi("StringSplit", x, spaces, skip_empty=True)
    if widths:
        places, words, shape = _joined(c, places, words, shape, widths)
    numbers = vocabulary.numbers(words)
    # A row for each text; what is behind its end is 0 (masked), or in no vector.
    places, shape = c.as_int(places), c.as_int(shape)
    if vocabulary.mode == "int":
        return _cut(c, b.SparseToDense(places, shape, numbers, c.ints(0)), length)
    # TensorFlow.js knows no sum and no largest of nothing: a column more than there are words.
    return vocabulary.vectors(b.SparseToDense(places, shape + c.ints([0, 1]), numbers, c.ints(-1)))


def _widths(c: Context) -> list[int]:
    """Return how many words are joined, each of these numbers in turn."""
    given = c.config.get("ngrams")
    if given is None:
        return []
    return list(range(1, c.config.size("ngrams") + 1)) if isinstance(given, int) else list(c.config.integers("ngrams"))


def _joined(c: Context, places: Value, words: Value, shape: Value, widths: list[int]) -> tuple[Value, Value, Value]:
    """Return the words of each text joined, in the form in which a split gives words."""
    b = c.b
    rows = b.Reshape(b.Slice(c.as_int(places), c.ints([0, 0]), c.ints([-1, 1])), [-1])
    count = b.StridedSlice(c.as_int(shape), c.ints([0]), c.ints([1]), c.ints([1]), shrink_axis_mask=1)
    rows = b.ExpandDims(b.ConcatV2(rows, b.ExpandDims(count, 0), c.ints(0)), 0)  # a sum of nothing is not safe
    numbers = b.Range(0, count + 1, 1)
    # Where each text begins: behind the words of all those before it.
    splits = b.Sum(b.Cast(b.Less(rows, b.ExpandDims(numbers, 1)), DstT="int32"), [1])
    settings = {"separator": " ", "ngram_widths": widths, "left_pad": "", "right_pad": "", "pad_width": 0}
    joined, ends = b.multi("StringNGrams", words, splits, **settings, preserve_short_sequences=False)
    ends = c.as_int(ends)
    first = b.Slice(ends, c.ints([0]), b.ExpandDims(count, 0))
    last = b.Slice(ends, c.ints([1]), c.ints([-1]))
    each = b.Range(0, b.Size(joined), 1)
    row = b.Sum(b.Cast(b.GreaterEqual(b.ExpandDims(each, 1), b.ExpandDims(last, 0)), DstT="int32"), [1])
    column = each - b.GatherV2(first, row, c.ints(0))
    spots = b.ConcatV2(b.ExpandDims(row, 1), b.ExpandDims(column, 1), c.ints(1))
    longest = b.Max(last - first, [0])
    return spots, joined, b.ConcatV2(b.ExpandDims(count, 0), b.ExpandDims(longest, 0), c.ints(0))


def _cut(c: Context, numbers: Value, length: Any) -> Value:
    """Return rows of a length that is asked for: cut, or with zeros behind."""
    if length is None:
        return numbers
    count = c.config.size("output_sequence_length")
    rank = c.rank(numbers)
    padded = c.b.Pad(numbers, c.ints([[0, 0]] * (rank - 1) + [[0, count]]))
    begin, size = c.ints([0] * rank), c.ints([-1] * (rank - 1) + [count])
    return c.b.Slice(padded, begin, size)
