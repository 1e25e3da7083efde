"""Architectures of `keras.applications`, at a small input size, with random weights."""

import importlib

from tests.oracle.keras_layers.suite import network
from tests.oracle.registry import KERAS_ARCHIVES


@network(calibrated=True)
def mobilenet(keras):
    return keras.applications.MobileNet((32, 32, 3), alpha=0.25, weights=None, classes=10)


@network(calibrated=True)
def mobilenet_v2(keras):
    return keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None, classes=10)


@network(calibrated=True)
def mobilenet_v2_without_top(keras):
    layers = keras.layers
    base = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None, include_top=False)
    inputs = keras.Input((32, 32, 3), name="photo")
    x = layers.GlobalAveragePooling2D()(base(inputs))
    return keras.Model(inputs, layers.Dense(6, activation="softmax", name="classes")(layers.Dropout(0.2)(x)))


@network(calibrated=True)
def resnet50(keras):
    return keras.applications.ResNet50(input_shape=(32, 32, 3), weights=None, classes=10)


@network(calibrated=True)
def densenet121(keras):
    return keras.applications.DenseNet121(input_shape=(32, 32, 3), weights=None, classes=10)


@network(calibrated=True)
def efficientnet_v2_b0(keras):
    return keras.applications.EfficientNetV2B0(
        input_shape=(32, 32, 3), weights=None, classes=10, include_preprocessing=False
    )


@network(writers=KERAS_ARCHIVES)
def block_of_convnext(keras):
    layers = keras.layers
    layer_scale = importlib.import_module(f"{keras.__name__}.src.applications.convnext").LayerScale
    inputs = keras.Input((8, 8, 6), name="image")
    x = layers.Conv2D(6, 7, padding="same", groups=6)(inputs)
    x = layers.Dense(12, activation="gelu")(layers.LayerNormalization(epsilon=1e-6)(x))
    x = layer_scale(1e-6, 6)(layers.Dense(6)(x))
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(layers.Add()([inputs, x]))))


@network(writers=("k3-keras",))
def block_of_inception_resnet(keras):
    layers = keras.layers
    scale = importlib.import_module(f"{keras.__name__}.src.applications.inception_resnet_v2").CustomScaleLayer
    inputs = keras.Input((8, 8, 4), name="image")
    branches = [layers.Conv2D(3, size, padding="same", activation="relu")(inputs) for size in (1, 3)]
    x = layers.Conv2D(4, 1)(layers.Concatenate()(branches))
    x = layers.Activation("relu")(scale(0.17)([inputs, x]))
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
