"""The suite that the families of ops beside this register their cases in."""

from tests.oracle.graphs.cases import GraphSuite

SUITE = GraphSuite()
