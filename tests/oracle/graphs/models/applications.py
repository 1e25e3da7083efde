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


def _shallow(generation, module, make, size=32, **settings):
    """Build a family's network with as few blocks as still are of every kind."""

    def build(keras):
        family = importlib.import_module(f"{generation}.src.applications.{module}")
        more = {key: value(family) if callable(value) else value for key, value in settings.items()}
        return getattr(family, make)(input_tensor=_image(keras, size), weights=None, classes=10, **more)

    return build


def _residual(stack, width=16):
    """Return the making of a ResNet's blocks, by the function of its module that makes those of one width."""

    def blocks(family):
        make = getattr(family, stack)
        return lambda x: make(make(x, width, 2, stride1=1, name="conv2"), 2 * width, 2, name="conv3")

    return blocks


def _inverted(family):
    block = family._inverted_res_block

    def blocks(x, kernel, activation, se_ratio):
        x = block(x, 1, 8, 3, 1, se_ratio, activation, 0)
        x = block(x, 4, 16, kernel, 2, None, activation, 1)
        return block(x, 3, 16, kernel, 1, se_ratio, activation, 2)

    return blocks


model("keras3", name="mobilenet_v2", x=_SMALL)(_of("MobileNetV2", alpha=0.35))
model("keras2-export", name="mobilenet_v2_of_keras_2", x=_SMALL)(_of("MobileNetV2", alpha=0.35))
model("keras3", name="mobilenet_v3_small", x=_BYTES)(_of("MobileNetV3Small", alpha=0.75, minimalistic=False))
model("keras2", name="mobilenet_v3_of_keras_2", x=_BYTES)(
    _shallow("tf_keras", "mobilenet_v3", "MobileNetV3", stack_fn=_inverted, last_point_ch=64)
)
_FEW = {"width_coefficient": 0.5, "depth_coefficient": 0.1, "default_size": 32}
model("keras3", name="efficientnet", x=_BYTES)(_shallow("keras", "efficientnet", "EfficientNet", **_FEW))
model("keras3", name="efficientnet_v2", x=_BYTES)(
    _shallow("keras", "efficientnet_v2", "EfficientNetV2", name="efficientnetv2-b0", **_FEW)
)
model("keras3", name="resnet", x=_SMALL)(
    _shallow("keras", "resnet", "ResNet", stack_fn=_residual("stack_residual_blocks_v1"), preact=False, use_bias=True)
)
model("keras2", name="resnet_v2_of_keras_2", x=_SMALL)(
    _shallow("tf_keras", "resnet", "ResNet", stack_fn=_residual("stack2"), preact=True, use_bias=True)
)
model("keras2", name="resnext_of_keras_2", x=_SMALL)(
    _shallow("tf_keras", "resnet", "ResNet", stack_fn=_residual("stack3", 32), preact=False, use_bias=False)
)
model("keras3", name="densenet", x=_SMALL)(_shallow("keras", "densenet", "DenseNet", blocks=[2, 3, 2, 2]))
model("keras2", name="regnet_of_keras_2", x=_BYTES)(
    _shallow(
        "tf_keras",
        "regnet",
        "RegNet",
        depths=[1, 1, 2, 1],
        widths=[8, 16, 24, 32],
        group_width=8,
        block_type="Y",
        default_size=32,
    )
)


@model("keras3", x=normal(2, 75, 75, 3))
def inception_v3(keras):
    return keras.applications.InceptionV3(
        input_tensor=_image(keras, 75), weights=None, include_top=False, pooling="avg"
    )


@model("keras3", x=normal(2, 71, 71, 3))
def xception(keras):
    return keras.applications.Xception(input_tensor=_image(keras, 71), weights=None, include_top=False, pooling="max")


@model("keras3", x=contrasts(2, 32, 32, 3))
def vgg16(keras):
    """Up to its third block: without normalization, random weights beyond give the same for every image."""
    base = keras.applications.VGG16(input_tensor=_image(keras), weights=None, include_top=False)
    return keras.Model(base.inputs, base.get_layer("block3_pool").output)


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


@model("keras3", x=uniform(0, 255, 2, 40, 36, 3))
def mobilenet_fine_tuned(keras):
    """A network within a network, with what comes before it and a head of one's own."""
    layers = keras.layers
    base = keras.applications.MobileNet((32, 32, 3), alpha=0.25, weights=None, include_top=False)
    inputs = keras.Input((40, 36, 3), name="x")
    x = layers.Rescaling(1 / 127.5, -1.0)(layers.Resizing(32, 32)(inputs))
    x = layers.GlobalAveragePooling2D()(base(x, training=False))
    return keras.Model(inputs, layers.Dense(6, activation="softmax", name="classes")(layers.Dropout(0.2)(x)))
