"""Convolutional networks of `keras.applications`, small inputs and random weights."""

import importlib

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import contrasts, normal, uniform
from tests.oracle.graphs.models.suite import SUITE

model = Family(SUITE, __name__).model

_SMALL = normal(2, 32, 32, 3)
_BYTES = uniform(0, 255, 2, 32, 32, 3)


def _image(keras, size=32):
    return keras.Input((size, size, 3), name="x")


def _of(name, size=32, **settings):
    def build(keras):
        make = getattr(keras.applications, name)
        return make(input_tensor=_image(keras, size), weights=None, classes=10, **settings)

    return build


model("keras3", name="mobilenet", x=_SMALL)(_of("MobileNet", alpha=0.25))
model("keras3", name="mobilenet_v2", x=_SMALL)(_of("MobileNetV2", alpha=0.35))
model("keras2", name="mobilenet_v2_of_keras_2", x=_SMALL)(_of("MobileNetV2", alpha=0.35))
model("keras2-export", name="mobilenet_v2_exported_by_keras_2", x=_SMALL)(_of("MobileNetV2", alpha=0.35))
model("keras3", name="mobilenet_v3_small", x=_BYTES)(_of("MobileNetV3Small", alpha=0.75, minimalistic=False))
model("keras2", name="mobilenet_v3_large_of_keras_2", x=_BYTES)(_of("MobileNetV3Large", minimalistic=True))
model("keras3", name="efficientnet_b0", x=_BYTES)(_of("EfficientNetB0"))
model("keras3", name="efficientnet_v2_b0", x=_BYTES)(_of("EfficientNetV2B0"))
model("keras3", name="resnet50", x=_SMALL)(_of("ResNet50"))
model("keras2", name="resnet50_v2_of_keras_2", x=_SMALL)(_of("ResNet50V2"))
model("keras3", name="densenet121", x=_SMALL)(_of("DenseNet121"))


@model("keras3", x=normal(2, 75, 75, 3))
def inception_v3(keras):
    return keras.applications.InceptionV3(
        input_tensor=_image(keras, 75), weights=None, include_top=False, pooling="avg"
    )


@model("keras2", x=normal(2, 71, 71, 3))
def xception_of_keras_2(keras):
    return keras.applications.Xception(input_tensor=_image(keras, 71), weights=None, include_top=False, pooling="max")


@model("keras3", x=contrasts(2, 32, 32, 3))
def vgg16(keras):
    return keras.applications.VGG16(input_tensor=_image(keras), weights=None, include_top=False, pooling="avg")


@model("keras3", x=_SMALL)
def convnext(keras):
    """The smallest one's blocks, fewer and narrower."""
    make = importlib.import_module("keras.src.applications.convnext").ConvNeXt
    return make(
        depths=[1, 1, 2, 1],
        projection_dims=[8, 16, 32, 64],
        default_size=32,
        input_tensor=_image(keras),
        weights=None,
        classes=10,
        include_preprocessing=False,
    )


@model("keras3", x=_SMALL)
def nasnet(keras):
    """NASNetMobile's cells, one of each kind where it has four."""
    make = importlib.import_module("keras.src.applications.nasnet").NASNet
    return make(
        input_shape=(32, 32, 3),
        input_tensor=_image(keras),
        penultimate_filters=96,
        num_blocks=1,
        stem_block_filters=8,
        weights=None,
        classes=10,
        default_size=32,
    )


@model("keras3", x=_SMALL)
def mobilenet_v2_fine_tuned(keras):
    layers = keras.layers
    base = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None, include_top=False)
    inputs = _image(keras)
    x = layers.GlobalAveragePooling2D()(base(inputs, training=False))
    return keras.Model(inputs, layers.Dense(6, activation="softmax", name="classes")(layers.Dropout(0.2)(x)))
