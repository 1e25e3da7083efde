"""Inputs and outputs in dicts, lists and both, and models inside models."""

from tests.oracle.keras_matrix.suite import THREE, network
from tests.oracle.registry import KERAS_ARCHIVES
from tests.oracle.samples import normal


def _ins(keras, *names, size=5):
    return {name: keras.Input((size,), name=name) for name in names}


@network()
def dict_out_of_order(keras):
    layers = keras.layers
    inputs = _ins(keras, "zebra", "apple", "mango")
    x = layers.Concatenate()(
        [layers.Dense(3, activation=a)(t) for a, t in zip(("relu", "tanh", None), inputs.values(), strict=True)]
    )
    return keras.Model(inputs, {name: layers.Dense(2)(x) for name in ("last", "first", "Middle")})


@network()
def dict_of_one(keras):
    inputs = _ins(keras, "only")
    return keras.Model(inputs, {"result": keras.layers.Dense(3, name="dense")(inputs["only"])})


@network()
def nested_outputs(keras):
    layers = keras.layers
    inputs = keras.Input((5,), name="x")
    outputs = {
        "pair": [layers.Dense(2)(inputs), layers.Dense(3)(inputs)],
        "deep": {"b": layers.Dense(2)(inputs), "a": layers.Dense(4)(inputs)},
        "alone": layers.Dense(1)(inputs),
    }
    return keras.Model(inputs, outputs)


@network()
def nested_inputs(keras):
    layers = keras.layers
    inputs = _ins(keras, "a", "b", "c")
    structure = {"pair": [inputs["b"], inputs["c"]], "alone": inputs["a"]}
    x = layers.Concatenate()([layers.Dense(3, name=f"of_{name}")(value) for name, value in inputs.items()])
    return keras.Model(structure, layers.Dense(2)(x))


@network()
def list_in_list(keras):
    layers = keras.layers
    a, b, c = _ins(keras, "a", "b", "c").values()
    x = layers.Concatenate()([layers.Dense(3)(a), layers.Dense(3, activation="relu")(b), layers.Dense(2)(c)])
    return keras.Model([a, [b, c]], [layers.Dense(2, name="one")(x), [layers.Dense(3, name="two")(x)]])


@network(generations=THREE)
def tuple_of_inputs(keras):
    a, b = _ins(keras, "a", "b").values()
    return keras.Model((a, b), (keras.layers.Dense(2, name="p")(b), keras.layers.Dense(2, name="q")(a)))


@network()
def one_input_in_a_list(keras):
    inputs = keras.Input((5,), name="x")
    return keras.Model([inputs], [keras.layers.Dense(2, name="y")(inputs)])


@network()
def an_input_that_is_an_output(keras):
    inputs = keras.Input((5,), name="x")
    return keras.Model(inputs, [inputs, keras.layers.Dense(2, name="y")(inputs)])


@network()
def one_output_twice(keras):
    inputs = keras.Input((5,), name="x")
    y = keras.layers.Dense(2, name="y")(inputs)
    return keras.Model(inputs, [y, keras.layers.Dense(3, name="z")(y), y])


@network()
def an_input_that_nobody_needs(keras):
    a, b = _ins(keras, "a", "b").values()
    return keras.Model([a, b], keras.layers.Dense(2, name="y")(b))


@network()
def nested_dict_model(keras):
    layers = keras.layers
    inner_inputs = _ins(keras, "left", "right")
    inner = keras.Model(
        inner_inputs,
        {
            "sum": layers.Add()(list(inner_inputs.values())),
            "both": layers.Multiply()(list(inner_inputs.values())),
        },
        name="inner",
    )
    x, y = _ins(keras, "x", "y").values()
    found = inner({"left": y, "right": layers.Dense(5, name="before")(x)})
    return keras.Model([x, y], [layers.Dense(2, name="s")(found["sum"]), layers.Dense(2, name="b")(found["both"])])


@network(writers=KERAS_ARCHIVES)
def five_levels(keras):
    layers = keras.layers
    inner = None
    for level in range(5):
        inputs = keras.Input((4,), name="input")
        x = layers.Dense(4, activation="tanh", name="dense")(inputs)
        if inner is not None:
            x = layers.Add(name="add")([x, inner(x)])
        inner = keras.Model(inputs, x, name=f"level_{level}" if level < 4 else "top")
    return inner


@network(writers=("k3-h5", "k2-h5"))  # Keras 3 loses a copy of the shared layer in its archive
def shared_at_two_levels(keras):
    layers = keras.layers
    shared = layers.Dense(5, activation="tanh", name="shared")
    inner_input = keras.Input((5,), name="inner_input")
    inner = keras.Model(inner_input, layers.Dense(5, name="own")(shared(inner_input)), name="inner")
    inputs = keras.Input((5,), name="x")
    return keras.Model(inputs, layers.Dense(2, name="head")(layers.Add()([inner(inputs), shared(inputs)])))


@network(inputs=normal(sizes=(7, 9, 3)))
def unknown_sizes_everywhere(keras):
    layers = keras.layers
    inputs = keras.Input((None, None, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    y = layers.UpSampling2D(2)(layers.AveragePooling2D(2, padding="same")(x))
    y = layers.Conv2DTranspose(4, 3, strides=2, padding="same")(y)
    return keras.Model(inputs, [layers.GlobalMaxPooling2D()(y), layers.Conv2D(2, 1)(x)])


@network(inputs=normal(sizes=(6, 4)))
def unknown_steps_everywhere(keras):
    layers = keras.layers
    inputs = keras.Input((None, 4), name="steps")
    x = layers.Conv1D(5, 3, padding="causal", activation="relu")(inputs)
    x = layers.LayerNormalization()(layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x))
    x = layers.Concatenate()([x, layers.MultiHeadAttention(2, 3)(x, x)])
    return keras.Model(inputs, [layers.GlobalAveragePooling1D()(x), layers.Dense(2)(x)])
