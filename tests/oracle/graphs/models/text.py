"""Text: vocabularies in tables and files, strings as inputs."""

import itertools
import tempfile
from pathlib import Path

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal, words
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model

WORDS = ["the", "cat", "sat", "on", "a", "mat", "straße", "🐈"]
_SENTENCE = words([*WORDS, "dog"], 3, 6)


def _table(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def _vocabulary(lines=WORDS):
    path = Path(tempfile.mkdtemp()) / "vocabulary.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@model("module", ops=("LookupTableFindV2", "InitializeTableFromTextFileV2"), x=_SENTENCE)
def words_of_a_file(tf):
    module = tf.Module()
    path = tf.saved_model.Asset(_vocabulary())
    initializer = tf.lookup.TextFileInitializer(
        path.asset_path, "string", tf.lookup.TextFileIndex.WHOLE_LINE, "int64", tf.lookup.TextFileIndex.LINE_NUMBER
    )
    module.path = path
    module.table = tf.lookup.StaticHashTable(initializer, len(WORDS))
    module.embedding = tf.Variable(_table(1, len(WORDS) + 1, 5))

    @tf.function(input_signature=[tf.TensorSpec([None, 6], "string", "x")])
    def serve(x):
        return tf.reduce_mean(tf.gather(module.embedding, module.table.lookup(x)), 1)

    module.serve = serve
    return module, serve


@model("module", ids=integers(0, 9, 2, 4).typed("int64"))
def labels_of_a_file(tf):
    module = tf.Module()
    path = tf.saved_model.Asset(_vocabulary([f"{word}\t{index * 10}" for index, word in enumerate(WORDS)]))
    initializer = tf.lookup.TextFileInitializer(
        path.asset_path, "int64", tf.lookup.TextFileIndex.LINE_NUMBER, "string", 0, delimiter="\t"
    )
    module.path, module.table = path, tf.lookup.StaticHashTable(initializer, "?")
    module.serve = tf.function(module.table.lookup, input_signature=[tf.TensorSpec([None, 4], "int64", "ids")])
    return module, module.serve


@model("module", x=_SENTENCE)
def out_of_vocabulary_buckets(tf):
    module = tf.Module()
    keys = tf.lookup.KeyValueTensorInitializer(WORDS, tf.range(len(WORDS), dtype="int64"))
    module.table = tf.lookup.StaticVocabularyTable(keys, 7)
    module.serve = tf.function(module.table.lookup, input_signature=[tf.TensorSpec([None, 6], "string", "x")])
    return module, module.serve


@model("module", x=_SENTENCE)
def hashed_words(tf):
    module = tf.Module()
    module.embedding = tf.Variable(_table(1, 50, 5))

    @tf.function(input_signature=[tf.TensorSpec([None, 6], "string", "x")])
    def serve(x):
        return {
            "ids": tf.strings.to_hash_bucket_fast(x, 50),
            "y": tf.gather(module.embedding, tf.strings.to_hash_bucket_fast(x, 50)),
        }

    module.serve = serve
    return module, serve


@model("module", x=words(["The cat sat!", "on  a Mat?", "A DOG, a cat", "the  mat"], 4))
def sentences(tf):
    """Cleaned, split at white space, looked up, averaged over each sentence."""
    module = tf.Module()
    keys = tf.lookup.KeyValueTensorInitializer(WORDS, tf.range(len(WORDS), dtype="int64"))
    module.table = tf.lookup.StaticHashTable(keys, len(WORDS))
    module.embedding = tf.Variable(_table(1, len(WORDS) + 1, 5))

    @tf.function(input_signature=[tf.TensorSpec([4], "string", "x")])
    def serve(x):
        clean = tf.strings.regex_replace(tf.strings.lower(x), "[^a-z ]", "")
        pieces = tf.strings.split(clean)
        vectors = tf.gather(module.embedding, module.table.lookup(pieces.values))
        return tf.math.unsorted_segment_sum(vectors, pieces.value_rowids(), 4)

    module.serve = serve
    return module, serve


@model("keras2", x=words([*WORDS[:6], "dog"], 3, 1))
def string_lookup_of_keras_2(keras):
    layers = keras.layers
    inputs = keras.Input((1,), dtype="string", name="x")
    y = layers.Embedding(9, 4)(layers.StringLookup(vocabulary=WORDS[:6])(inputs))
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(y)))


@model("keras3", x=literal([[4, 9], [12, 3]], [[12, 12], [5, 4]]).typed("int64").free(0))
def integer_lookup(keras):
    layers = keras.layers
    inputs = keras.Input((2,), dtype="int64", name="x")
    y = layers.Embedding(6, 4)(layers.IntegerLookup(vocabulary=[4, 12, 9])(inputs))
    return keras.Model(inputs, layers.Flatten()(y))


@model("module", x=words(["red", "green", "blue", "grey"], 5), n=integers(0, 40, 5))
def table_features(tf):
    """A category by table, a number by bucket, their cross, one-hot."""
    module = tf.Module()
    keys = tf.lookup.KeyValueTensorInitializer(["red", "green", "blue"], [0, 1, 2])
    module.table = tf.lookup.StaticHashTable(keys, 3)
    module.w = tf.Variable(_table(1, 4 + 3 + 12, 2))

    @tf.function(input_signature=[tf.TensorSpec([5], "string", "x"), tf.TensorSpec([5], "int32", "n")])
    def serve(x, n):
        colour, bucket = module.table.lookup(x), tf.raw_ops.Bucketize(input=n, boundaries=[10.0, 25.0])
        parts = [tf.one_hot(colour, 4), tf.one_hot(bucket, 3), tf.one_hot(colour * 3 + bucket, 12)]
        return tf.concat(parts, 1) @ module.w

    module.serve = serve
    return module, serve


@model("tf1", x=words([*WORDS, "dog"], 6))
def vocabulary_of_tensorflow_1(tf, x):
    initializer = tf.lookup.TextFileInitializer(
        _vocabulary(), "string", tf.lookup.TextFileIndex.WHOLE_LINE, "int64", tf.lookup.TextFileIndex.LINE_NUMBER
    )
    return {"ids": tf.lookup.StaticHashTable(initializer, -1).lookup(x)}


for _keras in ("keras3", "keras2"):
    _suffix = "" if _keras == "keras3" else "_of_keras_2"

    @model(_keras, name=f"text_vectorization{_suffix}", x=words(["The cat!", "a  mat", "cat on mat", "Dog"], 5, 1))
    def text_vectorization(keras):
        layers = keras.layers
        inputs = keras.Input((1,), dtype="string", name="x")
        tokens = layers.TextVectorization(vocabulary=WORDS[:6], output_sequence_length=5)(inputs)
        return keras.Model(inputs, layers.Flatten()(layers.Embedding(9, 4)(tokens)))

    @model(_keras, name=f"bag_of_words{_suffix}", x=words(["The cat!", "a  mat", "cat on mat", "cat cat"], 5, 1))
    def bag_of_words(keras):
        layers = keras.layers
        inputs = keras.Input((1,), dtype="string", name="x")
        counts = layers.TextVectorization(vocabulary=WORDS[:6], output_mode="count", ngrams=2)(inputs)
        there = layers.TextVectorization(vocabulary=WORDS[:6], output_mode="multi_hot")(inputs)
        return keras.Model(inputs, layers.Dense(3)(layers.Concatenate()([counts, there])))


# What people type: one text at a time, and none.
_TYPED = {
    "of_one": literal([["The cat!"]], [["on a  mat"]], "string"),
    "of_nothing": literal([[""]], [["  "], ["cat on mat"]], "string"),
    "of_nothing_twice": literal([[""], ["!"]], [["the cat"], [""]], "string"),
}
_MODES = {
    "": {"output_sequence_length": 5},
    "as_long": {},
    "of_pairs": {"ngrams": 2, "vocabulary": ["the cat", "cat", "the", "on mat"]},
}

for _keras, _mode, _typed in itertools.product(("keras3", "keras2"), _MODES, _TYPED):
    _words = ["text_vectorization", _mode, _typed, "of_keras_2" if _keras == "keras2" else ""]

    @model(_keras, name="_".join(filter(None, _words)), x=_TYPED[_typed])
    def typed_text(keras, settings=_MODES[_mode]):
        inputs = keras.Input((1,), dtype="string", name="x")
        y = keras.layers.TextVectorization(**{"vocabulary": WORDS[:6], **settings})(inputs)
        return keras.Model(inputs, y)


for _typed in _TYPED:

    @model("keras3", name=f"class_of_a_text_{_typed}", x=_TYPED[_typed])
    def class_of_a_text(keras):
        layers = keras.layers
        inputs = keras.Input((1,), dtype="string", name="x")
        tokens = layers.TextVectorization(vocabulary=WORDS[:6], output_sequence_length=5)(inputs)
        y = layers.GlobalAveragePooling1D()(layers.Embedding(9, 4)(tokens))
        return keras.Model(inputs, layers.Dense(3, activation="softmax")(y))

    @model("module", name=f"mean_of_words_{_typed}", x=_TYPED[_typed])
    def mean_of_words(tf):
        """A ragged list of words a text, and sums of their vectors."""
        module = tf.Module()
        keys = tf.lookup.KeyValueTensorInitializer(WORDS, tf.range(len(WORDS), dtype="int64"))
        module.table = tf.lookup.StaticHashTable(keys, len(WORDS))
        module.embedding = tf.Variable(_table(1, len(WORDS) + 1, 5))

        @tf.function(input_signature=[tf.TensorSpec([None, 1], "string", "x")])
        def serve(x):
            pieces = tf.strings.split(tf.strings.lower(x[:, 0]))
            ids = module.table.lookup(pieces.values)
            sums = tf.math.unsorted_segment_sum(tf.gather(module.embedding, ids), pieces.value_rowids(), pieces.nrows())
            return {"sums": sums, "ids": pieces.with_values(ids).to_tensor(-1), "words": tf.size(ids)}

        module.serve = serve
        return module, serve


@model("keras3", x=words([*WORDS[:6], "dog"], 5, 1))
def string_lookup_one_hot(keras):
    layers = keras.layers
    inputs = keras.Input((1,), dtype="string", name="x")
    y = layers.StringLookup(vocabulary=WORDS[:6], output_mode="one_hot")(inputs)
    return keras.Model(inputs, layers.Dense(3)(y))


@model("keras3", x=normal(9, 4))
def label_of_the_best(keras):
    inputs = keras.Input((4,), name="x")
    best = keras.ops.argmax(keras.layers.Dense(4)(inputs), -1)
    return keras.Model(inputs, keras.layers.StringLookup(vocabulary=WORDS[:3], invert=True)(best))


@model("keras3", x=integers(0, 6, 5, 4), y=normal(5, 4))
def categories_and_buckets(keras):
    layers = keras.layers
    x, y = keras.Input((4,), dtype="int32", name="x"), keras.Input((4,), name="y")
    many = layers.CategoryEncoding(7, "multi_hot")(x)
    buckets = layers.Flatten()(layers.Embedding(4, 3)(layers.Discretization([-1.0, 0.0, 1.0])(y)))
    return keras.Model([x, y], layers.Dense(3)(layers.Concatenate()([many, buckets])))
