"""Whole models: what people export, of every trade and from every writer. One file a trade."""

from tests.oracle.graphs.models import (
    applications,
    attention,
    control,
    frozen,
    modules,
    recurrent,
    refusals,
    signatures,
    tensorflow1,
    text,
    vision,
)
from tests.oracle.graphs.models.suite import SUITE

__all__ = [
    "SUITE",
    "applications",
    "attention",
    "control",
    "frozen",
    "modules",
    "recurrent",
    "refusals",
    "signatures",
    "tensorflow1",
    "text",
    "vision",
]
