"""Rules of the layers that do nothing when a model predicts."""

from __future__ import annotations

from tfjs_build.convert.keras.to_graph.context import Context
from tfjs_build.convert.keras.to_graph.registry import Result, layer
from tfjs_build.convert.keras.without_no_ops import NO_OPS

_PASSING = frozenset(
    [
        "ActivityRegularization",
        "AlphaDropout",
        "Dropout",
        "GaussianDropout",
        "GaussianNoise",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
    ]
)
"""Those that hand masks on."""


@layer(*sorted(NO_OPS - _PASSING - {"Identity"}), stores_more=True)
@layer(*sorted(_PASSING), masks="pass", stores_more=True)
@layer("Identity", masks={3: "pass"})
def nothing(c: Context) -> Result:
    """The input, as it is."""
    return c.inputs or [c.x]
