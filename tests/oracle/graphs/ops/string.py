"""Strings: the few ops that TensorFlow.js has for them, and some that it has not."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, words
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_names = words(["banana", "queue", "xylophone", "a-b-c", "über"], 6)

for variant, attrs in {
    "": {"pattern": "[aeiou]", "rewrite": "_"},
    "first": {"pattern": "[aeiou]", "rewrite": "_", "replace_global": False},
    "groups": {"pattern": "([a-z])([a-z])", "rewrite": r"\2\1"},
    "capitals": {"pattern": "[A-Z]", "rewrite": "."},
    "digits-and-space": {"pattern": r"[\d\s]+", "rewrite": " "},
    "letters-beyond-ascii": {"pattern": "ü", "rewrite": "ue"},
    "dollar": {"pattern": "a", "rewrite": "$1"},
}.items():
    raw("StaticRegexReplace", attrs, variant, input=words(["banana", "Queue 12 3", "XyloPhone", "a-b-c", "über"], 6))
raw(
    "StaticRegexReplace", {"pattern": "a", "rewrite": "A"}, "to-capitals", input=_names, refused=("RegexReplace", "'A'")
)
raw(
    "StaticRegexReplace",
    {"pattern": r"\pL", "rewrite": "."},
    "foreign-syntax",
    input=_names,
    refused=("RegexReplace", "JavaScript"),
)

_grams = {"data": words(["aa", "bb", "cc", "dd"], 7), "data_splits": literal([0, 3, 4, 7], [0, 1, 5, 7])}
for variant, attrs in {
    "pairs": {"ngram_widths": [2], "pad_width": 0, "preserve_short_sequences": False},
    "several-widths": {"ngram_widths": [1, 3], "pad_width": 0, "preserve_short_sequences": False},
    "padded": {"ngram_widths": [3], "pad_width": -1, "preserve_short_sequences": False},
    "padded-once": {"ngram_widths": [3], "pad_width": 1, "preserve_short_sequences": False},
    "short-kept": {"ngram_widths": [3], "pad_width": 0, "preserve_short_sequences": True},
}.items():
    raw("StringNGrams", {**attrs, "separator": "|", "left_pad": "<", "right_pad": ">"}, variant, **_grams)
raw(
    "StringNGrams",
    {
        "ngram_widths": [2],
        "pad_width": -1,
        "preserve_short_sequences": False,
        "separator": " ",
        "left_pad": "START",
        "right_pad": "",
    },
    "padded-with-capitals",
    **_grams,
    refused=("StringNGrams", "START"),
)

_text = words(["a bc  d", "ef", "ghi j", "k,l", ""], 5)
raw("StringSplit", {"delimiter": " "}, same=("shape",), input=_text)
raw("StringSplit", {"delimiter": " ,"}, "two-delimiters", same=("shape",), input=_text)
raw("StringSplit", {"delimiter": " ", "skip_empty": False}, "empty-kept", same=("shape",), input=_text)
raw("StringSplit", {"delimiter": ""}, "characters", same=("shape",), input=_text)
raw("StringToHashBucketFast", {"num_buckets": 1000}, input=_names)
raw(
    "StringToHashBucketFast",
    {"num_buckets": 7},
    "of-long-texts",
    input=words(["x" * n + "y" for n in range(0, 90, 7)], 30),
)

op("StringJoin", lambda tf, x, y: tf.strings.join([x, y]), x=_names, y=_names, refused=("StringJoin",))
op("StringLength", lambda tf, x: tf.strings.length(x), x=_names, refused=("StringLength",))
op("StringUpper", lambda tf, x: tf.strings.upper(x), x=_names, refused=("StringUpper",))
op(
    "StringToNumber",
    lambda tf, x: tf.strings.to_number(x),
    x=words(["1.5", "2", "-3e2"], 4),
    refused=("StringToNumber",),
)
op("AsString", lambda tf, x: tf.strings.as_string(x), x=integers(0, 9, 4), refused=("AsString",))
op("Substr", lambda tf, x: tf.strings.substr(x, 1, 2), x=_names, refused=("Substr",))
op(
    "StringLower",
    lambda tf, x: tf.strings.lower(x, encoding="utf-8"),
    "beyond-ascii",
    x=_names,
    refused=("StringLower",),
)
