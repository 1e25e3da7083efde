"""Random numbers: refused, for no run of TensorFlow.js gives the numbers of the source."""

from __future__ import annotations

from tfjs_build.convert.graph.builder import Builder
from tfjs_build.convert.graph.decompose.registry import Attrs, Decomposition, Inputs, Result, refuse, rule


def _drawn(op: str) -> Decomposition:
    def refused(b: Builder, _inputs: Inputs, _attrs: Attrs) -> Result:
        raise refuse(
            b,
            op,
            "it draws random numbers, so that nothing could say whether TensorFlow.js gives those of the source.",
            "If layers that augment images draw them (RandomFlip, RandomRotation …), list the model's .keras file: "
            "there they do nothing in a prediction. Otherwise call the model with training=False, or export a "
            "signature that takes the random numbers as an input.",
        )

    return refused


for _op in (
    "Multinomial",
    "ParameterizedTruncatedNormal",
    "RandomGamma",
    "RandomPoissonV2",
    "RandomShuffle",
    "RandomStandardNormal",
    "RandomUniform",
    "RandomUniformInt",
    "TruncatedNormal",
):
    rule(_op)(_drawn(_op))
