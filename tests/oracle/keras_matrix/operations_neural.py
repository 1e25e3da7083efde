"""`keras.ops` of networks: activations, convolutions, pooling, normalization, attention, losses."""

from functools import partial

from tests.oracle.keras_matrix.suite import Fed, operation, positive, real, truths, unit, whole
from tests.oracle.samples import integers, uniform

op = partial(operation, family="operations_neural")

_X = real(None, 3, 6)

for _name in (
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
):
    op(_name, _X)
op("celu", _X, alpha=0.4, variant="alpha")
op("elu", _X, alpha=0.4, variant="alpha")
op("gelu", _X, approximate=False, variant="exact")
op("glu", _X, axis=2, variant="axis")
op("hard_shrink", _X, threshold=0.2, variant="threshold")
op("soft_shrink", _X, threshold=0.2, variant="threshold")
op("leaky_relu", _X, negative_slope=0.6, variant="slope")
op("log_softmax", _X, axis=1, variant="axis_1")
op("softmax", _X, axis=1, variant="axis_1")
op("sparsemax", real(None, 5, 3), axis=1, variant="axis_1")
op("squareplus", _X, b=2, variant="b")
op("threshold", _X, 0.3, -0.5)

_IMAGE = real(None, 8, 9, 4)
op("conv", _IMAGE, real(3, 3, 4, 5))
op("conv", _IMAGE, real(3, 2, 4, 5), strides=2, padding="same", variant="strides")
op("conv", _IMAGE, real(3, 3, 4, 5), dilation_rate=2, variant="dilated")
op("conv", real(None, 9, 3), real(3, 3, 5), padding="same", variant="rank_1")
op("conv", real(None, 5, 6, 5, 2), real(2, 3, 2, 2, 3), variant="rank_3")
op("depthwise_conv", _IMAGE, real(3, 3, 4, 2))
op("depthwise_conv", _IMAGE, real(3, 3, 4, 1), strides=2, padding="same", variant="strides")
op("depthwise_conv", real(None, 9, 3), real(3, 3, 2), variant="rank_1")
op("separable_conv", _IMAGE, real(3, 3, 4, 2), real(1, 1, 8, 3))
op("max_pool", _IMAGE, 2)
op("max_pool", _IMAGE, 3, strides=2, padding="same", variant="strides")
op("max_pool", real(None, 9, 3), 2, variant="rank_1")
op("average_pool", _IMAGE, 2)
op("average_pool", _IMAGE, 3, strides=2, padding="same", variant="strides")
op("average_pool", real(None, 4, 5, 6, 2), 2, variant="rank_3")
op("adaptive_average_pool", _IMAGE, (3, 4), reloaded=False)
op("adaptive_max_pool", _IMAGE, (3, 4), reloaded=False)
op("adaptive_average_pool", real(None, 7, 3), (3,), variant="rank_1", reloaded=False)

op("batch_normalization", _IMAGE, real(4), positive(4), 3)
op("batch_normalization", _IMAGE, real(4), positive(4), 3, offset=real(4), scale=real(4), epsilon=0.1, variant="all")
op("batch_normalization", real(None, 3, 4), real(3), positive(3), 1, variant="axis_1")
op("layer_normalization", _X)
op("layer_normalization", _X, gamma=real(6), beta=real(6), axis=-1, epsilon=0.1, variant="all")
op("rms_normalization", _X)
op("rms_normalization", _X, scale=real(6), variant="scaled")
_HEADS = real(None, 5, 2, 4)
op("dot_product_attention", _HEADS, real(None, 7, 2, 4), real(None, 7, 2, 4))
op("dot_product_attention", _HEADS, _HEADS, _HEADS, is_causal=True, scale=0.3, variant="causal")
op("dot_product_attention", _HEADS, _HEADS, _HEADS, mask=truths(None, 1, 5, 5), variant="masked")
op("dot_product_attention", _HEADS, _HEADS, _HEADS, bias=real(None, 2, 5, 5), variant="biased")

op("binary_crossentropy", Fed((None, 4), uniform(0, 1)), Fed((None, 4), uniform(0.05, 0.95)))
op("binary_crossentropy", Fed((None, 4), uniform(0, 1)), real(None, 4), from_logits=True, variant="logits")
op("categorical_crossentropy", Fed((None, 4), uniform(0, 1)), Fed((None, 4), uniform(0.05, 0.95)))
op("categorical_crossentropy", Fed((None, 4), uniform(0, 1)), real(None, 4), from_logits=True, variant="logits")
op("sparse_categorical_crossentropy", whole(0, 4, None), Fed((None, 4), uniform(0.05, 0.95)))
op("sparse_categorical_crossentropy", whole(0, 4, None), real(None, 4), from_logits=True, variant="logits")
op("psnr", unit(4, 3), unit(4, 3), 1.0)
op(
    "ctc_loss",
    whole(1, 5, 4, 3),
    real(4, 8, 6),
    Fed((4,), integers(1, 4), "int32"),
    Fed((4,), integers(6, 9), "int32"),
)
op("ctc_decode", real(4, 8, 6), Fed((4,), integers(4, 9), "int32"))
