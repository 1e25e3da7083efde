"""Whole architectures in small: residual, U-Net, inception, text, towers."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.samples import normal, pixels, tokens


def _conv(keras, x, filters, size=3, **options):
    x = keras.layers.Conv2D(filters, size, padding="same", use_bias=False, **options)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization()(x))


@network()
def residual(keras):
    layers = keras.layers
    inputs = keras.Input((16, 16, 3), name="image")
    x = _conv(keras, inputs, 8)
    for filters in (8, 12):
        shortcut = layers.Conv2D(filters, 1, strides=2, padding="same")(x)
        x = _conv(keras, x, filters, strides=2)
        x = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same")(x))
        x = layers.Activation("relu")(layers.Add()([x, shortcut]))
    return keras.Model(inputs, layers.Dense(5, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


@network(trained=True)
def unet(keras):
    layers = keras.layers
    inputs = keras.Input((16, 16, 1), name="image")
    skips, x = [], inputs
    for filters in (4, 6):
        x = _conv(keras, x, filters)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.3)(_conv(keras, x, 8))
    for filters, skip in zip((6, 4), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = _conv(keras, layers.Concatenate()([x, skip]), filters)
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid", name="mask")(x))


@network(inputs=normal(sizes=(16, 24, 3)))
def unet_of_any_size(keras):
    layers = keras.layers
    inputs = keras.Input((None, None, 3), name="image")
    first = _conv(keras, inputs, 4)
    x = _conv(keras, layers.MaxPooling2D()(first), 6)
    x = layers.Concatenate()([layers.UpSampling2D()(x), first])
    return keras.Model(inputs, layers.Conv2D(3, 1, activation="softmax", name="classes")(x))


@network()
def inception(keras):
    layers = keras.layers
    inputs = keras.Input((12, 12, 3), name="image")
    x = inputs
    for _ in range(2):
        branches = [
            _conv(keras, x, 3, 1),
            _conv(keras, _conv(keras, x, 2, 1), 4, 3),
            _conv(keras, _conv(keras, x, 2, 1), 3, 5),
            _conv(keras, layers.AveragePooling2D(3, strides=1, padding="same")(x), 2, 1),
        ]
        x = layers.Concatenate(axis=3)(branches)
    return keras.Model(inputs, layers.Dense(4)(layers.GlobalAveragePooling2D()(x)))


@network()
def densely_connected(keras):
    layers = keras.layers
    inputs = keras.Input((12, 12, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    for _ in range(3):
        x = layers.Concatenate()([x, _conv(keras, x, 3)])
    x = layers.AveragePooling2D(2)(_conv(keras, x, 5, 1))
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x)))


@network()
def squeeze_and_excite(keras):
    layers = keras.layers
    inputs = keras.Input((12, 12, 3), name="image")
    x = layers.Conv2D(8, 3, activation="swish")(inputs)
    gate = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
    gate = layers.Conv2D(8, 1, activation="sigmoid")(layers.Conv2D(3, 1, activation="relu")(gate))
    return keras.Model(inputs, layers.Flatten()(layers.Multiply()([x, gate])))


@network()
def inverted_bottleneck(keras):
    layers = keras.layers
    inputs = keras.Input((12, 12, 4), name="image")
    x = inputs
    for _ in range(2):
        shortcut = x
        x = layers.ReLU(6.0)(layers.BatchNormalization()(layers.Conv2D(12, 1, use_bias=False)(x)))
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
        x = layers.BatchNormalization()(layers.Conv2D(4, 1, use_bias=False)(x))
        x = layers.Add()([x, shortcut])
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalMaxPooling2D()(x)))


@network()
def convolutional_autoencoder(keras):
    layers = keras.layers
    encoder = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(6, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(5, name="code"),
        ],
        name="encoder",
    )
    decoder = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(54, activation="relu"),
            layers.Reshape((3, 3, 6)),
            layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid"),
        ],
        name="decoder",
    )
    image = keras.Input((12, 12, 1), name="image")
    code = encoder(image)
    return keras.Model(image, [decoder(code), code], name="autoencoder")


@network(inputs=tokens(60))
def text_convolutions(keras):
    layers = keras.layers
    words = keras.Input((14,), dtype="int32", name="words")
    x = layers.Embedding(60, 6)(words)
    branches = [layers.GlobalMaxPooling1D()(layers.Conv1D(4, size, activation="relu")(x)) for size in (2, 3, 4)]
    return keras.Model(
        words, layers.Dense(5, activation="softmax")(layers.Dropout(0.5)(layers.Concatenate()(branches)))
    )


@network(inputs={"user": tokens(30), "item": tokens(40)})
def two_towers(keras):
    layers = keras.layers
    user, item = (keras.Input((1,), dtype="int32", name=name) for name in ("user", "item"))
    u = layers.Dense(6, activation="tanh")(layers.Flatten()(layers.Embedding(30, 5, name="users")(user)))
    v = layers.Dense(6, activation="tanh")(layers.Flatten()(layers.Embedding(40, 5, name="items")(item)))
    return keras.Model([user, item], layers.Dot(axes=1, name="score")([u, v]))


@network()
def dilated_stack(keras):
    layers = keras.layers
    inputs = keras.Input((20, 3), name="signal")
    x = layers.Conv1D(6, 1)(inputs)
    for rate in (1, 2, 4):
        tanh = layers.Conv1D(6, 3, dilation_rate=rate, padding="same", activation="tanh")(x)
        gate = layers.Conv1D(6, 3, dilation_rate=rate, padding="same", activation="sigmoid")(x)
        x = layers.Add()([x, layers.Conv1D(6, 1)(layers.Multiply()([tanh, gate]))])
    return keras.Model(inputs, layers.Conv1D(2, 1)(x))


@network(inputs={"image": pixels(), "extra": normal()})
def multi_task(keras):
    layers = keras.layers
    image, extra = keras.Input((16, 16, 3), name="image"), keras.Input((4,), name="extra")
    x = layers.Rescaling(1 / 255)(image)
    x = layers.MaxPooling2D()(layers.Conv2D(6, 3, activation="relu")(x))
    x = layers.Concatenate()([layers.Flatten()(layers.SeparableConv2D(4, 3, activation="elu")(x)), extra])
    x = layers.LayerNormalization()(layers.Dense(12)(x))
    outputs = [
        layers.Dense(4, activation="softmax", name="species")(x),
        layers.Dense(1, activation="softplus", name="age")(x),
        layers.Dense(4, activation="sigmoid", name="box")(x),
    ]
    return keras.Model([image, extra], outputs)


@network()
def speech_commands(keras):
    layers = keras.layers
    inputs = keras.Input((20, 10, 1), name="spectrogram")
    x = layers.BatchNormalization()(inputs)
    x = layers.MaxPooling2D((2, 1))(layers.Conv2D(6, (5, 3), activation="relu")(x))
    x = layers.Permute((2, 1, 3))(x)
    x = layers.TimeDistributed(layers.Flatten())(x)
    x = layers.Bidirectional(layers.LSTM(6))(x)
    return keras.Model(inputs, layers.Dense(5, activation="softmax", name="command")(x))
