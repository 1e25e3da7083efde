"""Tensors of no entries: what is known when converting to have none, and what has none in the page."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, literal, normal, uniform
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_REDUCTIONS = {
    "Max": normal,
    "Min": normal,
    "Mean": normal,
    "Sum": normal,
    "Prod": lambda *shape: uniform(0.5, 1.5, *shape),
    "All": lambda *shape: bools(*shape, likely=0.9),
    "Any": lambda *shape: bools(*shape, likely=0.1),
}
for name, fill in _REDUCTIONS.items():
    reduce = f"reduce_{name.lower()}"
    bare = fill(0).then(4)
    op(name, lambda tf, x, f=reduce: getattr(tf, f)(x), "of-nothing-rank-1", x=bare)
    for rank, axes, shape in ((2, [1], (2, 0)), (3, [1], (2, 0, 3)), (3, [0, 1], (0, 0, 3)), (4, [0, 2], (0, 2, 0, 3))):
        op(
            name,
            lambda tf, x, f=reduce, axes=axes: getattr(tf, f)(x, axes),
            f"of-nothing-rank-{rank}-{len(axes)}",
            x=fill(*shape).then(*(size or 2 for size in shape)),
        )
    op(
        name,
        lambda tf, x, f=reduce: getattr(tf, f)(x, 1, keepdims=True),
        "of-nothing-kept",
        x=fill(2, 0, 3).then(2, 2, 3),
    )
    op(name, lambda tf, x, f=reduce: getattr(tf, f)(x, 1), "of-no-rows", x=fill(0, 3).then(2, 3))
    op(
        name,
        lambda tf, x, f=reduce: [getattr(tf, f)(x[:, :0], 1), x],
        "of-nothing-known",
        same=("output_0",),
        x=fill(2, 3, 4),
    )
for name in ("Max", "Min", "Sum", "Prod"):
    for dtype in ("uint8", "int8") if name == "Max" else ("int32", "uint8", "int8"):
        op(
            name,
            lambda tf, x, name=name: tf.cast(getattr(tf, f"reduce_{name.lower()}")(x, 1), tf.int32),
            f"of-nothing-{dtype}",
            x=integers(0, 9, 2, 0).typed(dtype).then(2, 3),
        )
op("Max", lambda tf, x: tf.reduce_logsumexp(x, 1), "log-sum-exp-of-nothing", x=normal(2, 0).then(2, 3))
op("Mean", lambda tf, x: tf.math.reduce_std(x, 1), "deviation-of-nothing", x=normal(2, 0).then(2, 3))
op(
    "Max",
    lambda tf, x: tf.reduce_max(tf.boolean_mask(x, x > 9.0)),
    "of-what-is-left",
    x=literal([1.0, 2.0], [3.0, 12.0, 11.0]),
)
op("MatMul", lambda tf, x, y: x @ y, "of-nothing", x=normal(2, 0).then(2, 3), y=normal(0, 4).then(3, 4))
op(
    "MatMul",
    lambda tf, x, y: x @ y,
    "of-nothing-int32",
    x=integers(-9, 9, 2, 0).then(2, 3),
    y=integers(-9, 9, 0, 4).then(3, 4),
)
op("MatMul", lambda tf, x: tf.matmul(x, x, transpose_a=True), "of-no-rows", x=normal(0, 3).then(4, 3))
op(
    "MatMul",
    lambda tf, x, b: tf.nn.relu(tf.nn.bias_add(x[:, :0] @ tf.zeros([0, 3]), b)),
    "of-nothing-known",
    x=normal(2, 3).fixed(),
    b=normal(3),
)
op(
    "Einsum",
    lambda tf, x, y: tf.einsum("ab,bc->ca", x, y),
    "of-nothing",
    x=normal(2, 0).then(2, 3),
    y=normal(0, 4).then(3, 4),
)
op("Softmax", lambda tf, x: tf.nn.softmax(x), "of-no-rows", x=normal(0, 3).then(2, 3))
op("Softmax", lambda tf, x: tf.nn.softmax(x), "of-nothing", x=normal(2, 0).then(2, 3))
op(
    "ConcatV2",
    lambda tf, x, y: tf.concat([x, y], 1),
    "of-nothing",
    x=normal(2, 0).then(2, 1),
    y=normal(2, 0).then(2, 3),
)
for variant, shape in {"known": [2, 0, 4], "free": [-1, 4]}.items():
    op(
        "Reshape",
        lambda tf, x, shape=shape: [tf.reshape(x[:, :0], shape), x],
        f"of-nothing-{variant}",
        same=("output_0",),
        x=normal(2, 3),
    )
op(
    "Reshape",
    lambda tf, x, y: [tf.reshape(x[:, :0], [tf.shape(y)[0], 0]), x, y],
    "of-nothing-to-other-rows",
    same=("output_0",),
    x=normal(2, 3).then(4, 3),
    y=normal(3, 2).then(5, 2),
)
op("TopKV2", lambda tf, x: list(tf.math.top_k(x, 2)), "of-no-rows", x=normal(0, 3).then(2, 3))
op(
    "Conv2D",
    lambda tf, x: tf.nn.conv2d(x, tf.ones([2, 2, 3, 2]), 1, "SAME"),
    "of-no-images",
    x=normal(0, 4, 4, 3).then(1, 4, 4, 3),
)
op("Where", lambda tf, x: tf.where(x > 9.0), "of-nothing", x=literal([1.0, 2.0], [3.0, 12.0]))
op("GatherV2", lambda tf, x, i: tf.gather(x, i), "of-nothing", x=normal(3, 2), i=integers(0, 2, 0).then(2))
op("GatherV2", lambda tf, x: tf.gather(x, [1, 0], axis=1), "of-no-rows", x=normal(0, 3, 2).then(2, 3, 2))
op("Cumsum", lambda tf, x: tf.cumsum(x, 1), "of-nothing", x=normal(2, 0).then(2, 3))
op("OneHot", lambda tf, x: tf.one_hot(x, 3), "of-nothing", x=integers(0, 2, 0).then(4))
op(
    "OneHot",
    lambda tf, x: tf.one_hot(x, 3, on_value=np.float32(2), off_value=np.float32(-np.inf)),
    "masked",
    x=integers(0, 2, 4),
)
