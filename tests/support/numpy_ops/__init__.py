"""What TensorFlow's ops compute, in NumPy: written from their definitions, for tests alone.

Tests run graphs with it instead of the converter's own constant folding (`convert/graph/fold.py`), so that a mistake
there shows. An op here is a function from the arrays of its inputs and its attributes to an array, or a tuple of them.
Where TensorFlow.js gives something else than the op's name promises (reductions over nothing, real spectra as
matrices), so does this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from tests.support.numpy_ops.detections import DETECTIONS
from tests.support.numpy_ops.elementwise import ELEMENTWISE
from tests.support.numpy_ops.images import IMAGES
from tests.support.numpy_ops.kinds import Array, Op
from tests.support.numpy_ops.places import PLACES
from tests.support.numpy_ops.products import PRODUCTS
from tests.support.numpy_ops.reductions import REDUCTIONS
from tests.support.numpy_ops.shapes import SHAPES
from tests.support.numpy_ops.spectra import SPECTRA

__all__ = ["OPS", "Array", "Op", "evaluate"]

OPS: Final[Mapping[str, Op]] = {
    **ELEMENTWISE,
    **SHAPES,
    **PLACES,
    **REDUCTIONS,
    **PRODUCTS,
    **IMAGES,
    **SPECTRA,
    **DETECTIONS,
}


def evaluate(
    op: str, arrays: Sequence[Any], attrs: Mapping[str, Any], dtypes: Sequence[np.dtype[Any]]
) -> tuple[Array, ...]:
    """Return the outputs of `op`, which have `dtypes`; how wide integers and floats are is not looked at.

    Raises KeyError for an op that is not here, and AssertionError where an output is of another kind than its dtype.
    """
    with np.errstate(all="ignore"):
        made = OPS[op]([np.asarray(array) for array in arrays], attrs)
    results = made if isinstance(made, tuple) else (made,)
    for result, dtype in zip(results, dtypes, strict=False):
        kinds = {np.asarray(result).dtype.kind, dtype.kind}
        assert len(kinds) == 1 or kinds == {"i", "u"}, f"{op} gives {np.asarray(result).dtype}, said to be {dtype}"
    return tuple(np.asarray(result).astype(dtype, copy=False) for result, dtype in zip(results, dtypes, strict=False))
