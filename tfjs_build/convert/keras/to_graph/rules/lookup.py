"""Rules of the layers that look words or numbers up: StringLookup, IntegerLookup, TextVectorization, Hashing."""

from __future__ import annotations

from tfjs_build.convert.graph.ir import Value
from tfjs_build.convert.keras.hints import NOWHERE
from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import layer
from tfjs_build.convert.keras.to_graph.rules.preprocessing import encoded
from tfjs_build.convert.keras.to_graph.vocabulary import Vocabulary, hashed, idf_weights, looked_up


@layer("StringLookup", "IntegerLookup", variables=idf_weights, stores_more=True)
def lookup(c: Context) -> Value:
    """The place of a word in a vocabulary, as a number or vector, or (`invert`) the word at a place."""
    return Vocabulary(c).encoded(c.x)


@layer("Hashing", stores_more=True)
def hashing(c: Context) -> Value:
    """Strings hashed into bins (FarmHash64, SipHash with a salt); one bin may be for a masked value. Numbers are hashed
    as texts (tf_keras/src/layers/preprocessing/hashing.py, keras/src/layers/preprocessing/hashing.py)."""
    x = c.x
    c.one_of("salt", c.config.get("salt"), (None,), NOWHERE)
    c.expect_dtype(x, "string", "Keras hashes numbers as texts, and TensorFlow.js has no op that writes them", NOWHERE)
    count = c.config.size("num_bins")
    mask = c.config.get("mask_value")
    mode = c.config.text("output_mode", "int")
    if mask is None or count == 1:
        bins = hashed(c, x, count)
    else:
        masked = looked_up(c, x, [str(mask)], [1], c.ints(0))
        bins = (hashed(c, x, count - 1) + 1) * (1 - masked)
    return encoded(c, bins, mode, count)
