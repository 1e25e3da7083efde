"""What to say of weights that a TensorFlow.js model has quantized and that are published as floats."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Final

from tfjs_build.convert.tfjs.document import Document

_BYTES: Final = {"uint8": 1, "uint16": 2, "float16": 2}


def expanded(document: Document) -> list[str]:
    """Return a sentence on the weights that are stored as less than their dtype, and which `quantize` keeps them so;
    none where there are no such. What is damaged is another's to tell."""
    numbers: Counter[str] = Counter()
    for spec in (spec for group in document.groups for spec in group.specs):
        stored = spec.get("quantization") if isinstance(spec, Mapping) else None
        dtype = str(stored.get("dtype")) if isinstance(stored, Mapping) else ""
        shape = spec.get("shape") if dtype in _BYTES and spec.get("dtype") == "float32" else ()
        if isinstance(shape, list) and all(type(size) is int and size >= 0 for size in shape):
            numbers[dtype] += math.prod(shape)
    if not numbers:
        return []
    most = max(sorted(numbers), key=lambda dtype: numbers[dtype])
    size = f"{4 // _BYTES[most]} times their size there"
    kept = " and loses nothing" if most == "float16" else ""
    return [
        f"the source has its weights as {' and '.join(sorted(numbers))}; they are published as float32, {size}: "
        f"`quantize: {most}` keeps them small{kept}"
    ]
