"""Architectures of `keras.applications`, at a small input size, with random weights."""

import importlib

from tests.oracle.keras_layers.suite import network
from tests.oracle.registry import TF_KERAS


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
    # At 32 x 32 its last stage has one place, and float32 is off the exact numbers by up to 7e-5 of the largest, more
    # or less by machine, which leaves nothing of the tolerance; at 48 x 48 it is 2e-5.
    return keras.applications.ResNet50(input_shape=(48, 48, 3), weights=None, classes=10)


@network(calibrated=True)
def densenet121(keras):
    return keras.applications.DenseNet121(input_shape=(32, 32, 3), weights=None, classes=10)


@network(calibrated=True)
def efficientnet_v2_b0(keras):
    return keras.applications.EfficientNetV2B0(
        input_shape=(32, 32, 3), weights=None, classes=10, include_preprocessing=False
    )


@network()
def block_of_convnext(keras):
    layers = keras.layers
    block = importlib.import_module(f"{keras.__name__}.src.applications.convnext").ConvNeXtBlock
    inputs = keras.Input((8, 8, 6), name="image")
    x = block(projection_dim=6, layer_scale_init_value=0.4, name="tiny_stage_0_block_0")(inputs)
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


@network(calibrated=True)
def block_of_inception_resnet(keras):
    layers = keras.layers
    builder = importlib.import_module(f"{keras.__name__}.src.applications.inception_resnet_v2")
    builder.layers = layers  # tf-keras has none there before a whole network is built
    inputs = keras.Input((8, 8, 4), name="image")
    x = builder.inception_resnet_block(inputs, scale=0.17, block_type="block35", block_idx=1)
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


@network(generations=(TF_KERAS,))
def block_of_older_inception_resnet(keras):
    """Until 2.12, Keras 2 had a Lambda where it has a CustomScaleLayer now."""
    layers = keras.layers
    scaled = lambda inputs, scale: inputs[0] + inputs[1] * scale  # noqa: E731 -- only these are saved with their module
    scaled.__module__ = "keras.applications.inception_resnet_v2"
    inputs = keras.Input((8, 8, 4), name="image")
    up = layers.Conv2D(4, 1, name="block8_1_conv")(inputs)
    x = layers.Lambda(scaled, arguments={"scale": 0.2}, name="block8_1")([inputs, up])
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
