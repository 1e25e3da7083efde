"""Probes of ops on words and on sparse tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tools.backends.probe import Numbers, Probe, fixed, probe


def probes() -> Iterator[Probe]:
    """Yield all of them."""
    yield from _words()
    yield from _sparse()


def _of_words(*words: str) -> Any:
    return np.array(words, dtype=object)


def _words() -> Iterator[Probe]:
    texts = _of_words("a bc  d", "", "e f")
    yield probe("StaticRegexReplace", texts, pattern="[a-c]", rewrite="x", replace_global=True)
    yield probe("StringSplit", texts, fixed(np.array(" ", dtype=object)), skip_empty=True)
    yield probe("StringToHashBucketFast", texts, num_buckets=17)
    grams = {"separator": " ", "left_pad": "l", "right_pad": "r", "pad_width": 1, "preserve_short_sequences": False}
    yield probe("StringNGrams", _of_words("a", "b", "c", "d"), np.array([0, 3, 4], np.int32), ngram_widths=[2], **grams)


def _sparse() -> Iterator[Probe]:
    numbers = Numbers(31)
    places = np.array([[0, 1], [2, 0], [2, 3]], np.int32)
    yield probe("SparseFillEmptyRows", places, numbers((3,)), [4, 5], 0.5)
    yield probe("SparseReshape", places, [4, 5], [2, 10])
    for op in ("SparseSegmentMean", "SparseSegmentSum"):
        yield probe(op, numbers((5, 3)), np.array([0, 2, 4, 1], np.int32), np.array([0, 0, 1, 2], np.int32))
