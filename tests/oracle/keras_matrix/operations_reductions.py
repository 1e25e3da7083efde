"""`keras.ops` that sum up: sums, extremes, statistics, sorting, searching, accumulation."""

from functools import partial

import numpy as np

from tests.oracle.keras_matrix.suite import Fed, operation, positive, real, truths, whole
from tests.oracle.samples import any_of

op = partial(operation, family="operations_reductions")

_X = real(None, 3, 4)
_GAPS = Fed((None, 9), any_of([float("nan"), 0.5, 1.5, -2.0, 3.0, 0.7, -1.2]))
_HOLES = Fed((4, 11, 5), lambda rng, shape: np.where(rng.random(shape) < 0.2, np.nan, rng.standard_normal(shape)))
_SEGMENTS = Fed((6,), lambda rng, shape: rng.permutation([0, 0, 1, 1, 2, 2]), "int32")

for _name in ("sum", "mean", "max", "min", "amax", "amin", "prod", "std", "var", "median", "ptp", "logsumexp"):
    op(_name, _X, axis=-1)
    op(_name, _X, axis=1, keepdims=True, variant="kept")
    if _name != "ptp":
        op(_name, _X, axis=(1, 2), variant="axes")
    op(_name, real(4, 3), variant="all")
for _name in ("all", "any"):
    op(_name, truths(None, 3, 2), axis=2)
    op(_name, truths(None, 3, 2), axis=1, keepdims=True, variant="kept")
op("any", Fed((None, 5, 3), any_of([0, 0, 0, 1]), "int32"), axis=2, variant="integers")
for _name in ("argmax", "argmin"):
    op(_name, _X, axis=1)
    op(_name, _X, axis=-1, keepdims=True, variant="kept")
    op(_name, real(5, 7), variant="all")
op("count_nonzero", Fed((None, 3, 6), any_of([0.0, 0.0, 1.5])), axis=-1)
op("average", _X, axis=1)
op("average", _X, axis=2, weights=positive(None, 3, 4), variant="weights")
op("moments", _X, axes=[1])
op("moments", _X, axes=[1, 2], keepdims=True, variant="kept")
op("norm", _X, axis=-1)
op("norm", _X, ord=1, axis=-1, variant="of_one")
op("norm", _X, ord="fro", axis=(1, 2), variant="frobenius")
op("norm", _X, ord=3, axis=1, keepdims=True, variant="of_three")
op("norm", _X, ord=float("inf"), axis=1, variant="of_infinity")
for _name in ("quantile", "percentile"):
    _q = 0.3 if _name == "quantile" else 30.0
    for _method in ("linear", "lower", "higher", "midpoint", "nearest"):
        op(_name, _X, _q, axis=1, method=_method, variant=_method)
    op(_name, _X, [_q, 2 * _q], axis=2, keepdims=True, variant="two")
for _name in ("nanmax", "nanmin", "nanmean", "nansum", "nanprod", "nanstd", "nanvar", "nanmedian"):
    op(_name, _GAPS, axis=-1)
for _name in ("nanargmax", "nanargmin"):
    op(_name, _GAPS, axis=-1)
for _name in ("nanquantile", "nanpercentile"):
    op(_name, _GAPS, 0.3 if _name == "nanquantile" else 30.0, axis=-1)
    _q = 0.3 if _name == "nanquantile" else 30.0
    for _method in ("linear", "lower", "higher", "midpoint", "nearest"):
        op(_name, _HOLES, _q, axis=1, method=_method, variant=_method)
    op(_name, _HOLES, [_q, 2 * _q], axis=(0, 2), keepdims=True, variant="two")
    op(_name, _HOLES, 0.0, variant="of_all")
op("nanmedian", _HOLES, variant="of_all")
op("nanmedian", _HOLES, axis=(1, -1), keepdims=True, variant="kept")
op("quantile", real(None, 11), 0.3, axis=-1, method="higher", variant="whole_place")
for _name in ("nancumsum", "nancumprod"):
    op(_name, Fed((None, 6), any_of([float("nan"), 0.5, 1.5, -2.0])), axis=-1)

for _name in ("cumsum", "cumprod"):
    op(_name, _X, axis=1)
    op(_name, _X, axis=-1, variant="last")
    op(_name, real(4, 3), variant="all")
for _name in ("sort", "argsort"):
    op(_name, real(None, 6))
    op(_name, _X, axis=1, variant="axis_1")
op("argpartition", real(None, 6), 2)
op("top_k", real(None, 6), 3)
op("top_k", real(None, 6), 2, sorted=False, variant="unsorted")
op("in_top_k", whole(0, 5, 4), real(4, 5), 2)
op("digitize", real(None, 6), np.array([-1.0, -0.25, 0.5, 1.5], "float32"))
op("bincount", whole(0, 6, None, 9), minlength=6)
op("diff", _X, axis=1)
op("diff", _X, n=2, axis=-1, variant="twice")
op("trapezoid", _X, axis=1)
op("trapezoid", _X, dx=0.5, axis=-1, variant="narrower")
op("corrcoef", real(3, 8))
op("correlate", real(8), real(3), mode="valid")
op("correlate", real(8), real(3), mode="full", variant="full")
op("correlate", real(8), real(3), mode="same", variant="same")
for _name in ("segment_sum", "segment_max", "segment_min", "segment_prod"):
    op(_name, real(6, 3), _SEGMENTS, num_segments=3)
op("unique", whole(0, 5, 9))
op("nonzero", Fed((3, 4), any_of([0.0, 1.5])))
op("unravel_index", whole(0, 12, 5), (3, 4))
op("isin", whole(0, 9, None, 6), [2, 4, 7])
op("allclose", real(4, 3), real(4, 3), changeless=("all_close",))
