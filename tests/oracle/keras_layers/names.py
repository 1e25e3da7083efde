"""Names that mean something to somebody else: to JavaScript, to a file system, to a weight path."""

from tests.oracle.keras_layers.suite import network


def _chain(keras, input_name, names):
    inputs = keras.Input((5,), name=input_name)
    x = inputs
    for name in names:
        x = keras.layers.Dense(5, activation="tanh", name=name)(x)
    return keras.Model(inputs, x)


@network()
def names_with_dashes(keras):
    return _chain(keras, "the-input", ["first-layer", "second-layer-", "out-put"])


@network()
def names_with_dots(keras):
    return _chain(keras, "the.input", ["layer.1", "layer.1.0", "out.put"])


@network()
def names_with_camels(keras):
    return _chain(keras, "theInput", ["my_layer", "myLayer", "MyLayer", "batch_input_shape"])


@network()
def names_with_digits(keras):
    return _chain(keras, "0", ["1", "2", "3d"])


@network()
def names_reserved(keras):
    return _chain(keras, "class", ["constructor", "toString", "default", "function"])


@network()
def names_of_keras_things(keras):
    return _chain(keras, "config", ["kernel", "vars", "layers", "name", "model_weights"])


@network()
def names_of_outputs_reserved(keras):
    inputs = keras.Input((5,), name="new")
    return keras.Model(
        inputs, [keras.layers.Dense(3, name=name)(inputs) for name in ("delete", "this", "length", "then")]
    )


@network(generations=("keras3",))
def names_with_spaces_and_marks(keras):
    return _chain(
        keras,
        "an input",
        ["a layer", "größe", 'quote\'d "layer"', "back\\slash", "${dollar}", "</script>".replace("/", "|")],
    )
