"""Networks of layers that tfjs-layers has too, and some that it has not; one file a family.

A function takes a Keras namespace (`keras` or `tf_keras`) and returns a model; its name is the case's name.
"""

from tests.oracle.keras_layers import (
    activations,
    applications,
    blocks,
    convolution,
    dense,
    functional,
    inert,
    masking,
    merging,
    names,
    nested,
    normalization,
    operations,
    pooling,
    recurrent,
    refusals,
    reshaping,
    rewrites,
)
from tests.oracle.keras_layers.suite import SUITE

__all__ = [
    "SUITE",
    "activations",
    "applications",
    "blocks",
    "convolution",
    "dense",
    "functional",
    "inert",
    "masking",
    "merging",
    "names",
    "nested",
    "normalization",
    "operations",
    "pooling",
    "recurrent",
    "refusals",
    "reshaping",
    "rewrites",
]
