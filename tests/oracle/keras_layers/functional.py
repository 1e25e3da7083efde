"""Functional models: several inputs and outputs, their order and names, and layers that are used more than once."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.samples import normal, tokens


@network()
def functional_chain(keras):
    inputs = keras.Input((8,), name="features")
    x = keras.layers.Dense(12, activation="relu", name="hidden")(inputs)
    return keras.Model(inputs, keras.layers.Dense(3, name="scores")(x), name="chain")


@network()
def two_inputs(keras):
    layers = keras.layers
    left, right = keras.Input((4,), name="left"), keras.Input((6,), name="right")
    x = layers.Concatenate()([layers.Dense(5, activation="relu")(left), layers.Dense(5, activation="tanh")(right)])
    return keras.Model([left, right], layers.Dense(2)(x))


@network()
def alike_inputs_out_of_order(keras):
    layers = keras.layers
    first, second, third = (keras.Input((4,), name=name) for name in ("zebra", "apple", "mango"))
    x = layers.Concatenate()(
        [layers.Dense(3, activation="relu")(first), layers.Dense(3)(second), layers.Dense(3, activation="tanh")(third)]
    )
    return keras.Model([second, third, first], layers.Dense(4)(x))


@network()
def alike_outputs_out_of_order(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    hidden = layers.Dense(8, activation="tanh")(inputs)
    outputs = [layers.Dense(3, name=name)(hidden) for name in ("zebra", "apple", "mango", "Banana")]
    return keras.Model(inputs, [outputs[2], outputs[0], outputs[3], outputs[1]])


@network()
def twelve_outputs(keras):
    layers = keras.layers
    inputs = keras.Input((5,), name="x")
    hidden = layers.Dense(7, activation="relu")(inputs)
    return keras.Model(inputs, [layers.Dense(2, name=f"head_{i}")(hidden) for i in range(12)])


@network()
def dict_outputs(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    hidden = layers.Dense(8, activation="relu")(inputs)
    outputs = {
        "probability": layers.Dense(3, activation="softmax", name="dense_p")(hidden),
        "logits": layers.Dense(3, name="dense_l")(hidden),
        "embedding": hidden,
    }
    return keras.Model(inputs, outputs)


@network()
def dict_inputs(keras):
    layers = keras.layers
    inputs = {name: keras.Input((5,), name=name) for name in ("width", "height", "depth")}
    x = layers.Concatenate()([layers.Dense(4, activation="tanh")(value) for value in inputs.values()])
    return keras.Model(inputs, layers.Dense(2)(x))


@network()
def dict_inputs_and_outputs(keras):
    layers = keras.layers
    inputs = {name: keras.Input((5,), name=name) for name in ("query", "document")}
    shared = layers.Dense(6, activation="tanh", name="shared")
    query, document = shared(inputs["query"]), shared(inputs["document"])
    outputs = {
        "similarity": layers.Dot(axes=1, normalize=True)([query, document]),
        "both": layers.Multiply()([query, document]),
        "document_only": layers.Dense(2)(document),
    }
    return keras.Model(inputs, outputs)


@network()
def shared_dense(keras):
    layers = keras.layers
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    shared = layers.Dense(4, activation="relu", name="shared")
    return keras.Model([left, right], layers.Dense(2)(layers.Concatenate()([shared(left), shared(right)])))


@network()
def shared_layer_as_outputs(keras):
    layers = keras.layers
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    shared = layers.Dense(4, name="shared")
    return keras.Model([left, right], [shared(right), shared(left)])


@network()
def applied_to_itself(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    again = layers.Dense(6, activation="tanh", name="again")
    return keras.Model(inputs, layers.Dense(2)(again(again(again(inputs)))))


@network()
def siamese(keras):
    layers = keras.layers
    encoder = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(6, activation="tanh"),
        ],
        name="encoder",
    )
    left, right = keras.Input((8, 8, 1), name="left"), keras.Input((8, 8, 1), name="right")
    a, b = encoder(left), encoder(right)
    x = layers.Concatenate()([layers.Multiply()([a, b]), layers.Maximum()([a, b])])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid", name="same")(x))


@network()
def intermediate_outputs(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    first = layers.Dense(5, activation="relu", name="first")(inputs)
    second = layers.Dense(4, activation="relu", name="second")(first)
    third = layers.Dense(3, name="third")(second)
    return keras.Model(inputs, [third, first, second])


@network()
def from_the_middle(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    features = layers.Dense(5, activation="relu", name="features")(inputs)
    whole = keras.Model(inputs, layers.Dense(4, name="head")(features))
    return keras.Model(whole.inputs, whole.get_layer("features").output)


@network()
def mixed_ranks(keras):
    layers = keras.layers
    image, vector = keras.Input((6, 6, 2), name="image"), keras.Input((3,), name="vector")
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(image))
    x = layers.Concatenate()([x, vector])
    return keras.Model([image, vector], [layers.Dense(2, name="flat")(x), layers.Conv2D(1, 1, name="map")(image)])


@network(inputs={"item": tokens(20), "user": tokens(30), "features": normal()})
def numbers_and_tokens(keras):
    layers = keras.layers
    item = keras.Input((4,), dtype="int32", name="item")
    user = keras.Input((1,), dtype="int32", name="user")
    features = keras.Input((5,), name="features")
    x = layers.Concatenate()(
        [layers.Flatten()(layers.Embedding(20, 3)(item)), layers.Flatten()(layers.Embedding(30, 4)(user)), features]
    )
    return keras.Model([item, user, features], layers.Dense(3, activation="softmax")(x))


@network(trained=True)
def trained_with_two_heads(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    hidden = layers.Dense(8, activation="relu")(inputs)
    hidden = layers.BatchNormalization()(hidden)
    return keras.Model(inputs, [layers.Dense(3, name="b_class")(hidden), layers.Dense(1, name="a_value")(hidden)])
