"""The families of `keras.applications` that `keras_layers` has not, at the smallest input that each takes.

Where a family has no narrow member, its builder is called with fewer and thinner blocks, or two writers must do.
"""

import importlib

from tests.oracle.keras_matrix.suite import TWO, network
from tests.oracle.samples import contrasts, pixels, uniform

SOME = ("k3-keras", "k2-h5")
OTHERS = ("k3-h5", "k2-keras")
_UNITS = uniform(-1, 1)


def _strong_contrasts(rng, shape):
    return 20 * contrasts()(rng, shape)


def _builder(keras, module):
    return importlib.import_module(f"{keras.__name__}.src.applications.{module}")


@network(calibrated=True, inputs=pixels())
def mobilenet_v3_small(keras):
    return keras.applications.MobileNetV3Small(input_shape=(32, 32, 3), alpha=0.75, weights=None, classes=10)


@network(calibrated=True, inputs=pixels(), writers=OTHERS)
def mobilenet_v3_large(keras):
    return keras.applications.MobileNetV3Large(
        input_shape=(32, 32, 3), alpha=0.75, minimalistic=True, weights=None, classes=10
    )


@network(calibrated=True, inputs=pixels())
def efficientnet_b0(keras):
    return keras.applications.EfficientNetB0(input_shape=(32, 32, 3), weights=None, classes=10)


@network(calibrated=True, inputs=_UNITS, writers=OTHERS)
def resnet50_v2(keras):
    return keras.applications.ResNet50V2(input_shape=(32, 32, 3), weights=None, include_top=False, pooling="avg")


@network(calibrated=True, inputs=_UNITS, writers=SOME)
def inception_v3(keras):
    return keras.applications.InceptionV3(input_shape=(75, 75, 3), weights=None, include_top=False, pooling="avg")


@network(calibrated=True, inputs=_UNITS, writers=SOME)
def inception_resnet_v2(keras):
    return keras.applications.InceptionResNetV2(input_shape=(75, 75, 3), weights=None, include_top=False, pooling="max")


@network(calibrated=True, inputs=_UNITS, writers=OTHERS)
def xception(keras):
    return keras.applications.Xception(input_shape=(71, 71, 3), weights=None, include_top=False, pooling="avg")


@network(inputs=_strong_contrasts, writers=SOME)
def vgg16(keras):
    return keras.applications.VGG16(input_shape=(32, 32, 3), weights=None, include_top=False, pooling="max")


@network(inputs=_strong_contrasts, writers=OTHERS)
def vgg19(keras):
    return keras.applications.VGG19(input_shape=(32, 32, 3), weights=None, include_top=False, pooling="max")


@network(calibrated=True, inputs=_UNITS)
def nasnet(keras):
    """NASNetMobile's cells, one of each kind where it has four."""
    return _builder(keras, "nasnet").NASNet(
        input_shape=(32, 32, 3),
        penultimate_filters=96,
        num_blocks=1,
        stem_block_filters=8,
        weights=None,
        classes=10,
        default_size=32,
    )


@network(inputs=pixels(), reloaded=False)  # what tf-keras writes of it, it cannot read
def convnext(keras):
    """ConvNeXtTiny's blocks, fewer and narrower; training leaves all but the first out at random."""
    return _builder(keras, "convnext").ConvNeXt(
        depths=[1, 1, 2, 1],
        projection_dims=[8, 16, 32, 64],
        drop_path_rate=0.3,
        default_size=32,
        input_shape=(32, 32, 3),
        weights=None,
        classes=10,
    )


@network(calibrated=True, generations=TWO, inputs=pixels())
def regnet_x(keras):
    return keras.applications.RegNetX002(input_shape=(32, 32, 3), weights=None, classes=10)


@network(calibrated=True, generations=TWO, inputs=pixels())
def regnet_y(keras):
    return keras.applications.RegNetY002(input_shape=(32, 32, 3), weights=None, classes=10)


@network(calibrated=True, generations=TWO, inputs=pixels())
def resnet_rs(keras):
    """ResNetRS50's blocks, one of each."""
    return _builder(keras, "resnet_rs").ResNetRS(
        depth=50, input_shape=(32, 32, 3), weights=None, classes=10, dropout_rate=0.2
    )
