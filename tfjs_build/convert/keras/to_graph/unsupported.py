"""Why some of Keras's classes and operations cannot become graphs."""

from __future__ import annotations

from typing import Final

from tfjs_build.convert.keras.classes import NOWHERE, OTHERWISE, REPLACE

_OTHER_FRAMEWORK = "what it computes is in code of another framework, not in the file"
_CALLBACK = "what it computes is a Python function, which is not in the file"
_DECOMPOSITION = "TensorFlow.js has no op that decomposes matrices"
_RANDOM = "it draws random numbers at prediction, so there are no numbers to match"

REASONS: Final[dict[str, str]] = {
    "AbstractRNNCell": "it is a base class for cells of one's own",
    "CategoryCrossing": "Keras has removed it",
    "DenseFeatures": "its feature columns are Python objects, which are not in the file",
    "FlaxLayer": _OTHER_FRAMEWORK,
    "JaxLayer": _OTHER_FRAMEWORK,
    "TFSMLayer": "what it computes is in another SavedModel, not in the file: list that one",
    "TorchModuleWrapper": _OTHER_FRAMEWORK,
    "HashedCrossing": "TensorFlow.js cannot hash several features together",
    "ClassMethod": _CALLBACK,
    "InstanceMethod": _CALLBACK,
    "InstanceProperty": _CALLBACK,
    **dict.fromkeys(
        ("AssociativeScan", "Cond", "ForiLoop", "Function", "Map", "Scan", "Switch", "VectorizedMap", "WhileLoop"),
        _CALLBACK,
    ),
    **dict.fromkeys(
        (
            *("Cholesky", "CholeskyInverse", "Det", "Eig", "Eigh", "Inv", "LuFactor", "Lstsq", "MatrixRank", "Pinv"),
            *("Qr", "SVD", "Solve", "SolveTriangular", "Slogdet", "Logdet"),
        ),
        _DECOMPOSITION,
    ),
    **dict.fromkeys(("CTCDecode", "CTCLoss"), "TensorFlow.js has no op for CTC"),
    "ElasticTransform": _RANDOM,
    **dict.fromkeys(
        ("Bincount", "Nonzero", "Unique", "math.bincount"), "the size of its result depends on the numbers it is given"
    ),
    "Nextafter": "TensorFlow.js has no op for it",
    **dict.fromkeys(("View", "ViewAsComplex", "ViewAsReal", "Polar"), "it looks at numbers as another type"),
    "Argpartition": "its order is one of TensorFlow's own",
}

_OF_TENSORFLOW_JS: Final = (_DECOMPOSITION, _RANDOM, "TensorFlow.js", "the size of its result", "it looks at numbers")


def way_out(reason: str) -> str:
    """Return what to do about a class or operation that is refused for a reason."""
    if reason == _CALLBACK or "Python objects" in reason or "base class" in reason:
        return OTHERWISE
    if reason == _OTHER_FRAMEWORK:
        return "Build this part in Keras's own layers. (An exported SavedModel runs that code as one op of XLA's.)"
    if reason.startswith(_OF_TENSORFLOW_JS):
        return NOWHERE
    return REPLACE
