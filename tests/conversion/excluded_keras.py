"""What Keras has and no case can have, with the reason. Everything else has a case, or the layer matrix fails."""

_ABSTRACT = "abstract: others are made of it"
_OTHER_FRAMEWORK = "it holds code of another framework"
_PYTHON = "it takes a Python function, which no file holds"
_CONSTANT = "given no tensor, it makes a constant"
_NOT_SYMBOLIC = "Keras does not take tensors of a model in it"
_COMPLEX = "it makes complex numbers, which no Keras model takes or gives"
_SAMPLES = "random at inference"

LAYERS = {
    "Layer": _ABSTRACT,
    "Wrapper": _ABSTRACT,
    "AbstractRNNCell": _ABSTRACT,
    "PreprocessingLayer": _ABSTRACT,
    "InputSpec": "not a layer",
    "TFSMLayer": "it holds a SavedModel, which is converted as such",
    "FlaxLayer": _OTHER_FRAMEWORK,
    "JaxLayer": _OTHER_FRAMEWORK,
    "TorchModuleWrapper": _OTHER_FRAMEWORK,
    "DynamicEmbedding": "experimental: its vocabulary changes as it runs, and no functional model can hold it",
    "DynamicLookup": "experimental: its vocabulary changes as it runs, and no functional model can hold it",
}

ACTIVATIONS = {
    "get": "not an activation",
    "serialize": "not an activation",
    "deserialize": "not an activation",
    "threshold": "without arguments it fails; the function of keras.ops has a case",
}

OPERATIONS = {
    **dict.fromkeys(
        [
            "arange",
            "bartlett",
            "blackman",
            "empty",
            "eye",
            "hamming",
            "hanning",
            "identity",
            "kaiser",
            "ones",
            "tri",
            "zeros",
        ],
        _CONSTANT,
    ),
    **dict.fromkeys(
        [
            "associative_scan",
            "cond",
            "custom_gradient",
            "fori_loop",
            "jvp",
            "map",
            "scan",
            "switch",
            "vectorize",
            "vectorized_map",
            "while_loop",
        ],
        _PYTHON,
    ),
    **dict.fromkeys(["eig", "polar", "view_as_complex", "view_as_real"], _COMPLEX),
    **dict.fromkeys(
        ["convert_to_numpy", "dtype", "is_tensor", "ndim", "shape", "size"],
        "it gives Python objects, or what it was given",
    ),
    "conv_transpose": "Keras 3.15 swaps two of its arguments in a model, and fails",
    "histogram": "Keras 3.15 fails at it with the backend TensorFlow",
    "searchsorted": _NOT_SYMBOLIC,
}
"""Functions of keras.ops."""
