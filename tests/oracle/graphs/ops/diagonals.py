"""Diagonals of matrices and of tensors: single ones and bands, of every rank, with infinite entries beside them."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, literal, normal
from tests.oracle.graphs.ops.suite import SUITE, told

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_ALIGNED = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")
_endless = np.array([[np.inf, 2, -np.inf], [4, np.nan, 6], [7, 8, 9]], np.float32)
_turned = _endless[::-1, ::-1].copy()
_beside = np.array([[1, np.inf, 2], [np.nan, 3, -np.inf], [4, np.inf, 5]], np.float32)

for shape in ((2, 3), (2, 1, 3), (0,)):
    name = f"rank-{len(shape)}" if 0 not in shape else "of-nothing"
    given = normal(*shape).fixed() if 0 not in shape else normal(0).then(2)
    raw("Diag", variant=name, diagonal=given)
raw("Diag", variant="free", diagonal=normal(2, 3).then(4, 3))
raw("Diag", variant="int64", diagonal=integers(-9, 9, 2, 3).fixed().typed("int64"))
op("Diag", lambda tf, x: told(tf, tf.raw_ops.Diag(diagonal=x)), "infinite", x=literal(_endless[0], _endless[1]))
raw("DiagPart", variant="rank-4", input=normal(2, 3, 2, 3).fixed())
raw("DiagPart", variant="rank-6", input=normal(2, 1, 3, 2, 1, 3).fixed())
op("DiagPart", lambda tf, x: told(tf, tf.raw_ops.DiagPart(input=x)), "infinite", x=literal(_endless, _turned))
raw("DiagPart", variant="int32", input=integers(-(2**30), 2**30, 2, 3, 2, 3).fixed())

for variant, given in {
    "rank-1": normal(4),
    "rank-3": normal(2, 3, 4),
    "free": normal(2, 3).then(2, 5),
    "bool": bools(2, 4),
    "int64": integers(-(2**30), 2**30, 2, 4).typed("int64"),
}.items():
    op("MatrixDiagV3", lambda tf, x: tf.linalg.diag(x), variant, x=given)
op("MatrixDiagV3", lambda tf, x: told(tf, tf.linalg.diag(x)), "infinite", x=literal(_endless[0], _endless[1]))
for k in (1, -2):
    op("MatrixDiagV3", lambda tf, x, k=k: tf.linalg.diag(x, k=k, padding_value=7.0), f"k{k}", x=normal(2, 4))
    op("MatrixDiagV3", lambda tf, x, k=k: tf.linalg.diag(x, k=k), f"k{k}-free", x=normal(2, 3).then(2, 5))
op("MatrixDiagV3", lambda tf, x: tf.linalg.diag(x, num_rows=3, num_cols=6, padding_value=-1.0), "wide", x=normal(2, 3))
op("MatrixDiagV3", lambda tf, x: tf.linalg.diag(x, k=-1, num_rows=5), "tall", x=normal(2, 4))
for align in _ALIGNED:
    name = align.lower()
    op(
        "MatrixDiagV3",
        lambda tf, x, align=align: tf.linalg.diag(x, k=(-2, 1), num_rows=4, num_cols=5, align=align, padding_value=9.0),
        f"band-{name}",
        x=normal(2, 4, 4),
    )
    op(
        "MatrixDiagPartV3",
        lambda tf, x, align=align: tf.linalg.diag_part(x, k=(-2, 2), align=align, padding_value=9.0),
        f"band-{name}",
        x=normal(2, 4, 5),
    )
raw(
    "MatrixDiagV2",
    {"k": np.array([-1, 0], np.int32), "num_rows": -1, "num_cols": -1, "padding_value": 2.0},
    "band",
    diagonal=normal(3, 2, 4),
)
raw("MatrixDiagPartV2", {"k": np.array([-1, 1], np.int32), "padding_value": 2.0}, "band", input=normal(3, 4, 3))
op("MatrixDiagPartV3", lambda tf, x: tf.linalg.diag_part(x), "free", x=normal(2, 4, 3).then(1, 2, 5))
op("MatrixDiagPartV3", lambda tf, x: tf.linalg.diag_part(x, k=(-1, 1)), "band-free", x=normal(2, 4, 3).then(2, 3, 5))
op("MatrixDiagPartV3", lambda tf, x: told(tf, tf.linalg.diag_part(x)), "infinite", x=literal(_endless, _turned))
op("MatrixDiagPartV3", lambda tf, x: tf.linalg.diag_part(x), "bool", x=bools(2, 3, 4))
op("MatrixDiagPartV3", lambda tf, x: tf.linalg.diag_part(x, k=-1), "int32", x=integers(-(2**30), 2**30, 2, 3, 4))
op("MatrixDiagPartV3", lambda tf, x: tf.linalg.trace(x), "trace-beside-infinity", x=literal(_beside, _beside.T * 2))
op("MatrixSetDiagV3", lambda tf, x, d: tf.linalg.set_diag(x, d), "wide", x=normal(2, 3, 5), d=normal(2, 3))
op("MatrixSetDiagV3", lambda tf, x, d: tf.linalg.set_diag(x, d, k=-1), "below", x=normal(2, 3, 5), d=normal(2, 2))
op(
    "MatrixSetDiagV3",
    lambda tf, x, d: told(tf, tf.linalg.set_diag(x, d)),
    "infinite",
    x=literal(_endless, _turned),
    d=literal(_endless[0], _endless[1]),
)
op(
    "MatrixSetDiagV3",
    lambda tf, x, d: tf.linalg.set_diag(x, d),
    "free",
    x=normal(2, 3, 3).then(2, 4, 4),
    d=normal(2, 3).then(2, 4),
)
op(
    "MatrixBandPart",
    lambda tf, x: told(tf, tf.linalg.band_part(x, 1, 0)),
    "infinite",
    x=literal(_endless, _turned),
)
raw("MatrixBandPart", {"num_lower": -1, "num_upper": 0}, "int32", input=integers(-(2**30), 2**30, 2, 3, 4))
op(
    "MatrixDiagV3",
    lambda tf, x, k: tf.linalg.diag(x, k=k),
    "k-given",
    x=normal(2, 4),
    k=literal(1, 0),
    refused=("MatrixDiag", "which diagonals it means is not known when converting"),
)
