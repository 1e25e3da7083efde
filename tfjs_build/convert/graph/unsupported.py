"""The refusal of ops that TensorFlow.js lacks: which, where they stand, whose they are, and what people do instead.

All ops of a graph that are lacking are named at once: who takes one out wants to know of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tfjs_build.convert.graph.op_defs import op_def
from tfjs_build.errors import RefusedError

_MOST_PLACES: Final = 3

_LIBRARIES: Final = (
    ("SimpleML", "TensorFlow Decision Forests"),
    ("Addons>", "TensorFlow Addons"),
    ("IO>", "TensorFlow I/O"),
    ("TFText>", "TensorFlow Text"),
    ("CaseFoldUTF8", "TensorFlow Text"),
    ("FastBertNormalize", "TensorFlow Text"),
    ("FastSentencepiece", "TensorFlow Text"),
    ("FastWordpiece", "TensorFlow Text"),
    ("NormalizeUTF8", "TensorFlow Text"),
    ("RegexSplitWithOffsets", "TensorFlow Text"),
    ("Sentencepiece", "TensorFlow Text"),
    ("SentenceFragments", "TensorFlow Text"),
    ("SplitMergeTokenize", "TensorFlow Text"),
    ("TokenizerFromLogits", "TensorFlow Text"),
    ("WhitespaceTokenize", "TensorFlow Text"),
    ("WordpieceTokenize", "TensorFlow Text"),
    ("TFLite_", "TensorFlow Lite"),
)
"""How the names of well-known libraries' ops begin."""

_TOKENS: Final = "Split the text into tokens in the page, and export a signature that takes their numbers."
_IMAGES: Final = (
    "Decode images in the page (tf.browser.fromPixels), and export a signature that takes the image as a tensor."
)
_SOUNDS: Final = (
    "Compute the spectrogram in the page (the Web Audio API gives the samples, tf.signal.stft the frequencies), and"
    " export the part of the model that takes it."
)
_EXAMPLES: Final = "Export a signature that takes the features as tensors, instead of serialized tf.train.Examples."
_FOREST: Final = (
    "A decision forest is not made of ops of TensorFlow: run it in the page with YDF's own library for JavaScript"
    " (the npm package ydf-inference)."
)
_PYTHON: Final = "It calls a Python function, which no graph holds: write it in ops of TensorFlow."
_FILES: Final = "Read files in the page, and export a signature that takes their content as tensors."
_CHANCE: Final = "Export a signature that takes the random numbers as an input, or call the model with training=False."
_HINTS: Final = (
    ("SimpleML", _FOREST),
    ("Decode", _IMAGES),  # but for `_DECODERS`
    ("ExtractJpegShape", _IMAGES),
    ("AudioSpectrogram", _SOUNDS),
    ("Mfcc", _SOUNDS),
    ("ParseExample", _EXAMPLES),
    ("ParseSingleExample", _EXAMPLES),
    ("ParseSequenceExample", _EXAMPLES),
    ("PyFunc", _PYTHON),
    ("EagerPyFunc", _PYTHON),
    ("ReadFile", _FILES),
    ("WholeFileReader", _FILES),
    ("StringSplit", _TOKENS),
    ("StatelessRandom", _CHANCE),
    ("StatelessTruncatedNormal", _CHANCE),
)
"""What people do instead, by how the op's name begins."""
_DECODERS: Final = {
    "DecodeWav": _SOUNDS,
    "DecodeBase64": "Decode texts in the page, and export a signature that takes what they hold as tensors.",
    "DecodeCSV": "Read the table in the page, and export a signature that takes its columns as tensors.",
    "DecodeJSONExample": _EXAMPLES,
    "DecodeProtoV2": _EXAMPLES,
    "DecodeRaw": "Read the bytes in the page, and export a signature that takes them as a tensor.",
    "DecodePaddedRaw": "Read the bytes in the page, and export a signature that takes them as a tensor.",
    "DecodeCompressed": "Decompress in the page, and export a signature that takes the content as a tensor.",
}
_DEFAULT_HINT: Final = "Export a signature without it: what goes before or after it can be done in the page."


def unsupported(found: Mapping[str, Iterable[str]]) -> RefusedError:
    """Return the refusal of ops that TensorFlow.js lacks, each with the names of its nodes."""
    named = "; no ".join(f"{op} ({_where(op, names)})" for op, names in sorted(found.items()))
    hints = dict.fromkeys(filter(None, (_hint(op) for op in sorted(found))))
    return RefusedError(f"TensorFlow.js has no {named}", hint=" ".join(hints) or _DEFAULT_HINT)


def _where(op: str, names: Iterable[str]) -> str:
    """Return the places of an op, and whose it is where it is not TensorFlow's own."""
    library = library_of(op)
    return f"{places(names)}: {library}" if library else places(names)


def places(names: Iterable[str]) -> str:
    """Return the names of some nodes as a phrase: the first few, and how many more there are."""
    each = sorted(set(names))
    shown = ", ".join(each[:_MOST_PLACES])
    more = len(each) - _MOST_PLACES
    return f"{shown} and {more} more" if more > 0 else shown


def library_of(op: str) -> str:
    """Return a phrase that says whose an op is, empty for TensorFlow's own."""
    library = next((name for start, name in _LIBRARIES if op.startswith(start)), None)
    if library is not None:
        return f"an op of {library}"
    return "" if op_def(op) is not None else "an op of a custom library, for TensorFlow itself has none of this name"


def _hint(op: str) -> str:
    """Return what people do instead of an op, empty where that is not known."""
    if op in _DECODERS:
        return _DECODERS[op]
    if library_of(op).endswith("TensorFlow Text"):
        return _TOKENS
    return next((hint for start, hint in _HINTS if op.startswith(start)), "")
