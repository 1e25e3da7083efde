"""Tensors of no entries: what is known when converting to have none, and what has none in the page."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, literal, normal, uniform
from tests.oracle.graphs.ops.suite import SUITE, told

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_REDUCTIONS = {
    "Max": normal,
    "Min": normal,
    "Mean": normal,
    "Sum": normal,
    "Prod": lambda *shape: uniform(0.5, 1.5, *shape),
    "All": lambda *shape: bools(*shape, likely=0.1),
    "Any": lambda *shape: bools(*shape, likely=0.9),
}


def _reduced(tf, name, x, *axes, **settings):
    y = getattr(tf, f"reduce_{name.lower()}")(x, *axes, **settings)
    return told(tf, y) if name in ("Max", "Mean", "Min") else y


for name, fill in _REDUCTIONS.items():
    op(name, lambda tf, x, name=name: _reduced(tf, name, x), "of-nothing-rank-1", x=fill(0).then(4))
    for rank, axes, shape in ((2, [1], (2, 0)), (3, [1], (2, 0, 3)), (3, [0, 1], (0, 0, 3)), (4, [0, 2], (0, 2, 0, 3))):
        op(
            name,
            lambda tf, x, name=name, axes=axes: _reduced(tf, name, x, axes),
            f"of-nothing-rank-{rank}-{len(axes)}",
            x=fill(*shape).then(*(size or 4 for size in shape)),
        )
    op(
        name,
        lambda tf, x, name=name: _reduced(tf, name, x, 1, keepdims=True),
        "of-nothing-kept",
        x=fill(2, 0, 3).then(2, 4, 3),
    )
    op(
        name,
        lambda tf, x, name=name: getattr(tf, f"reduce_{name.lower()}")(x, 1),
        "of-no-rows",
        x=fill(0, 3).then(2, 3),
    )
    op(
        name,
        lambda tf, x, name=name: [x, *tf.nest.flatten(_reduced(tf, name, x[:, :0], 1))],
        "of-nothing-known",
        same=("output_1", "output_2"),
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
op("Max", lambda tf, x: told(tf, tf.reduce_logsumexp(x, 1)), "log-sum-exp-of-nothing", x=normal(2, 0).then(2, 3))
op("Mean", lambda tf, x: told(tf, tf.math.reduce_std(x, 1)), "deviation-of-nothing", x=normal(2, 0).then(2, 3))
op(
    "Max",
    lambda tf, x: told(tf, tf.reduce_max(tf.boolean_mask(x, x > 9.0))),
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
    lambda tf, x: [x[:, :0] @ tf.zeros([0, 3]), x],
    "of-nothing-known",
    same=("output_0",),
    x=normal(2, 3).fixed(),
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
op("Cumsum", lambda tf, x: tf.cumsum(x, 1), "of-nothing", x=normal(2, 0).then(2, 3))
op("OneHot", lambda tf, x: tf.one_hot(x, 3), "of-nothing", x=integers(0, 2, 0).then(4))
op(
    "OneHot",
    lambda tf, x: told(tf, tf.one_hot(x, 3, on_value=np.float32(2), off_value=np.float32(-np.inf))),
    "masked",
    x=integers(0, 2, 4),
)
for name, number in {"Max": float("-inf"), "Min": float("inf")}.items():
    op(
        name,
        lambda tf, x, name=name, number=number: _reduced(tf, name, tf.where(x > 1.0, x, number), 1),
        "of-what-is-masked",
        x=normal(40, 9),
    )
op("Softmax", lambda tf, x: tf.nn.softmax(tf.where(x > 1.0, x, tf.float32.min)), "of-what-is-masked", x=normal(40, 9))
