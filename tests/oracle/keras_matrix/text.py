"""Preprocessing of strings: vocabularies, hashes, text."""

import itertools

import numpy as np

from tests.oracle.keras_matrix.suite import layer, layers, network
from tests.oracle.registry import KERAS_ARCHIVES
from tests.oracle.samples import any_of, normal, uniform

WORDS = ["the", "cat", "sat", "on", "straße"]
_SOME = any_of([*WORDS, "dog", "mat"])
_IN = {"dtype": "string", "inputs": _SOME}

for _name, _settings in {
    "plain": {},
    "two_unknown": {"num_oov_indices": 2},
    "none_unknown": {"num_oov_indices": 0, "vocabulary": [*WORDS, "dog", "mat"]},
    "mask": {"mask_token": ""},
    "multi_hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count"},
    "one_hot": {"output_mode": "one_hot"},
    "tf_idf": {"output_mode": "tf_idf", "idf_weights": [0.5, 1.0, 2.0, 0.25, 3.0]},
    "padded": {"output_mode": "multi_hot", "pad_to_max_tokens": True, "max_tokens": 9},
}.items():
    layer(
        f"string_lookup_{_name}",
        (1,) if _name == "one_hot" else (4,),
        lambda layers, settings=_settings: layers.StringLookup(**{"vocabulary": WORDS, **settings}),
        **_IN,
    )
layer(
    "string_lookup_adapted",
    (4,),
    lambda layers: _adapted(layers.StringLookup(), ["cat", "cat", "the", "mat", "the", "cat", "on"]),
    writers=KERAS_ARCHIVES,  # HDF5 has no room for what it learned
    **_IN,
)
layer(
    "string_lookup_inverted",
    (4,),
    lambda layers: layers.StringLookup(vocabulary=WORDS, invert=True),
    dtype="int64",
    inputs=lambda rng, shape: rng.integers(0, 6, shape),
)
layers(
    "string_lookup_embedded",
    {"x": (4,)},
    lambda layers, x: layers.Dense(2)(
        layers.GlobalAveragePooling1D()(layers.Embedding(6, 3)(layers.StringLookup(vocabulary=WORDS)(x)))
    ),
    dtypes={"x": "string"},
    inputs=_SOME,
)

for _name, _settings in {
    "plain": {"num_bins": 11},
    "salted": {"num_bins": 11, "salt": 133},
    "one_hot": {"num_bins": 5, "output_mode": "one_hot"},
    "multi_hot": {"num_bins": 5, "output_mode": "multi_hot"},
    "masked": {"num_bins": 11, "mask_value": "cat"},
}.items():
    layer(f"hashing_{_name}", (1,), lambda layers, settings=_settings: layers.Hashing(**settings), **_IN)
for _name, _settings in {"plain": {}, "one_hot": {"output_mode": "one_hot"}}.items():
    layers(
        f"hashed_crossing_{_name}",
        {"a": (1,), "b": (1,)},
        lambda layers, a, b, settings=_settings: layers.HashedCrossing(num_bins=9, **settings)((a, b)),
        dtypes={"a": "string", "b": "string"},
        inputs=_SOME,
    )

_SENTENCES = any_of(["The cat sat!", "on  THE mat", "a dog, a cat?", "Straße - the", "on on on cat"])
_TEXTS = {
    "int": {},
    "int_padded": {"output_sequence_length": 5},
    "multi_hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count"},
    "tf_idf": {"output_mode": "tf_idf", "idf_weights": [0.5, 1.0, 2.0, 0.25, 3.0]},
    "lower": {"standardize": "lower"},
    "strip_punctuation": {"standardize": "strip_punctuation"},
    "not_standardized": {"standardize": None},
    "not_split": {"split": None, "standardize": "lower_and_strip_punctuation", "vocabulary": ["the cat sat", "a dog"]},
    "characters": {"split": "character", "vocabulary": list("taceson "), "output_sequence_length": 9},
    "ngrams": {"ngrams": 2, "vocabulary": ["the cat", "cat", "the", "on on"], "output_mode": "count"},
}
for _name, _settings in _TEXTS.items():
    layer(
        f"text_vectorization_{_name}",
        (1,),
        lambda layers, settings=_settings: layers.TextVectorization(**{"vocabulary": WORDS, **settings}),
        dtype="string",
        inputs=_SENTENCES,
    )


def _in_turn(*batches):
    """These batches, a sample each, whatever the shape."""
    following = itertools.cycle(batches)
    return lambda rng, shape: np.array(next(following), dtype=object)


_TYPED = {  # what people type: one text at a time, and none
    "of_one": [[["The cat sat!"]], [["on THE mat"]]],
    "of_nothing": [[[""]], [["  "], ["the cat, the cat"]]],
    "of_nothing_twice": [[[""], ["!"]], [["on the cat"], [""]]],
}
for _name, _settings in _TEXTS.items():
    if _name == "characters":
        continue  # refused
    for _typed, _batches in _TYPED.items():
        layer(
            f"text_vectorization_{_name}_{_typed}",
            (1,),
            lambda layers, settings=_settings: layers.TextVectorization(**{"vocabulary": WORDS, **settings}),
            dtype="string",
            inputs=_in_turn(*_batches),
        )


def _adapted(layer, data):
    layer.adapt(np.array(data))
    return layer


@network(inputs={"colour": any_of(["red", "green", "blue", "grey"]), "size": normal(), "age": uniform(0, 90)})
def table_of_features(keras):
    """What a table of a data base becomes: words, numbers, buckets, and a cross of two."""
    layers = keras.layers
    colour = keras.Input((1,), dtype="string", name="colour")
    size, age = keras.Input((1,), name="size"), keras.Input((1,), name="age")
    columns = [
        layers.StringLookup(vocabulary=["red", "green", "blue"], output_mode="one_hot")(colour),
        layers.Normalization(mean=0.5, variance=2.0)(size),
        layers.CategoryEncoding(4, output_mode="one_hot")(
            layers.Discretization(bin_boundaries=[18.0, 30.0, 65.0])(age)
        ),
    ]
    x = layers.Dense(6, activation="relu")(layers.Concatenate()(columns))
    return keras.Model({"colour": colour, "size": size, "age": age}, layers.Dense(1, activation="sigmoid")(x))


for _typed, _inputs in {"": _SENTENCES, **{f"_{name}": _in_turn(*batches) for name, batches in _TYPED.items()}}.items():

    def _text_to_class(keras, masked="nothing" not in _typed):  # Keras gives NaN as the mean of none
        layers = keras.layers
        inputs = keras.Input((1,), dtype="string", name="text")
        ids = layers.TextVectorization(vocabulary=WORDS, output_sequence_length=6)(inputs)
        x = layers.GlobalAveragePooling1D()(layers.Embedding(7, 4, mask_zero=masked)(ids))
        return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))

    _text_to_class.__name__ = f"text_to_class{_typed}"
    network(inputs=_inputs)(_text_to_class)
