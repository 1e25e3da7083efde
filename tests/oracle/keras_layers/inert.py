"""Layers that do nothing when a model predicts, in every position that they can stand in."""

from tests.oracle.keras_layers.suite import network
from tests.oracle.samples import pixels


@network()
def noise_of_every_kind(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.GaussianNoise(0.1),
            layers.Conv2D(4, 3),
            layers.SpatialDropout2D(0.3),
            layers.GaussianDropout(0.2),
            layers.Flatten(),
            layers.Dense(6, activation="selu"),
            layers.AlphaDropout(0.1),
            layers.ActivityRegularization(0.01, 0.02),
            layers.Dense(3),
        ]
    )


@network()
def dropout_first_and_last(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((6,)), layers.Dropout(0.3), layers.Dense(4), layers.Dropout(0.5, name="last")])


@network()
def dropout_as_output(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    hidden = layers.Dense(4, name="hidden")(inputs)
    return keras.Model(
        inputs, [layers.Dropout(0.5, name="b")(hidden), hidden, layers.GaussianNoise(0.5, name="a")(hidden)]
    )


@network()
def dropout_shared(keras):
    layers = keras.layers
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    drop = layers.Dropout(0.4)
    x = layers.Concatenate()([layers.Dense(4)(drop(left)), layers.Dense(4)(drop(right)), drop(left)])
    return keras.Model([left, right], layers.Dense(3)(x))


@network()
def dropout_in_nested(keras):
    layers = keras.layers
    inner_input = keras.Input((5,), name="input")
    inner_output = layers.Dropout(0.2, name="drop")(layers.Dense(5, activation="elu", name="dense")(inner_input))
    inner = keras.Model(inner_input, inner_output, name="inner")
    inputs = keras.Input((5,), name="input")
    x = layers.Dropout(0.1, name="drop")(inputs)
    return keras.Model(inputs, layers.Dense(2, name="dense")(inner(inner(x))))


@network()
def spatial_dropout_1d(keras):
    layers = keras.layers
    return keras.Sequential([keras.Input((8, 3)), layers.Conv1D(5, 3), layers.SpatialDropout1D(0.3), layers.LSTM(4)])


@network()
def dropout_chain(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    x = layers.Dense(5)(inputs)
    for rate in (0.1, 0.2, 0.3):
        x = layers.Dropout(rate)(x)
    return keras.Model(inputs, layers.Add()([layers.Dense(5)(x), x]))


@network(writers=("k3-keras", "k2-keras", "k2-h5"))  # Keras 3 cannot save it as HDF5
def augmentation(keras):
    layers = keras.layers
    augment = keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1),
            layers.RandomZoom(0.2),
            layers.RandomTranslation(0.1, 0.1),
            layers.RandomContrast(0.2),
            layers.RandomBrightness(0.2),
        ],
        name="augment",
    )
    inputs = keras.Input((8, 8, 3), name="image")
    return keras.Model(inputs, layers.Flatten()(layers.Conv2D(3, 3)(augment(inputs))))


@network()
def dropout_of_volumes(keras):
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((4, 4, 4, 2)), layers.Conv3D(3, 2), layers.SpatialDropout3D(0.2), layers.Flatten()]
    )


@network()
def identity(keras):
    layers = keras.layers
    inputs = keras.Input((6,), name="x")
    x = layers.Identity()(inputs)
    x = layers.Activation("linear")(layers.Dense(4)(x))
    return keras.Model(inputs, layers.Identity(name="result")(x))


@network()
def nothing_but_dropout(keras):
    inputs = keras.Input((6,), name="x")
    return keras.Model(inputs, keras.layers.Dropout(0.5, name="y")(inputs))


@network()
def augmentation_first(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1, fill_mode="constant"),
            layers.RandomContrast(0.2),
            layers.Conv2D(3, 3),
        ]
    )


@network(generations=("keras3",), writers=("k3-keras",), inputs=pixels())  # Keras 3 cannot save it as HDF5
def augmentation_of_keras_3(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.AugMix(),
            layers.CutMix(),
            layers.MixUp(),
            layers.RandAugment(),
            layers.RandomColorDegeneration(0.2),
            layers.RandomColorJitter(),
            layers.RandomElasticTransform(),
            layers.RandomErasing(),
            layers.RandomGaussianBlur(),
            layers.RandomGrayscale(),
            layers.RandomHue(0.2),
            layers.RandomInvert(),
            layers.RandomPerspective(),
            layers.RandomPosterization(4),
            layers.RandomSaturation(0.2),
            layers.RandomSharpness(0.2),
            layers.RandomShear((0.0, 0.2), (0.0, 0.2)),
            layers.Conv2D(3, 3),
        ]
    )


@network(generations=("tf_keras",))
def augmentation_of_keras_2(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="image")
    x = layers.RandomWidth(0.2)(layers.RandomHeight(0.2)(inputs))
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3)(x)))


@network(generations=("keras3",), writers=("k3-keras",))  # FeatureSpace is of Keras 3, and its layers of .keras
def features_left_as_they_are(keras):
    space = keras.utils.FeatureSpace
    features = space({"size": space.float(), "rank": space.float()}, output_mode="dict")
    encoded = features.get_encoded_features()
    x = keras.layers.Concatenate()([encoded["size"], encoded["rank"]])
    return keras.Model(features.get_inputs(), keras.layers.Dense(3)(x))
