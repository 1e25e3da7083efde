"""Convolutions and pools."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, normal, weight
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_image = normal(2, 9, 8, 4)
_kernel = weight(3, 3, 4, 6)


def _settings(strides=1, padding="SAME", dilations=1, rank=4, **more):
    def spatial(value):
        return [1, *(value if isinstance(value, tuple) else (value,) * (rank - 2)), 1]

    return {"strides": spatial(strides), "padding": padding, "dilations": spatial(dilations), **more}


# --- Conv2D -------------------------------------------------------------------------------------------------------
for variant, settings in {
    "same": _settings(),
    "valid": _settings(padding="VALID"),
    "same-strides": _settings(2),
    "valid-strides": _settings((2, 3), "VALID"),
    "dilations": _settings(dilations=2),
    "dilations-uneven": _settings(dilations=(1, 3)),
    "dilations-valid": _settings(padding="VALID", dilations=2),
    "explicit": _settings(padding="EXPLICIT", explicit_paddings=[0, 0, 1, 2, 0, 3, 0, 0]),
    "explicit-strides": _settings(2, "EXPLICIT", explicit_paddings=[0, 0, 1, 1, 1, 1, 0, 0]),
}.items():
    raw("Conv2D", settings, variant, input=_image, filter=_kernel)
raw("Conv2D", _settings(), "free-size", input=normal(2, 9, 8, 4).then(1, 7, 11, 4), filter=_kernel)
raw("Conv2D", _settings(), "pointwise", input=_image, filter=weight(1, 1, 4, 6))
raw("Conv2D", _settings(2), "pointwise-strides", input=_image, filter=weight(1, 1, 4, 6))
raw("Conv2D", _settings(4), "kernel-below-strides", input=normal(2, 16, 16, 4), filter=_kernel)
raw("Conv2D", _settings((4, 2)), "kernel-below-strides-padded", input=normal(2, 15, 16, 4), filter=weight(3, 4, 4, 6))
raw(
    "Conv2D",
    _settings(4),
    "kernel-below-strides-free-size",
    input=normal(2, 16, 16, 4).then(1, 12, 16, 4),
    filter=_kernel,
)
raw(
    "DepthwiseConv2dNative", _settings(4), "kernel-below-strides", input=normal(2, 16, 16, 4), filter=weight(3, 3, 4, 1)
)
raw("Conv2D", _settings(), "even-kernel", input=_image, filter=weight(2, 4, 4, 6))
raw("Conv2D", _settings(), "kernel-given", input=_image, filter=normal(3, 3, 4, 6).fixed())
raw("Conv2D", _settings(), "groups", input=_image, filter=weight(3, 3, 2, 6))
raw("Conv2D", _settings(2, "VALID"), "groups-strides", input=_image, filter=weight(3, 3, 2, 6))
raw("Conv2D", _settings(), "groups-of-one", input=_image, filter=weight(3, 3, 1, 8))
raw(
    "Conv2D",
    {"strides": [1, 1, 2, 2], "padding": "SAME", "data_format": "NCHW"},
    "channels-first",
    input=normal(2, 4, 9, 8),
    filter=_kernel,
    reference=lambda tf, input, filter: tf.transpose(
        tf.nn.conv2d(tf.transpose(input, [0, 2, 3, 1]), filter, 2, "SAME"), [0, 3, 1, 2]
    ),
)
op("Conv2D", lambda tf, x, w: tf.nn.conv1d(x, w, 2, "SAME"), "of-sequences", x=normal(2, 9, 4), w=weight(3, 4, 6))
op(
    "Conv2D",
    lambda tf, x, w: tf.nn.conv1d(x, w, 1, "VALID", dilations=2),
    "of-sequences-dilated",
    x=normal(2, 9, 4),
    w=weight(3, 4, 6),
)
op(
    "Conv2D",
    lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME") * np.linspace(0.5, 2, 6, dtype=np.float32),
    "then-scaled",
    x=_image,
    w=_kernel,
)

# --- fused by our own pass ----------------------------------------------------------------------------------------
for name in ("relu", "relu6", "elu", "sigmoid", "leaky_relu", "tanh", "selu"):
    fused = () if name in ("tanh", "selu") else ("_FusedConv2D",)
    op(
        "Conv2D",
        lambda tf, x, w, b, name=name: getattr(tf.nn, name)(tf.nn.bias_add(tf.nn.conv2d(x, w, 1, "SAME"), b)),
        f"bias-{name}",
        published=fused,
        x=_image,
        w=_kernel,
        b=weight(6),
    )
op(
    "Conv2D",
    lambda tf, x, w, b: tf.nn.conv2d(x, w, 1, "SAME") + b,
    "bias-alone",
    published=("_FusedConv2D",),
    x=_image,
    w=_kernel,
    b=weight(6),
)
op(
    "Conv2D",
    lambda tf, x, w, b: [tf.nn.conv2d(x, w, 1, "SAME") + b, tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME") + b)],
    "bias-used-twice",
    x=_image,
    w=_kernel,
    b=weight(6),
)
op(
    "Conv2D",
    lambda tf, x, w, b: tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME") + b),
    "bias-is-an-image",
    x=_image,
    w=_kernel,
    b=weight(9, 8, 6),
)
for name in ("relu", "relu6", "elu", "sigmoid", "leaky_relu"):
    op(
        "DepthwiseConv2dNative",
        lambda tf, x, w, b, name=name: getattr(tf.nn, name)(
            tf.nn.bias_add(tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME"), b)
        ),
        f"bias-{name}",
        published=("FusedDepthwiseConv2dNative",),
        x=_image,
        w=weight(3, 3, 4, 2),
        b=weight(8),
    )

# --- DepthwiseConv2dNative ------------------------------------------------------------------------------------------
for variant, settings in {
    "same": _settings(),
    "valid": _settings(padding="VALID"),
    "strides": _settings(2),
    "strides-valid": _settings(2, "VALID"),
    "explicit": _settings(padding="EXPLICIT", explicit_paddings=[0, 0, 1, 2, 0, 3, 0, 0]),
}.items():
    raw("DepthwiseConv2dNative", settings, variant, input=_image, filter=weight(3, 3, 4, 1))
    raw("DepthwiseConv2dNative", settings, f"{variant}-multiplied", input=_image, filter=weight(3, 3, 4, 2))
raw("DepthwiseConv2dNative", _settings(), "uneven-kernel", input=_image, filter=weight(5, 2, 4, 1))
op(
    "DepthwiseConv2dNative",
    lambda tf, x, w: tf.raw_ops.DepthwiseConv2dNative(input=x, filter=w, **_settings(dilations=2)),
    "dilations",
    x=_image,
    w=weight(3, 3, 4, 2),
    reference=lambda tf, x, w: tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME", dilations=[2, 2]),
)
op(
    "DepthwiseConv2dNative",
    lambda tf, x, w: tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME", dilations=[2, 2]),
    "dilated-by-batches",
    also=("SpaceToBatchND", "BatchToSpaceND"),
    x=normal(2, 8, 8, 4),
    w=weight(3, 3, 4, 2),
)

# --- Conv2DBackpropInput --------------------------------------------------------------------------------------------
for variant, (strides, padding, sizes, kernel) in {
    "same": (2, "SAME", (10, 8), (3, 3, 6, 4)),
    "same-odd": (2, "SAME", (9, 7), (3, 3, 6, 4)),
    "valid": (2, "VALID", (11, 9), (3, 3, 6, 4)),
    "valid-larger": (2, "VALID", (12, 10), (3, 3, 6, 4)),
    "kernel-below-strides": (3, "SAME", (15, 12), (2, 2, 6, 4)),
    "strides-one": (1, "SAME", (5, 4), (3, 3, 6, 4)),
    "even-kernel": (2, "SAME", (10, 8), (4, 4, 6, 4)),
}.items():
    op(
        "Conv2DBackpropInput",
        lambda tf, x, w, s=strides, p=padding, z=sizes: tf.nn.conv2d_transpose(
            x, w, tf.stack([tf.shape(x)[0], z[0], z[1], 6]), s, p
        ),
        variant,
        x=normal(2, 5, 4, 4),
        w=weight(*kernel),
    )
raw(
    "Conv2DBackpropInput",
    {**_settings(2), "input_sizes": [2, 10, 8, 6]},
    "sizes-constant",
    out_backprop=normal(2, 5, 4, 4).fixed(),
    filter=weight(3, 3, 6, 4),
)
raw(
    "Conv2DBackpropInput",
    {
        **_settings(2, "EXPLICIT", explicit_paddings=[0, 0, 1, 0, 0, 1, 0, 0]),
        "input_sizes": [2, 10, 8, 6],
    },
    "explicit",
    out_backprop=normal(2, 5, 4, 4).fixed(),
    filter=weight(3, 3, 6, 4),
)
op(
    "Conv2DBackpropInput",
    lambda tf, x, w: tf.nn.relu(
        tf.nn.conv2d_transpose(x, w, [2, 10, 8, 6], 2, "SAME") + np.arange(6, dtype=np.float32)
    ),
    "bias-relu",
    x=normal(2, 5, 4, 4).fixed(),
    w=weight(3, 3, 6, 4),
)

# --- Conv3D, Dilation2D ---------------------------------------------------------------------------------------------
for variant, settings in {
    "same": _settings(rank=5),
    "valid": _settings(padding="VALID", rank=5),
    "strides": _settings((2, 1, 2), rank=5),
}.items():
    raw("Conv3D", settings, variant, input=normal(2, 5, 6, 4, 3), filter=weight(3, 3, 2, 3, 4))
op(
    "Conv3D",
    lambda tf, x, w: tf.raw_ops.Conv3D(input=x, filter=w, **_settings(padding="VALID", dilations=2, rank=5)),
    "dilations",
    x=normal(2, 6, 7, 5, 3),
    w=weight(3, 3, 2, 3, 4),
    reference=lambda tf, x, w: tf.nn.convolution(x, w, padding="VALID", dilations=[2, 2, 2]),
)
op(
    "Conv3D",
    lambda tf, x, w, b: tf.nn.relu(tf.nn.bias_add(tf.nn.conv3d(x, w, [1, 1, 1, 1, 1], "SAME"), b)),
    "bias-relu",
    x=normal(2, 5, 6, 4, 3),
    w=weight(3, 3, 2, 3, 4),
    b=weight(4),
)
for variant, strides, rates, padding in (
    ("same", 1, 1, "SAME"),
    ("valid", 1, 1, "VALID"),
    ("strides", 2, 1, "SAME"),
    ("rates", 1, 2, "VALID"),
):
    raw(
        "Dilation2D",
        {"strides": [1, strides, strides, 1], "rates": [1, rates, rates, 1], "padding": padding},
        variant,
        input=_image,
        filter=weight(3, 2, 4),
    )
op(
    "Conv3DBackpropInputV2",
    lambda tf, x, w: tf.nn.conv3d_transpose(x, w, [2, 6, 8, 4, 3], 2, "SAME"),
    x=normal(2, 3, 4, 2, 4).fixed(),
    w=weight(3, 3, 3, 3, 4),
)
op(
    "Conv3DBackpropInputV2",
    lambda tf, x, w: tf.nn.conv3d_transpose(x, w, [2, 7, 9, 5, 3], [1, 2, 2, 2, 1], "VALID"),
    "valid",
    x=normal(2, 3, 4, 2, 4).fixed(),
    w=weight(3, 3, 3, 3, 4),
)
op(
    "Conv3DBackpropInputV2",
    lambda tf, x, w: tf.nn.conv3d_transpose(
        x, w, tf.stack([2, tf.shape(x)[1] * 2, tf.shape(x)[2] * 2, tf.shape(x)[3] * 2, 3]), 2, "SAME"
    ),
    "free-size",
    x=normal(2, 3, 4, 2, 4).fixed().free(1, 2, 3),
    w=weight(3, 3, 3, 3, 4),
    refused=("Conv3DBackpropInputV2", "size"),
)

# --- pools ----------------------------------------------------------------------------------------------------------
for name, given in (("MaxPool", "input"), ("AvgPool", "value")):
    for variant, size, strides, padding in (
        ("same", (2, 2), (2, 2), "SAME"),
        ("valid", (2, 2), (2, 2), "VALID"),
        ("overlapping", (3, 3), (2, 2), "SAME"),
        ("uneven", (3, 2), (1, 3), "VALID"),
        ("strides-one", (3, 3), (1, 1), "SAME"),
        ("whole", (9, 8), (9, 8), "VALID"),
    ):
        raw(
            name,
            {"ksize": [1, *size, 1], "strides": [1, *strides, 1], "padding": padding},
            variant,
            **{given: _image},
        )
    for variant, size, strides, padding in (
        ("same", (2, 2, 2), (2, 2, 2), "SAME"),
        ("valid", (2, 3, 2), (1, 2, 1), "VALID"),
        ("overlapping", (3, 3, 3), (2, 2, 2), "SAME"),
    ):
        raw(
            f"{name}3D",
            {"ksize": [1, *size, 1], "strides": [1, *strides, 1], "padding": padding},
            variant,
            input=normal(2, 5, 6, 4, 3),
        )
    raw(
        name,
        {"ksize": [1, 1, 2, 2], "strides": [1, 1, 2, 2], "padding": "SAME", "data_format": "NCHW"},
        "channels-first",
        reference=lambda tf, pool=name, **given: tf.transpose(
            tf.nn.pool(tf.transpose(*given.values(), [0, 2, 3, 1]), [2, 2], pool[:3].upper(), [2, 2], "SAME"),
            [0, 3, 1, 2],
        ),
        **{given: normal(2, 4, 9, 8)},
    )
op(
    "MaxPool",
    lambda tf, x: tf.nn.max_pool2d(x, 3, 2, [[0, 0], [1, 0], [0, 2], [0, 0]]),
    "explicit",
    x=_image,
)
raw("MaxPoolV2", {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}, input=_image)
op(
    "MaxPool",
    lambda tf, x: tf.nn.max_pool1d(x, 3, 2, "SAME"),
    "of-sequences",
    x=normal(2, 9, 4),
)
raw(
    "MaxPool",
    {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"},
    "negative",
    input=integers(-40, -2, 2, 6, 6, 2).typed("float32"),
)
for variant, padding, batch in (
    ("valid", "VALID", False),
    ("same", "SAME", False),
    ("batch-in-index", "VALID", True),
):
    raw(
        "MaxPoolWithArgmax",
        {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": padding, "include_batch_in_index": batch},
        variant,
        input=normal(2, 7, 6, 3),
    )
