"""Preprocessing of numbers: scaling, buckets, categories, hashes."""

import numpy as np

from tests.oracle.keras_matrix.suite import THREE, TWO, layer, layers, network
from tests.oracle.registry import KERAS_ARCHIVES
from tests.oracle.samples import any_of, integers, normal, tokens, uniform

_ROWS = np.random.default_rng(1).normal(2.0, 3.0, (50, 4)).astype(np.float32)


def _adapted(layer, data=_ROWS):
    layer.adapt(data)
    return layer


layer("normalization_adapted", (4,), lambda layers: _adapted(layers.Normalization()))
layer("normalization_given", (4,), lambda layers: layers.Normalization(mean=[1, 2, 3, 4], variance=[4, 1, 0.5, 2]))
layer("normalization_of_all", (3, 4), lambda layers: layers.Normalization(axis=None, mean=2.0, variance=3.0))
layer(
    "normalization_axis_1",
    (3, 4),
    lambda layers: layers.Normalization(axis=1, mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 0.5]),
)
layer(
    "normalization_adapted_axes",
    (3, 4),
    lambda layers: _adapted(layers.Normalization(axis=(1, 2)), _ROWS[:48].reshape(16, 3, 4)),
)
layer("normalization_inverted", (4,), lambda layers: _adapted(layers.Normalization(invert=True)))

layer("rescaling_plain", (4, 3), lambda layers: layers.Rescaling(1 / 127.5, offset=-1.0), inputs=uniform(0, 255))
layer("rescaling_of_channels", (4, 3), lambda layers: layers.Rescaling([0.5, 1.0, 2.0], offset=[1.0, 0.0, -1.0]))
layer("rescaling_of_integers", (4, 3), lambda layers: layers.Rescaling(0.1), dtype="int32", inputs=integers(0, 255))
layer("rescaling_of_bytes", (4, 3), lambda layers: layers.Rescaling(0.1), dtype="uint8", inputs=integers(0, 255))

_EDGES = [-1.0, -0.2, 0.5, 1.5]
for _mode in ("int", "one_hot", "multi_hot", "count"):
    layer(
        f"discretization_{_mode}",
        (5,) if _mode != "one_hot" else (1,),
        lambda layers, mode=_mode: layers.Discretization(bin_boundaries=_EDGES, output_mode=mode),
    )
layer("discretization_adapted", (5,), lambda layers: _adapted(layers.Discretization(num_bins=5)), generations=THREE)
layers(
    "discretization_embedded",
    {"x": (5,)},
    lambda layers, x: layers.Embedding(5, 3)(layers.Discretization(bin_boundaries=_EDGES)(x)),
)
layer(
    "discretization_of_integers",
    (5,),
    lambda layers: layers.Discretization(bin_boundaries=[2, 5, 9]),
    dtype="int32",
    inputs=integers(0, 12),
)

for _mode in ("multi_hot", "count"):
    layer(
        f"category_encoding_{_mode}",
        (4,),
        lambda layers, mode=_mode: layers.CategoryEncoding(9, output_mode=mode),
        dtype="int32",
        inputs=tokens(9),
    )
layer(
    "category_encoding_one_hot",
    (1,),
    lambda layers: layers.CategoryEncoding(6, output_mode="one_hot"),
    dtype="int32",
    inputs=tokens(6),
)
layer(
    "category_encoding_one_hot_of_one",
    (1,),
    lambda layers: layers.CategoryEncoding(1, output_mode="one_hot"),
    dtype="int32",
    inputs=tokens(1),
    changeless=("category_encoding",),
)
layers(
    "category_encoding_weighted_of_one",
    {"x": (4,), "weights": (4,)},
    lambda layers, x, weights: layers.CategoryEncoding(1, output_mode="count")(x, count_weights=weights),
    dtypes={"x": "int32"},
    inputs={"x": tokens(1), "weights": uniform(0.5, 2.0)},
)
layers(
    "category_encoding_weighted",
    {"x": (4,), "weights": (4,)},
    lambda layers, x, weights: layers.CategoryEncoding(6, output_mode="count")(x, count_weights=weights),
    dtypes={"x": "int32"},
    inputs={"x": tokens(6), "weights": uniform(0.5, 2.0)},
)

_VOCABULARY = [12, 5, 40, 7]
_NUMBERS = integers(0, 15)
for _name, _settings in {
    "plain": {},
    "two_unknown": {"num_oov_indices": 2},
    "none_unknown": {"num_oov_indices": 0, "vocabulary": list(range(15))},
    "mask": {"mask_token": 0},
    "multi_hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count"},
    "one_hot": {"output_mode": "one_hot", "num_oov_indices": 2},
    "tf_idf": {"output_mode": "tf_idf", "idf_weights": [0.5, 1.0, 2.0, 0.25]},
    "padded": {"output_mode": "count", "pad_to_max_tokens": True, "max_tokens": 8},
    "inverted": {"invert": True},
}.items():
    layer(
        f"integer_lookup_{_name}",
        (1,) if _name == "one_hot" else (5,),
        lambda layers, settings=_settings: layers.IntegerLookup(**{"vocabulary": _VOCABULARY, **settings}),
        dtype="int64",
        inputs=integers(0, 5) if _name == "inverted" else _NUMBERS,
    )
layer(
    "integer_lookup_adapted",
    (5,),
    lambda layers: _adapted(layers.IntegerLookup(), np.array([3, 3, 3, 9, 9, 5, 5, 5, 5, 11])),
    dtype="int64",
    inputs=_NUMBERS,
    writers=KERAS_ARCHIVES,  # HDF5 has no room for what it learned
)
layers(
    "integer_lookup_embedded",
    {"x": (5,)},
    lambda layers, x: layers.Embedding(5, 3)(layers.IntegerLookup(vocabulary=_VOCABULARY)(x)),
    dtypes={"x": "int64"},
    inputs=_NUMBERS,
)

for _name, _settings in {
    "plain": {"num_bins": 7},
    "salted": {"num_bins": 7, "salt": [133, 137]},
    "one_hot": {"num_bins": 5, "output_mode": "one_hot"},
    "masked": {"num_bins": 7, "mask_value": 3},
}.items():
    layer(
        f"hashing_of_integers_{_name}",
        (1,),
        lambda layers, settings=_settings: layers.Hashing(**settings),
        dtype="int64",
        inputs=integers(0, 1000),
    )
layers(
    "hashed_crossing_of_integers",
    {"a": (1,), "b": (1,)},
    lambda layers, a, b: layers.HashedCrossing(num_bins=9)((a, b)),
    dtypes={"a": "int64", "b": "int64"},
    inputs=integers(0, 50),
)


def _dense_features(layers, x):
    import tensorflow as tf

    return layers.DenseFeatures([tf.feature_column.numeric_column("x", shape=(3,))])({"x": x})


layers("dense_features", {"x": (3,)}, _dense_features, generations=TWO, inputs=normal())
layer("pipeline", (4, 3), lambda layers: layers.Pipeline([layers.Rescaling(2.0), layers.Dense(5)]), generations=THREE)


_FEATURES = {"size": normal(), "kind": any_of(["a", "b", "z"]), "rank": normal()}


@network(generations=THREE, writers=("k3-keras",), inputs=_FEATURES)
def feature_space(keras):
    """Features with a preprocessor each, joined by layers of the FeatureSpace's own."""
    import tensorflow as tf

    space = keras.utils.FeatureSpace
    features = {"size": space.float(), "kind": space.string_categorical(), "rank": space.float_discretized(3)}
    joined = space(features, output_mode="concat")
    known = {"size": [0.5, 1.5, 2.5], "kind": ["a", "b", "a"], "rank": [-1.0, 0.0, 1.0]}
    joined.adapt(tf.data.Dataset.from_tensor_slices(known).batch(3))
    return keras.Model(joined.get_inputs(), keras.layers.Dense(3)(joined.get_encoded_features()))
