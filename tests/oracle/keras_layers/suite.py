"""The suite that the families below register their networks in."""

from tests.oracle.registry import Suite

SUITE = Suite()
network = SUITE.network
