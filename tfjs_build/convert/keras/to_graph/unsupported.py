"""Why some of Keras's classes and operations cannot become graphs, and what to do about each.

Whether the same model converts as a SavedModel is measured: `tests/conversion/test_hints.py` exports the networks that
are refused.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tfjs_build.convert.keras.hints import NOWHERE, OTHERWISE, REPLACE


class Reason(NamedTuple):
    """Why something is refused, and the hint that goes with it."""

    why: str
    hint: str


NO_RULE: Final = Reason("this version of tfjs-build has no rule for it", REPLACE)
NEWER: Final = Reason("this version of tfjs-build does not know this class of Keras", REPLACE)
_CALLBACK: Final = Reason("what it computes is a Python function, which is not in the file", OTHERWISE)
_CROSSING: Final = Reason("TensorFlow.js has no op that crosses several features", NOWHERE)
_DECOMPOSITION: Final = Reason("TensorFlow.js has no op that decomposes matrices", NOWHERE)
_DYNAMIC: Final = Reason("the size of its result depends on the numbers that it is given", OTHERWISE)
_OTHER_FRAMEWORK: Final = Reason(
    "what it computes is in code of another framework, not in the file",
    "Build this part of Keras's own layers: an exported SavedModel has that code as a single op, which TensorFlow.js "
    "lacks.",
)

REASONS: Final[dict[str, Reason]] = {
    "AbstractRNNCell": Reason("it is a base class for cells of your own", OTHERWISE),
    "CategoryCrossing": _CROSSING,
    "DenseFeatures": Reason("its feature columns are Python objects, which are not in the file", OTHERWISE),
    "FlaxLayer": _OTHER_FRAMEWORK,
    "JaxLayer": _OTHER_FRAMEWORK,
    "TFSMLayer": Reason(
        "what it computes is in another SavedModel, not in the file",
        "List the folder of that SavedModel as the `source` of a model of its own.",
    ),
    "TorchModuleWrapper": _OTHER_FRAMEWORK,
    "HashedCrossing": _CROSSING,
    **dict.fromkeys(
        (
            *("AssociativeScan", "ClassMethod", "Cond", "ForiLoop", "Function", "InstanceMethod", "InstanceProperty"),
            *("Map", "Scan", "Switch", "VectorizedMap", "WhileLoop"),
        ),
        _CALLBACK,
    ),
    **dict.fromkeys(
        (
            *("Cholesky", "CholeskyInverse", "Det", "Eig", "Eigh", "Inv", "LuFactor", "Lstsq", "MatrixRank", "Pinv"),
            *("Qr", "SVD", "Solve", "SolveTriangular", "Slogdet", "Logdet"),
        ),
        _DECOMPOSITION,
    ),
    **dict.fromkeys(("CTCDecode", "CTCLoss"), Reason("TensorFlow.js has no op for CTC", NOWHERE)),
    "ElasticTransform": Reason("it draws random numbers at prediction, so there are no numbers to match", NOWHERE),
    **dict.fromkeys(("Bincount", "Nonzero", "Unique", "math.bincount"), _DYNAMIC),
    "Nextafter": Reason("TensorFlow.js has no op for it", NOWHERE),
    "View": Reason("TensorFlow.js has no op that reads the bits of numbers as another dtype", NOWHERE),
    **dict.fromkeys(
        ("Polar", "ViewAsComplex", "ViewAsReal"), Reason("complex numbers are not supported there", REPLACE)
    ),
    "Argpartition": Reason("the order of its result is not defined, TensorFlow has one of its own", REPLACE),
}


def reason_of(name: str) -> Reason:
    """Return why a class or operation is refused that has no rule, and what to do about it."""
    return REASONS.get(name, NO_RULE)
