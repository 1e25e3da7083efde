"""Functions of each number alone."""

import numpy as np

from tests.oracle.graphs.cases import Family
from tests.oracle.graphs.given import bools, integers, literal, normal, uniform, weight
from tests.oracle.graphs.ops.suite import SUITE

family = Family(SUITE, __name__)
op, raw = family.op, family.raw

_unit = uniform(-0.95, 0.95, 3, 7)
_positive = uniform(0.1, 5, 3, 7)
_wide = uniform(-4, 4, 3, 7)

for name, domain in {
    "Abs": _wide,
    "Acos": _unit,
    "Acosh": uniform(1.1, 9, 3, 7),
    "Asin": _unit,
    "Asinh": _wide,
    "Atan": _wide,
    "Atanh": _unit,
    "Ceil": _wide,
    "Cos": _wide,
    "Cosh": _wide,
    "Erf": _wide,
    "Exp": _wide,
    "Expm1": _wide,
    "Floor": _wide,
    "Log": _positive,
    "Log1p": uniform(-0.9, 5, 3, 7),
    "Neg": _wide,
    "Reciprocal": _positive,
    "Round": _wide,
    "Rsqrt": _positive,
    "Sigmoid": _wide,
    "Sign": _wide,
    "Sin": _wide,
    "Sinh": _wide,
    "Sqrt": _positive,
    "Square": _wide,
    "Tan": uniform(-1.4, 1.4, 3, 7),
    "Tanh": _wide,
}.items():
    raw(name, x=domain)
for name in ("Elu", "LeakyRelu", "Relu", "Relu6", "Selu", "Softplus"):
    raw(name, features=uniform(-8, 8, 3, 7))

for name in ("Abs", "Neg", "Sign", "Square"):  # Round of integers gives 0 in TensorFlow 2.19
    raw(name, variant="int32", x=integers(-40, 40, 3, 7))
raw("Relu", variant="int32", features=integers(-40, 40, 3, 7))
raw("Relu", variant="unknown-rank", features=normal(3, 7).unranked())
raw("Relu", variant="rank-changes", features=normal(3, 7).then(2, 3, 4))
raw("Relu", variant="scalar", features=literal(-0.5, 1.5))
raw("Sigmoid", variant="far-out", x=literal([-90.0, -30, 0, 30, 90], [-5.0, 88, -88, 5, 1]))
raw("Tanh", variant="far-out", x=literal([-90.0, -30, 0, 30, 90], [-5.0, 88, -88, 5, 1]))
raw("Softplus", variant="far-out", features=literal([-90.0, -30, 0, 30, 90], [-5.0, 88, -88, 5, 1]))
raw("LeakyRelu", {"alpha": 0.05}, "alpha", features=normal(3, 7))
raw("Round", variant="halves", x=literal([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], [3.5, 4.5, -3.5, -4.5, 0.4, 0.6]))
raw("Abs", variant="int64", x=integers(-40, 40, 3, 7).typed("int64"))
raw("Log1p", variant="tiny", x=literal([1e-7, 2e-6, 3e-5], [4e-7, 5e-6, 6e-5]))
raw("Expm1", variant="tiny", x=literal([1e-7, 2e-6, 3e-5], [4e-7, 5e-6, 6e-5]))

raw("Atan2", y=normal(3, 7), x=normal(3, 7))
raw("Atan2", variant="broadcast", y=normal(3, 7), x=normal(7))

raw("ClipByValue", {"clip_value_min": -0.5, "clip_value_max": 0.75}, t=normal(3, 7))
raw("ClipByValue", {"clip_value_min": -5, "clip_value_max": 7}, "int32", t=integers(-20, 20, 3, 7))
raw("ClipByValue", variant="given", t=normal(3, 7), clip_value_min=uniform(-1, -0.2), clip_value_max=uniform(0.2, 1))
raw(
    "ClipByValue",
    {"clip_value_max": 0.5},
    "of-tensors",
    t=normal(3, 7).fixed(),
    clip_value_min=uniform(-1, 0, 3, 7).fixed(),
)

_odd = literal([1.0, np.nan, np.inf, -np.inf, 0.0], [np.nan, 2.0, -np.inf, -3.0, np.inf])
for name in ("IsNan", "IsFinite", "IsInf"):
    raw(name, x=_odd)

# Complex numbers live inside a graph only.
op(
    "Complex",
    lambda tf, a, b: tf.math.real(tf.complex(a, b) * tf.complex(b, a)) + a,
    also=("Real",),
    a=normal(3, 4),
    b=normal(3, 4),
)
op("Real", lambda tf, a, b: tf.math.real(tf.complex(a, b)), a=normal(3, 4), b=normal(3, 4))
op("Imag", lambda tf, a, b: tf.math.imag(tf.complex(a, b)), a=normal(3, 4), b=normal(3, 4))
op("ComplexAbs", lambda tf, a, b: tf.abs(tf.complex(a, b)), a=normal(3, 4), b=normal(3, 4))
op("ComplexAbs", lambda tf, a, w: tf.abs(tf.complex(a, w + 0.0)), "of-a-variable", a=normal(3, 4), w=weight(3, 4))
op("Abs", lambda tf, a: tf.cast(tf.abs(a), "float32"), "of-bools", a=bools(3, 4).typed("int32"))
