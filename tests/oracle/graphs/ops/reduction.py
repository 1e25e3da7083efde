"""Reductions along axes, counts and running sums."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, literal, normal, uniform
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

for name, given in {
    "Max": normal(3, 4, 5),
    "Min": normal(3, 4, 5),
    "Mean": normal(3, 4, 5),
    "Sum": normal(3, 4, 5),
    "Prod": uniform(0.5, 1.5, 3, 4, 5),
    "All": bools(3, 3, 2, likely=0.8),
    "Any": bools(3, 3, 2, likely=0.2),
}.items():
    raw(name, {"axis": [1]}, input=given)
    raw(name, {"axis": [-1], "keep_dims": True}, "keep-dims", input=given)
    raw(name, {"axis": [0, 2]}, "two-axes", input=given)
    raw(name, {"axis": 2}, "scalar-axis", input=given)
for name in ("Max", "Min", "Mean", "Sum", "Prod"):
    raw(name, {"axis": [0, 1, 2]}, "all-axes", input=normal(2, 3, 2))
    raw(name, {"axis": [1]}, "int32", input=integers(-99, 99, 3, 2))
raw("Sum", {"axis": []}, "no-axes", input=normal(3, 4))
raw("Sum", {"axis": [1, 2], "keep_dims": True}, "over-space", input=normal(2, 3, 4, 5))
raw("Mean", {"axis": [1, 2]}, "over-space", input=normal(2, 3, 4, 5))
op("Mean", lambda tf, x: tf.reduce_mean(x), "of-unknown-rank", x=normal(3, 4).unranked())
op("Max", lambda tf, x: tf.reduce_max(x, 0), "int64", x=integers(-99, 99, 3, 4).typed("int64"))
op("Mean", lambda tf, x: tf.math.reduce_std(x, 1), "deviation", x=normal(3, 4, 5))
op("Max", lambda tf, x: tf.reduce_logsumexp(x, -1), "log-sum-exp", x=normal(3, 4))
raw("Sum", variant="axis-given", input=normal(3, 3, 3).fixed(), axis=literal([1], [2]))

for name in ("ArgMax", "ArgMin"):
    raw(name, {"dimension": 1}, input=normal(3, 5, 4))
    raw(name, {"dimension": -1}, "last", input=normal(6, 5))
    raw(name, {"dimension": 0, "output_type": "int32"}, "first-int32", input=normal(6, 5))
    raw(name, {"dimension": 1}, "of-ints", input=integers(-99, 99, 6, 5))
    raw(name, {"dimension": 1}, "ties", input=integers(0, 1, 8, 5))

for name, given in (("Cumsum", normal(3, 4, 5)), ("Cumprod", uniform(0.6, 1.4, 3, 4, 5))):
    for exclusive in (False, True):
        for reverse in (False, True):
            variant = "-".join([*["exclusive"] * exclusive, *["reverse"] * reverse])
            raw(name, {"axis": 1, "exclusive": exclusive, "reverse": reverse}, variant, x=given)
    raw(name, {"axis": -1}, "last-axis", x=given)
    raw(name, {"axis": 0}, "first-axis", x=given)
    raw(name, {"axis": 1}, "int32", x=integers(-3, 3, 3, 4))

_UNWEIGHTED = np.zeros(0, np.float32)
_counted = integers(0, 5, 9)
raw("Bincount", {"size": 6, "weights": _UNWEIGHTED}, arr=_counted)
raw("Bincount", {"size": 4}, "weights", arr=_counted, weights=uniform(0.5, 2, 9))
raw("Bincount", {"size": 4, "weights": np.zeros(0, np.int32)}, "int32", arr=_counted)
raw("DenseBincount", {"size": 6, "weights": _UNWEIGHTED}, input=integers(0, 5, 14))
raw("DenseBincount", {"size": 6, "weights": _UNWEIGHTED, "binary_output": True}, "binary", input=_counted)
raw("DenseBincount", {"size": 6}, "weights", input=_counted, weights=uniform(0.5, 2, 9))
raw("DenseBincount", {"size": 6, "weights": _UNWEIGHTED}, "rows", input=integers(0, 5, 3, 7))
raw(
    "DenseBincount",
    {"size": 6},
    "rows-weights",
    input=integers(0, 5, 3, 7).fixed(),
    weights=uniform(0.5, 2, 3, 7).fixed(),
)
raw(
    "DenseBincount",
    {"size": 6, "weights": _UNWEIGHTED, "binary_output": True},
    "rows-binary",
    input=integers(0, 5, 3, 7),
)
