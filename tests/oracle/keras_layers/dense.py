"""Sequential models of dense layers, and the ways to say what their input is."""

from tests.oracle.keras_layers.suite import network


@network()
def sequential_with_input(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8,), name="features"),
            layers.Dense(16, activation="relu"),
            layers.Dense(12, activation="tanh"),
            layers.Dense(4, activation="softmax"),
        ]
    )


@network()
def sequential_with_input_layer(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            layers.InputLayer(**_shape(keras, (5,)), name="first"),
            layers.Dense(7, activation="sigmoid"),
            layers.Dense(3),
        ],
        name="with_input_layer",
    )


@network()
def sequential_without_input(keras):
    layers = keras.layers
    model = keras.Sequential([layers.Dense(9, activation="tanh", name="one"), layers.Dense(2, name="two")])
    model.build((None, 6))
    return model


@network()
def sequential_with_input_shape(keras):
    layers = keras.layers
    return keras.Sequential([layers.Dense(9, activation="elu", input_shape=(6,)), layers.Dense(2)])


@network()
def sequential_grown(keras):
    model = keras.Sequential(name="grown")
    model.add(keras.Input((10,)))
    for units in (8, 8, 6):
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(1, activation="sigmoid", name="score"))
    return model


@network()
def fixed_batch(keras):
    inputs = keras.Input(batch_shape=(4, 6), name="rows")
    return keras.Model(inputs, keras.layers.Dense(3, name="out")(inputs))


@network()
def without_bias(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((7,)), layers.Dense(9, use_bias=False), layers.Dense(3, use_bias=False)])


@network()
def dense_on_sequences(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((5, 4)), layers.Dense(6, activation="relu"), layers.Dense(3, activation="softmax")]
    )


@network()
def dense_on_images(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((3, 4, 5)), layers.Dense(6, activation="tanh"), layers.Dense(2)])


@network(trained=True)
def trained_with_adam(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax"),
        ]
    )


@network(trained=True)
def regularized(keras):
    layers, regularizers, constraints = keras.layers, keras.regularizers, keras.constraints
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(
                8,
                kernel_initializer="lecun_normal",
                kernel_regularizer=regularizers.L2(0.01),
                bias_regularizer="l1",
                activity_regularizer=regularizers.L1L2(0.01, 0.02),
                kernel_constraint=constraints.MaxNorm(3),
            ),
            layers.Dense(
                5,
                activation="tanh",
                kernel_initializer=keras.initializers.Orthogonal(gain=0.5),
                bias_initializer=keras.initializers.Constant(0.2),
                kernel_constraint=constraints.UnitNorm(),
            ),
            layers.Dense(2, kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_out", "uniform")),
        ]
    )


@network()
def partly_frozen(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, trainable=False, activation="relu"), layers.Dense(4), layers.Dense(2)]
    )


def _shape(keras, shape):
    return {"input_shape": shape} if keras.__name__ == "tf_keras" else {"shape": shape}
