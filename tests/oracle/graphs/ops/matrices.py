"""Products and rearrangements of matrices."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import integers, literal, normal, weight
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

for a in (False, True):
    for b in (False, True):
        variant = {(0, 0): "", (1, 0): "transpose-a", (0, 1): "transpose-b", (1, 1): "transpose-both"}[a, b]
        raw(
            "MatMul",
            {"transpose_a": a, "transpose_b": b},
            variant,
            a=normal(*((4, 3) if a else (3, 4))).fixed(),
            b=weight(*((5, 4) if b else (4, 5))),
        )
        for name in ("BatchMatMul", "BatchMatMulV2"):
            raw(
                name,
                {"adj_x": a, "adj_y": b},
                variant.replace("transpose", "adjoint"),
                x=normal(2, *((4, 3) if a else (3, 4))),
                y=normal(2, *((5, 4) if b else (4, 5))),
            )
raw("MatMul", variant="both-given", a=normal(3, 4), b=normal(4, 5).fixed())
raw("MatMul", variant="int32", a=integers(-9, 9, 3, 4), b=integers(-9, 9, 4, 5).fixed())
raw("BatchMatMulV2", variant="broadcast", x=normal(2, 3, 3, 4), y=normal(3, 4, 5).fixed())
raw("BatchMatMulV2", variant="broadcast-one", x=normal(2, 1, 3, 4), y=normal(1, 3, 4, 5).fixed())
raw(
    "BatchMatMulV2",
    variant="broadcast-free",
    x=normal(2, 1, 3, 4).free(1),
    y=normal(1, 3, 4, 5).free(0),
)
raw("BatchMatMulV2", {"adj_y": True}, "by-an-adjoint-matrix", x=normal(2, 3, 4), y=weight(5, 4))
raw("BatchMatMulV2", variant="rank-4", x=normal(2, 3, 5, 4), y=normal(2, 3, 4, 2))
op("BatchMatMulV2", lambda tf, x, w: tf.matmul(x, w), "by-a-matrix", x=normal(2, 3, 4), w=weight(4, 5))
op("MatMul", lambda tf, x, w: tf.tensordot(x, w, 1), "tensordot", x=normal(2, 3, 4), w=weight(4, 5))
for name in ("relu", "relu6", "elu", "sigmoid", "leaky_relu", "tanh", "softmax"):
    op(
        "MatMul",
        lambda tf, x, w, b, name=name: getattr(tf.nn, name)(tf.nn.bias_add(x @ w, b)),
        f"bias-{name}",
        published=("_FusedMatMul",) if name not in ("tanh", "softmax") else (),
        x=normal(3, 4),
        w=weight(4, 5),
        b=weight(5),
    )

op(
    "BatchMatMulV2",
    lambda tf, x, w, b: tf.nn.relu(x @ w + b),
    "bias-relu",
    x=normal(2, 3, 4),
    w=weight(4, 5),
    b=weight(5),
)
op(
    "Einsum",
    lambda tf, x, w, b: tf.einsum("abc,cde->abde", x, w) + b,
    "bias",
    x=normal(2, 3, 4),
    w=weight(4, 2, 5),
    b=weight(2, 5),
)
raw("Transpose", {"perm": [1, 0]}, x=normal(3, 4))
raw("Transpose", {"perm": [0, 3, 1, 2]}, "rank-4", x=normal(2, 3, 4, 5))
raw("Transpose", {"perm": [2, 0, 1]}, "int32", x=integers(-9, 9, 2, 3, 4))
raw("Transpose", variant="perm-given", x=normal(2, 2, 2), perm=literal([0, 2, 1], [2, 0, 1]))
op("Transpose", lambda tf, x: tf.transpose(x), "of-all", x=normal(2, 3, 4))

_MATRIX = normal(3, 4)
for variant, equation, shapes in (
    ("product", "ab,bc->ac", [(3, 4), (4, 5)]),
    ("batch", "bij,bjk->bik", [(2, 3, 4), (2, 4, 5)]),
    ("transposed", "ab,cb->ca", [(3, 4), (5, 4)]),
    ("attention-scores", "bqhd,bkhd->bhqk", [(2, 3, 2, 4), (2, 5, 2, 4)]),
    ("attention-values", "bhqk,bkhd->bqhd", [(2, 2, 3, 5), (2, 5, 2, 4)]),
    ("projection", "abc,cde->abde", [(2, 3, 4), (4, 2, 5)]),
    ("back-projection", "abcd,cde->abe", [(2, 3, 4, 2), (4, 2, 5)]),
    ("ellipsis", "...ab,bc->...ac", [(2, 2, 3, 4), (4, 5)]),
    ("outer", "a,b->ab", [(3,), (4,)]),
    ("inner", "a,a->", [(5,), (5,)]),
    ("summed", "abc,cd->ad", [(2, 3, 4), (4, 5)]),
    ("elementwise", "ab,ab->ab", [(3, 4), (3, 4)]),
    ("one-term", "abc->ca", [(2, 3, 4)]),
    ("transposition", "ab->ba", [(3, 4)]),
):
    op(
        "Einsum",
        lambda tf, equation=equation, **terms: tf.raw_ops.Einsum(inputs=list(terms.values()), equation=equation),
        variant,
        given={f"x{i}": normal(*shape) for i, shape in enumerate(shapes)},
    )
op(
    "Einsum",
    lambda tf, x: tf.raw_ops.Einsum(inputs=[x], equation="aa->a"),
    "diagonal",
    x=normal(4, 4).fixed(),
)
op("Einsum", lambda tf, x, w: tf.einsum("bii,ij->bj", x, w), "diagonal-of-a-term", x=normal(2, 4, 4), w=weight(4, 3))
op(
    "Einsum",
    lambda tf, x: tf.raw_ops.Einsum(inputs=[x], equation="a->aa"),
    "spread",
    x=normal(4),
    refused=("Einsum", "result repeats"),
)

for lower, upper in ((0, -1), (-1, 0), (1, 0), (0, 0), (1, 2), (-1, -1)):
    raw(
        "MatrixBandPart",
        {"num_lower": np.int32(lower), "num_upper": np.int32(upper)},
        f"{lower}-{upper}".replace("-1", "all"),
        input=normal(2, 4, 5),
    )
raw(
    "MatrixBandPart",
    {"num_upper": np.int64(1)},
    "lower-given",
    input=normal(2, 4, 5),
    num_lower=literal(0, 2).typed("int64"),
)
op("MatrixBandPart", lambda tf, x: tf.linalg.band_part(tf.ones_like(x), -1, 0) * x, "causal-mask", x=normal(2, 4, 4))
op(
    "Cholesky",
    lambda tf, x: tf.linalg.cholesky(x @ tf.transpose(x) + 5.0 * tf.eye(3)),
    x=normal(3, 3).fixed(),
    refused=("Cholesky",),
)
op(
    "MatrixInverse",
    lambda tf, x: tf.linalg.inv(x + 5.0 * tf.eye(3)),
    x=normal(3, 3).fixed(),
    refused=("MatrixInverse",),
)
