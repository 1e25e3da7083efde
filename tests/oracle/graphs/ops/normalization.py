"""Normalization: of batches, of rows, by norms."""

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import held, literal, normal, uniform, weight
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_spread = held(uniform(0.4, 2, 4))
_statistics = {"scale": _spread, "offset": weight(4), "mean": weight(4), "variance": held(uniform(0.3, 3, 4))}
for name in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"):
    raw(name, {"epsilon": 1e-2, "is_training": False}, x=normal(2, 3, 5, 4), take=("y",), **_statistics)
    raw(
        name,
        {"epsilon": 1e-2, "is_training": True, "mean": [], "variance": []},
        "training",
        x=normal(2, 3, 5, 4),
        take=("y", "batch_mean", "batch_variance"),
        scale=_spread,
        offset=weight(4),
    )
raw("FusedBatchNormV3", {"is_training": False}, "default-epsilon", x=normal(2, 3, 5, 4), take=("y",), **_statistics)
raw(
    "FusedBatchNormV3",
    {"is_training": False},
    "given",
    x=normal(2, 3, 5, 4),
    take=("y",),
    scale=uniform(0.4, 2, 4),
    offset=normal(4),
    mean=normal(4),
    variance=uniform(0.3, 3, 4),
)
raw(
    "FusedBatchNormV3",
    {"epsilon": 1e-2, "is_training": False, "data_format": "NCHW"},
    "channels-first",
    x=normal(2, 4, 3, 5),
    take=("y",),
    **_statistics,
)
raw(
    "FusedBatchNormV3",
    {"epsilon": 1e-2, "is_training": True, "exponential_avg_factor": 0.5},
    "moving",
    x=normal(2, 3, 5, 4),
    take=("y", "batch_mean", "batch_variance"),
    **_statistics,
)
op(
    "FusedBatchNormV3",
    lambda tf, x, w, **s: tf.nn.relu(
        tf.raw_ops.FusedBatchNormV3(x=tf.nn.conv2d(x, w, 1, "SAME"), is_training=False, **s).y
    ),
    "after-a-convolution",
    published=("_FusedConv2D",),
    x=normal(2, 5, 6, 3),
    w=weight(3, 3, 3, 4),
    given=_statistics,
)
op(
    "FusedBatchNormV3",
    lambda tf, x, w, **s: (
        tf.raw_ops.FusedBatchNormV3(x=tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME"), is_training=False, **s).y
    ),
    "after-a-depthwise-convolution",
    published=("FusedDepthwiseConv2dNative",),
    x=normal(2, 5, 6, 4),
    w=weight(3, 3, 4, 1),
    given=_statistics,
)
op(
    "FusedBatchNormV3",
    lambda tf, x, w, **s: tf.nn.conv2d(tf.raw_ops.FusedBatchNormV3(x=x, is_training=False, **s).y, w, 1, "SAME"),
    "before-a-padded-convolution",
    x=normal(2, 5, 6, 4),
    w=weight(3, 3, 4, 5),
    given=_statistics,
)
op(
    "FusedBatchNormV3",
    lambda tf, x, w, **s: _twice(tf, tf.nn.conv2d(x, w, 1, "SAME"), s),
    "convolution-used-twice",
    x=normal(2, 5, 6, 3),
    w=weight(3, 3, 3, 4),
    given=_statistics,
)
op(
    "Rsqrt",
    lambda tf, x, scale, offset, mean, variance: (
        (x @ _eye(tf) - mean) * tf.math.rsqrt(variance + 1e-3) * scale + offset
    ),
    "batch-norm-of-a-matrix",
    x=normal(3, 4),
    **_statistics,
)
op(
    "Rsqrt",
    lambda tf, x, w, scale, offset, mean, variance: tf.nn.batch_normalization(
        x @ w, mean, variance, offset, scale, 1e-3
    ),
    "after-a-product",
    x=normal(3, 5),
    w=weight(5, 4),
    **_statistics,
)


def _twice(tf, y, statistics):
    return [y, tf.raw_ops.FusedBatchNormV3(x=y, is_training=False, **statistics).y]


def _eye(tf):
    return tf.eye(4) * 2.0


for keep in (False, True):
    raw("EuclideanNorm", {"axis": [1], "keep_dims": keep}, "keep-dims" if keep else "", input=normal(3, 4, 5))
raw("EuclideanNorm", {"axis": [0, 2]}, "two-axes", input=normal(3, 4, 5))
op(
    "EuclideanNorm",
    lambda tf, x: tf.math.l2_normalize(x, -1) + tf.math.reduce_euclidean_norm(x),
    "of-all",
    x=normal(3, 4),
)
for name in ("Softmax", "LogSoftmax"):
    raw(name, logits=normal(3, 5))
    raw(name, variant="rank-3", logits=normal(2, 3, 5))
    raw(name, variant="vector", logits=normal(5))
    raw(name, variant="far-out", logits=literal([90.0, -90, 80, 0], [-200.0, -201, -202, -203]))
op("Softmax", lambda tf, x: tf.nn.softmax(x, axis=1), "of-an-axis", x=normal(2, 3, 5))
op("LogSoftmax", lambda tf, x: tf.nn.log_softmax(x, axis=0), "of-the-first-axis", x=normal(3, 5))
