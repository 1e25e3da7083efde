"""Activations, by name inside a layer and as layers of their own."""

from tests.oracle.keras_layers.suite import network

_PLAIN = ("linear", "relu", "relu6", "sigmoid", "tanh", "elu", "selu", "softplus", "softsign", "softmax", "swish")


@network()
def activations_of_dense(keras):
    inputs = keras.Input((6,), name="x")
    return keras.Model(inputs, [keras.layers.Dense(5, activation=name, name=f"{name}_out")(inputs) for name in _PLAIN])


@network()
def activations_of_conv(keras):
    inputs = keras.Input((6, 6, 2), name="x")
    outputs = [keras.layers.Conv2D(3, 3, activation=name, name=f"conv_{name}")(inputs) for name in _PLAIN]
    return keras.Model(inputs, outputs)


@network()
def activations_as_layers(keras):
    inputs = keras.Input((6,), name="x")
    return keras.Model(inputs, [keras.layers.Activation(name, name=f"layer_{name}")(inputs) for name in _PLAIN])


@network()
def gelu(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((6,)), layers.Dense(8, activation="gelu"), layers.Dense(3)])


@network()
def silu(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation=keras.activations.swish),
            layers.Activation("swish"),
            layers.Dense(3),
        ]
    )


@network()
def mish(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((6,)), layers.Dense(8, activation="mish"), layers.Dense(3)])


@network()
def activation_functions(keras):
    layers, activations = keras.layers, keras.activations
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation=activations.relu),
            layers.Dense(8, activation=activations.tanh),
            layers.Dense(8, activation=activations.selu),
            layers.Activation(activations.softplus),
            layers.Dense(4, activation=activations.softmax),
        ]
    )


@network()
def relu_layers(keras):
    layers = keras.layers
    inputs = keras.Input((5, 6), name="x")
    wide = layers.Rescaling(5.0)(inputs)
    outputs = [
        layers.ReLU(name="plain")(wide),
        layers.ReLU(6.0, name="six")(wide),
        layers.ReLU(max_value=2.5, name="two_and_a_half")(wide),
        layers.LeakyReLU(name="leaky")(wide),
        layers.LeakyReLU(0.1, name="less_leaky")(wide),
        layers.ELU(name="elu")(wide),
    ]
    return keras.Model(inputs, outputs)


@network()
def prelu(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(4, 3),
            layers.PReLU(),
            layers.Conv2D(3, 2),
            layers.PReLU(shared_axes=[1, 2]),
        ]
    )


@network()
def softmax_layers(keras):
    layers = keras.layers
    inputs = keras.Input((4, 6), name="x")
    return keras.Model(inputs, [layers.Softmax(name="last")(inputs), layers.Softmax(axis=2, name="same_axis")(inputs)])


@network(generations=("tf_keras",))
def thresholded_relu(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((6,)), layers.Dense(8), layers.ThresholdedReLU(theta=0.4), layers.Dense(3)])


@network(generations=("tf_keras",))
def hard_sigmoid_of_keras_2(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation="hard_sigmoid"),
            layers.Dense(3),
            layers.Activation("hard_sigmoid"),
        ]
    )
