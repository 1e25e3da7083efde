"""Names of inputs, layers, outputs and models that mean something to somebody else."""

from tests.oracle.keras_matrix.suite import THREE, network

_RESERVED = ("class", "default", "delete", "import", "new", "null", "prototype", "return", "this", "void", "arguments")
_ODD = (
    "a b",
    "a-b",
    "a.b",
    "1st",
    "größe",
    "日本語",
    "🐈",
    "x:y",
    "don't",
    'say "x"',
    "a+b",
    "$dollar",
    "#hash",
    "tab\there",
)


@network()
def reserved_words(keras):
    layers = keras.layers
    inputs = [keras.Input((3,), name=name) for name in _RESERVED[:5]]
    x = layers.Concatenate(name="constructor")(inputs)
    return keras.Model(inputs, [layers.Dense(2, name=name)(x) for name in _RESERVED[5:]], name="Object")


@network()
def words_of_javascript(keras):
    layers = keras.layers
    inputs = keras.Input((3,), name="toString")
    x = layers.Dense(3, name="hasOwnProperty")(inputs)
    return keras.Model(inputs, [layers.Dense(2, name=name)(x) for name in ("valueOf", "then", "length", "name")])


@network(generations=THREE)
def odd_names(keras):
    layers = keras.layers
    inputs = [keras.Input((3,), name=name) for name in _ODD[:4]]
    x = layers.Concatenate(name="in the middle")(inputs)
    return keras.Model(inputs, [layers.Dense(2, name=name)(x) for name in _ODD[4:]])


@network()
def dots_and_dashes(keras):
    layers = keras.layers
    inputs = keras.Input((3,), name="in.put-1")
    x = layers.Dense(3, name="dense.1")(inputs)
    x = layers.Dense(3, name="dense-1")(x)
    return keras.Model(inputs, layers.Dense(2, name="out.put-1.")(x), name="model-1.0")


@network()
def names_of_nodes(keras):
    """Names that a graph's own nodes could have."""
    layers = keras.layers
    inputs = keras.Input((3,), name="Identity")
    x = layers.Dense(3, name="MatMul")(inputs)
    x = layers.Dense(3, name="BiasAdd", activation="relu")(x)
    return keras.Model(inputs, [layers.Dense(2, name="Const")(x), layers.Dense(2, name="dense_MatMul")(x)])


@network()
def names_of_weights(keras):
    layers = keras.layers
    inputs = keras.Input((3,), name="kernel")
    x = layers.Dense(3, name="bias")(inputs)
    x = layers.BatchNormalization(name="gamma")(x)
    return keras.Model(inputs, layers.Dense(2, name="moving_mean")(x), name="weights")


@network()
def names_alike_but_for_case(keras):
    layers = keras.layers
    inputs = keras.Input((3,), name="x")
    x = layers.Dense(3, name="X")(inputs)
    return keras.Model(inputs, [layers.Dense(2, name="out")(x), layers.Dense(2, name="Out")(x)])


@network()
def a_very_long_name(keras):
    inputs = keras.Input((3,), name="x" * 200)
    return keras.Model(inputs, keras.layers.Dense(2, name="y" * 200)(inputs))
